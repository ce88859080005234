"""Answers that are not what they should be: late, cut, unsigned, somebody else's."""

import asyncio
from collections.abc import Callable
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from sandbox.simulator.faults import Reply, Seal

# Longer than any client of ours waits; the clients' limits are real seconds whatever the clock's rate.
HANG_LIMIT_SECONDS = 60.0
HANG_STEP_SECONDS = 0.1

_SEALS = {Reply.UNSIGNED: Seal.NONE, Reply.STRANGER: Seal.STRANGER}


async def reply(
    request: Request, kind: Reply, late_seconds: float, sealed: Callable[[Seal], Response]
) -> Response:
    """Send what the kind says; ``sealed`` makes the true answer, under whichever signature."""
    await asyncio.sleep(late_seconds)
    if kind is Reply.HTML:
        return html_answer(HTTPStatus.OK)
    if kind is Reply.SERVER_ERROR:
        return html_answer(HTTPStatus.INTERNAL_SERVER_ERROR)
    if kind is Reply.HANG:
        await _hang(request)
        return html_answer(HTTPStatus.GATEWAY_TIMEOUT)
    response = sealed(_SEALS.get(kind, Seal.OWN))
    if kind is Reply.TRUNCATED:
        return _half(response)
    return CutResponse(response) if kind is Reply.CUT else response


def html_answer(status: HTTPStatus) -> Response:
    """Return what a proxy in between says instead of the channel."""
    page = f"<html><head><title>{status}</title></head><body><center><h1>系统繁忙</h1></center></body></html>"
    return Response(page, status_code=status, media_type="text/html;charset=utf-8")


def _half(whole: Response) -> Response:
    half = Response(bytes(whole.body)[: len(whole.body) // 2], whole.status_code)
    kept = [(name, value) for name, value in whole.raw_headers if name != b"content-length"]
    half.raw_headers = [*kept, (b"content-length", str(len(half.body)).encode())]
    return half


class CutResponse(Response):
    """Announces a whole answer, sends half of it and ends the connection."""

    def __init__(self, whole: Response) -> None:
        super().__init__(whole.body, whole.status_code)
        self.raw_headers = [(b"content-length", str(len(whole.body) + 1).encode())]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - Starlette's signature
        """Send the start alone: a server that is left with half an answer closes the connection."""
        start = {"type": "http.response.start", "status": self.status_code}
        await send({**start, "headers": self.raw_headers})
        half = bytes(self.body)[: len(self.body) // 2]
        await send({"type": "http.response.body", "body": half, "more_body": True})


async def _hang(request: Request) -> None:
    """Say nothing until the client gives up."""
    for _ in range(int(HANG_LIMIT_SECONDS / HANG_STEP_SECONDS)):
        if await request.is_disconnected():
            return
        await asyncio.sleep(HANG_STEP_SECONDS)
