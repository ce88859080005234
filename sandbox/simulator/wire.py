"""Reading what merchants send, strictly, as more than one channel needs it."""

import json
from collections.abc import Iterable, Mapping
from urllib.parse import parse_qsl

from starlette.requests import Request

BODY_LIMIT_BYTES = 64 * 1024


async def read_limited(request: Request, limit_bytes: int = BODY_LIMIT_BYTES) -> bytes:
    """Return the raw body; ValueError above the limit."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit_bytes:
            raise ValueError(f"body above {limit_bytes} bytes")
    return body


def form_pairs(text: str) -> list[tuple[str, str]]:
    """Return names and values of a form or a query, blank ones too; ValueError when it is no UTF-8 form."""
    return parse_qsl(
        text, keep_blank_values=True, strict_parsing=bool(text), encoding="utf-8", errors="strict"
    )


def without_repeats(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the pairs as a mapping; ValueError when a name has two different values."""
    fields: dict[str, str] = {}
    for name, value in pairs:
        if fields.setdefault(name, value) != value:
            raise ValueError(f"given twice: {name}")
    return fields


def json_object(text: str | bytes) -> dict[str, object]:
    """Return a JSON object; ValueError when it is none or names a member twice."""
    value = json.loads(text, object_pairs_hook=_members)
    if not isinstance(value, dict):
        raise ValueError("not an object")  # noqa: TRY004 - one kind of error for all that is wrong with a body
    return value


def sorted_text(fields: Mapping[str, str], without: Iterable[str] = ()) -> str:
    """``name=value`` joined with ``&``, sorted by name in byte order, leaving out the names in ``without``."""
    left_out = frozenset(without)
    names = sorted((name for name in fields if name not in left_out), key=str.encode)
    return "&".join(f"{name}={fields[name]}" for name in names)


def _members(pairs: list[tuple[str, object]]) -> dict[str, object]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a member appears twice")
    return value
