"""A payment is started: by the payer's choice on the cashier page, or by a business line without it."""

from typing import Any, Final

from paycenter.bootstrap import adapters
from paycenter.contracts.api import CreatePaymentRequest, parse, validate
from paycenter.entry.http import Request, Response, answer_json, require_json, serve
from paycenter.entry.payer import error_for_payers, form_of, language_of, offer_of, show, view_of
from paycenter.pages import action_page, pending_page
from paycenter.usecases.authenticate import authenticate
from paycenter.usecases.cashier import Choice, line_of, order_by_token
from paycenter.usecases.create_payment import create_payment
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
    started = create_payment(order, line, wanted.channel, wanted.product, ports)
    answer = payment_answer(started.payment, started.action).model_dump_json()
    return answer_json(202 if started.action is None else 201, answer)


def post_by_payer(request: Request) -> Response:
    """Answer the page that leads the payer to the channel, or one that waits for it."""
    ports = adapters()
    order = order_by_token(request.parameters["token"], ports)
    wanted = validate(CreatePaymentRequest, form_of(request, ("channel", "product")))
    line = line_of(order, ports)
    started = create_payment(order, line, wanted.channel, wanted.product, ports)
    view = view_of(started.order, line, request, ports, waiting=True)
    language = language_of(request)
    action = started.action
    if action is None:
        return show(202, lambda nonce: pending_page(view, language=language, nonce=nonce))
    manifest = ports.channels.manifest(wanted.channel)
    chosen = offer_of(Choice(manifest, manifest.products[wanted.product]))
    return show(
        200,
        lambda nonce: action_page(
            view,
            action,
            language=language,
            nonce=nonce,
            form_origins=manifest.form_origins,
            chosen=chosen,
        ),
    )


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Lambda entry."""
    routes = {_API: post_by_line, "POST /cashier/{token}/payments": post_by_payer}
    return serve(event, routes, on_error=error_for_payers(frozenset({_API})))
