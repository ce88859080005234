"""Each minute: find what was lost, and send it again. Its count is an alarm and should be 0."""

from typing import Final

from paycenter.domain.jobs import Job, JobKind
from paycenter.domain.order import Order
from paycenter.domain.states import EventState
from paycenter.ports.everything import Ports

# One minute's work: what is beyond waits for the next minute, oldest first.
_LIMIT: Final = 500


def sweep(ports: Ports) -> int:
    """Send a job, due at once, for everything that somebody should have done by now; returns how many jobs."""
    now = ports.clock.now()
    found = ports.owed.owed_before(now, _LIMIT)
    jobs: list[Job] = []
    for order_id in found:
        order = ports.orders.get(order_id)
        if order is not None:
            jobs += _overdue(order, now)
    for kind in JobKind:
        of_kind = [job for job in jobs if job.kind is kind]
        if of_kind:
            ports.timers.schedule(of_kind)
    ports.telemetry.count("Swept", len(jobs))
    return len(jobs)


def _overdue(order: Order, now: int) -> list[Job]:
    jobs = [
        Job(
            kind=JobKind.NOTIFY,
            order_id=order.id,
            event_id=event.event_id,
            attempt=event.attempt,
            due_at=now,
            sent_at=now,
            group=order.line,
        )
        for event in order.events.values()
        if event.state is EventState.OWED and event.due_at < now
    ]
    jobs += [
        Job(
            kind=JobKind.REFUND,
            order_id=order.id,
            refund_no=refund.refund_no,
            attempt=refund.attempt,
            due_at=now,
            sent_at=now,
            group=order.payments[refund.payment_no].account.partition("~")[0],
        )
        for refund in order.refunds.values()
        if refund.is_open and 0 < refund.due_at < now
    ]
    if order.is_open and max(order.expires_at, order.close_due_at) < now:
        jobs.append(
            Job(
                kind=JobKind.EXPIRE,
                order_id=order.id,
                attempt=order.close_attempt,
                due_at=now,
                sent_at=now,
            )
        )
    return jobs
