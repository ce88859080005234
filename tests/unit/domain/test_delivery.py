"""What becomes of an owed event. Holds I23, I25, I27, I30 for notifications; A01."""

from dataclasses import replace

import pytest

from paycenter.domain import delivery
from paycenter.domain.errors import IllegalTransition
from paycenter.domain.order import EventType, Order
from paycenter.domain.states import DeliveryEvent, EventState, OrderState
from tests.fakes.clock import START
from tests.fakes.samples import an_event, an_order
from tests.fakes.soundness import assert_step

EVENT = an_event(an_order(), type=EventType.ORDER_CLOSED)


def owing(**changes: object) -> Order:
    event = replace(EVENT, **changes)  # type: ignore[arg-type]  # a test's own fields
    return an_order(
        state=OrderState.CLOSED, closed_at=START, outbox=1, events={event.event_id: event}
    )


def test_the_attempt_that_is_due_is_found() -> None:
    assert delivery.pending(owing(), EVENT.event_id, 0) == EVENT


@pytest.mark.parametrize("attempt", [1, 2, -1])
def test_another_attempt_is_out_of_date(attempt: int) -> None:
    assert delivery.pending(owing(), EVENT.event_id, attempt) is None


@pytest.mark.parametrize("state", [EventState.DELIVERED, EventState.DEAD, EventState.SUPERSEDED])
def test_an_event_that_ended_is_not_told_again(state: EventState) -> None:
    order = owing(state=state)
    assert delivery.pending(order, EVENT.event_id, 0) is None
    for what in set(DeliveryEvent) - {DeliveryEvent.SENT_AGAIN}:
        with pytest.raises(IllegalTransition):
            delivery.move(order, order.events[EVENT.event_id], what, START)


def test_an_event_that_was_never_owed_is_not_told() -> None:
    assert delivery.pending(owing(), EVENT.event_id[:-1] + "9", 0) is None


def test_a_failed_attempt_counts_and_is_due_again_later() -> None:
    order = owing()
    after = delivery.move(order, EVENT, DeliveryEvent.ATTEMPT_FAILED, START + 1, START + 16)
    event = after.events[EVENT.event_id]
    assert (event.state, event.attempt, event.due_at) == ("OWED", 1, START + 16)
    assert delivery.pending(after, EVENT.event_id, 0) is None
    assert delivery.pending(after, EVENT.event_id, 1) == event
    assert after.log[-1] == f"{START + 1} 2 E01 ATTEMPT_FAILED 1"
    assert_step(order, after)


@pytest.mark.parametrize(
    ("what", "state"),
    [
        (DeliveryEvent.ACKNOWLEDGED, EventState.DELIVERED),
        (DeliveryEvent.GIVEN_UP, EventState.DEAD),
        (DeliveryEvent.OVERTAKEN, EventState.SUPERSEDED),
    ],
)
def test_an_end_keeps_the_attempt_and_owes_nothing_more(
    what: DeliveryEvent, state: EventState
) -> None:
    order = owing(attempt=3)
    after = delivery.move(order, order.events[EVENT.event_id], what, START + 1)
    assert after.events[EVENT.event_id].state is state
    assert after.events[EVENT.event_id].attempt == 3
    assert after.owed_at is None
    assert_step(order, after)


def test_only_a_close_that_was_followed_by_accepted_money_is_old_news() -> None:
    assert not delivery.overtaken(owing(), EVENT)
    paid = replace(owing(), state=OrderState.PAID, winner="P")
    assert delivery.overtaken(paid, EVENT)
    assert not delivery.overtaken(paid, replace(EVENT, type=EventType.ORDER_PAID))


@pytest.mark.parametrize("state", [EventState.DELIVERED, EventState.DEAD])
def test_what_has_ended_can_be_sent_again_from_the_ladder_s_beginning(state: EventState) -> None:
    order = owing(state=state, attempt=7)
    after = delivery.send_again(order, [EVENT.event_id], START + 9)
    event = after.events[EVENT.event_id]
    assert (event.state, event.attempt, event.begun, event.due_at) == ("OWED", 8, 8, START + 9)
    assert delivery.pending(after, EVENT.event_id, 7) is None
    assert after.outbox == after.version == order.version + 1
    assert after.log[-1] == f"{START + 9} 2 E01 SENT_AGAIN 8"
    assert_step(order, after)


def test_sending_again_what_is_owed_changes_nothing() -> None:
    order = owing()
    assert delivery.send_again(order, [EVENT.event_id], START + 9) is order
    assert delivery.send_again(order, [], START + 9) is order


def test_old_news_is_not_sent_again() -> None:
    paid = replace(owing(state=EventState.DEAD), state=OrderState.PAID, winner="P")
    assert delivery.send_again(paid, [EVENT.event_id], START + 9) is paid


def test_a_dead_event_is_known_by_the_moment_it_was_given_up() -> None:
    order = owing()
    dead = delivery.move(order, EVENT, DeliveryEvent.GIVEN_UP, START + 5)
    assert (dead.dead_at, order.dead_at) == (START + 5, None)
    assert delivery.dead_events(dead, START + 5) == (EVENT.event_id,)
    assert delivery.dead_events(dead, START + 6) == ()
