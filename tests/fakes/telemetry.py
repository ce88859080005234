"""What operators would have heard."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class RecordingTelemetry:
    """Counts and notes, kept."""

    counts: Counter[str] = field(default_factory=Counter)
    notes: list[tuple[str, dict[str, object]]] = field(default_factory=list)

    def count(self, metric: str, value: int = 1) -> None:
        """Add to a metric."""
        self.counts[metric] += value

    def note(self, what: str, **fields: object) -> None:
        """Keep a line."""
        self.notes.append((what, fields))
