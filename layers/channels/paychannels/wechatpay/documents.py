"""JSON from WeChat, strictly read: one object, no name twice, numbers that are numbers, text that is text."""

import json
from collections.abc import Mapping
from typing import Final, Never

_MAXIMUM_DETAIL: Final = 200


def read_object(data: bytes) -> dict[str, object]:
    """Return the object that the bytes spell in UTF-8; ValueError for anything else."""
    try:
        value = json.loads(data.decode(), object_pairs_hook=_unique, parse_constant=_refuse)
    except RecursionError:
        _refuse("nested too deeply")
    if not isinstance(value, dict):
        _refuse("not an object")
    return value


def write(content: Mapping[str, object]) -> bytes:
    """Return the bytes to sign and to send, the same for the same content."""
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def text(fields: Mapping[str, object], name: str) -> str:
    """Return a field that is text, else the empty text."""
    value = fields.get(name)
    return value if isinstance(value, str) else ""


def part(fields: Mapping[str, object], name: str) -> dict[str, object]:
    """Return a field that is an object, else an empty one."""
    value = fields.get(name)
    return value if isinstance(value, dict) else {}


def fen(fields: Mapping[str, object], name: str) -> int:
    """Return an amount: a JSON integer, not negative; ValueError for anything else, 88.0 and "88" included."""
    value = fields.get(name)
    if type(value) is not int or value < 0:
        _refuse(f"{name} is not an amount")
    return value


def printable(words: str) -> str:
    """Return what may be shown of a sentence that came from outside."""
    return "".join(character for character in words if character.isprintable())[:_MAXIMUM_DETAIL]


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        _refuse("a name is there twice")
    return fields


def _refuse(what: str) -> Never:
    raise ValueError(what)
