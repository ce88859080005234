"""The stream of the order table: what a new image owes and the old one did not is sent on, once more at a repeat."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

from paycenter.domain.jobs import Job, JobKind
from paycenter.domain.order import Order, OwedEvent
from paycenter.domain.states import EventState, PaymentState
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
    if jobs:
        ports.timers.schedule(jobs)
    if movements:
        ports.movements.put(movements)
    for record in exceptions:
        ports.exceptions.raise_once(record)
    return Published(notifications=len(jobs), movements=len(movements), exceptions=len(exceptions))


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
            day=datetime.fromtimestamp(payment.paid_at, UTC)
            .astimezone(_BEIJING)
            .strftime("%Y-%m-%d"),
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
    ]


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
