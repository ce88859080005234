"""What becomes of an owed event: delivered, tried again, given up, or overtaken by a newer one."""

from dataclasses import replace
from types import MappingProxyType

from paycenter.domain.lifecycle import step
from paycenter.domain.order import EventType, Order, OwedEvent
from paycenter.domain.states import DELIVERY, DeliveryEvent, EventState, OrderState, transition


def pending(order: Order, event_id: str, attempt: int) -> OwedEvent | None:
    """Return the event if this attempt is still the one that is due, or None where the message is out of date."""
    event = order.events.get(event_id)
    if event is None or event.state is not EventState.OWED or event.attempt != attempt:
        return None
    return event


def overtaken(order: Order, event: OwedEvent) -> bool:
    """Tell whether a newer version of the order shows the fact of this event, so that telling it would be old news.

    Today that is one case: an order that was closed and then accepted late money is told as paid alone.
    """
    return event.type is EventType.ORDER_CLOSED and order.state is OrderState.PAID


def move(order: Order, event: OwedEvent, what: DeliveryEvent, now: int, due_at: int = 0) -> Order:
    """Record what became of one attempt; a failed one counts, so that duplicated messages end.

    `due_at` is the moment of the next attempt, for a failed one.
    """
    failed = what is DeliveryEvent.ATTEMPT_FAILED
    after = replace(
        event,
        state=transition(DELIVERY, event.state, what),
        attempt=event.attempt + 1 if failed else event.attempt,
        due_at=due_at if failed else event.due_at,
    )
    events = MappingProxyType({**order.events, event.event_id: after})
    return step(order, now, f"{event.event_id[-3:]} {what} {after.attempt}", events=events)
