"""How an order moves from its creation to its close: each function takes an order and returns the next one.

A function that has nothing to change returns the very same object, which is how repeats become harmless. None of them
writes: the caller saves the result under the condition that the version it started from is still the stored one.
"""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from paycenter.domain import ids
from paycenter.domain.errors import OrderNotPayable, TooManyPayments
from paycenter.domain.ledger import logged
from paycenter.domain.order import (
    MAXIMUM_EVENTS,
    MAXIMUM_PAYMENTS,
    EventType,
    Evidence,
    Order,
    OwedEvent,
    Payment,
)
from paycenter.domain.states import (
    ORDER,
    PAYMENT,
    EventState,
    OrderEvent,
    PaymentEvent,
    PaymentState,
    transition,
)

_TOLD: Final = {EventState.DELIVERED, EventState.SUPERSEDED}
_REFUNDS: Final = {EventType.REFUND_SUCCEEDED, EventType.REFUND_FAILED}


def step(order: Order, **changes: object) -> Order:
    """Return the order after one write: changes applied, version one higher; the log is the caller's to add."""
    fields: dict[str, object] = {**changes, "version": order.version + 1}
    return replace(order, **fields)  # type: ignore[arg-type]  # the fields are the caller's, checked by the tests


def with_payment(order: Order, payment: Payment) -> Mapping[str, Payment]:
    """Return the payments of an order with one put in place."""
    return MappingProxyType({**order.payments, payment.payment_no: payment})


def refuse_unpayable(order: Order, now: int) -> None:
    """Raise OrderNotPayable, with what to do, unless a new payment may start now; a repeat asks again."""
    if not order.is_open:
        message = f"The order is {order.state}; make a new order to be paid again."
    elif order.closing:
        message = "The order is being closed; make a new order to be paid again."
    elif now >= order.expires_at:
        message = "The order is past its deadline; make a new order to be paid again."
    else:
        return
    raise OrderNotPayable(message)


def start_payment(order: Order, payment: Payment, now: int) -> Order:
    """Record a new payment before anything leaves for its channel.

    Raises OrderNotPayable where the order takes none, TooManyPayments where it has had its share.
    """
    refuse_unpayable(order, now)
    if len(order.payments) >= MAXIMUM_PAYMENTS:
        message = f"The order has had {MAXIMUM_PAYMENTS} payments; make a new order."
        raise TooManyPayments(message)
    started = step(
        order,
        state=transition(ORDER, order.state, OrderEvent.PAYMENT_STARTED),
        payments=with_payment(order, payment),
    )
    return logged(order, started, now, "started")


def channel_accepted(
    order: Order, payment_no: str, channel_data: Mapping[str, str], now: int
) -> Order:
    """Take the channel's answer to a create call: CREATING becomes PENDING, and nothing else moves.

    The answer may come after the callback that it should have preceded; then it changes nothing.
    """
    payment = order.payments[payment_no]
    if payment.state is not PaymentState.CREATING:
        return order
    state = transition(PAYMENT, payment.state, PaymentEvent.CHANNEL_ACCEPTED)
    accepted = replace(payment, state=state, channel_data={**payment.channel_data, **channel_data})
    after = step(order, payments=with_payment(order, accepted))
    return logged(order, after, now, "accepted")


def channel_refused(order: Order, payment_no: str, code: str, now: int) -> Order:
    """Take the channel's definite refusal: the payment has FAILED, the order stays open."""
    return _end_payment(
        order, payment_no, PaymentEvent.CHANNEL_REFUSED, f"refused {code}", None, now
    )


def channel_closed(order: Order, payment_no: str, evidence: Evidence, now: int) -> Order:
    """Take the proof that a payment will never be paid; an order that is closing closes with its last payment."""
    return _end_payment(order, payment_no, PaymentEvent.CHANNEL_CLOSED, "closed", evidence, now)


def _end_payment(
    order: Order,
    payment_no: str,
    event: PaymentEvent,
    what: str,
    evidence: Evidence | None,
    now: int,
) -> Order:
    payment = order.payments[payment_no]
    if payment.state not in {PaymentState.CREATING, PaymentState.PENDING}:
        return order
    ended = replace(payment, state=transition(PAYMENT, payment.state, event))
    after = step(order, payments=with_payment(order, ended))
    if after.closing and after.is_open and not after.live_payments():
        after = _closed(after, now)
    return logged(order, after, now, what, evidence)


def climbed(order: Order, payment_no: str, rung_at: int) -> Order:
    """Record that the rung of this moment has sent the next stage of its ladder, so that duplicated timers end."""
    payment = order.payments[payment_no]
    if rung_at <= payment.climbed_to:
        return order
    return step(order, payments=with_payment(order, replace(payment, climbed_to=rung_at)))


def begin_closing(order: Order, now: int) -> Order:
    """Refuse new payments from this write on; an order without a live payment is CLOSED by the same write."""
    if not order.is_open or order.closing:
        return order
    closing = step(order, closing=True)
    after = closing if closing.live_payments() else _closed(closing, now)
    return logged(order, after, now, "closing")


def postpone_close(order: Order, retry_at: int, now: int) -> Order:
    """Keep an order open whose channel could not tell, and count the attempt, so that duplicated timers end."""
    after = step(order, closing=True, close_attempt=order.close_attempt + 1, close_due_at=retry_at)
    return logged(order, after, now, f"close postponed to {retry_at}")


def close(order: Order, now: int) -> Order:
    """Close an order all of whose payments are proven unpaid, and owe the business line the news."""
    if not order.is_open or order.live_payments():
        return order
    return logged(order, _closed(step(order), now), now, "closed")


def _closed(order: Order, now: int) -> Order:
    closed = replace(
        order,
        state=transition(ORDER, order.state, OrderEvent.CLOSED),
        closing=True,
        closed_at=now,
        close_due_at=0,
    )
    return owe(closed, EventType.ORDER_CLOSED, now)


def _with_room_for_an_event(order: Order) -> Order:
    """Return the order with fewer than the most events: the oldest news of a refund goes, a told one before others.

    The body of a notification holds all refunds as they stand, so that the news of an older one is in the next.
    """
    if len(order.events) < MAXIMUM_EVENTS:
        return order
    of_refunds = [event for event in order.events.values() if event.type in _REFUNDS]
    told = [event for event in of_refunds if event.state in _TOLD]
    dropped = {event.event_id for event in (told or of_refunds)[:1]}
    kept = {name: event for name, event in order.events.items() if name not in dropped}
    return replace(order, events=MappingProxyType(kept))


def owe(order: Order, event_type: EventType, now: int) -> Order:
    """Add an event that the business line must be told, as part of the write that makes it true."""
    order = _with_room_for_an_event(order)
    number = max((int(name[-2:]) for name in order.events), default=0) + 1
    event = OwedEvent(
        event_id=ids.event_id(order.id, number),
        type=event_type,
        version=order.version,
        state=EventState.OWED,
        attempt=0,
        due_at=now,
    )
    return replace(
        order,
        events=MappingProxyType({**order.events, event.event_id: event}),
        outbox=order.version,
    )
