"""How a refund moves from its reservation to its end: each function takes an order and returns the next one.

Like `lifecycle`, none of them writes, and one that has nothing to change returns the very same object. The reservation
is part of the write that makes the refund: what may be given back of a payment falls by its amount, and rises again only
when the channel refuses for good.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from paycenter.domain import ids
from paycenter.domain.errors import DifferentBody, OrderNotRefundable, RefundExceeds, TooManyRefunds
from paycenter.domain.ledger import logged
from paycenter.domain.lifecycle import owe, step, with_payment
from paycenter.domain.order import (
    MAXIMUM_REFUNDS,
    EventType,
    Evidence,
    Order,
    Payment,
    Refund,
)
from paycenter.domain.states import REFUND, PaymentState, RefundEvent, RefundState, transition

# Whose refunds nobody is told about: the centre's own, of money that the line never heard of.
CENTRE: Final = "centre"
_ASKED_FOR: Final = "R"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to be given back: minor units, of one payment; `payment_no` empty means the one that won the order."""

    out_refund_no: str
    amount: int
    reason: str
    fingerprint: str
    asked_by: str
    payment_no: str = ""


def known(order: Order, wanted: Wanted) -> Refund | None:
    """Return the refund that was made for this number before; raises DifferentBody where it was for something else."""
    for refund in order.refunds.values():
        if (refund.out_refund_no, refund.asked_by) == (wanted.out_refund_no, wanted.asked_by):
            if refund.fingerprint != wanted.fingerprint:
                message = "This out_refund_no was used with another body; send the same body, or a new number."
                raise DifferentBody(message)
            return refund
    return None


def reserve(order: Order, wanted: Wanted, maximum_count: int, now: int) -> Order:
    """Reserve an amount and record the refund, before anything leaves for its channel.

    `maximum_count` is how many refunds of one payment its channel takes. Raises OrderNotRefundable, RefundExceeds and
    TooManyRefunds, with what to do.
    """
    payment = _refundable_payment(order, wanted)
    asked_for = [number for number in order.refunds if number[ids.ORDER_ID_LENGTH] == _ASKED_FOR]
    of_payment = [r for r in order.refunds.values() if r.payment_no == payment.payment_no]
    if len(asked_for) >= MAXIMUM_REFUNDS or len(of_payment) >= maximum_count:
        message = f"This payment has had its {min(MAXIMUM_REFUNDS, maximum_count)} refunds; settle the rest otherwise."
        raise TooManyRefunds(message)
    refund = Refund(
        refund_no=ids.refund_no(order.id, len(asked_for) + 1),
        payment_no=payment.payment_no,
        amount=wanted.amount,
        state=RefundState.REQUESTED,
        reason=wanted.reason,
        out_refund_no=wanted.out_refund_no,
        fingerprint=wanted.fingerprint,
        asked_by=wanted.asked_by,
        created_at=now,
        due_at=now,
    )
    left = replace(payment, refundable=payment.refundable - wanted.amount)
    reserved = step(order, payments=with_payment(order, left), refunds=with_refund(order, refund))
    return logged(order, replace(reserved, outbox=reserved.version), now, f"by {wanted.asked_by}")


def _refundable_payment(order: Order, wanted: Wanted) -> Payment:
    payment = order.payments.get(wanted.payment_no or order.winner)
    if payment is None or payment.state is not PaymentState.SUCCEEDED:
        message = f"Nothing was paid that could be given back: the order is {order.state}."
        raise OrderNotRefundable(message)
    if wanted.amount > payment.refundable:
        message = (
            f"{payment.refundable} of this payment may still be given back; ask for that or less."
        )
        raise RefundExceeds(message)
    return payment


def with_refund(order: Order, refund: Refund) -> Mapping[str, Refund]:
    """Return the refunds of an order with one put in place."""
    return MappingProxyType({**order.refunds, refund.refund_no: refund})


def leaves_at(order: Order, refund: Refund, spacing_s: int, now: int) -> int:
    """Return the moment at which a refund may first leave for its channel: those of one payment leave one by one."""
    others = [
        one
        for one in order.refunds.values()
        if one.payment_no == refund.payment_no and one.refund_no != refund.refund_no
    ]
    last = max((one.sent_at for one in others), default=0)
    before = [
        one for one in others if not one.sent_at and one.is_open and _turn(one) < _turn(refund)
    ]
    free = max(now, last + spacing_s if last else now)
    return free + len(before) * spacing_s


def _turn(refund: Refund) -> tuple[int, str]:
    return refund.created_at, refund.refund_no


def postponed(order: Order, refund_no: str, due_at: int) -> Order:
    """Put a refund off to a later moment, and count that, so that duplicated timers end."""
    refund = order.refunds[refund_no]
    later = replace(refund, due_at=due_at, attempt=refund.attempt + 1)
    return step(order, refunds=with_refund(order, later))


def attempted(order: Order, refund_no: str, due_at: int, now: int) -> Order:
    """Record that the channel is about to be called; `due_at` is the moment of the next look."""
    refund = order.refunds[refund_no]
    if not refund.is_open:
        return order
    tried = replace(
        refund, due_at=due_at, attempt=refund.attempt + 1, sent_at=refund.sent_at or now
    )
    return step(order, refunds=with_refund(order, tried))


def accepted(
    order: Order, refund_no: str, channel_data: Mapping[str, str], evidence: Evidence, now: int
) -> Order:
    """Take the channel's word that it works on it; nothing else moves."""
    refund = order.refunds[refund_no]
    if refund.state is not RefundState.REQUESTED:
        return order
    taken = replace(
        refund,
        state=transition(REFUND, refund.state, RefundEvent.CHANNEL_ACCEPTED),
        channel_data={**refund.channel_data, **channel_data},
    )
    after = step(order, refunds=with_refund(order, taken))
    return logged(order, after, now, "accepted", evidence)


def returned(
    order: Order,
    refund_no: str,
    channel_refund_no: str,
    refunded_at: int,
    evidence: Evidence,
    now: int,
) -> Order:
    """Take the proof that the money went back; owes the business line the news of a refund that was asked for."""
    refund = order.refunds[refund_no]
    if not refund.is_open:
        return order
    done = replace(
        refund,
        state=transition(REFUND, refund.state, RefundEvent.MONEY_RETURNED),
        channel_refund_no=channel_refund_no,
        refunded_at=refunded_at,
        due_at=0,
    )
    after = step(order, refunds=with_refund(order, done))
    return logged(order, _tell(after, done, now), now, "returned", evidence)


def failed(order: Order, refund_no: str, code: str, evidence: Evidence, now: int) -> Order:
    """Take the channel's definite refusal: the reservation is released, once, and the line may ask under a new number."""
    refund = order.refunds[refund_no]
    if not refund.is_open:
        return order
    over = replace(
        refund, state=transition(REFUND, refund.state, RefundEvent.CHANNEL_REFUSED), due_at=0
    )
    payment = order.payments[refund.payment_no]
    released = replace(payment, refundable=payment.refundable + refund.amount)
    after = step(order, refunds=with_refund(order, over), payments=with_payment(order, released))
    return logged(order, _tell(after, over, now), now, f"refused {code}", evidence)


def stuck(order: Order, refund_no: str) -> Order:
    """Note that a person was asked about a refund that does not end."""
    refund = order.refunds[refund_no]
    if refund.stuck or not refund.is_open:
        return order
    return step(order, refunds=with_refund(order, replace(refund, stuck=True)))


def _tell(order: Order, refund: Refund, now: int) -> Order:
    if refund.asked_by == CENTRE:
        return order
    succeeded = refund.state is RefundState.SUCCEEDED
    return owe(order, EventType.REFUND_SUCCEEDED if succeeded else EventType.REFUND_FAILED, now)
