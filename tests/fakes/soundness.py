"""What must hold of an order after every single write, whatever happened: walked over the versions that were stored.

Holds I02 (refund bound), I05 (one winner), I06 (write-once), I08 (published edges, version plus one), I09 (no success is
taken back) and the order's part of I01 (every verified fen is the winner's or an exception's).
"""

from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Final

from paycenter.domain.ledger import differences, movements
from paycenter.domain.order import MAXIMUM_EVENTS, EventType, Order
from paycenter.domain.states import (
    DELIVERY,
    ORDER,
    PAYMENT,
    REFUND,
    OrderState,
    PaymentState,
    RefundState,
)

_ORDER_FOR_EVER: Final = (
    "id",
    "line",
    "out_order_no",
    "amount",
    "currency",
    "subject",
    "attach",
    "information",
    "return_url",
    "late_policy",
    "fingerprint",
    "secret",
    "created_at",
    "expires_at",
)
_PAYMENT_FOR_EVER: Final = (
    "payment_no",
    "channel",
    "product",
    "account",
    "amount",
    "currency",
    "created_at",
    "deadline",
)
_LOG_ENTRY_BYTES: Final = 120


def assert_sound(history: Iterable[Order]) -> None:
    """Walk every version of every order in the order in which they were stored."""
    orders: dict[str, list[Order]] = {}
    for order in history:
        orders.setdefault(order.id, []).append(order)
    for versions in orders.values():
        for order in versions:
            assert_consistent(order)
        for before, after in pairwise(versions):
            assert_step(before, after)


def assert_consistent(order: Order) -> None:
    """Check one version by itself. I14: its log, replayed, gives its states."""
    if order.log and order.log[0].endswith(" 1 O >CREATED created"):
        assert differences(order) == []
    succeeded = {
        number: payment
        for number, payment in order.payments.items()
        if payment.state is PaymentState.SUCCEEDED
    }
    assert (order.state is OrderState.PAID) == bool(order.winner)
    assert not order.winner or order.winner in succeeded
    odd = [raised.payment_no for raised in order.exceptions.values()]
    assert sorted([*odd, *([order.winner] if order.winner else [])]) == sorted(succeeded)
    for number, payment in order.payments.items():
        refunds = [
            refund.amount
            for refund in order.refunds.values()
            if refund.payment_no == number and refund.state is not RefundState.FAILED
        ]
        paid = payment.amount if number in succeeded else 0
        assert payment.refundable + sum(refunds) == paid
        assert payment.refundable >= 0
        assert payment.amount == order.amount
        assert payment.currency == order.currency
    told = [event.type for event in order.events.values()]
    assert told.count(EventType.ORDER_PAID) == (order.state is OrderState.PAID)
    assert told.count(EventType.ORDER_CLOSED) == bool(order.closed_at)
    assert all(len(entry.encode()) <= _LOG_ENTRY_BYTES for entry in order.log)


def assert_step(before: Order, after: Order) -> None:
    """Check what one write changed."""
    assert after.version == before.version + 1
    _same(before, after, _ORDER_FOR_EVER)
    _edge(ORDER, before.state, after.state)
    assert after.closing or not before.closing
    assert before.winner in {"", after.winner}
    _assert_log(before.log, after.log)
    for name in ("payments", "refunds", "events", "exceptions"):
        lost = getattr(before, name).keys() - getattr(after, name).keys()
        # News of refunds make room for newer ones, which show them too.
        assert not lost or (name == "events" and len(before.events) == MAXIMUM_EVENTS), (
            f"lost {name}"
        )
    for number, payment in before.payments.items():
        _same(payment, after.payments[number], _PAYMENT_FOR_EVER)
        _edge(PAYMENT, payment.state, after.payments[number].state)
    for number, refund in before.refunds.items():
        _same(refund, after.refunds[number], ("refund_no", "payment_no", "amount", "reason"))
        _edge(REFUND, refund.state, after.refunds[number].state)
    for number, event in before.events.items():
        if number not in after.events:
            continue
        _same(event, after.events[number], ("event_id", "type", "version"))
        _edge(DELIVERY, event.state, after.events[number].state)
    again = any(
        n in after.events and after.events[n].begun != event.begun
        for n, event in before.events.items()
    )
    more = after.events.keys() != before.events.keys()
    owes_refund = after.refunds.keys() != before.refunds.keys()
    owes_more = more or again or owes_refund or after.exceptions != before.exceptions
    assert after.outbox == (after.version if owes_more else before.outbox)
    assert_only_legal_beginnings(before, after)


def _assert_log(before: tuple[str, ...], after: tuple[str, ...]) -> None:
    # Only remarks may go, the oldest first; movements stay, in their order.
    kept = list(movements(before))
    assert after[: len(before)] == before or list(movements(after))[: len(kept)] == kept


def assert_only_legal_beginnings(before: Order, after: Order) -> None:
    """Check what is new: at most one payment, begun and not yet ended; every event owed."""
    new = after.payments.keys() - before.payments.keys()
    assert len(new) <= 1
    for number in new:
        assert after.payments[number].state in {PaymentState.CREATING, PaymentState.PENDING}
    for number in after.events.keys() - before.events.keys():
        assert after.events[number].version == after.version


def _same(before: object, after: object, names: Iterable[str]) -> None:
    for name in names:
        assert getattr(before, name) == getattr(after, name), f"{name} changed"


def _edge[S, E](table: Mapping[S, Mapping[E, S]], before: S, after: S) -> None:
    assert after == before or after in table[before].values(), f"{before} → {after}"
