"""Answers of Alipay's gateway (OpenAPI v2): cut the signed text out of the raw body and believe what is signed."""

import json
import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
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
class SignedAnswer:
    """The signed part of an answer: the text that the signature covers, and the value that it spells."""

    text: str
    value: object


def verified(body: bytes, method: str, public_key: str) -> SignedAnswer | None:
    r"""Return the part of an answer to `method` that Alipay's key signed, or None where nothing is to be believed.

    The signed text is the raw substring, never a rendering of the parsed value. Alipay's PHP SDK also accepts a
    signature over the text with `\/` written as `/`, which spells the same value; so do we, second.
    """
    try:
        members = _members(body.decode())
        raw, value = members[_member_name(members, method)]
        _, signature = members["sign"]
    except (ValueError, KeyError, RecursionError):
        return None
    if not isinstance(signature, str):
        return None
    if rsa.verify(public_key, raw.encode(), signature):
        return SignedAnswer(raw, value)
    unescaped = _ESCAPED_SLASH.sub(r"\1/", raw)
    if unescaped == raw or not rsa.verify(public_key, unescaped.encode(), signature):
        return None
    _LOGGER.warning("the answer to %s is signed with its slashes unescaped", method)
    return SignedAnswer(unescaped, value)


def word(sub_code: str) -> str:
    """Return a `sub_code` without its prefix, of which there are several and one misspelt."""
    return sub_code.rpartition(".")[2]


def text(fields: Mapping[str, object], name: str) -> str:
    """Return a field that is text and not empty, else the empty text: Alipay sends all its fields as text."""
    value = fields.get(name)
    return value if isinstance(value, str) else ""


def about_another(fields: Mapping[str, object], payment_no: str) -> bool:
    """Tell whether an answer names a trade that is not the one that we asked about."""
    return fields.get("out_trade_no", payment_no) != payment_no


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
