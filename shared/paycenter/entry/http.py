"""HTTP API events (payload 2.0) in, answers out; errors become problem documents here and nowhere else."""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from paycenter.adapters.telemetry import DEFECTS, LogTelemetry, logger
from paycenter.domain.errors import BodyTooLarge, Malformed, MediaType, PayCenterError

API_BODY_BYTES: Final = 64 * 1024
CALLBACK_BODY_BYTES: Final = 32 * 1024

# RFC 9457: what each stable code answers, and its title in a few words.
PROBLEMS: Final[Mapping[str, tuple[int, str]]] = {
    "malformed": (400, "The request is malformed"),
    "unauthenticated": (401, "No valid key"),
    "scope_missing": (403, "The key may not do this"),
    "not_found": (404, "Not found"),
    "order_not_payable": (409, "The order can't be paid"),
    "order_not_refundable": (409, "Nothing can be given back"),
    "too_many_refunds": (409, "Too many refunds"),
    "refund_exceeds": (422, "More than can be given back"),
    "too_many_payments": (409, "Too many payments"),
    "channel_window_closed": (409, "This channel takes no payment now"),
    "body_too_large": (413, "The body is too large"),
    "media_type": (415, "Wrong media type"),
    "different_body": (422, "Same number, different body"),
    "channel_refused": (422, "The channel refused"),
    "slow_down": (429, "Too many requests"),
    "try_again": (503, "Try again"),
}
_RETRY_AFTER_SECONDS: Final = {429: "5", 503: "2"}
_INTERNAL: Final = (500, "Internal error")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One HTTP request as the gateway passes it: header names in lower case, the body's bytes as they came."""

    route: str
    parameters: Mapping[str, str]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    source_address: str

    @property
    def media_type(self) -> str:
        """Return the media type without its parameters, in lower case."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """One HTTP answer."""

    status: int
    body: str = ""
    media_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


type Route = Callable[[Request], Response]
type Routes = Mapping[str, Route]
type OnError = Callable[[Request | None, PayCenterError, int], Response]


def answer_json(status: int, document: Mapping[str, Any] | str) -> Response:
    """Answer a JSON document, given as a mapping or as text that is JSON already."""
    return Response(
        status=status, body=document if isinstance(document, str) else json.dumps(document)
    )


def problem(_request: Request | None, error: PayCenterError, status: int) -> Response:
    """Answer a problem document; the title and the code come from the table, the sentence from the error."""
    title = PROBLEMS.get(error.code, _INTERNAL)[1]
    document: dict[str, Any] = {
        "type": "about:blank",
        "title": title,
        "status": status,
        "code": error.code,
        "detail": str(error),
    }
    if error.field:
        document["field"] = error.field
    return Response(
        status=status,
        body=json.dumps(document),
        media_type="application/problem+json",
        headers=retry_after(status),
    )


def retry_after(status: int) -> dict[str, str]:
    """Return the header that says when to repeat, for those answers that ask for it."""
    seconds = _RETRY_AFTER_SECONDS.get(status)
    return {"retry-after": seconds} if seconds else {}


def require_json(request: Request) -> None:
    """Raise MediaType unless a body that is there says it is JSON."""
    if request.body and request.media_type != "application/json":
        message = "Send the body as application/json."
        raise MediaType(message)


def serve(
    event: Mapping[str, Any],
    routes: Routes,
    *,
    limit: int = API_BODY_BYTES,
    on_error: OnError = problem,
) -> dict[str, Any]:
    """Answer one event through the route it names, and write one line of the log.

    An error of ours becomes `on_error`'s answer; any other is a defect: logged, answered 500, and told to nobody.
    """
    request: Request | None = None
    try:
        # In two steps: the form in which a request is refused hangs on its route and its path.
        request = parse(event)
        request = replace(request, body=read_body(event, limit))
        response = routes[request.route](request)
    except Exception as error:  # noqa: BLE001 - the last line of defence
        response = _refused(request, error, on_error)
    route = event.get("routeKey", "")
    logger().info("answered", extra={"fields": {"route": route, "status": response.status}})
    return {
        "statusCode": response.status,
        "headers": {
            "content-type": _with_charset(response.media_type),
            "cache-control": "no-store",
            "x-content-type-options": "nosniff",
            **response.headers,
        },
        "body": response.body,
        "isBase64Encoded": False,
    }


def _refused(request: Request | None, error: Exception, on_error: OnError) -> Response:
    if isinstance(error, PayCenterError) and error.code in PROBLEMS:
        if error.__cause__ is not None:
            logger().warning("refused because of", exc_info=error.__cause__)
        return on_error(request, error, PROBLEMS[error.code][0])
    # A code without an answer of its own is a defect like any other: logged, and told to nobody.
    logger().exception("defect", exc_info=error)
    LogTelemetry().count(DEFECTS)
    sentence = "Something went wrong on our side; repeat the same request."
    return on_error(request, _Defect(sentence), _INTERNAL[0])


def parse(event: Mapping[str, Any]) -> Request:
    """Read a payload 2.0 event, but for its body."""
    return Request(
        route=event["routeKey"],
        parameters=event.get("pathParameters") or {},
        query=event.get("queryStringParameters") or {},
        headers=_headers(event),
        body=b"",
        source_address=event["requestContext"]["http"]["sourceIp"],
    )


def _headers(event: Mapping[str, Any]) -> Mapping[str, str]:
    # The gateway writes names in lower case; `sam local start-api` leaves them as they were sent.
    return {name.lower(): value for name, value in event.get("headers", {}).items()}


def read_body(event: Mapping[str, Any], limit: int) -> bytes:
    """Return the body's bytes; raises BodyTooLarge before they are decoded, Malformed for repeated headers too."""
    headers = _headers(event)
    if "," in headers.get("authorization", "") or "," in headers.get("content-type", ""):
        message = "A header was sent twice; send it once."
        raise Malformed(message)
    text: str = event.get("body") or ""
    encoded = bool(event.get("isBase64Encoded"))
    # Four characters of base64 carry three bytes: the bound holds before anything is decoded.
    if len(text) > (limit * 4 // 3 + 4 if encoded else limit):
        raise _too_large(limit)
    try:
        body = base64.b64decode(text, validate=True) if encoded else text.encode()
    except ValueError:
        # Text that is no base64, or that has half of a character.
        message = "The body can't be read."
        raise Malformed(message) from None
    if len(body) > limit:
        raise _too_large(limit)
    return body


def _too_large(limit: int) -> BodyTooLarge:
    message = f"The body is larger than {limit} bytes; send less."
    return BodyTooLarge(message)


def _with_charset(media_type: str) -> str:
    return f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type


class _Defect(PayCenterError):
    """An error of ours that is told as one sentence."""
