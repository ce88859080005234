"""Cases of `tend_accounts`: its schedules name the task, and send nothing else."""

from typing import Final

from tools.events.case import Case, case
from tools.events.expectation import Expectation

_FUNCTION: Final = "tend_accounts"


def cases() -> list[Case]:
    """Return the cases of the function."""
    return [
        _task("health", "Each live account's channel is asked for a payment that does not exist."),
        _task("material", "Each account that wants its channel's public keys gets them afresh."),
        _task("unknown_task", "A task that nobody knows is an error, and rings.", error=True),
    ]


def _task(name: str, about: str, *, error: bool = False) -> Case:
    expect = Expectation(about=about, error=error, quiet=error)
    return case(_FUNCTION, name, lambda _: {"task": name}, expect)
