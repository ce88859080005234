"""Tell a business line: sign, post, and record what became of it; a failed attempt climbs the ladder."""

from typing import Final

from paycenter.domain import delivery, webhooks
from paycenter.domain.jobs import Job, JobKind
from paycenter.domain.order import Order, OwedEvent
from paycenter.domain.states import DeliveryEvent
from paycenter.ports.configuration import BusinessLine
from paycenter.ports.delivery import DeliveryAnswer
from paycenter.ports.everything import Ports
from paycenter.usecases.present import moment, order_answer
from paycenter.usecases.query import retry_missing
from paycenter.usecases.update import update

_GONE: Final = 410
# A business line may ask for more patience than its ladder has, but not for ever.
_RETRY_AFTER_CAP_SECONDS: Final = 6 * 3600


def run_notification(job: Job, ports: Ports) -> str:
    """Make one attempt to tell one event; returns a word for the log.

    A repeated message of an attempt that was recorded does nothing. Delivery is at least once: the business line
    tells repeats apart by `webhook-id`.
    """
    now = ports.clock.now()
    order = ports.orders.get(job.order_id)
    if order is None:
        return retry_missing(job, ports)
    event = delivery.pending(order, job.event_id, job.attempt)
    if event is None:
        return "out of date"
    if now < job.due_at:
        ports.timers.resume(job)
        return "early"
    if delivery.overtaken(order, event):
        ports.telemetry.count("NotificationsSuperseded")
        return _record(order, event, DeliveryEvent.OVERTAKEN, ports)
    line = ports.configuration.line(order.line)
    answer = (
        DeliveryAnswer(status=0, reason="no such line")
        if line is None
        else _post(order, event, line, ports)
    )
    if answer.delivered:
        return _record(order, event, DeliveryEvent.ACKNOWLEDGED, ports)
    if line is not None and answer.status == _GONE and not line.gone:
        ports.configuration.endpoint_gone(line.id, line.notify_url)
    return _failed(order, event, answer, ports)


def body_of(order: Order, event: OwedEvent, public_url: str, now: int) -> bytes:
    """Return the body of one attempt: the event's type, and the order as `GET` answers it at this moment."""
    data = order_answer(order, public_url).model_dump_json()
    return f'{{"type":"{event.type}","timestamp":"{moment(now)}","data":{data}}}'.encode()


def _post(order: Order, event: OwedEvent, line: BusinessLine, ports: Ports) -> DeliveryAnswer:
    if line.gone:
        return DeliveryAnswer(status=_GONE, reason="the address is gone; configure another")
    now = ports.clock.now()
    body = body_of(order, event, ports.public_url, now)
    secrets = [ports.configuration.secret(name) for name in line.webhook_secrets]
    return ports.business_lines.post(
        line.notify_url,
        webhooks.signed_headers(secrets, event.event_id, now, body, ports.business_lines.ed25519),
        body,
    )


def _failed(order: Order, event: OwedEvent, answer: DeliveryAnswer, ports: Ports) -> str:
    ladder = ports.configuration.notify_ladder(order.line).delays
    climbed = event.attempt - event.begun
    ports.telemetry.note(
        "delivery failed", event=event.event_id, status=answer.status, reason=answer.reason
    )
    if answer.status == _GONE or climbed >= len(ladder):
        ports.telemetry.count("NotificationsDead")
        return _record(order, event, DeliveryEvent.GIVEN_UP, ports)
    now = ports.clock.now()
    wait = max(ladder[climbed], min(answer.retry_after, _RETRY_AFTER_CAP_SECONDS))
    again = Job(
        kind=JobKind.NOTIFY,
        order_id=order.id,
        event_id=event.event_id,
        attempt=event.attempt + 1,
        due_at=now + wait,
        sent_at=now,
        group=order.line,
    )
    ports.timers.schedule([again])
    return _record(order, event, DeliveryEvent.ATTEMPT_FAILED, ports, due_at=again.due_at)


def _record(
    order: Order, event: OwedEvent, what: DeliveryEvent, ports: Ports, due_at: int = 0
) -> str:
    now = ports.clock.now()

    def move(stored: Order) -> Order:
        current = delivery.pending(stored, event.event_id, event.attempt)
        return stored if current is None else delivery.move(stored, current, what, now, due_at)

    update(ports.orders, order, move, now)
    return what.value
