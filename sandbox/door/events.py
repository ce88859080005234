"""Requests as events of payload format 2.0 (API Gateway, "Working with AWS Lambda proxy integrations for HTTP APIs")."""

import base64
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import parse_qsl, unquote

from sandbox.door.routes import Match

# Bodies of these types, and of text/*, arrive as text; all others, forms included, as base64.
_TEXT_TYPES: Final = frozenset({"application/json", "application/javascript", "application/xml"})
_ACCOUNT: Final = "000000000000"


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """One request as it came: header names in lower case, repeats apart, the peer's own address."""

    method: str
    raw_path: str
    raw_query: str
    headers: Sequence[tuple[str, str]]
    body: bytes
    protocol: str
    peer: str
    port: int

    def header(self, name: str) -> str:
        """Return a header's values joined by commas, or nothing."""
        return ",".join(value for key, value in self.headers if key == name)


def event_of(request: Incoming, match: Match, request_id: str) -> dict[str, Any]:
    """Return the event that the function behind this route receives."""
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": match.route.key,
        "rawPath": unquote(request.raw_path),
        "rawQueryString": request.raw_query,
        "headers": _headers(request),
        "requestContext": _context(request, match, request_id),
    }
    cookies = [
        cookie.strip()
        for name, value in request.headers
        if name == "cookie"
        for cookie in value.split(";")
        if cookie.strip()
    ]
    if cookies:
        event["cookies"] = cookies
    if request.raw_query:
        event["queryStringParameters"] = _joined(
            parse_qsl(request.raw_query, keep_blank_values=True)
        )
    if match.parameters:
        event["pathParameters"] = dict(match.parameters)
    return event | _body(request)


def _headers(request: Incoming) -> dict[str, str]:
    headers = _joined([entry for entry in request.headers if entry[0] != "cookie"])
    forwarded = headers.get("x-forwarded-for")
    headers["x-forwarded-for"] = f"{forwarded}, {request.peer}" if forwarded else request.peer
    headers["x-forwarded-proto"] = "http"
    headers["x-forwarded-port"] = str(request.port)
    headers["x-amzn-trace-id"] = f"Root=1-{int(time.time()):08x}-{secrets.token_hex(12)}"
    return headers


def _joined(pairs: Sequence[tuple[str, str]]) -> dict[str, str]:
    joined: dict[str, str] = {}
    for name, value in pairs:
        joined[name] = f"{joined[name]},{value}" if name in joined else value
    return joined


def _context(request: Incoming, match: Match, request_id: str) -> dict[str, Any]:
    now = datetime.now(UTC)
    domain = request.header("host").partition(":")[0]
    return {
        "accountId": _ACCOUNT,
        "apiId": "sandbox",
        "domainName": domain,
        "domainPrefix": domain.partition(".")[0],
        "http": {
            "method": request.method,
            "path": unquote(request.raw_path),
            "protocol": request.protocol,
            "sourceIp": request.peer,
            "userAgent": request.header("user-agent"),
        },
        "requestId": request_id,
        "routeKey": match.route.key,
        "stage": "$default",
        "time": now.strftime("%d/%b/%Y:%H:%M:%S +0000"),
        "timeEpoch": int(now.timestamp() * 1000),
    }


def _body(request: Incoming) -> dict[str, Any]:
    if not request.body:
        return {"isBase64Encoded": False}
    media_type = request.header("content-type").partition(";")[0].strip().lower()
    if media_type.startswith("text/") or media_type in _TEXT_TYPES:
        return {"body": request.body.decode("utf-8", "replace"), "isBase64Encoded": False}
    return {"body": base64.b64encode(request.body).decode(), "isBase64Encoded": True}
