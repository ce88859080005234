"""Business time that tests move: the product's own clock is told by its two variables, the simulator's by the same."""

import math
import time
from dataclasses import dataclass

_RATE = 2


@dataclass
class TravellingClock:
    """Real time until somebody travels; then twice as fast as real time, as from a moment that makes it the wished one.

    Both programs read `anchor + (real - anchor) * rate`, so that both have travelled equally far.
    """

    rate: int = 1
    anchor: int = 0

    def now(self) -> float:
        return self.anchor + (time.time() - self.anchor) * self.rate

    def real_seconds(self, business_seconds: float) -> float:
        return business_seconds / self.rate

    def travel_to(self, moment: float) -> None:
        """Make it this business moment, or up to two seconds later."""
        self.rate, self.anchor = _RATE, math.floor(_RATE * time.time() - moment)

    def return_home(self) -> None:
        self.rate, self.anchor = 1, 0
