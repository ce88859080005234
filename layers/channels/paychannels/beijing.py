"""Beijing time, in which all channels write their moments: UTC+8 all year, whatever the host's zone."""

import re
from datetime import datetime, timedelta, timezone
from typing import Final

_ZONE: Final = timezone(timedelta(hours=8))
_FORM: Final = re.compile(
    r"(20[0-9]{2}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.[0-9]{1,6})?", re.ASCII
)


def to_text(seconds: int) -> str:
    """Render seconds since 1970 UTC as `yyyy-MM-dd HH:mm:ss` in Beijing."""
    return datetime.fromtimestamp(seconds, _ZONE).strftime("%Y-%m-%d %H:%M:%S")


def from_text(text: str) -> int:
    """Read `yyyy-MM-dd HH:mm:ss`, with or without a fraction, as seconds since 1970 UTC; ValueError for all else."""
    match = _FORM.fullmatch(text)
    if match is None:
        message = f"not a moment in Beijing time: {text[:32]!r}"
        raise ValueError(message)
    return int(datetime.fromisoformat(match[1]).replace(tzinfo=_ZONE).timestamp())
