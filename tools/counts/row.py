"""One figure of the table."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One counted figure and the most that it may be."""

    what: str
    counted: float
    limit: float

    @property
    def holds(self) -> bool:
        """Tell whether the figure is within its limit."""
        return self.counted <= self.limit

    def text(self) -> str:
        """Return the row as it is printed."""
        mark = "ok" if self.holds else "ABOVE"
        return f"  {self.what:<62}{self.counted:>8.2f}{self.limit:>8.2f}  {mark}"
