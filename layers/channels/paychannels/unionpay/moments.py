"""Moments as UnionPay writes them: `yyyyMMddHHmmss` in Beijing, and `MMDDhhmmss` that leaves the year to its reader."""

import re
from collections.abc import Iterator
from typing import Final

from paychannels import beijing

_MOMENT: Final = re.compile(
    r"([0-9]{4})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})", re.ASCII
)
_TRACE: Final = re.compile(r"[0-9]{10}", re.ASCII)


def to_text(seconds: int) -> str:
    """Render seconds since 1970 UTC as `yyyyMMddHHmmss` in Beijing."""
    return re.sub("[^0-9]", "", beijing.to_text(seconds))


def from_text(text: str) -> int:
    """Read `yyyyMMddHHmmss` as seconds since 1970 UTC; ValueError for all else."""
    match = _MOMENT.fullmatch(text)
    if match is None:
        message = f"not a moment in Beijing time: {text[:32]!r}"
        raise ValueError(message)
    year, month, day, hour, minute, second = match.groups()
    return beijing.from_text(f"{year}-{month}-{day} {hour}:{minute}:{second}")


def of_trace(trace_time: str, near: int) -> int:
    """Read `MMDDhhmmss` as the moment closest to `near` (seconds since 1970 UTC); ValueError where there is none."""
    moments = _in_years_around(trace_time, near) if _TRACE.fullmatch(trace_time) else ()
    closest = min(moments, key=lambda moment: abs(moment - near), default=None)
    if closest is None:
        message = f"not a traceTime: {trace_time[:32]!r}"
        raise ValueError(message)
    return closest


def _in_years_around(trace_time: str, near: int) -> Iterator[int]:
    middle = int(to_text(near)[:4])
    for year in (middle - 1, middle, middle + 1):
        try:
            yield from_text(f"{year}{trace_time}")
        except ValueError:
            # The 29th of February of another year.
            continue
