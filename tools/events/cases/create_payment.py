"""Cases of `create_payment`: by a business line over the API, and by a payer's form on the cashier page."""

import base64
import json
from typing import Final
from urllib.parse import urlencode

from tools.events.case import (
    TICKETS_KEY,
    TICKETS_READ_KEY,
    Case,
    api,
    case,
    of_http,
    order,
    untouched,
)
from tools.events.cases.cashier import token_of, wrong_tokens
from tools.events.envelopes import BROWSER, FORM, JSON, PHONE, Http
from tools.events.expectation import Expectation
from tools.seed.orders import SEEDS

_FUNCTION: Final = "create_payment"
_BY_LINE: Final = "POST /v1/orders/{id}/payments"
_BY_PAYER: Final = "POST /cashier/{token}/payments"
_IDENTIFIED: Final = "GET /cashier/{token}/identified"
_API_LIMIT_BYTES: Final = 64 * 1024
_PENDING: Final = {"P01": "PENDING"}
_CREATING: Final = {"P01": "CREATING"}
_FIRST_STAGE: Final = {"query": 3}


def _choice(product: str = "page", channel: str = "alipay", **more: object) -> str:
    return json.dumps({"channel": channel, "product": product, **more})


def _by_line(
    number: str,
    body: str,
    *,
    key: str = TICKETS_KEY,
    media_type: str = JSON,
    order_id: str = "",
) -> Http:
    parameters = {"id": order_id or SEEDS[number].order_id}
    return api(_BY_LINE, body, key=key, media_type=media_type, parameters=parameters)


def _started(
    name: str, about: str, number: str, body: str, *contains: str, status: int = 201, **more: object
) -> Case:
    expect = Expectation(
        about=about,
        status=status,
        headers={"content-type": "application/json"},
        body_contains=list(contains),
        state=order(number, "PAYING", **{"payments": _PENDING, "sent": _FIRST_STAGE, **more}),
    )
    return case(_FUNCTION, name, of_http(_by_line(number, body)), expect)


def _refused(name: str, about: str, request: Http, status: int, code: str, number: str) -> Case:
    expect = Expectation(about=about, status=status, code=code, quiet=True, state=untouched(number))
    return case(_FUNCTION, name, of_http(request), expect)


def _ordinary() -> list[Case]:
    form, qr = '"type":"form"', '"type":"qr"'
    qr_pending = {"P01": "PENDING", "P02": "PENDING"}
    return [
        _started("page", "A form for a desktop's browser.", "EVENT-PAY-PAGE", _choice(), '"payment_no":"', form, "alipay.trade.page.pay", "FAST_INSTANT_TRADE_PAY"),
        _started("qr", "A code that the channel makes.", "EVENT-PAY-QR", _choice("qr"), qr, '"state":"PENDING"'),
        _started("repeated", "The same again while it is under way is the same payment.", "EVENT-PAY-AGAIN", _choice(), form, SEEDS["EVENT-PAY-AGAIN"].payment_no(), sent={}, version=2),
        _started("switched", "Another product is another payment.", "EVENT-PAY-SWITCH", _choice("qr"), qr, SEEDS["EVENT-PAY-SWITCH"].payment_no(2), payments=qr_pending),
        _started("after_end", "A payment that has ended is never used again.", "EVENT-PAY-AFTER-END", _choice(), form, payments={"P01": "CLOSED", "P02": "PENDING"}),
        _started("unknown_outcome", "The channel answers nonsense: nobody knows, and nothing has failed.", "EVENT-PAY-UNKNOWN", _choice("qr"), '"action":null', '"state":"CREATING"', status=202, payments=_CREATING),
    ]  # fmt: skip


def _refusals() -> list[Case]:
    page = _choice()
    refused = Expectation(
        about="The channel knows this number as closed and refuses: the payment has failed, the order is open.",
        status=422,
        code="channel_refused",
        state=order("EVENT-PAY-REFUSED", "PAYING", payments={"P01": "FAILED"}, told=[]),
    )
    too_large = _choice() + " " * _API_LIMIT_BYTES
    created = "EVENT-CREATED"
    states = [
        ("order_paid", "The order is paid.", "EVENT-PAID", "order_not_payable"),
        ("order_closed", "The order is closed.", "EVENT-CLOSED", "order_not_payable"),
        ("order_closing", "The order is being closed.", "EVENT-CLOSING", "order_not_payable"),
        ("too_many_payments", "The order has had its ten payments.", "EVENT-PAY-TEN", "too_many_payments"),
    ]  # fmt: skip
    overdue = Expectation(
        about="The deadline has passed, although nobody has closed the order yet.",
        status=409,
        code="order_not_payable",
        # A sandbox's sweep may have closed it since.
        state=order("EVENT-PAY-OVERDUE", payments={}),
    )
    return [
        case(_FUNCTION, "channel_refused", of_http(_by_line("EVENT-PAY-REFUSED", _choice("qr"))), refused),
        case(_FUNCTION, "order_overdue", of_http(_by_line("EVENT-PAY-OVERDUE", page)), overdue),
        *(_refused(name, about, _by_line(number, page), 409, code, number) for name, about, number, code in states),
        _refused("not_offered", "A product that the line does not offer.", _by_line(created, _choice("app")), 400, "malformed", created),
        _refused("unknown_channel", "A channel that there is not.", _by_line(created, _choice("page", "paypal")), 400, "malformed", created),
        _refused("odd_channel", "A channel that is a path.", _by_line(created, _choice("page", "../alipay")), 400, "malformed", created),
        _refused("payer_odd_id", "A payer whose name is no id.", _by_line(created, _choice(payer_id="李雷")), 400, "malformed", created),
        _refused("payer_odd_address", "A payer who comes from this machine.", _by_line(created, _choice(client_address="127.0.0.1")), 400, "malformed", created),
        _refused("amount_in_body", "The amount is the order's, never the caller's.", _by_line(created, _choice(amount=1)), 400, "malformed", created),
        _refused("not_json", "The body is not JSON.", _by_line(created, "channel=alipay"), 400, "malformed", created),
        _refused("no_key", "No key.", _by_line(created, page, key=""), 401, "unauthenticated", created),
        _refused("scope_missing", "A key that may only read.", _by_line(created, page, key=TICKETS_READ_KEY), 403, "scope_missing", created),
        _refused("other_line", "An order of another line: the same bytes as for none.", _by_line("EVENT-HOTEL", page), 404, "not_found", "EVENT-HOTEL"),
        _refused("unknown_order", "An order that there is not.", _by_line(created, page, order_id="A" * 26), 404, "not_found", created),
        _refused("media_type", "JSON that says it is a form.", _by_line(created, page, media_type=FORM), 415, "media_type", created),
        _refused("too_large", "A body of more than 64 KiB.", _by_line(created, too_large), 413, "body_too_large", created),
    ]  # fmt: skip


def _form(
    token: str,
    fields: dict[str, str] | str,
    *,
    agent: str = BROWSER,
    media_type: str = FORM,
    **headers: str,
) -> Http:
    # No origin: it would be the system's own address, which these files can't know.
    own = {"sec-fetch-site": "same-origin", "accept-language": "en"}
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return Http(
        route=_BY_PAYER,
        parameters={"token": token},
        headers={"user-agent": agent, **own, **sent},
        body=fields if isinstance(fields, str) else urlencode(fields),
        media_type=media_type,
    )


def _chosen(
    name: str,
    about: str,
    number: str,
    product: str,
    *contains: str,
    status: int = 200,
    **more: object,
) -> Case:
    agent = PHONE if product == "wap" else BROWSER
    request = _form(token_of(number), {"channel": "alipay", "product": product}, agent=agent)
    expect = Expectation(
        about=about,
        status=status,
        headers={"content-type": "text/html; charset=utf-8", "cache-control": "no-store"},
        body_contains=list(contains),
        state=order(number, "PAYING", **{"payments": _PENDING, "sent": _FIRST_STAGE, **more}),
    )
    return case(_FUNCTION, name, of_http(request), expect)


def _by_payers() -> list[Case]:
    fields = {"channel": "alipay", "product": "page"}
    created = "EVENT-CREATED"
    token = token_of(created)
    wrong = {
        "cross_origin": ("A form of another site.", _form(token, fields, origin="https://evil.example")),
        "no_origin_told": ("A form whose origin the browser hides.", _form(token, fields, origin="null")),
        "cross_site": ("A form that the browser says came from another site.", _form(token, fields, sec_fetch_site="cross-site")),
        "form_json": ("JSON where a form belongs.", _form(token, json.dumps(fields), media_type=JSON)),
        "form_missing": ("A field is missing.", _form(token, {"channel": "alipay"})),
        "form_more": ("A field too many.", _form(token, {**fields, "amount": "1"})),
        "form_twice": ("A field that stands twice.", _form(token, "channel=alipay&product=page&product=qr")),
        "form_not_offered": ("A product that the line does not offer.", _form(token, {**fields, "product": "app"})),
    }  # fmt: skip
    closed = Expectation(
        about="The order is closed; the payer reads it in words.",
        status=409,
        headers={"content-type": "text/html; charset=utf-8"},
        quiet=True,
        state=untouched("EVENT-CLOSED"),
    )
    return [
        _chosen("payer_page", "The payer chooses the channel's page.", "EVENT-PAYER-PAGE", "page", 'id="channel-form"', "alipay.trade.page.pay"),
        _chosen("payer_wap", "The payer chooses on a phone.", "EVENT-PAYER-WAP", "wap", 'id="channel-form"', "alipay.trade.wap.pay"),
        _chosen("payer_qr", "The payer chooses a code, which we draw.", "EVENT-PAYER-QR", "qr", "<svg"),
        _chosen("payer_unknown_outcome", "The channel answers nonsense: the page waits.", "EVENT-PAYER-UNKNOWN", "qr", 'data-asking="true"', status=202, payments=_CREATING),
        case(_FUNCTION, "payer_order_closed", of_http(_form(token_of("EVENT-CLOSED"), fields)), closed),
        *(
            case(_FUNCTION, f"payer_{name}", of_http(request), Expectation(about=about, status=400, quiet=True, state=untouched(created)))
            for name, (about, request) in wrong.items()
        ),
        *(
            case(_FUNCTION, f"payer_{name}", of_http(_form(wrong_token, fields)), Expectation(about=about, status=404, quiet=True, state=untouched(created)))
            for name, (about, wrong_token) in wrong_tokens().items()
        ),
    ]  # fmt: skip


def _identified(token: str, **query: str) -> Http:
    return Http(
        route=_IDENTIFIED,
        parameters={"token": token},
        query=query,
        headers={"user-agent": PHONE, "accept": "text/html", "accept-language": "en"},
    )


def _back_from_authorisation() -> list[Case]:
    created = "EVENT-CREATED"
    token = token_of(created)
    not_asked = _state("alipay", "page", "alipay-main~1")
    wrong = {
        "no_state": ("Nothing came back but the browser.", _identified(token)),
        "odd_state": ("A state that is none of ours.", _identified(token, code="x", state="../..")),
        "not_asked": ("A product that asks nobody who they are.", _identified(token, code="x", state=not_asked)),
        "forged_account": ("An account that there is not.", _identified(token, code="x", state=_state("alipay", "page", "main~9"))),
    }  # fmt: skip
    return [
        *(
            case(_FUNCTION, f"identified_{name}", of_http(request), Expectation(about=about, status=400, quiet=True, state=untouched(created)))
            for name, (about, request) in wrong.items()
        ),
        *(
            case(_FUNCTION, f"identified_{name}", of_http(_identified(wrong_token, code="x", state=not_asked)), Expectation(about=about, status=404, quiet=True, state=untouched(created)))
            for name, (about, wrong_token) in wrong_tokens().items()
        ),
    ]  # fmt: skip


def _state(*parts: str) -> str:
    return base64.b32encode(" ".join(parts).encode()).decode().rstrip("=")


def cases() -> list[Case]:
    """Return the cases of the function."""
    return [*_ordinary(), *_refusals(), *_by_payers(), *_back_from_authorisation()]
