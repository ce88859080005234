"""What the payer's two functions share: their device and language, the order as a view, pages as answers."""

from collections.abc import Callable
from typing import Final
from urllib.parse import parse_qsl

from paycenter.bootstrap import adapters
from paycenter.domain.errors import Malformed, PayCenterError
from paycenter.domain.order import Order
from paycenter.entry.http import OnError, Request, Response, problem, retry_after
from paycenter.pages import (
    CashierView,
    Offer,
    Page,
    action_page,
    choose_language,
    error_page,
    identification_page,
    pending_page,
)
from paycenter.ports.channel import Payer
from paycenter.ports.configuration import BusinessLine
from paycenter.ports.everything import Ports
from paycenter.usecases.browser import system_of
from paycenter.usecases.cashier import Choice, choices
from paycenter.usecases.create_payment import StartedPayment

_NOT_IDENTIFIED: Final = 422
_FORM: Final = "application/x-www-form-urlencoded"


def agent_of(request: Request) -> str:
    """Return what the browser calls itself."""
    return request.headers.get("user-agent", "")


def payer_of(request: Request, payer_id: str = "") -> Payer:
    """Return what a payer's own request says of them; their address is the one that the gateway saw."""
    return Payer(
        payer_id=payer_id,
        client_address=request.source_address,
        system=system_of(agent_of(request)),
    )


def language_of(request: Request) -> str:
    """Return the page's language: the one chosen in the address, or the browser's."""
    return choose_language(
        request.headers.get("accept-language", ""), request.query.get("lang", "")
    )


def view_of(
    order: Order, line: BusinessLine, request: Request, ports: Ports, *, waiting: bool
) -> CashierView:
    """Return the order as its payer may see it, with the ways to pay that fit."""
    return CashierView(
        token=order.id + order.secret,
        line_name=line.name,
        line_name_zh=line.name_zh,
        subject=order.subject,
        amount=order.amount,
        currency=order.currency,
        information=order.information,
        state=order.state,
        closing=order.closing,
        seconds_left=max(0, order.expires_at - ports.clock.now()),
        rate=ports.clock.rate,
        offers=tuple(offer_of(choice) for choice in choices(order, line, agent_of(request), ports)),
        return_url=order.return_url,
        waiting=waiting,
    )


def offer_of(choice: Choice) -> Offer:
    """Return a way to pay in the page's words."""
    manifest, product = choice.manifest, choice.product
    return Offer(
        channel=manifest.channel,
        product=product.id,
        name=product.name,
        name_zh=product.name_zh,
        channel_name=manifest.name,
        channel_name_zh=manifest.name_zh,
        icon=manifest.icon,
        tells_origin=product.tells_origin,
    )


def show_started(
    started: StartedPayment, line: BusinessLine, request: Request, ports: Ports
) -> Response:
    """Answer the page that leads the payer to the channel, or one that waits for it."""
    view = view_of(started.order, line, request, ports, waiting=True)
    language = language_of(request)
    action = started.action
    if action is None:
        return show(202, lambda nonce: pending_page(view, language=language, nonce=nonce))
    manifest = ports.channels.manifest(started.payment.channel)
    chosen = offer_of(Choice(manifest, manifest.products[started.payment.product]))
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


def show_identification(
    order: Order, line: BusinessLine, channel: str, product: str, address: str, request: Request
) -> Response:
    """Answer the page that leads the payer to where the channel says who they are."""
    ports = adapters()
    view = view_of(order, line, request, ports, waiting=False)
    manifest = ports.channels.manifest(channel)
    chosen = offer_of(Choice(manifest, manifest.products[product]))
    return show(
        200,
        lambda nonce: identification_page(
            view, address, language=language_of(request), nonce=nonce, chosen=chosen
        ),
    )


def show_not_identified(request: Request) -> Response:
    """Answer in words that the channel did not say who pays, with the way back to the choice."""
    return show(
        _NOT_IDENTIFIED,
        lambda nonce: error_page(
            _NOT_IDENTIFIED,
            "not_identified",
            language=language_of(request),
            nonce=nonce,
            token=request.parameters["token"],
        ),
    )


def show(status: int, draw: Callable[[str], Page]) -> Response:
    """Answer a page; `draw` gets the nonce of its scripts and styles. Nothing of it is kept or framed by others."""
    page = draw(adapters().randomness.secret())
    return Response(
        status=status,
        body=page.html,
        media_type="text/html",
        headers={
            **retry_after(status),
            "content-security-policy": page.content_security_policy,
            "referrer-policy": page.referrer_policy,
            "x-frame-options": "DENY",
        },
    )


def error_for_payers(api_routes: frozenset[str] = frozenset()) -> OnError:
    """Return what answers errors: a page in words for payers, a problem document on the routes of the API."""

    def answer(request: Request | None, error: PayCenterError, status: int) -> Response:
        if request is None or request.route in api_routes or request.route.endswith("/status"):
            return problem(request, error, status)
        token = request.parameters.get("token", "") if error.code != "not_found" else ""
        language = language_of(request)
        return show(
            status,
            lambda nonce: error_page(
                status, error.code, language=language, nonce=nonce, token=token
            ),
        )

    return answer


def form_of(request: Request, names: tuple[str, ...]) -> dict[str, str]:
    """Read a form that must have exactly these fields, once each; raises Malformed, MediaType never.

    A page of another origin is refused: the token alone pays nothing, but a form is only ever sent by our own page.
    """
    # A browser says where a form comes from; who says nothing is no browser, and has no payer to deceive.
    own = request.headers.get("origin", "") in {"", adapters().public_url}
    if not own or request.headers.get("sec-fetch-site", "same-origin") not in {
        "same-origin",
        "none",
    }:
        message = "The form was sent by another site; open the cashier page and choose there."
        raise Malformed(message)
    try:
        pairs = parse_qsl(
            request.body.decode(), keep_blank_values=True, strict_parsing=True, max_num_fields=20
        )
    except ValueError:
        pairs = []
    if request.media_type != _FORM or sorted(name for name, _ in pairs) != sorted(names):
        message = f"The form needs exactly the fields {', '.join(names)}; open the cashier page and choose there."
        raise Malformed(message)
    return dict(pairs)
