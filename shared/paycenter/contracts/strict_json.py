"""JSON read strictly: what two parsers could read differently is refused."""

import json
from collections.abc import Iterable
from typing import Any, Final, NoReturn, cast

from paycenter.domain.errors import Malformed

_LONGEST_NUMBER: Final = 19
_HALF: Final = "A text holds half of a surrogate pair; send whole characters."


def loads(body: bytes) -> object:
    """Read a UTF-8 JSON document.

    Raises Malformed for other encodings, duplicate keys, floats, NaN, numbers beyond 19 digits, lone surrogates and
    nesting without end.
    """
    try:
        document = json.loads(
            body.decode("utf-8"),
            object_pairs_hook=_unique,
            parse_float=_no_float,
            parse_constant=_no_float,
            parse_int=_integer,
        )
        if _has_surrogate(document):
            raise Malformed(_HALF)
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError):
        message = "The body must be one JSON document in UTF-8."
        raise Malformed(message) from None
    return cast("object", document)


def _unique(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for name, value in pairs:
        if name in result:
            message = "A name stands twice in one object; send it once."
            raise Malformed(message, _printable(name))
        if _has_surrogate(name) or _has_surrogate(value):
            raise Malformed(_HALF, _printable(name))
        result[name] = value
    return result


def _no_float(_text: str) -> NoReturn:
    message = "Numbers are whole numbers here: amounts are in minor units, moments in seconds."
    raise Malformed(message)


def _integer(text: str) -> int:
    if len(text) > _LONGEST_NUMBER:
        message = "A number is out of range."
        raise Malformed(message)
    return int(text)


def _has_surrogate(value: object) -> bool:
    # Objects have been through `_unique`; what is left are lists and the document itself.
    if isinstance(value, list):
        return any(_has_surrogate(entry) for entry in value)
    return isinstance(value, str) and any("\ud800" <= sign <= "\udfff" for sign in value)


def _printable(name: str) -> str:
    return name.encode("ascii", "backslashreplace").decode()[:64]
