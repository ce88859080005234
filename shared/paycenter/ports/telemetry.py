"""What operators hear: counters with an alarm behind them, and lines of the log."""

from typing import Protocol


class Telemetry(Protocol):
    """Counts what must not go unseen; never raises, never waits."""

    def count(self, metric: str, value: int = 1) -> None:
        """Add to a metric of the namespace PayCenter."""

    def note(self, what: str, **fields: object) -> None:
        """Write one line of the log; values are words and numbers, never secrets."""
