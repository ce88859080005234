"""What happened to an order and what will happen next, for whoever looks after it.

The past comes from the item's log; rungs that are due leave no line where they find nothing, so they are worked out from
the ladder that the payment keeps. The future is what the timers will bring if nothing else happens first.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from paycenter.domain import ids
from paycenter.domain.ladder import STAGE_RUNGS
from paycenter.domain.order import Order, OwedEvent, Payment
from paycenter.domain.states import EventState, PaymentState
from paycenter.ports.everything import Ports
from paycenter.usecases.create_payment import ladder_of
from paycenter.usecases.query import AFTER_CLOSE_SECONDS, HOURLY_SECONDS

_LIVE: Final = {PaymentState.CREATING, PaymentState.PENDING}
# More than this of an hourly question says nothing new.
_MOST_HOURS_SHOWN: Final = 3


class StepKind(StrEnum):
    """What a step of an order's life is about."""

    LOG = "log"
    QUERY = "query"
    DEADLINE = "deadline"
    CLOSE = "close"
    NOTIFICATION = "notification"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanStep:
    """One step, `at` in business seconds since 1970 UTC; `number` of `count` where it is one of several.

    `what` is a line of the log or what is about to be done, `why` the reason of a coming one.
    """

    at: int
    kind: StepKind
    what: str
    subject: str = ""
    number: int = 0
    count: int = 0
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The steps of an order, each list by time."""

    past: tuple[PlanStep, ...]
    coming: tuple[PlanStep, ...]


def plan_of(order: Order, ports: Ports) -> Plan:
    """Return the past and the coming steps of an order as it is stored; reads nothing but the notify ladder's length."""
    now = ports.clock.now()
    rungs = [step for payment in order.payments.values() for step in _rungs(payment, order)]
    attempts = len(ports.configuration.notify_ladder(order.line).delays) + 1
    past = [*_logged(order), *(rung for rung in rungs if rung.at <= now)]
    coming = [
        *(rung for rung in rungs if rung.at > now),
        *_closing(order, now),
        *_telling(order, attempts),
    ]
    return Plan(past=_by_time(past), coming=_by_time(coming))


def _by_time(steps: list[PlanStep]) -> tuple[PlanStep, ...]:
    return tuple(sorted(steps, key=lambda step: step.at))


def _logged(order: Order) -> Iterator[PlanStep]:
    for line in order.log:
        at, _, rest = line.partition(" ")
        version, _, what = rest.partition(" ")
        yield PlanStep(at=int(at), kind=StepKind.LOG, what=what, subject=f"version {version}")


def _rungs(payment: Payment, order: Order) -> Iterator[PlanStep]:
    """Yield the queries of a payment: those that fell due while it was live, and those that will."""
    moments = ladder_of(payment).moments(payment.created_at)
    shown = [*moments, *_hours(payment, order, moments[-1])]
    for number, at in enumerate(shown[: _sent(payment, order, moments)], 1):
        yield PlanStep(
            at=at,
            kind=StepKind.QUERY,
            what="the channel is asked",
            subject=payment.payment_no,
            number=min(number, len(moments)),
            count=len(moments),
            why="no callback came" if payment.state in _LIVE else "money may show late",
        )


def _hours(payment: Payment, order: Order, last_rung: int) -> Iterator[int]:
    if payment.state not in _LIVE:
        return
    at = last_rung
    for _ in range(_MOST_HOURS_SHOWN):
        if at >= order.expires_at:
            return
        at = min(at + HOURLY_SECONDS, max(order.expires_at, at) + AFTER_CLOSE_SECONDS)
        yield at


def _sent(payment: Payment, order: Order, moments: Sequence[int]) -> int | None:
    """Return how many rungs of an ended payment are asked at all; None where all are.

    Of one that succeeded or was refused, those before its end; of one that was closed, all of the stage that was under
    way: they ask once more and hand over to no other.
    """
    if payment.state in _LIVE:
        return None
    mark = f" {payment.payment_no[ids.ORDER_ID_LENGTH :]} "
    ended_at = max(
        (int(line.partition(" ")[0]) for line in order.log if mark in line),
        default=payment.created_at,
    )
    before = sum(at <= ended_at for at in moments)
    if payment.state is not PaymentState.CLOSED:
        return before
    return (before // STAGE_RUNGS + 1) * STAGE_RUNGS


def _closing(order: Order, now: int) -> Iterator[PlanStep]:
    if not order.is_open:
        return
    if order.close_attempt:
        yield PlanStep(
            at=max(now, order.close_due_at),
            kind=StepKind.CLOSE,
            what="the close is tried again",
            number=order.close_attempt + 1,
            why="a channel could not tell whether it was paid",
        )
    else:
        why = "its business line closes it" if order.closing else "it is not paid"
        yield PlanStep(
            at=max(now, order.expires_at), kind=StepKind.DEADLINE, what="it is closed", why=why
        )


def _telling(order: Order, attempts: int) -> Iterator[PlanStep]:
    for event in order.events.values():
        if event.state is EventState.OWED:
            yield _next_attempt(event, attempts)


def _next_attempt(event: OwedEvent, attempts: int) -> PlanStep:
    number = event.attempt - event.begun + 1
    return PlanStep(
        at=event.due_at,
        kind=StepKind.NOTIFICATION,
        what=f"{event.type} is told",
        subject=event.event_id,
        number=number,
        count=attempts,
        why="it is due" if number == 1 else "the business line has not acknowledged it",
    )
