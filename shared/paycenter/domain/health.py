"""When an account takes no new payments for a while because its channel does not answer: pure rules, time passed in.

Two memories, both of one account version: a `Breaker` is what one container has seen by itself, `Health` what the
schedule has found out for all of them. Moments are business seconds since 1970 UTC.
"""

from dataclasses import dataclass
from typing import Final

FAILURES_TO_OPEN: Final = 5
COOL_DOWN_SECONDS: Final = 30
FAILURES_TO_BE_DOWN: Final = 3
# A mark that nobody renews loses its force: a schedule that stopped must not keep an account out for ever.
MARK_SECONDS: Final = 300


@dataclass(frozen=True, slots=True)
class Breaker:
    """Calls of one container that failed in a row, and when the last of them did."""

    failures: int = 0
    failed_at: int = 0

    def after(self, now: int, *, answered: bool) -> "Breaker":
        """Return the breaker after one more call; an answer of any kind closes it."""
        return Breaker() if answered else Breaker(self.failures + 1, now)

    def is_open(self, now: int) -> bool:
        """Tell whether new payments go elsewhere.

        After the cool-down it is half open: payments are let through, and the next failure opens it again at once.
        """
        return self.failures >= FAILURES_TO_OPEN and now < self.failed_at + COOL_DOWN_SECONDS


@dataclass(frozen=True, slots=True)
class Health:
    """Questions of the schedule that failed in a row, and until when the account is down because of them."""

    failures: int = 0
    down_until: int = 0

    def after(self, now: int, *, answered: bool, rate: int = 1) -> "Health":
        """Return the health after one more question; one answer is enough to be up again.

        `rate` is the clock's: the schedule runs in real time, so that the mark must last in real time too.
        """
        if answered:
            return Health()
        failures = min(self.failures + 1, FAILURES_TO_BE_DOWN)
        down = failures == FAILURES_TO_BE_DOWN
        return Health(failures, now + MARK_SECONDS * rate if down else 0)

    def is_down(self, now: int) -> bool:
        """Tell whether new payments go elsewhere."""
        return now < self.down_until
