"""The door itself, an ASGI application: find the route, make the event, invoke, answer."""

import asyncio
import json
import secrets
import sys
from collections import defaultdict
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from ipaddress import ip_address
from typing import Any, Final, Protocol

from sandbox.door import answers
from sandbox.door.answers import Answer, BadAnswerError, answer_of
from sandbox.door.events import Incoming, event_of
from sandbox.door.invoke import FunctionFailedError, NotInvokedError
from sandbox.door.routes import Match, Route, find_route

type Scope = MutableMapping[str, Any]
type Message = MutableMapping[str, Any]
type Receive = Callable[[], Awaitable[Message]]
type Send = Callable[[Message], Awaitable[None]]

# HTTP API quota, and Lambda's for a synchronous event and for its answer.
GATEWAY_BODY_BYTES: Final = 10 * 1024 * 1024
EVENT_BYTES: Final = 6 * 1024 * 1024
CONCURRENT_CALLS_PER_FUNCTION: Final = 4
# Of a network that is kept for examples (RFC 5737).
SOMEWHERE_ELSE: Final = "203.0.113.7"


class Invoker(Protocol):
    """What runs functions."""

    async def invoke(self, function: str, payload: bytes) -> Any:  # noqa: ANN401 - any JSON
        """Return what the function returned."""
        ...


class Door:
    """The ASGI application. Each function is called at most four times at once; more wait, within their time limit."""

    def __init__(self, routes: Sequence[Route], functions: Invoker) -> None:
        self._routes = routes
        self._functions = functions
        self._turns: dict[str, asyncio.Semaphore] = defaultdict(
            lambda: asyncio.Semaphore(CONCURRENT_CALLS_PER_FUNCTION)
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection's event, as ASGI calls it."""
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
        elif scope["type"] == "http":
            request_id = secrets.token_urlsafe(12)
            answer = await self._answer(scope, receive, request_id)
            await _send(answer, request_id, send, head=scope["method"] == "HEAD")

    async def _answer(self, scope: Scope, receive: Receive, request_id: str) -> Answer:
        body = await _read(receive)
        if body is None:
            return answers.TOO_LARGE
        request = _incoming(scope, body)
        match = find_route(self._routes, request.method, request.raw_path)
        if match is None:
            return answers.NOT_FOUND
        return await self._from_function(event_of(request, match, request_id), match)

    async def _from_function(self, event: dict[str, Any], match: Match) -> Answer:
        payload = json.dumps(event).encode()
        if len(payload) > EVENT_BYTES:
            return answers.TOO_LARGE
        route = match.route
        try:
            async with asyncio.timeout(route.timeout_seconds), self._turns[route.function]:
                returned = await self._functions.invoke(route.function, payload)
            answer = answer_of(returned)
        except (FunctionFailedError, BadAnswerError) as error:
            _say(route, error)
            return answers.FUNCTION_FAILED
        except (TimeoutError, NotInvokedError) as error:
            _say(route, error)
            return answers.UNAVAILABLE
        return answer if len(answer.body) <= EVENT_BYTES else answers.FUNCTION_FAILED


def _incoming(scope: Scope, body: bytes) -> Incoming:
    raw_path: bytes = scope.get("raw_path") or scope["path"].encode()
    return Incoming(
        method=scope["method"],
        raw_path=raw_path.decode("latin-1"),
        raw_query=scope["query_string"].decode("latin-1"),
        headers=[
            (name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]
        ],
        body=body,
        protocol=f"HTTP/{scope['http_version']}",
        peer=_seen_from_outside(scope["client"][0]),
        port=scope["server"][1],
    )


def _seen_from_outside(peer: str) -> str:
    """Return what a gateway would see of a client: never this machine, which channels take for nobody's address."""
    return SOMEWHERE_ELSE if ip_address(peer).is_loopback else peer


async def _read(receive: Receive) -> bytes | None:
    """Return the body, or None for one that is too large: that is read to its end, and forgotten."""
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        part: bytes = message.get("body", b"")
        size += len(part)
        if size <= GATEWAY_BODY_BYTES:
            parts.append(part)
        if message["type"] == "http.disconnect" or not message.get("more_body", False):
            return b"".join(parts) if size <= GATEWAY_BODY_BYTES else None


async def _send(answer: Answer, request_id: str, send: Send, *, head: bool) -> None:
    headers = [
        *answer.headers,
        ("content-length", str(len(answer.body))),
        ("apigw-requestid", request_id),
    ]
    await send(
        {
            "type": "http.response.start",
            "status": answer.status,
            "headers": [
                (name.encode("latin-1"), value.encode("latin-1")) for name, value in headers
            ],
        }
    )
    await send({"type": "http.response.body", "body": b"" if head else answer.body})


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


def _say(route: Route, error: BaseException) -> None:
    print(f"{route.key}: {type(error).__name__} {error}", file=sys.stderr, flush=True)
