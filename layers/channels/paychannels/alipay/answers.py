"""Answers of OpenAPI v2: cut the signed text out of the raw body and believe what is signed; strict JSON."""

import json
import logging
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final, Never

from paychannels import rsa

_SPACE: Final = r"[ \t\n\r]*"
_OPEN: Final = re.compile(_SPACE + r"\{" + _SPACE)
_COLON: Final = re.compile(_SPACE + ":" + _SPACE)
_NEXT: Final = re.compile(_SPACE + "([,}])" + _SPACE)
_ESCAPED_SLASH: Final = re.compile(r"(?<!\\)((?:\\\\)*)\\/")
_LOGGER: Final = logging.getLogger(__name__)
_ERROR_MEMBER: Final = "error_response"


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer cut into its parts: the text that a signature covers, its value, the signature, who says to have signed.

    Nothing of it is to be believed before `verified` returned it.
    """

    text: str
    value: object
    sign: str
    serial: str


def cut(body: bytes, method: str) -> Answer:
    """Cut an answer to `method`; raises ValueError (or RecursionError) for what is none.

    The text is the raw substring, never a rendering of the parsed value.
    """
    members = _members(body.decode())
    name = _member_name(members, method)
    if name not in members:
        _refuse("no answer")
    text, value = members[name]
    return Answer(
        text, value, _text_member(members, "sign"), _text_member(members, "alipay_cert_sn")
    )


def verified(body: bytes, method: str, key_of: Callable[[str], str | None]) -> Answer | None:
    r"""Return the answer to `method` if Alipay signed it, or None where nothing is to be believed.

    `key_of` knows the public key behind the serial that an answer names, an empty one where it names none. Alipay's
    PHP SDK also accepts a signature over the text with `\/` written as `/`, which spells the same value; so do we,
    second.
    """
    try:
        answer = cut(body, method)
    except (ValueError, RecursionError):
        return None
    key = key_of(answer.serial)
    if key is None:
        return None
    if rsa.verify(key, answer.text.encode(), answer.sign):
        return answer
    unescaped = _ESCAPED_SLASH.sub(r"\1/", answer.text)
    if unescaped == answer.text or not rsa.verify(key, unescaped.encode(), answer.sign):
        return None
    _LOGGER.warning("the answer to %s is signed with its slashes unescaped", method)
    return replace(answer, text=unescaped)


def fields_of(text: str) -> dict[str, object]:
    """Read an object in JSON; raises ValueError (or RecursionError) for all else, repeated names and NaN included."""
    value = _DECODER.decode(text)
    if not isinstance(value, dict):
        _refuse("not an object")
    return value


def _text_member(members: Mapping[str, tuple[str, object]], name: str) -> str:
    _, value = members.get(name, ("", ""))
    return value if isinstance(value, str) else ""


def _member_name(members: Mapping[str, object], method: str) -> str:
    expected = method.replace(".", "_") + "_response"
    if expected in members and _ERROR_MEMBER in members:
        message = "two answers in one"
        raise ValueError(message)
    return expected if expected in members else _ERROR_MEMBER


def _members(text: str) -> dict[str, tuple[str, object]]:
    members: dict[str, tuple[str, object]] = {}
    for name, raw, value in _walk(text):
        if not isinstance(name, str) or name in members:
            _refuse("repeated member")
        members[name] = (raw, value)
    return members


def _walk(text: str) -> Iterator[tuple[object, str, object]]:
    # The standard decoder says where each value ends, strings and escapes included; only the outer object is ours.
    position = _after(_OPEN, text, 0).end()
    while True:
        name, position = _DECODER.raw_decode(text, position)
        start = _after(_COLON, text, position).end()
        value, end = _DECODER.raw_decode(text, start)
        yield name, text[start:end], value
        separator = _after(_NEXT, text, end)
        position = separator.end()
        if separator[1] == "}":
            break
    if position != len(text):
        _refuse("text after the answer")


def _after(pattern: re.Pattern[str], text: str, position: int) -> re.Match[str]:
    match = pattern.match(text, position)
    if match is None:
        _refuse("unexpected text")
    return match


def _refuse(what: str) -> Never:
    raise ValueError(what)


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        _refuse("repeated name")
    return fields


_DECODER: Final = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_refuse)
