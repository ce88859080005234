"""The sandbox programs' own reading of business time, which may run faster than real time.

The product has its own clock port; this is a second implementation of the same formula on purpose, so that the
simulators share no code with what they check.
"""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Protocol

BEIJING = timezone(timedelta(hours=8), "Beijing")
BEIJING_FORMAT = "%Y-%m-%d %H:%M:%S"


class Clock(Protocol):
    """What the sandbox programs ask about time."""

    def now(self) -> float:
        """Return business time, in seconds since the epoch."""
        ...

    def real_seconds(self, business_seconds: float) -> float:
        """How long a stretch of business time lasts on the wall clock, in seconds."""
        ...


@dataclass(frozen=True, slots=True)
class BusinessClock:
    """Business time: ``anchor + (real - anchor) * rate``; rate 1 is real time whatever the anchor."""

    rate: float = 1.0
    anchor: float = 0.0

    def __post_init__(self) -> None:
        """Refuse a clock that stands still or runs backwards (ValueError)."""
        if self.rate <= 0:
            raise ValueError(f"the clock rate must be above 0, not {self.rate}")

    def now(self) -> float:
        """Return business time, in seconds since the epoch."""
        return self.anchor + (time.time() - self.anchor) * self.rate

    def real_seconds(self, business_seconds: float) -> float:
        """How long a stretch of business time lasts on the wall clock, in seconds."""
        return business_seconds / self.rate


def beijing_text(moment: float) -> str:
    """Epoch seconds as Alipay writes them: Beijing time, whole seconds, no offset."""
    return datetime.fromtimestamp(moment, BEIJING).strftime(BEIJING_FORMAT)


def beijing_moment(text: str) -> float:
    """Epoch seconds of a Beijing text ``yyyy-MM-dd HH:mm:ss``; ValueError when it is anything else."""
    moment = datetime.strptime(text, BEIJING_FORMAT).replace(tzinfo=BEIJING)
    # strptime is lenient about widths ("2026-1-1"); the wire format is not.
    if moment.strftime(BEIJING_FORMAT) != text:
        raise ValueError(f"not yyyy-MM-dd HH:mm:ss: {text!r}")
    return moment.timestamp()


def rfc3339_text(moment: float) -> str:
    """Epoch seconds as RFC 3339 in UTC, whole seconds."""
    return datetime.fromtimestamp(int(moment), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
