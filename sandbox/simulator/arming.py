"""Which faults are armed for which payment, and how often they still act."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sandbox.simulator.faults import (
    ALWAYS,
    EVERY_TRADE,
    NEXT_TRADE,
    Answering,
    Fault,
    Noticing,
    Operation,
)


@dataclass(slots=True)
class Armed:
    """A fault waiting for its occasion; it is gone after ``times`` of them, with ALWAYS never."""

    fault: Fault
    times: int
    method: str = ""
    used: int = 0

    @property
    def spent(self) -> bool:
        """Whether it has acted as often as it should."""
        return self.times != ALWAYS and self.used >= self.times

    def view(self) -> dict[str, object]:
        """For the control interface."""
        left = "always" if self.times == ALWAYS else self.times - self.used
        return {"fault": self.fault.name, "times": left, "method": self.method or "any"}


@dataclass(frozen=True, slots=True)
class Asked:
    """A call, as far as it matters to a fault: whether the trade it is about is paid tells what could be hidden."""

    method: str
    operation: Operation
    paid: bool = False


class Arming:
    """The armed faults, by the merchant's number, and those that act on every payment."""

    def __init__(self, rows: Mapping[str, Fault]) -> None:
        self.rows = rows
        self._armed: dict[str, list[Armed]] = {NEXT_TRADE: []}

    def arm(self, number: str, name: str, times: int | None = None, method: str = "") -> Armed:
        """Arm a fault for a payment, existing or not, for the next new one, or for all; KeyError for an unknown fault."""
        fault = self.rows[name]
        armed = Armed(fault, fault.times if times is None else times, method)
        self._armed.setdefault(number, []).append(armed)
        return armed

    def clear(self, number: str) -> None:
        """Disarm everything of a payment."""
        self._armed[number] = []

    def of(self, number: str) -> list[Armed]:
        """Return what is armed for a payment."""
        return list(self._armed.get(number, []))

    def adopt(self, number: str) -> None:
        """Note that a number was seen; a new one takes over what was armed for the next payment."""
        if number not in self._armed:
            self._armed[number] = self._armed[NEXT_TRADE]
            self._armed[NEXT_TRADE] = []

    def answering(self, number: str, asked: Asked) -> tuple[Answering, int]:
        """Return what becomes of this call, and how many occasions there were before; this is one more."""
        for armed in self._of(number):
            row = armed.fault.answering
            if row and armed.method in ("", asked.method) and _concerns(row, asked):
                return row, self._use(armed)
        return Answering(), 0

    def noticing(self, number: str) -> tuple[str, Noticing]:
        """Return the fault's name (empty for none) and what becomes of this attempt, which counts as one occasion."""
        for armed in self._of(number):
            if armed.fault.noticing:
                self._use(armed)
                return armed.fault.name, armed.fault.noticing
        return "", Noticing()

    def after_close(self, number: str) -> float | None:
        """Seconds after which money arrives for a trade that was just closed, or None."""
        for armed in self._of(number):
            if armed.fault.pays_after_close_s is not None:
                self._use(armed)
                return armed.fault.pays_after_close_s
        return None

    def refuses_payer(self, number: str) -> bool:
        """Whether the payer's bank says no this time."""
        for armed in self._of(number):
            if armed.fault.refuses_payer:
                self._use(armed)
                return True
        return False

    def _of(self, number: str) -> Iterator[Armed]:
        for owner in (number, EVERY_TRADE):
            yield from self.of(owner)

    def _use(self, armed: Armed) -> int:
        armed.used += 1
        if armed.spent:
            for owned in self._armed.values():
                owned[:] = [other for other in owned if other is not armed]
        return armed.used - 1


def _concerns(row: Answering, asked: Asked) -> bool:
    of_operation = not row.operations or asked.operation in row.operations
    return of_operation and (asked.paid or not row.hides_payment)
