"""The cashier page, its status, and the browser's return from a channel, which is believed nothing."""

from typing import Any

from paycenter.bootstrap import adapters
from paycenter.entry.http import Request, Response, answer_json, serve
from paycenter.entry.payer import error_for_payers, language_of, show, view_of
from paycenter.pages import cashier_page
from paycenter.usecases.cashier import came_back, line_of, order_by_token


def get_page(request: Request) -> Response:
    """Answer the page of an order."""
    ports = adapters()
    order = order_by_token(request.parameters["token"], ports)
    waiting = order.is_open and "returned" in request.query
    view = view_of(order, line_of(order, ports), request, ports, waiting=waiting)
    return show(200, lambda nonce: cashier_page(view, language=language_of(request), nonce=nonce))


def get_status(request: Request) -> Response:
    """Answer what the page polls."""
    ports = adapters()
    order = order_by_token(request.parameters["token"], ports)
    seconds_left = max(0, order.expires_at - ports.clock.now())
    return answer_json(
        200,
        {
            "state": order.state,
            "version": order.version,
            "closing": order.closing,
            "seconds_left": seconds_left,
        },
    )


def come_back(request: Request) -> Response:
    """Take the browser back from a channel: one query is sent on its way, and the page shown."""
    ports = adapters()
    token = request.parameters["token"]
    came_back(order_by_token(token, ports), ports)
    # Absolute and from our own configuration: a host header can't lead the payer elsewhere.
    return Response(
        status=303, headers={"location": f"{ports.public_url}/cashier/{token}?returned=1"}
    )


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Lambda entry."""
    routes = {
        "GET /cashier/{token}": get_page,
        "GET /cashier/{token}/status": get_status,
        "GET /cashier/{token}/return": come_back,
        "POST /cashier/{token}/return": come_back,
    }
    return serve(event, routes, on_error=error_for_payers())
