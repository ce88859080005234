"""`POST /v1/callbacks/{channel}/{account}`: a channel tells us a result."""

from typing import Any

from paycenter.bootstrap import adapters
from paycenter.domain.errors import PayCenterError
from paycenter.entry.http import (
    CALLBACK_BODY_BYTES,
    Request,
    Response,
    problem,
    retry_after,
    serve,
)
from paycenter.ports.channel import Acknowledgement, RawCallback
from paycenter.usecases.callback import refusal, take_callback


def post_callback(request: Request) -> Response:
    """Answer in the channel's own form, with yes only after what it told is durable."""
    raw = RawCallback(headers=request.headers, body=request.body)
    return _answer(
        take_callback(request.parameters["channel"], request.parameters["account"], raw, adapters())
    )


def _answer(acknowledgement: Acknowledgement) -> Response:
    return Response(
        status=acknowledgement.status,
        body=acknowledgement.body.decode(),
        media_type=acknowledgement.media_type,
    )


def _refuse(request: Request | None, error: PayCenterError, status: int) -> Response:
    # A channel reads only its own form; the status still says what kind of no it is.
    channel = request.parameters.get("channel", "") if request else ""
    no = refusal(channel, adapters())
    if no is None:
        return problem(request, error, status)
    return Response(
        status=status,
        body=no.body.decode(),
        media_type=no.media_type,
        headers=retry_after(status),
    )


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Lambda entry."""
    routes = {"POST /v1/callbacks/{channel}/{account}": post_callback}
    return serve(event, routes, limit=CALLBACK_BODY_BYTES, on_error=_refuse)
