"""A payment is started: by the payer's choice on the cashier page, or by a business line without it."""

from typing import Any, Final

from paycenter.bootstrap import adapters
from paycenter.contracts.api import CreatePaymentRequest, parse, validate
from paycenter.entry.http import Request, Response, answer_json, require_json, serve
from paycenter.entry.payer import (
    error_for_payers,
    form_of,
    payer_of,
    show_identification,
    show_not_identified,
    show_started,
)
from paycenter.ports.channel import Payer
from paycenter.usecases.authenticate import authenticate
from paycenter.usecases.cashier import line_of, order_by_token
from paycenter.usecases.create_payment import KnownPayer, create_payment
from paycenter.usecases.identify_payer import identify, lead_to_identification
from paycenter.usecases.present import payment_answer
from paycenter.usecases.query import owned_order

_API: Final = "POST /v1/orders/{id}/payments"


def post_by_line(request: Request) -> Response:
    """Answer 201 with what evokes the channel's cashier, 202 while nobody knows whether the channel has it."""
    ports = adapters()
    line = authenticate(request.headers.get("authorization", ""), "pay", ports.configuration)
    require_json(request)
    wanted = parse(CreatePaymentRequest, request.body)
    order = owned_order(request.parameters["id"], line, ports)
    payer = Payer(payer_id=wanted.payer_id, client_address=wanted.client_address)
    by = KnownPayer(payer=payer)
    started = create_payment(order, line, wanted.channel, wanted.product, ports, by)
    answer = payment_answer(started.payment, started.action).model_dump_json()
    return answer_json(202 if started.action is None else 201, answer)


def post_by_payer(request: Request) -> Response:
    """Answer the page that leads the payer to the channel, at once or after it has said who they are."""
    ports = adapters()
    order = order_by_token(request.parameters["token"], ports)
    wanted = validate(CreatePaymentRequest, form_of(request, ("channel", "product")))
    line = line_of(order, ports)
    channel, product = wanted.channel, wanted.product
    address = lead_to_identification(order, line, channel, product, ports)
    if address:
        return show_identification(order, line, channel, product, address, request)
    by = KnownPayer(payer=payer_of(request))
    started = create_payment(order, line, channel, product, ports, by)
    return show_started(started, line, request, ports)


def get_identified(request: Request) -> Response:
    """Take the payer back from the channel that has said who they are, and go on with the payment they chose."""
    ports = adapters()
    order = order_by_token(request.parameters["token"], ports)
    line = line_of(order, ports)
    state, code = request.query.get("state", ""), request.query.get("code", "")
    found = identify(order, line, state, code, ports)
    if found is None:
        return show_not_identified(request)
    errand = found.errand
    by = KnownPayer(payer=payer_of(request, found.payer_id), account_id=errand.account_id)
    started = create_payment(order, line, errand.channel, errand.product, ports, by)
    return show_started(started, line, request, ports)


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Lambda entry."""
    routes = {
        _API: post_by_line,
        "POST /cashier/{token}/payments": post_by_payer,
        "GET /cashier/{token}/identified": get_identified,
    }
    return serve(event, routes, on_error=error_for_payers(frozenset({_API})))
