"""The wire between a use case and its ports: it writes down every call, and breaks it where a test says so."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from threading import Lock
from typing import NamedTuple

from paycenter.domain.errors import TryAgain


class Killed(BaseException):
    """The container is gone: no code of ours may catch this, so it is no Exception."""


class Fault(StrEnum):
    """What can happen to one call; the third is the one that simple fakes forget."""

    NOT_EXECUTED = "refused, nothing happened"
    KILLED_BEFORE = "the caller died before it"
    EXECUTED_BUT_TIMED_OUT = "happened, but the caller was told of a timeout"
    KILLED_AFTER = "happened, then the caller died"


class Call(NamedTuple):
    """One call as it went out: which port and operation, and about what."""

    what: str
    about: str


def _try_again() -> TryAgain:
    return TryAgain("injected")


@dataclass
class Wire:
    """All calls in the order in which they left; `faults` says by number which of them break, and how."""

    calls: list[Call] = field(default_factory=list)
    faults: dict[int, Fault] = field(default_factory=dict)
    before_each: Callable[[], None] = lambda: None
    one_at_a_time: Lock = field(default_factory=Lock)

    def run[T](
        self, what: str, about: str, act: Callable[[], T], timed_out: Callable[[], T] | None = None
    ) -> T:
        """Make one call; `timed_out` gives the answer of a port whose contract forbids it to raise."""
        self.before_each()
        fault = self.faults.get(len(self.calls))
        self.calls.append(Call(what, about))
        if fault is Fault.KILLED_BEFORE:
            raise Killed
        if fault is Fault.NOT_EXECUTED:
            return self._refuse(timed_out)
        with self.one_at_a_time:
            result = act()
        if fault is Fault.KILLED_AFTER:
            raise Killed
        return self._refuse(timed_out) if fault is Fault.EXECUTED_BUT_TIMED_OUT else result

    @staticmethod
    def _refuse[T](timed_out: Callable[[], T] | None) -> T:
        if timed_out is None:
            raise _try_again()
        return timed_out()

    def names(self) -> list[str]:
        """Return the calls without their subjects."""
        return [call.what for call in self.calls]

    def forget(self) -> None:
        """Start counting anew, without faults."""
        self.calls.clear()
        self.faults.clear()
