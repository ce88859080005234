"""One business line, two channels and their accounts, an order: what most tests begin with."""

import hashlib
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final

from paycenter.domain import ids
from paycenter.domain.order import (
    DEFAULT_LIFE_SECONDS,
    EventType,
    Information,
    LatePolicy,
    Order,
    OwedEvent,
    Payment,
)
from paycenter.domain.settlement import Receipt
from paycenter.domain.states import EventState, OrderState, PaymentState
from paycenter.ports.channel import Account
from paycenter.ports.configuration import ApiKey, BusinessLine
from paycenter.ports.manifest import DESKTOP, OWN_APP, PHONE, Manifest, Needs, Product
from tests.fakes.clock import START

PUBLIC_URL: Final = "https://pay.example.com"
KEY: Final = "tickets.a-key-of-the-tickets-line"
AUTHORIZATION: Final = f"Bearer {KEY}"
WEBHOOK_SECRET: Final = "whsec_" + "A" * 43 + "="


def a_manifest(channel: str = "bogus", **changes: Any) -> Manifest:  # noqa: ANN401 - any field of the manifest
    """Return a channel with a local product (`page`) and one that calls the channel (`qr`)."""
    return replace(
        Manifest(
            channel=channel,
            name=channel.title(),
            name_zh="测试渠道",
            icon="<svg/>",
            products={
                "page": Product(
                    id="page",
                    name="Page",
                    name_zh="网页",
                    devices=frozenset({"desktop", "phone"}),
                    calls_channel=False,
                ),
                "qr": Product(
                    id="qr",
                    name="QR",
                    name_zh="扫码",
                    devices=frozenset({"desktop"}),
                    calls_channel=True,
                ),
            },
            currencies=frozenset({"CNY"}),
            minimum_amount=1,
            maximum_amount=1_000_000,
            minimum_window_s=60,
            deadline_margin_s=5,
            close_after_s=0,
            reusable_s=None,
            account_fields=(),
            gateway_field="gateway",
            form_origins=(),
        ),
        **changes,
    )


def products_that_ask() -> dict[str, Product]:
    """Return products that must know the payer (`inside`), their address (`hop`), or nobody (`page`, `app`)."""
    products = [
        Product(
            id="inside",
            name="Inside",
            name_zh="应用内",
            devices=frozenset({OWN_APP}),
            calls_channel=True,
            needs=frozenset({Needs.PAYER_ID}),
        ),
        Product(
            id="hop",
            name="Hop",
            name_zh="跳转",
            devices=frozenset({PHONE}),
            calls_channel=True,
            needs=frozenset({Needs.CLIENT_ADDRESS}),
            tells_origin=True,
        ),
        Product(
            id="page",
            name="Page",
            name_zh="网页",
            devices=frozenset({DESKTOP, PHONE}),
            calls_channel=True,
        ),
        Product(id="app", name="App", name_zh="应用", devices=frozenset(), calls_channel=True),
    ]
    return {product.id: product for product in products}


def an_account(account_id: str = "bogus-main~1", channel: str = "bogus") -> Account:
    """Return an account version whose key is its own id."""
    return Account(
        id=account_id,
        channel=channel,
        settings={"merchant": f"merchant-of-{channel}", "gateway": "https://bogus"},
        secrets={"key": f"key-of-{account_id}"},
    )


def a_line(line_id: str = "tickets", **changes: Any) -> BusinessLine:  # noqa: ANN401 - any field of the line
    """Return a business line that offers everything."""
    return replace(
        BusinessLine(
            id=line_id,
            name="Tickets",
            name_zh="门票",
            notify_url="https://tickets.example.com/hook",
            return_origins=("https://tickets.example.com",),
            late_policy=LatePolicy.REFUND,
            cashier=(("bogus", "page"), ("bogus", "qr"), ("rival", "page"), ("rival", "qr")),
            keys=(
                ApiKey(
                    sha256=hashlib.sha256(KEY.encode()).hexdigest(),
                    scopes=frozenset({"pay", "read", "refund"}),
                ),
            ),
            webhook_secrets=("/paycenter/test/tickets",),
        ),
        **changes,
    )


def an_order(number: str = "A-1", **changes: Any) -> Order:  # noqa: ANN401 - any field of the order
    """Return an order of 128.00 that lives half an hour from the clock's start."""
    return replace(
        Order(
            id=ids.order_id("tickets", number),
            line="tickets",
            out_order_no=number,
            amount=12800,
            currency="CNY",
            subject="Two tickets",
            attach="",
            information=(Information("Date", "2026-11-24"),),
            return_url="https://tickets.example.com/done",
            late_policy=LatePolicy.REFUND,
            fingerprint="f" * 32,
            secret="S" * 26,
            created_at=START,
            expires_at=START + DEFAULT_LIFE_SECONDS,
            log=(f"{START} 1 created",),
        ),
        **changes,
    )


def a_payment(order: Order, count: int = 1, **changes: Any) -> Payment:  # noqa: ANN401 - any field of the payment
    """Return the order's `count`-th payment, pending at the bogus channel."""
    return replace(
        Payment(
            payment_no=ids.payment_no(order.id, count),
            channel="bogus",
            product="page",
            account="bogus-main~1",
            amount=order.amount,
            currency=order.currency,
            state=PaymentState.PENDING,
            created_at=order.created_at,
            deadline=order.expires_at - 5,
        ),
        **changes,
    )


def paying(*states: PaymentState, **changes: Any) -> Order:  # noqa: ANN401 - any field of the order
    """Return an order that is being paid, with one payment for each state."""
    order = an_order()
    payments = [a_payment(order, count, state=state) for count, state in enumerate(states, 1)]
    return replace(
        order,
        **{
            "state": OrderState.PAYING,
            "version": 1 + len(payments),
            "payments": MappingProxyType({payment.payment_no: payment for payment in payments}),
            **changes,
        },
    )


def receipt_for(payment: Payment, **changes: Any) -> Receipt:  # noqa: ANN401 - any field of the receipt
    """Return the receipt that fits a payment."""
    return replace(
        Receipt(
            payment_no=payment.payment_no,
            amount=payment.amount,
            currency=payment.currency,
            channel_transaction_no=f"T-{payment.payment_no}",
            paid_at=START + 60,
        ),
        **changes,
    )


def an_event(order: Order, **changes: Any) -> OwedEvent:  # noqa: ANN401 - any field of the event
    """Return the first event that an order owes."""
    return replace(
        OwedEvent(
            event_id=ids.event_id(order.id, 1),
            type=EventType.ORDER_PAID,
            version=order.version,
            state=EventState.OWED,
            attempt=0,
            due_at=START,
        ),
        **changes,
    )
