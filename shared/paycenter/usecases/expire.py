"""Closing: at the deadline by timer, or on request; at the channel first, then here. Payment beats close everywhere."""

from dataclasses import replace
from typing import Final

from paycenter.domain import lifecycle
from paycenter.domain.errors import OrderNotPayable
from paycenter.domain.jobs import Job, JobKind
from paycenter.domain.order import Order
from paycenter.domain.states import OrderState
from paycenter.ports.everything import Ports
from paycenter.usecases.money import close_at_channel
from paycenter.usecases.query import retry_missing
from paycenter.usecases.update import update

# While a channel can't tell, the close is repeated after these waits, the last one for ever.
_REPEAT_SECONDS: Final = (5, 10, 30, 60, 300)


def run_expiry(job: Job, ports: Ports) -> str:
    """Close an order at its deadline; returns a word for the log. Safe to repeat.

    Where a channel can't tell, the order stays open and unpayable, and the close is repeated: its timer first, then
    the conditional write that counts the attempt, so that duplicated timers end.
    """
    now = ports.clock.now()
    order = ports.orders.get(job.order_id)
    if order is None:
        return retry_missing(job, ports)
    if not order.is_open:
        return "over"
    if job.attempt != order.close_attempt:
        return "out of date"
    due_at = max(order.expires_at, order.close_due_at)
    if now < due_at:
        ports.timers.resume(replace(job, due_at=due_at))
        return "early"
    order = _close_payments(order, ports)
    order = update(
        ports.orders, order, lambda stored: lifecycle.close(stored, ports.clock.now()), now
    )
    return _postpone(job, order, ports) if order.is_open else order.state


def close_order(order: Order, ports: Ports) -> Order:
    """Close an order because its business line asks for it; returns it CLOSED, or open and closing.

    New payments are refused from the first write on. What a channel can't prove unpaid before the deadline stays, and
    the order closes with it. Raises OrderNotPayable where it is, or meanwhile was, paid. A repeat tries again.
    """
    now = ports.clock.now()
    order = update(ports.orders, order, lambda stored: lifecycle.begin_closing(stored, now), now)
    order = _close_payments(order, ports)
    order = update(
        ports.orders, order, lambda stored: lifecycle.close(stored, ports.clock.now()), now
    )
    if order.state is OrderState.PAID:
        message = "The order is PAID and can't be closed; refund it instead."
        raise OrderNotPayable(message)
    return order


def _close_payments(order: Order, ports: Ports) -> Order:
    for payment in order.live_payments():
        order, answered = close_at_channel(order, payment.payment_no, ports)
        # A channel that does not answer has taken its time; the others are closed when this is repeated.
        if not answered or not order.is_open:
            break
    return order


def _postpone(job: Job, order: Order, ports: Ports) -> str:
    now = ports.clock.now()
    wait = _REPEAT_SECONDS[min(job.attempt, len(_REPEAT_SECONDS) - 1)]
    again = Job(
        kind=JobKind.EXPIRE,
        order_id=order.id,
        due_at=now + wait,
        sent_at=now,
        attempt=job.attempt + 1,
    )
    ports.timers.schedule([again])

    def postpone(stored: Order) -> Order:
        current = stored.is_open and stored.close_attempt == job.attempt
        return lifecycle.postpone_close(stored, again.due_at, now) if current else stored

    update(ports.orders, order, postpone, now)
    return f"postponed by {wait} s"
