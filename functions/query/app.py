"""The active query's rungs from the queue, and what business lines ask about their orders."""

from collections.abc import Sequence
from typing import Any

from paycenter.bootstrap import adapters
from paycenter.contracts.api import ResendRequest, parse
from paycenter.contracts.openapi import document
from paycenter.domain.errors import Malformed
from paycenter.domain.jobs import Job
from paycenter.entry.http import Request, Response, answer_json, require_json, serve
from paycenter.entry.queue import Consumer, consume_together
from paycenter.usecases.authenticate import authenticate
from paycenter.usecases.plan import plan_of
from paycenter.usecases.present import notifications_answer, order_answer, plan_answer
from paycenter.usecases.query import order_by_number, owned_order, read_together, run_rung
from paycenter.usecases.resend import resend_order


def get_order(request: Request) -> Response:
    """Answer an order by its id."""
    ports = adapters()
    line = authenticate(request.headers.get("authorization", ""), "read", ports.configuration)
    order = owned_order(request.parameters["id"], line, ports)
    return answer_json(200, order_answer(order, ports.public_url).model_dump_json())


def get_plan(request: Request) -> Response:
    """Answer what happened to an order and what comes next."""
    ports = adapters()
    line = authenticate(request.headers.get("authorization", ""), "read", ports.configuration)
    order = owned_order(request.parameters["id"], line, ports)
    return answer_json(200, plan_answer(order, plan_of(order, ports)).model_dump_json())


def find_order(request: Request) -> Response:
    """Answer an order by the business line's own number."""
    ports = adapters()
    line = authenticate(request.headers.get("authorization", ""), "read", ports.configuration)
    number = request.query.get("out_order_no", "")
    if not number:
        message = "Say which order: GET /v1/orders?out_order_no=…"
        raise Malformed(message, "out_order_no")
    order = order_by_number(number, line, ports)
    return answer_json(200, order_answer(order, ports.public_url).model_dump_json())


def post_notifications(request: Request) -> Response:
    """Answer 202 with the order's notifications; what was given up, or is named, is owed anew."""
    ports = adapters()
    line = authenticate(request.headers.get("authorization", ""), "read", ports.configuration)
    require_json(request)
    wanted = parse(ResendRequest, request.body)
    order = owned_order(request.parameters["id"], line, ports)
    order = resend_order(order, [wanted.event_id] if wanted.event_id else [], ports)
    return answer_json(202, notifications_answer(order).model_dump_json())


def get_openapi(_request: Request) -> Response:
    """Answer the description of the API, generated from the contracts."""
    return answer_json(200, document(adapters().public_url))


def _rungs(jobs: Sequence[Job]) -> Consumer:
    ports = adapters()
    read = read_together(jobs, ports)
    return lambda job: run_rung(job, ports, read)


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Lambda entry."""
    if "Records" in event:
        return consume_together(event, _rungs)
    routes = {
        "GET /v1/orders/{id}": get_order,
        "GET /v1/orders/{id}/plan": get_plan,
        "GET /v1/orders": find_order,
        "POST /v1/orders/{id}/notifications": post_notifications,
        "GET /v1/openapi.json": get_openapi,
    }
    return serve(event, routes)
