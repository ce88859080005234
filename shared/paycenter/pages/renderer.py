"""Turns an order and a language into a page; pure but for reading our own templates once per container."""

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from paycenter.domain.money import to_decimal_text
from paycenter.domain.states import OrderState
from paycenter.pages.policy import content_security_policy, is_web_address, origin_of
from paycenter.pages.qr import draw_qr
from paycenter.pages.views import ORIGIN, SAME_ORIGIN, CashierView, Offer, Page
from paycenter.pages.words import WORDS, Phrasebook
from paycenter.ports.channel import (
    Action,
    AppAction,
    FormAction,
    JsapiAction,
    QrAction,
    RedirectAction,
)

_NOTHING: Final[Mapping[str, object]] = MappingProxyType({})
_SYMBOLS: Final = {"CNY": "¥"}
# What a payer is told where nothing more exact is known than the status.
_ERRORS: Final = {
    404: "not_found",
    409: "order_not_payable",
    422: "channel_refused",
    429: "slow_down",
}
_BROKEN_REQUEST: Final = range(400, 500)


def cashier_page(view: CashierView, *, language: str, nonce: str) -> Page:
    """Return the page of an order: its ways to pay while it is open, its result afterwards."""
    results = {OrderState.PAID: "paid.html", OrderState.CLOSED: "closed.html"}
    template = results.get(view.state, "cashier.html")
    return _page(template, view, Phrasebook(language), nonce)


def action_page(
    view: CashierView,
    action: Action,
    *,
    language: str,
    nonce: str,
    form_origins: tuple[str, ...],
    chosen: Offer | None = None,
) -> Page:
    """Return the page that evokes the channel.

    It is a form that submits itself, a QR code, a link that opens itself, or a call of the bridge in the channel's own
    app. What only an app of the business line can evoke is said in a sentence. `form_origins` are all origins that the
    form may be led through; the form's own is added. `chosen` names the channel in the page's words. Raises ValueError
    where the channel's address is not http or https.
    """
    words = Phrasebook(language)
    values = {"action": action, **_chosen(chosen, words)}
    match action:
        case FormAction():
            targets = (action.url, *form_origins)
            return _page("form.html", view, words, nonce, values, targets)
        case RedirectAction():
            origin_of(action.url)
            return _page("redirect.html", view, words, nonce, values)
        case QrAction():
            label = words("qr_label", amount=amount_text(view.amount, view.currency))
            values["qr"] = Markup(draw_qr(action.content, title=label))  # noqa: S704 - segno escapes the title
            return _page("qr.html", view, words, nonce, values)
        case JsapiAction():
            values["parameters"] = json.dumps(dict(action.parameters))
            return _page("jsapi.html", view, words, nonce, values)
        case AppAction():
            return _page("app.html", view, words, nonce, values)


def identification_page(
    view: CashierView, address: str, *, language: str, nonce: str, chosen: Offer
) -> Page:
    """Return the page that leads to the channel's own web authorisation and says why.

    A page, and not a redirect, which would need the channel's origin in the policy of the page where the payer chose.
    Raises ValueError where the address is not http or https.
    """
    origin_of(address)
    words = Phrasebook(language)
    values = {"address": address, **_chosen(chosen, words)}
    return _page("identification.html", view, words, nonce, values)


def pending_page(view: CashierView, *, language: str, nonce: str) -> Page:
    """Return the page for a create whose outcome is unknown yet: it polls, and still offers the ways to pay."""
    return _page("pending.html", view, Phrasebook(language), nonce)


def error_page(
    status: int,
    code: str = "",
    *,
    language: str,
    nonce: str,
    token: str = "",
    view: CashierView | None = None,
) -> Page:
    """Return an error in a payer's words, with a way back to the cashier where the token or the order is known.

    `code` is the problem document's; one without words of its own reads as its `status` does.
    """
    values = {"error": _error_key(status, code), "known_token": view.token if view else token}
    return _page("error.html", view, Phrasebook(language), nonce, values)


def amount_text(amount: int, currency: str) -> str:
    """Render minor units for people: 1280000 fen is "¥12,800.00"."""
    whole, point, rest = to_decimal_text(amount, currency).partition(".")
    return f"{_SYMBOLS.get(currency, currency + ' ')}{int(whole):,}{point}{rest}"


def _chosen(chosen: Offer | None, words: Phrasebook) -> dict[str, object]:
    """Return what a template says of the channel that was chosen."""
    if chosen is None:
        return {"chosen": None, "channel": ""}
    return {
        "chosen": chosen,
        "channel": words.pick(chosen.channel_name, chosen.channel_name_zh),
        "referrer": ORIGIN if chosen.tells_origin else SAME_ORIGIN,
    }


def _error_key(status: int, code: str) -> str:
    if f"error_{code}_text" in WORDS:
        return f"error_{code}"
    otherwise = "malformed" if status in _BROKEN_REQUEST else "try_again"
    return f"error_{_ERRORS.get(status, otherwise)}"


def _page(
    template: str,
    view: CashierView | None,
    words: Phrasebook,
    nonce: str,
    values: Mapping[str, object] = _NOTHING,
    form_targets: tuple[str, ...] = (),
) -> Page:
    policy = content_security_policy(nonce, form_targets)
    frame = {
        "t": words,
        "language": words.language,
        "nonce": nonce,
        "view": view,
        "referrer": SAME_ORIGIN,
    }
    order = _order(view, words) if view else _NOTHING
    whole = {**frame, **order, **values}
    html = _environment().get_template(template).render(whole)
    return Page(html=html, content_security_policy=policy, referrer_policy=str(whole["referrer"]))


def _order(view: CashierView, words: Phrasebook) -> Mapping[str, object]:
    """Return what a template says of the order in the payer's language."""
    return {
        "amount": amount_text(view.amount, view.currency),
        "line": words.pick(view.line_name, view.line_name_zh),
        "return_url": view.return_url if is_web_address(view.return_url) else "",
    }


def _clock_text(seconds: int) -> str:
    """Render a duration as the countdown shows it: "29:59", "1:00:00"."""
    minutes, rest = divmod(max(seconds, 0), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes:02}:{rest:02}"


def _asset(name: str) -> Markup:
    """Return one of our own style or script files, to stand in the page as it is."""
    text = files("paycenter.pages").joinpath("assets", name).read_text(encoding="utf-8")
    return Markup(text)  # noqa: S704 - our own file


@cache
def _environment() -> Environment:
    """Make the template environment at the first page; templates are compiled when they are first used."""
    environment = Environment(
        loader=PackageLoader("paycenter.pages", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters["clock"] = _clock_text
    environment.globals["asset"] = cache(_asset)
    return environment
