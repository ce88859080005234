"""What becomes of an owed event: delivered, tried again, given up, or overtaken by a newer one."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from types import MappingProxyType

from paycenter.domain.ledger import logged
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
    after = replace(event, state=transition(DELIVERY, event.state, what))
    if what is DeliveryEvent.ATTEMPT_FAILED:
        after = replace(after, attempt=event.attempt + 1, due_at=due_at)
    elif what is DeliveryEvent.GIVEN_UP:
        after = replace(after, due_at=now)
    return _step(order, [after], what, now)


def send_again(order: Order, event_ids: Collection[str], now: int) -> Order:
    """Owe events anew that have ended, dead or delivered; those that are owed, or overtaken, stay as they are.

    Returns the same order where there is nothing to do, so that a repeat is harmless. KeyError for an event that the
    order does not have.
    """
    again = [_anew(event, now) for name in event_ids if _ended(order, event := order.events[name])]
    if not again:
        return order
    after = _step(order, again, DeliveryEvent.SENT_AGAIN, now)
    # The stream publishes what is owed anew like what is owed for the first time.
    return replace(after, outbox=after.version)


def _ended(order: Order, event: OwedEvent) -> bool:
    over = event.state in {EventState.DELIVERED, EventState.DEAD}
    return over and not overtaken(order, event)


def _anew(event: OwedEvent, now: int) -> OwedEvent:
    # The number of the last attempt is used up: a message of it that is still under way is out of date.
    return replace(
        event,
        state=transition(DELIVERY, event.state, DeliveryEvent.SENT_AGAIN),
        attempt=event.attempt + 1,
        begun=event.attempt + 1,
        due_at=now,
    )


def _step(order: Order, changed: Sequence[OwedEvent], what: DeliveryEvent, now: int) -> Order:
    events = {**order.events, **{event.event_id: event for event in changed}}
    named = " ".join(f"{event.event_id[-3:]} {what} {event.attempt}" for event in changed)
    return logged(order, step(order, events=MappingProxyType(events)), now, named)


def dead_events(order: Order, since: int = 0) -> tuple[str, ...]:
    """Return the events that were given up at `since` or later."""
    return tuple(
        event.event_id
        for event in order.events.values()
        if event.state is EventState.DEAD and event.due_at >= since
    )
