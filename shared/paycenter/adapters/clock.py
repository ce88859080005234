"""The real clock, with the sandbox's rate, and the operating system's randomness."""

import base64
import secrets
import time
from dataclasses import dataclass

from paycenter.domain.ids import ORDER_ID_LENGTH


@dataclass(frozen=True, slots=True)
class ScaledClock:
    """Business time: it passes `rate` times faster than real time since the real instant `anchor`.

    All programs of one system share both numbers, and so one business time. With rate 1 it is the real time.
    """

    rate: int = 1
    anchor: int = 0

    def now(self) -> int:
        """Return the business time in whole seconds since 1970 UTC."""
        return int(self._business(time.time()))

    def now_ms(self) -> int:
        """Return the business time in milliseconds since 1970 UTC."""
        return int(self._business(time.time()) * 1000)

    def real(self, moment: int) -> float:
        """Return the real instant, in seconds since 1970 UTC, at which business time reaches `moment`."""
        return self.anchor + (moment - self.anchor) / self.rate

    def _business(self, real: float) -> float:
        return self.anchor + (real - self.anchor) * self.rate


class SystemRandomness:
    """Bits from the operating system."""

    def secret(self) -> str:
        """Return 128 random bits as 26 characters of `[A-Z2-7]`."""
        return base64.b32encode(secrets.token_bytes(16)).decode()[:ORDER_ID_LENGTH]
