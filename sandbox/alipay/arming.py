"""Which faults are armed for which trade, and how often they still act."""

from dataclasses import dataclass

from sandbox.alipay.faults import ALWAYS, KINDS, NEXT_TRADE, Answering, Kind, Noticing


@dataclass(slots=True)
class Armed:
    """A fault waiting for its occasion; ``left`` counts down to 0 and then it is gone, ALWAYS never."""

    kind: Kind
    left: int
    method: str = ""

    @property
    def permanent(self) -> bool:
        """Whether it acts until it is cleared."""
        return self.left == ALWAYS

    def view(self) -> dict[str, object]:
        """For the control interface."""
        times = "always" if self.permanent else self.left
        return {"fault": self.kind.name, "times": times, "method": self.method or "any"}


class Faults:
    """The armed faults, by the merchant's number."""

    def __init__(self) -> None:
        self._armed: dict[str, list[Armed]] = {NEXT_TRADE: []}

    def arm(self, number: str, name: str, times: int | None = None, method: str = "") -> Armed:
        """Arm a fault for a trade, existing or not, or for the next new one; KeyError for an unknown fault."""
        kind = KINDS[name]
        armed = Armed(kind, kind.times if times is None else times, method)
        self._armed.setdefault(number, []).append(armed)
        return armed

    def clear(self, number: str) -> None:
        """Disarm everything of a trade."""
        self._armed[number] = []

    def of(self, number: str) -> list[Armed]:
        """Return what is armed for a trade."""
        return list(self._armed.get(number, []))

    def adopt(self, number: str) -> None:
        """Note that a number was seen; a new one takes over what was armed for the next trade."""
        if number not in self._armed:
            self._armed[number] = self._armed[NEXT_TRADE]
            self._armed[NEXT_TRADE] = []

    def answering(self, number: str, method: str) -> Answering:
        """Return what becomes of this call, which counts as one occasion of the fault."""
        for armed in self._armed.get(number, []):
            row = armed.kind.answering
            if row and armed.method in ("", method) and (not row.methods or method in row.methods):
                self._use(number, armed)
                return row
        return Answering()

    def noticing(self, number: str) -> tuple[str, Noticing]:
        """Return the fault's name (empty for none) and what becomes of this attempt, which counts as one occasion."""
        for armed in self._armed.get(number, []):
            if armed.kind.noticing:
                self._use(number, armed)
                return armed.kind.name, armed.kind.noticing
        return "", Noticing()

    def after_close(self, number: str) -> float | None:
        """Seconds after which money arrives for a trade that was just closed, or None."""
        for armed in self._armed.get(number, []):
            if armed.kind.pays_after_close_s is not None:
                self._use(number, armed)
                return armed.kind.pays_after_close_s
        return None

    def _use(self, number: str, armed: Armed) -> None:
        if armed.permanent:
            return
        armed.left -= 1
        if armed.left == 0:
            self._armed[number].remove(armed)
