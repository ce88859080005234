"""Cases of `cashier`: the page, what it polls, and the browser's way back from a channel."""

from typing import Final
from urllib.parse import urlencode

from tools.events.case import Case, case, of_http, order, untouched
from tools.events.envelopes import BROWSER, FORM, PHONE, Http
from tools.events.expectation import Expectation
from tools.seed.orders import SEEDS

_FUNCTION: Final = "cashier"
_HTML: Final = {
    "content-type": "text/html; charset=utf-8",
    "cache-control": "no-store",
    "referrer-policy": "same-origin",
    "x-frame-options": "DENY",
}
_OTHER_SECRET: Final = "A" * 26


def token_of(out_order_no: str) -> str:
    """Return the cashier token of a seeded order."""
    return SEEDS[out_order_no].token


def wrong_tokens() -> dict[str, tuple[str, str]]:
    """Return tokens that open nothing, by case, with what is wrong about them."""
    order_id = SEEDS["EVENT-CREATED"].order_id
    return {
        "wrong_secret": ("The order's id with other bits.", order_id + _OTHER_SECRET),
        "unknown_token": ("A token of no order.", "A" * 52),
        "short_token": ("The order's id alone.", order_id),
        "odd_token": ("Characters that no token has.", "..%2f" + "a" * 47),
    }


def _browse(
    route: str,
    token: str,
    *,
    agent: str = BROWSER,
    language: str = "en",
    query: dict[str, str] | None = None,
    form: str = "",
) -> Http:
    headers = {"user-agent": agent, "accept": "text/html", "accept-language": language}
    return Http(
        route=route,
        parameters={"token": token},
        query=query or {},
        headers=headers,
        body=form,
        media_type=FORM if form else "",
    )


def _page(name: str, about: str, request: Http, number: str, *contains: str) -> Case:
    expect = Expectation(
        about=about,
        status=200,
        headers=_HTML,
        body_contains=list(contains),
        quiet=True,
        state=untouched(number),
    )
    return case(_FUNCTION, name, of_http(request), expect)


def _pages() -> list[Case]:
    route = "GET /cashier/{token}"
    created, paying = token_of("EVENT-CREATED"), token_of("EVENT-PAYING")
    pay = f'action="/cashier/{created}/payments"'
    information = ("¥128.00", "Visitor", "韩梅梅 Han Meimei")
    return [
        _page("page", "The page on a desktop: time, amount, information, two ways to pay.", _browse(route, created), "EVENT-CREATED", pay, 'value="page"', 'value="qr"', *information),
        _page("page_phone", "The page on a phone: one way to pay.", _browse(route, created, agent=PHONE), "EVENT-CREATED", pay, 'value="wap"', *information),
        _page("page_chinese", "The page for a Chinese payer.", _browse(route, created, language="zh-CN,zh;q=0.9"), "EVENT-CREATED", "景区门票", "支付宝"),
        _page("page_returned", "The page after the way back: it waits.", _browse(route, paying, query={"returned": "1"}), "EVENT-PAYING", 'role="status"'),
        _page("page_paid", "The result.", _browse(route, token_of("EVENT-PAID")), "EVENT-PAID", "¥128.00"),
        _page("page_closed", "An order that was closed.", _browse(route, token_of("EVENT-CLOSED")), "EVENT-CLOSED"),
        _page("page_closing", "An order that is being closed.", _browse(route, token_of("EVENT-CLOSING")), "EVENT-CLOSING", 'data-closing="true"'),
        *(
            case(_FUNCTION, f"page_{name}", of_http(_browse(route, token)), _not_there(about))
            for name, (about, token) in wrong_tokens().items()
        ),
    ]  # fmt: skip


def _not_there(about: str) -> Expectation:
    return Expectation(about=about, status=404, headers=_HTML, quiet=True)


def _statuses() -> list[Case]:
    route = "GET /cashier/{token}/status"
    rows = [("created", "CREATED"), ("paying", "PAYING"), ("paid", "PAID"), ("closed", "CLOSED")]
    found = [
        case(
            _FUNCTION,
            f"status_{name}",
            of_http(_browse(route, token_of(f"EVENT-{state}"))),
            Expectation(
                about="What the page polls.",
                status=200,
                headers={"content-type": "application/json"},
                body_contains=[f'"state": "{state}"'],
                quiet=True,
                state=untouched(f"EVENT-{state}"),
            ),
        )
        for name, state in rows
    ]
    about, token = wrong_tokens()["wrong_secret"]
    missing = Expectation(about=about, status=404, code="not_found", quiet=True)
    return [*found, case(_FUNCTION, "status_wrong_secret", of_http(_browse(route, token)), missing)]


def _returns() -> list[Case]:
    # What the channel's cashier sends along is believed nothing, signed or not.
    told = {
        "out_trade_no": "ANY",
        "total_amount": "0.01",
        "trade_status": "TRADE_SUCCESS",
        "sign": "x",
    }
    made = []
    for method in ("GET", "POST"):
        number = f"EVENT-RETURN-{method}"
        request = _browse(
            f"{method} /cashier/{{token}}/return",
            token_of(number),
            query=told if method == "GET" else None,
            form="" if method == "GET" else urlencode(told),
        )
        expect = Expectation(
            about="The payer comes back: one query at once, the page, and no belief.",
            status=303,
            state=order(number, "PAYING", payments={"P01": "PENDING"}, told=[], sent={"query": 1}),
        )
        made.append(case(_FUNCTION, f"return_{method.lower()}", of_http(request), expect))
    again = Expectation(
        about="The way back to an order that is paid asks nobody.",
        status=303,
        quiet=True,
        state=untouched("EVENT-PAID"),
    )
    route = "GET /cashier/{token}/return"
    about, token = wrong_tokens()["wrong_secret"]
    return [
        *made,
        case(_FUNCTION, "return_paid", of_http(_browse(route, token_of("EVENT-PAID"))), again),
        case(_FUNCTION, "return_wrong_secret", of_http(_browse(route, token)), _not_there(about)),
    ]


def cases() -> list[Case]:
    """Return the cases of the function."""
    return [*_pages(), *_statuses(), *_returns()]
