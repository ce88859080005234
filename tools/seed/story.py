"""What a seeded order has been through: steps of the product's own domain, taken one after the other.

The same steps make the items that the stream events carry, so that both tell of the same orders.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from paycenter.contracts.api import CreateOrderRequest
from paycenter.domain import ids, lifecycle, settlement
from paycenter.domain.order import (
    MAXIMUM_REFUNDS,
    Evidence,
    Information,
    LatePolicy,
    Order,
    OwedEvent,
    Payment,
)
from paycenter.domain.refunds import Wanted, reserve
from paycenter.domain.settlement import Receipt
from paycenter.domain.states import EventState, PaymentState

CHANNEL: Final = "alipay"
ACCOUNT: Final = "alipay-main~1"
DEADLINE_MARGIN_SECONDS: Final = 5
LIFE_SECONDS: Final = 86400
AMOUNT_FEN: Final = 12800
# When all seeded money was paid: the stream events tell the same moment, however long ago the seed was.
PAID_AT: Final = 1_767_225_600
# 128 bits that anybody may know: with them the cashier addresses in the events are constants.
SECRET: Final = "SANDBOXSANDBOXSANDBOXSANDB"  # noqa: S105 - protects nothing, see above
_EVIDENCE: Final = Evidence(source="seed", digest="", account=ACCOUNT)

type Step = Callable[[Order, int], Order]


class Deed(StrEnum):
    """What has happened at the channel, to the order's first payment; its callbacks are lost."""

    OPENED = "OPENED"
    PAID = "PAID"
    CLOSED = "CLOSED"
    FAILING = "FAILING"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seed:
    """One order: who ordered, what it has been through, and what the channel knows of it.

    `overdue` is how many seconds ago its deadline was; 0 means that it is `LIFE_SECONDS` ahead. `channel_amount` is
    what the channel was asked for, where that is not the order's amount.
    """

    out_order_no: str
    line: str = "tickets"
    steps: tuple[Step, ...] = ()
    late_policy: LatePolicy = LatePolicy.REFUND
    overdue: int = 0
    deeds: tuple[Deed, ...] = ()
    channel_amount: int = AMOUNT_FEN

    @property
    def order_id(self) -> str:
        """Return the order's id."""
        return ids.order_id(self.line, self.out_order_no)

    @property
    def token(self) -> str:
        """Return the order's cashier token."""
        return ids.cashier_token(self.order_id, SECRET)

    def payment_no(self, count: int = 1) -> str:
        """Return the number of the order's `count`-th payment."""
        return ids.payment_no(self.order_id, count)

    def order(self, now: int) -> Order:
        """Return the order as it stands at `now`, in business seconds; it owes nobody anything through the stream."""
        order = created(self, now)
        for step in self.steps:
            order = step(order, order.created_at)
        return replace(order, outbox=0)


def request_of(out_order_no: str) -> CreateOrderRequest:
    """Return the request that every seeded order was made with, but for its number."""
    return CreateOrderRequest.model_validate(
        {
            "out_order_no": out_order_no,
            "amount": AMOUNT_FEN,
            "currency": "CNY",
            "subject": "Scenic area, adult ticket",
            "attach": "gate 3",
            "expires_in": LIFE_SECONDS,
            "information": [{"label": "Visitor", "value": "韩梅梅 Han Meimei"}],
        }
    )


def created(seed: Seed, now: int) -> Order:
    """Return a new order."""
    request = request_of(seed.out_order_no)
    expires_at = now - seed.overdue if seed.overdue else now + LIFE_SECONDS
    created_at = expires_at - LIFE_SECONDS
    return Order(
        id=seed.order_id,
        line=seed.line,
        out_order_no=request.out_order_no,
        amount=request.amount,
        currency=request.currency,
        subject=request.subject,
        attach=request.attach,
        information=tuple(Information(part.label, part.value) for part in request.information),
        return_url=request.return_url,
        late_policy=seed.late_policy,
        fingerprint=request.fingerprint(),
        secret=SECRET,
        created_at=created_at,
        expires_at=expires_at,
        log=(f"{created_at} 1 created",),
    )


def started(product: str = "page") -> Step:
    """Start a payment; a QR code's waits for the channel, the others are pending at once."""

    def step(order: Order, now: int) -> Order:
        payment = Payment(
            payment_no=ids.payment_no(order.id, len(order.payments) + 1),
            channel=CHANNEL,
            product=product,
            account=ACCOUNT,
            amount=order.amount,
            currency=order.currency,
            state=PaymentState.CREATING if product == "qr" else PaymentState.PENDING,
            created_at=now,
            deadline=order.expires_at - DEADLINE_MARGIN_SECONDS,
        )
        return lifecycle.start_payment(order, payment, now)

    return step


def ended(count: int = 1) -> Step:
    """Prove a payment unpaid."""
    return lambda order, now: lifecycle.channel_closed(
        order, ids.payment_no(order.id, count), _EVIDENCE, now
    )


def paid(trade_no: str, count: int = 1) -> Step:
    """Verify the money of a payment."""

    def step(order: Order, now: int) -> Order:
        receipt = Receipt(
            payment_no=ids.payment_no(order.id, count),
            amount=order.amount,
            currency=order.currency,
            channel_transaction_no=trade_no,
            paid_at=PAID_AT,
        )
        return settlement.money_verified(order, receipt, _EVIDENCE, now)

    return step


def asked_back(amount: int) -> Step:
    """Let the business line have asked for some of the money, long enough ago that it is due."""

    def step(order: Order, now: int) -> Order:
        wanted = Wanted(
            out_refund_no="SEED",
            amount=amount,
            reason="seeded",
            fingerprint="",
            asked_by=order.line,
        )
        return reserve(order, wanted, MAXIMUM_REFUNDS, now)

    return step


def closed(order: Order, now: int) -> Order:
    """Close the order."""
    return lifecycle.close(order, now)


def closing(order: Order, now: int) -> Order:
    """Let the business line have asked for the close."""
    return lifecycle.begin_closing(order, now)


def told(order: Order, _now: int) -> Order:
    """Let the business line have acknowledged all that it was owed."""
    return _with_events(order, EventState.DELIVERED, 0)


def untold(due_in: int = LIFE_SECONDS) -> Step:
    """Owe the business line its news, due `due_in` seconds after the order was made; two minutes later it is lost."""
    return lambda order, now: _with_events(order, EventState.OWED, now + due_in)


def _with_events(order: Order, state: EventState, due_at: int) -> Order:
    def changed(event: OwedEvent) -> OwedEvent:
        return replace(event, state=state, due_at=due_at or event.due_at)

    return replace(
        order,
        events=MappingProxyType({name: changed(event) for name, event in order.events.items()}),
    )
