"""Runs cases in containers and prints a line for each, with its time."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

from tools.events.check import answer_problems
from tools.events.expectation import Expectation, OrderExpectation, expectation_of
from tools.invoke import Sandbox, settled
from tools.local.sam import (
    Environments,
    LambdaService,
    Sam,
    SamError,
    failed,
    logical_id,
    with_role_of,
)
from tools.seed.writing import reset

_DENIED: Final = "not authorized to perform: sqs:SendMessage"


@dataclass(slots=True)
class Count:
    """How many ran, and which differed."""

    ran: int = 0
    different: list[str] = field(default_factory=list)

    def add(self, problems: Mapping[str, list[str]]) -> None:
        """Count what ran, by name, with its problems."""
        self.ran += len(problems)
        self.different += [name for name, found in problems.items() if found]

    def __str__(self) -> str:
        named = f" ({', '.join(self.different)})" if self.different else ""
        good = self.ran - len(self.different)
        return f"{self.ran} run: {good} as expected, {len(self.different)} not{named}"


class Examined:
    """The sandbox's functions, examined from containers."""

    def __init__(self, description: Mapping[str, Any]) -> None:
        """Lead this process to the sandbox."""
        self._sandbox = Sandbox(description)
        self.count = Count()

    def by_command(self, sam: Sam, path: Path) -> None:
        """Examine a case with `sam local invoke`."""
        invoke = partial(sam.invoke, logical_id(path.parent.name), path)
        self._examine(name_of(path), expectation_of(path), invoke)

    def by_service(self, service: LambdaService, path: Path) -> None:
        """Examine a case through `sam local start-lambda`."""
        invoke = partial(service.invoke, logical_id(path.parent.name), path.read_bytes())
        self._examine(name_of(path), expectation_of(path), invoke)

    def denied(self, sam: Sam, path: Path, other: str, environment: Environments) -> None:
        """Examine that what a case sends is denied, and nothing written, in a container that has another function's role."""
        function = logical_id(path.parent.name)
        borrowed = with_role_of(logical_id(other), function, environment)

        def invoke() -> object:
            answer = sam.invoke(function, path, borrowed)
            if _DENIED not in sam.words(function):
                raise SamError(f"not denied, but answered {answer!r}")
            return answer

        name = f"{name_of(path)}, {other}'s role"
        self._examine(name, nothing_done(expectation_of(path)), invoke)

    def _examine(self, name: str, expect: Expectation, invoke: Callable[[], object]) -> None:
        reset(self._sandbox.system, expect)
        started = time.monotonic()
        try:
            answer = invoke()
        except SamError as error:
            problems = [str(error)]
        else:
            problems = answer_problems(expect, answer, error=failed(answer))
        milliseconds = (time.monotonic() - started) * 1000
        problems += settled(expect, self._sandbox.tables)
        say(name, problems, milliseconds)
        self.count.add({name: problems})


def name_of(path: Path) -> str:
    """Return what a case is called: its function and its own name."""
    return f"{path.parent.name}/{path.stem}"


def nothing_done(expect: Expectation) -> Expectation:
    """Return what must come of a case that creates orders where a permission is missing."""
    orders = {
        number: OrderExpectation(line=order.line, state="ABSENT")
        for number, order in expect.state.items()
    }
    return Expectation(about=expect.about, status=503, code="try_again", state=orders)


def say(name: str, problems: list[str], milliseconds: float) -> None:
    """Print the line of a case, and its problems below."""
    result = "DIFFERS" if problems else "as expected"
    print(f"  {name:<40}{result:<13}{milliseconds:6.0f} ms", flush=True)
    for problem in problems:
        print(f"      {problem}", flush=True)
