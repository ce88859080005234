"""Moments as API v3 writes them: RFC 3339 with an offset, always Beijing's when we write."""

import re
from datetime import datetime
from typing import Final

from paychannels import beijing

_FORM: Final = re.compile(
    r"20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})",
    re.ASCII,
)


def to_text(seconds: int) -> str:
    """Render seconds since 1970 UTC: `2026-01-01T12:30:00+08:00`."""
    return beijing.to_text(seconds).replace(" ", "T") + "+08:00"


def first(*texts: str) -> int | None:
    """Return the first text that is a moment, as seconds since 1970 UTC."""
    for text in texts:
        if _FORM.fullmatch(text):
            try:
                return int(datetime.fromisoformat(text).timestamp())
            except ValueError:
                continue
    return None
