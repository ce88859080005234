"""The stream of the order table: what a new image owes and the old one did not is sent on, once more at a repeat."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

from paycenter.domain.jobs import Job, JobKind
from paycenter.domain.order import Order, OwedEvent
from paycenter.domain.states import EventState, PaymentState, RefundState
from paycenter.ports.everything import Ports
from paycenter.ports.store import ExceptionRecord, Movement

# The channels' days, and so their bills, are Beijing's.
_BEIJING: Final = timezone(timedelta(hours=8))


@dataclass(frozen=True, slots=True)
class Change:
    """One write to an order: what was stored before, None for the first, and what is stored now."""

    before: Order | None
    after: Order


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """How much was sent on."""

    notifications: int
    refunds: int
    movements: int
    exceptions: int


def publish(changes: Sequence[Change], ports: Ports) -> Published:
    """Send the notifications, exceptions and movements that these writes made due; returns how many of each.

    Every part may be repeated. An error is raised: the stream then repeats the batch, and loses nothing.
    """
    now = ports.clock.now()
    jobs = [job for change in changes for job in _owed(change, now)]
    movements = [movement for change in changes for movement in _settled(change)]
    exceptions = [record for change in changes for record in _raised(change)]
    refunds = [job for change in changes for job in _refunds(change, now)]
    if jobs:
        ports.timers.schedule(jobs)
    if refunds:
        ports.timers.schedule(refunds)
    if movements:
        ports.movements.put(movements)
    for record in exceptions:
        ports.exceptions.raise_once(record)
    return Published(
        notifications=len(jobs),
        refunds=len(refunds),
        movements=len(movements),
        exceptions=len(exceptions),
    )


def _refunds(change: Change, now: int) -> list[Job]:
    known = change.before.refunds if change.before else {}
    order = change.after
    return [
        Job(
            kind=JobKind.REFUND,
            order_id=order.id,
            refund_no=refund.refund_no,
            due_at=refund.due_at,
            sent_at=now,
            group=order.payments[refund.payment_no].account.partition("~")[0],
        )
        for number, refund in order.refunds.items()
        if number not in known and refund.is_open
    ]


def _owed(change: Change, now: int) -> list[Job]:
    known = change.before.events if change.before else {}
    return [
        Job(
            kind=JobKind.NOTIFY,
            order_id=change.after.id,
            event_id=event.event_id,
            attempt=event.attempt,
            due_at=event.due_at,
            sent_at=now,
            group=change.after.line,
        )
        for event in change.after.events.values()
        if event.state is EventState.OWED and _newly(event, known)
    ]


def _newly(event: OwedEvent, known: Mapping[str, OwedEvent]) -> bool:
    # Owed for the first time, or sent again by a person.
    return event.event_id not in known or known[event.event_id].begun != event.begun


def _settled(change: Change) -> list[Movement]:
    before = change.before.payments if change.before else {}
    return [
        Movement(
            account=payment.account,
            day=_day(payment.paid_at),
            number=payment.payment_no,
            order_id=change.after.id,
            amount=payment.amount,
            currency=payment.currency,
            channel_transaction_no=payment.channel_transaction_no,
            settled_at=payment.paid_at,
        )
        for number, payment in change.after.payments.items()
        if payment.state is PaymentState.SUCCEEDED
        and (number not in before or before[number].state is not PaymentState.SUCCEEDED)
    ] + _given_back(change)


def _given_back(change: Change) -> list[Movement]:
    before = change.before.refunds if change.before else {}
    payments = change.after.payments
    return [
        Movement(
            account=payments[refund.payment_no].account,
            day=_day(refund.refunded_at),
            number=number,
            order_id=change.after.id,
            amount=refund.amount,
            currency=payments[refund.payment_no].currency,
            channel_transaction_no=refund.channel_refund_no,
            settled_at=refund.refunded_at,
            refund=True,
        )
        for number, refund in change.after.refunds.items()
        if refund.state is RefundState.SUCCEEDED
        and (number not in before or before[number].state is not RefundState.SUCCEEDED)
    ]


def _day(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).astimezone(_BEIJING).strftime("%Y-%m-%d")


def _raised(change: Change) -> list[ExceptionRecord]:
    order = change.after
    known = change.before.exceptions if change.before else {}
    return [
        ExceptionRecord(
            exception_id=raised.exception_id,
            kind=raised.kind,
            channel=order.payments[raised.payment_no].channel,
            account=order.payments[raised.payment_no].account,
            order_id=order.id,
            line=order.line,
            payment_no=raised.payment_no,
            amount=raised.amount,
            currency=order.currency,
            channel_transaction_no=order.payments[raised.payment_no].channel_transaction_no,
            resolution=raised.resolution,
            raised_at=raised.raised_at,
        )
        for identity, raised in order.exceptions.items()
        if identity not in known
    ]
