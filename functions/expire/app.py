"""Orders are closed: at their deadline by the queue, on request by `POST /v1/orders/{id}/close`."""

from typing import Any

from paycenter.bootstrap import adapters
from paycenter.contracts.api import CloseOrderRequest, parse
from paycenter.domain.states import OrderState
from paycenter.entry.http import Request, Response, answer_json, require_json, serve
from paycenter.entry.queue import consume
from paycenter.usecases.authenticate import authenticate
from paycenter.usecases.expire import close_order, run_expiry
from paycenter.usecases.present import order_answer
from paycenter.usecases.query import owned_order


def post_close(request: Request) -> Response:
    """Answer 200 with a closed order, 202 with one whose payments are not proven unpaid yet."""
    ports = adapters()
    line = authenticate(request.headers.get("authorization", ""), "pay", ports.configuration)
    require_json(request)
    parse(CloseOrderRequest, request.body)
    order = close_order(owned_order(request.parameters["id"], line, ports), ports)
    status = 200 if order.state is OrderState.CLOSED else 202
    return answer_json(status, order_answer(order, ports.public_url).model_dump_json())


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Lambda entry."""
    if "Records" in event:
        return consume(event, lambda job: run_expiry(job, adapters()))
    return serve(event, {"POST /v1/orders/{id}/close": post_close})
