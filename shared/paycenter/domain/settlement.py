"""What verified money does: it always makes its payment SUCCEEDED; whether the order follows is decided here.

The winner is the first payment that succeeds for an open order. Money that comes for a closed order follows the
business line's late policy; a second success is a duplicate. What does not fit is an exception of the same write.
"""

from dataclasses import dataclass, replace
from types import MappingProxyType

from paycenter.domain import ids
from paycenter.domain.ledger import logged
from paycenter.domain.lifecycle import owe, step, with_payment
from paycenter.domain.order import (
    EventType,
    Evidence,
    ExceptionKind,
    LatePolicy,
    Order,
    OrderException,
    Payment,
    Refund,
    Resolution,
)
from paycenter.domain.states import (
    ORDER,
    PAYMENT,
    OrderEvent,
    OrderState,
    PaymentEvent,
    PaymentState,
    RefundState,
    transition,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What a channel says was paid, in our units: minor units, business seconds UTC."""

    payment_no: str
    amount: int
    currency: str
    channel_transaction_no: str
    paid_at: int


def exception_id(channel: str, account: str, kind: ExceptionKind, transaction_no: str) -> str:
    """Name an exception so that the same fact, told again, is the same exception.

    The account goes without its version: a rotated key does not make the same money two cases.
    """
    return "|".join((channel, account.partition("~")[0], kind, transaction_no))


def fits(payment: Payment, receipt: Receipt) -> bool:
    """Tell whether the receipt is for exactly what this payment asked for."""
    return (receipt.payment_no, receipt.amount, receipt.currency) == (
        payment.payment_no,
        payment.amount,
        payment.currency,
    )


def money_verified(order: Order, receipt: Receipt, evidence: Evidence, now: int) -> Order:
    """Book a verified success that fits its payment; a repeat returns the same order unchanged.

    The receipt must fit (see `fits`): anything else is an exception of the caller's and never comes here.
    """
    payment = order.payments[receipt.payment_no]
    if not fits(payment, receipt):
        message = f"receipt does not fit payment {payment.payment_no}"
        raise AssertionError(message)
    if payment.state is PaymentState.SUCCEEDED:
        return order
    succeeded = replace(
        payment,
        state=transition(PAYMENT, payment.state, PaymentEvent.MONEY_VERIFIED),
        channel_transaction_no=receipt.channel_transaction_no,
        paid_at=receipt.paid_at,
        refundable=receipt.amount,
    )
    booked = step(order, payments=with_payment(order, succeeded))
    return logged(order, _follow(booked, succeeded, now), now, "paid", evidence)


def _follow(order: Order, payment: Payment, now: int) -> Order:
    if order.is_open:
        return _win(order, payment, OrderEvent.MONEY_VERIFIED, now)
    if order.state is OrderState.PAID:
        return _raise_exception(
            order, payment, ExceptionKind.DUPLICATE_PAYMENT, Resolution.REFUND, now
        )
    if order.late_policy is LatePolicy.ACCEPT:
        return _win(order, payment, OrderEvent.LATE_MONEY_ACCEPTED, now)
    resolution = Resolution(order.late_policy)
    return _raise_exception(order, payment, ExceptionKind.LATE_PAYMENT, resolution, now)


def _win(order: Order, payment: Payment, event: OrderEvent, now: int) -> Order:
    paid = replace(
        order,
        state=transition(ORDER, order.state, event),
        winner=payment.payment_no,
        close_due_at=0,
    )
    return owe(paid, EventType.ORDER_PAID, now)


def _raise_exception(
    order: Order, payment: Payment, kind: ExceptionKind, resolution: Resolution, now: int
) -> Order:
    identity = exception_id(payment.channel, payment.account, kind, payment.channel_transaction_no)
    raised = OrderException(
        exception_id=identity,
        kind=kind,
        payment_no=payment.payment_no,
        amount=payment.amount,
        resolution=resolution,
        raised_at=now,
    )
    excepted = replace(
        order,
        exceptions=MappingProxyType({**order.exceptions, identity: raised}),
        outbox=order.version,
    )
    return owe_refund(excepted, payment, kind, now) if resolution is Resolution.REFUND else excepted


def owe_refund(order: Order, payment: Payment, reason: ExceptionKind, now: int) -> Order:
    """Owe the whole of what may still be given back of a payment, under the payment's own automatic number."""
    # The reservation is part of the write that books the money: nobody can refund the same fen a second time.
    refund = Refund(
        refund_no=ids.automatic_refund_no(payment.payment_no),
        payment_no=payment.payment_no,
        amount=payment.refundable,
        state=RefundState.REQUESTED,
        reason=reason,
        asked_by="centre",
        created_at=now,
        due_at=now,
    )
    return replace(
        order,
        payments=with_payment(order, replace(payment, refundable=0)),
        refunds=MappingProxyType({**order.refunds, refund.refund_no: refund}),
    )
