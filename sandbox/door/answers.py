"""What a function returned, as the HTTP answer that an HTTP API makes of it."""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

_DEFAULT_TYPE: Final = "text/plain;charset=utf-8"


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer; headers may repeat."""

    status: int
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""


class BadAnswerError(Exception):
    """A function returned what no HTTP answer can be made of; the gateway answers 500."""


def message(status: int, text: str) -> Answer:
    """Return an answer of the gateway itself."""
    return Answer(
        status, [("content-type", "application/json")], json.dumps({"message": text}).encode()
    )


NOT_FOUND: Final = message(404, "Not Found")
TOO_LARGE: Final = message(413, "Request Entity Too Large")
FUNCTION_FAILED: Final = message(500, "Internal Server Error")
UNAVAILABLE: Final = message(503, "Service Unavailable")


def answer_of(returned: Any) -> Answer:  # noqa: ANN401 - a function may return any JSON
    """Return the answer for what a function returned; raises BadAnswerError.

    A value without `statusCode` is the body of a 200 in JSON (text goes as it is).
    """
    if not isinstance(returned, Mapping) or "statusCode" not in returned:
        text = returned if isinstance(returned, str) else json.dumps(returned, ensure_ascii=False)
        return Answer(200, [("content-type", "application/json")], text.encode())
    try:
        return Answer(_status(returned), _headers(returned), _body(returned))
    except (TypeError, ValueError, AttributeError, binascii.Error) as error:
        raise BadAnswerError(str(error)) from error


def _status(returned: Mapping[str, Any]) -> int:
    status = int(returned["statusCode"])
    if not 100 <= status <= 599:  # noqa: PLR2004 - the range of HTTP
        raise ValueError(f"status {status}")
    return status


def _headers(returned: Mapping[str, Any]) -> list[tuple[str, str]]:
    given = returned.get("headers") or {}
    headers = [(name.lower(), _text(value)) for name, value in given.items()]
    headers += [("set-cookie", cookie) for cookie in returned.get("cookies") or []]
    if not any(name == "content-type" for name, _ in headers):
        headers.append(("content-type", _DEFAULT_TYPE))
    return [entry for entry in headers if entry[0] != "content-length"]


def _text(value: Any) -> str:  # noqa: ANN401 - whatever stands in the function's JSON
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    raise TypeError(f"a header's value is {type(value).__name__}")


def _body(returned: Mapping[str, Any]) -> bytes:
    body = returned.get("body")
    if body is None:
        return b""
    if not isinstance(body, str):
        raise TypeError(f"the body is {type(body).__name__}")
    if returned.get("isBase64Encoded"):
        return base64.b64decode(body, validate=True)
    return body.encode()
