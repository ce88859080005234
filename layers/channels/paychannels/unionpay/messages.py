"""Reads what UnionPay sends: answers as plain text that nobody encoded, notices as ordinary forms."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final
from urllib.parse import parse_qsl

_CLOSES: Final[Mapping[str, str]] = {"{": "}", "[": "]"}
_MAXIMUM_FIELDS: Final = 100


class Unreadable(ValueError):
    """A message that is not what UnionPay sends; the text says why."""


def answer(body: bytes) -> dict[str, str]:
    """Read `name=value&name=value`, not encoded: a certificate keeps its line breaks, a plus is a plus.

    An `&` inside `{…}` or `[…]` belongs to the value, and a value may contain `=`. Raises Unreadable.
    """
    try:
        text = body.decode()
    except ValueError:
        raise Unreadable("the answer is not UTF-8") from None
    return _unique(_pair(part) for part in _parts(text))


def notice(body: bytes) -> dict[str, str]:
    """Read an encoded form, the body alone: what stands in our own address is not UnionPay's. Raises Unreadable.

    Fields with an empty value are kept here; the signature decides what they are.
    """
    try:
        pairs = parse_qsl(
            body.decode(), keep_blank_values=True, errors="strict", max_num_fields=_MAXIMUM_FIELDS
        )
    except ValueError:
        raise Unreadable("the body is not a form in UTF-8") from None
    return _unique(pairs)


def _parts(text: str) -> Iterator[str]:
    start, depth, opener = 0, 0, ""
    for position, character in enumerate(text):
        if not depth and character in _CLOSES:
            opener, depth = character, 1
        elif not depth and character == "&":
            yield text[start:position]
            start = position + 1
        elif depth and character == opener:
            depth += 1
        elif depth and character == _CLOSES[opener]:
            depth -= 1
    yield text[start:]


def _pair(part: str) -> tuple[str, str]:
    name, equals, value = part.partition("=")
    if not name or not equals:
        raise Unreadable("the answer is not name=value")
    return name, value


def _unique(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    fields: dict[str, str] = {}
    for name, value in pairs:
        if name in fields:
            raise Unreadable("a field is there twice")
        if len(fields) == _MAXIMUM_FIELDS:
            raise Unreadable("too many fields")
        fields[name] = value
    return fields
