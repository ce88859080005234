"""An order in every state a payer can meet it in, and every page of it."""

from collections.abc import Iterator
from dataclasses import replace

from paycenter.domain.order import Information
from paycenter.domain.states import OrderState
from paycenter.pages import (
    CashierView,
    Offer,
    Page,
    action_page,
    cashier_page,
    error_page,
    identification_page,
    pending_page,
)
from paycenter.ports.channel import (
    Action,
    AppAction,
    FormAction,
    JsapiAction,
    QrAction,
    RedirectAction,
)

NONCE = "bm9uY2Utb2YtYS10ZXN0"
TOKEN = "ORDER0123456789ABCDEFGHIJK.c2VjcmV0LW9mLWEtdGVzdA"
ICON = '<svg viewBox="0 0 40 40"><rect width="40" height="40" fill="#1677ff"/></svg>'

PAGE = Offer(
    channel="acme",
    product="page",
    name="Pay on a page",
    name_zh="网页支付",
    channel_name="Acme Pay",
    channel_name_zh="顶点支付",
    icon=ICON,
)
QR = replace(PAGE, product="qr", name="Scan a code", name_zh="扫码支付")

VIEW = CashierView(
    token=TOKEN,
    line_name="Scenic tickets",
    line_name_zh="景区门票",
    subject="West Lake boat tour",
    amount=12800,
    currency="CNY",
    information=(Information("Visit date", "2026-05-01"), Information("取票人", "张三")),
    state=OrderState.CREATED,
    closing=False,
    seconds_left=1799,
    rate=1,
    offers=(PAGE, QR),
    return_url="https://shop.example/orders/1?from=cashier&x=1",
    waiting=False,
)
FORM = FormAction(
    url="https://gateway.example:8443/gateway.do?charset=utf-8",
    fields={"biz_content": '{"subject":"A & \\"B\\" <C>"}', "sign": "abc+/=="},
)
CODE = QrAction(content="https://qr.example/bax0123456789")
LINK = RedirectAction(url="https://wap.example/pay?prepay_id=1&package=2")
BRIDGE = JsapiAction(
    bridge="AcmeBridge",
    function="invoke",
    method="openPayment",
    ready_event="AcmeBridgeReady",
    parameters={"package": "prepay_id=\"<1>\"&'2'", "timeStamp": "1700000000"},
)
APP = AppAction(order_string="a=1&b=2")
AUTHORISATION = "https://open.example/authorize?state=MFRGG&redirect_uri=x"

VIEWS = {
    "created": VIEW,
    "paying": replace(VIEW, state=OrderState.PAYING, waiting=True),
    "closing": replace(VIEW, closing=True, offers=()),
    "no offers": replace(VIEW, offers=()),
    "over": replace(VIEW, seconds_left=0, offers=()),
    "paid": replace(VIEW, state=OrderState.PAID),
    "paid, nowhere to go": replace(VIEW, state=OrderState.PAID, return_url=""),
    "closed": replace(VIEW, state=OrderState.CLOSED, seconds_left=0, offers=()),
    "closed, nowhere to go": replace(VIEW, state=OrderState.CLOSED, return_url=""),
}
ERRORS = (
    (400, ""),
    (404, "not_found"),
    (409, "order_not_payable"),
    (409, "too_many_payments"),
    (409, "channel_window_closed"),
    (422, "channel_refused"),
    (422, "not_identified"),
    (429, "slow_down"),
    (500, ""),
    (503, "try_again"),
)


def every_page(language: str, view: CashierView = VIEW) -> Iterator[tuple[str, Page]]:
    """Yield each page that can be made of the order, named."""
    for name, sample in VIEWS.items():
        changed = replace(
            sample,
            subject=view.subject,
            information=view.information,
            line_name=view.line_name,
            line_name_zh=view.line_name_zh,
        )
        yield name, cashier_page(changed, language=language, nonce=NONCE)
    yield from action_pages(language, view)
    yield "pending", pending_page(view, language=language, nonce=NONCE)
    for status, code in ERRORS:
        yield f"{status} {code}", error_page(status, code, language=language, nonce=NONCE)
        with_order = error_page(status, code, language=language, nonce=NONCE, view=view)
        yield f"{status} {code} with order", with_order


def action_pages(language: str, view: CashierView = VIEW) -> Iterator[tuple[str, Page]]:
    """Yield the pages after a choice."""
    actions = (FORM, CODE, LINK, BRIDGE, APP)
    choices: list[tuple[Action, Offer | None]] = [
        *((action, QR if action is CODE else PAGE) for action in actions),
        *((action, None) for action in actions),
    ]
    for action, chosen in choices:
        name = f"{type(action).__name__} {chosen and chosen.product}"
        page = action_page(
            view, action, language=language, nonce=NONCE, form_origins=(), chosen=chosen
        )
        yield name, page
    page = identification_page(view, AUTHORISATION, language=language, nonce=NONCE, chosen=PAGE)
    yield "Action of identification", page
