"""Money goes back: asked for by `POST /v1/orders/{id}/refunds`, sent and followed by the queue."""

from typing import Any

from paycenter.bootstrap import adapters
from paycenter.contracts.api import CreateRefundRequest, parse
from paycenter.entry.http import Request, Response, answer_json, require_json, serve
from paycenter.entry.queue import consume
from paycenter.usecases.authenticate import authenticate
from paycenter.usecases.present import refund_answer
from paycenter.usecases.query import owned_order
from paycenter.usecases.refund import request_refund, run_refund


def post_refund(request: Request) -> Response:
    """Answer 201 with a new refund, 200 with the one that this number asked for before."""
    ports = adapters()
    line = authenticate(request.headers.get("authorization", ""), "refund", ports.configuration)
    require_json(request)
    wanted = parse(CreateRefundRequest, request.body)
    order = owned_order(request.parameters["id"], line, ports)
    _, refund, is_new = request_refund(order, line.id, wanted, ports)
    return answer_json(201 if is_new else 200, refund_answer(refund).model_dump_json())


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Lambda entry."""
    if "Records" in event:
        return consume(event, lambda job: run_refund(job, adapters()))
    return serve(event, {"POST /v1/orders/{id}/refunds": post_refund})
