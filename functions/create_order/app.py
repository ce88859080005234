"""`POST /v1/orders`: a business line creates an order."""

from typing import Any

from paycenter.bootstrap import adapters
from paycenter.contracts.api import CreateOrderRequest, parse
from paycenter.entry.http import Request, Response, answer_json, require_json, serve
from paycenter.usecases.authenticate import authenticate
from paycenter.usecases.create_order import create_order
from paycenter.usecases.present import order_answer


def post_order(request: Request) -> Response:
    """Answer 201 with a new order, 200 with the one that this number already has."""
    ports = adapters()
    line = authenticate(request.headers.get("authorization", ""), "pay", ports.configuration)
    require_json(request)
    order, is_new = create_order(line, parse(CreateOrderRequest, request.body), ports)
    return answer_json(
        201 if is_new else 200, order_answer(order, ports.public_url).model_dump_json()
    )


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Lambda entry."""
    return serve(event, {"POST /v1/orders": post_order})
