"""Time that stands until a test moves it, and chance that is known beforehand."""

from dataclasses import dataclass
from typing import Final

# A Tuesday in 2026, in whole seconds.
START: Final = 1_794_960_000


@dataclass
class FrozenClock:
    """Business time that moves by hand."""

    time: int = START
    rate: int = 1

    def now(self) -> int:
        """Return the moment at which the clock stands."""
        return self.time

    def now_ms(self) -> int:
        """Return the same in milliseconds."""
        return self.time * 1000

    def forward(self, seconds: int) -> None:
        """Let time pass."""
        self.time += seconds

    def forward_to(self, moment: int) -> None:
        """Let time pass until a moment, never back."""
        self.time = max(self.time, moment)


@dataclass
class FixedRandomness:
    """Bits that differ from draw to draw and are the same in every run."""

    drawn: int = 0

    def secret(self) -> str:
        """Return 26 characters of `[A-Z2-7]`."""
        self.drawn += 1
        return "S" * 25 + chr(ord("A") + self.drawn % 26)
