"""The active query: one rung of the ladder asks the channel; `GET` answers a business line from the store."""

from collections.abc import Mapping, Sequence
from typing import Final

from paycenter.domain import ids, lifecycle
from paycenter.domain.errors import NotFound
from paycenter.domain.jobs import Job
from paycenter.domain.order import Order
from paycenter.domain.states import PaymentState
from paycenter.ports.configuration import BusinessLine
from paycenter.ports.everything import Ports
from paycenter.usecases.confirm import confirm
from paycenter.usecases.create_payment import stage_jobs
from paycenter.usecases.money import ask
from paycenter.usecases.update import update

HOURLY_SECONDS: Final = 3600
# One look after the order's own deadline and close: a payment of the last second may show late.
AFTER_CLOSE_SECONDS: Final = 115


def read_together(jobs: Sequence[Job], ports: Ports) -> Mapping[str, Order]:
    """Read the orders of a batch of rungs in one call."""
    return ports.orders.get_many({job.order_id for job in jobs})


def run_rung(job: Job, ports: Ports, read: Mapping[str, Order] | None = None) -> str:
    """Ask the channel about one payment and, where this rung carries the rest of its ladder, send the next stage.

    `read` are the orders that were read with the whole batch; without it the order is read here. One that changed since
    is decided on again by the condition of the write.

    Returns a word for the log. Safe to repeat: a stage is handed over once. A rung that finds its payment closed asks
    once more and ends the ladder; one that finds it succeeded or refused does nothing, unless it is there to confirm.
    """
    now = ports.clock.now()
    order = ports.orders.get(job.order_id) if read is None else read.get(job.order_id)
    if order is None or job.payment_no not in order.payments:
        return retry_missing(job, ports)
    payment = order.payments[job.payment_no]
    succeeded = payment.state is PaymentState.SUCCEEDED
    # What is over is never sent on: a rung that ends its hop early costs a paid order no wait.
    if payment.state is PaymentState.FAILED or (succeeded and not job.confirms):
        return "over"
    if now < job.due_at:
        ports.timers.resume(job)
        return "early"
    if succeeded:
        return confirm(order, payment, ports)
    order, status = ask(order, job.payment_no, ports)
    if job.carries:
        _hand_over(job, order, ports)
    return f"asked: {status or 'unknown'}"


def retry_missing(job: Job, ports: Ports) -> str:
    """Send a job again whose order is not there yet, for a minute: its timer was sent before the write."""
    again = job.again(ports.clock.now())
    if again is None:
        return "dropped: never written"
    ports.timers.schedule([again])
    return "not written yet"


def _hand_over(job: Job, order: Order, ports: Ports) -> None:
    payment = order.payments[job.payment_no]
    live = payment.state in {PaymentState.CREATING, PaymentState.PENDING}
    if not live or job.due_at <= payment.climbed_to:
        return
    now = ports.clock.now()
    moments = job.rest or _after_the_ladder(job, order, now)
    if not moments:
        return
    ports.timers.schedule(stage_jobs(payment, moments, now))
    # After the sending, so that a ladder never breaks off; a second copy of this rung then sends nothing.
    update(
        ports.orders,
        order,
        lambda stored: lifecycle.climbed(stored, job.payment_no, job.due_at),
        now,
    )


def _after_the_ladder(job: Job, order: Order, now: int) -> tuple[int, ...]:
    if now >= order.expires_at:
        return ()
    # Counted from the rung's own moment: two copies of it name the same next one.
    hours = (now - job.due_at) // HOURLY_SECONDS + 1
    next_at = job.due_at + hours * HOURLY_SECONDS
    return (min(next_at, order.expires_at + AFTER_CLOSE_SECONDS),)


def owned_order(order_id: str, line: BusinessLine, ports: Ports) -> Order:
    """Return the business line's order by id; raises NotFound, the same for what another line owns."""
    order = ports.orders.get(order_id) if ids.is_order_id(order_id) else None
    if order is None or order.line != line.id:
        raise NotFound
    return order


def order_by_number(out_order_no: str, line: BusinessLine, ports: Ports) -> Order:
    """Return the business line's order by its own number; raises NotFound."""
    return owned_order(ids.order_id(line.id, out_order_no), line, ports)
