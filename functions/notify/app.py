"""Business lines are told, by the queue; `POST /v1/orders/{id}/notifications` has them told again."""

from typing import Any

from paycenter.bootstrap import adapters
from paycenter.contracts.api import ResendRequest, parse
from paycenter.entry.http import Request, Response, answer_json, require_json, serve
from paycenter.entry.queue import consume
from paycenter.usecases.authenticate import authenticate
from paycenter.usecases.notify import run_notification
from paycenter.usecases.present import notifications_answer
from paycenter.usecases.query import owned_order
from paycenter.usecases.resend import resend_order


def post_notifications(request: Request) -> Response:
    """Answer 202 with the order's notifications; what was given up, or is named, is owed anew."""
    ports = adapters()
    line = authenticate(request.headers.get("authorization", ""), "read", ports.configuration)
    require_json(request)
    wanted = parse(ResendRequest, request.body)
    order = owned_order(request.parameters["id"], line, ports)
    order = resend_order(order, [wanted.event_id] if wanted.event_id else [], ports)
    return answer_json(202, notifications_answer(order).model_dump_json())


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Lambda entry."""
    if "Records" in event:
        return consume(event, lambda job: run_notification(job, adapters()))
    return serve(event, {"POST /v1/orders/{id}/notifications": post_notifications})
