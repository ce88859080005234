"""An order from its creation to its close. Holds I06, I08, I13, I15 (its domain half), I42; C04, C11."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from paycenter.domain import ids, lifecycle
from paycenter.domain.errors import OrderNotPayable, TooManyPayments
from paycenter.domain.order import (
    MAXIMUM_EVENTS,
    MAXIMUM_PAYMENTS,
    OWED_GRACE_SECONDS,
    EventType,
    Evidence,
    Order,
)
from paycenter.domain.states import EventState, OrderState, PaymentState
from tests.fakes.clock import START
from tests.fakes.samples import a_payment, an_event, an_order, paying
from tests.fakes.soundness import assert_consistent, assert_step

NOW = START + 30
EVIDENCE = Evidence(source="query", digest="d" * 64, account="bogus-main~1")
FIRST = a_payment(an_order(), 1).payment_no
SECOND = a_payment(an_order(), 2).payment_no


def started(order: Order, now: int = NOW) -> Order:
    payment = a_payment(order, len(order.payments) + 1, created_at=now)
    return lifecycle.start_payment(order, payment, now)


def test_the_first_payment_makes_an_order_paying_and_the_next_keep_it_so() -> None:
    order = an_order()
    once = started(order)
    twice = started(once)
    assert [order.state, once.state, twice.state] == ["CREATED", "PAYING", "PAYING"]
    assert list(twice.payments) == [FIRST, SECOND]
    assert_step(order, once)
    assert_step(once, twice)


def test_a_payment_that_starts_leaves_a_line_in_the_log() -> None:
    assert started(an_order()).log[-2:] == (
        f"{NOW} 2 P01 >PENDING bogus page 12800",
        f"{NOW} 2 O CREATED>PAYING started",
    )


@pytest.mark.parametrize(
    ("order", "now", "sentence"),
    [
        (an_order(state=OrderState.PAID), NOW, "The order is PAID"),
        (an_order(state=OrderState.CLOSED), NOW, "The order is CLOSED"),
        (an_order(closing=True), NOW, "being closed"),
        (an_order(), an_order().expires_at, "past its deadline"),
        (an_order(), an_order().expires_at + 1, "past its deadline"),
    ],
)
def test_an_order_that_takes_no_payment_says_why(order: Order, now: int, sentence: str) -> None:
    with pytest.raises(OrderNotPayable, match=sentence):
        started(order, now)


def test_the_last_second_before_the_deadline_is_still_in_time() -> None:
    order = an_order()
    assert started(order, order.expires_at - 1).state is OrderState.PAYING


def test_an_order_takes_ten_payments() -> None:
    order = an_order()
    for _ in range(MAXIMUM_PAYMENTS):
        order = started(order)
    with pytest.raises(TooManyPayments, match="has had 10 payments"):
        started(order)
    assert_consistent(order)


def test_the_channel_s_answer_makes_a_payment_pending_and_keeps_what_it_needs() -> None:
    order = paying(PaymentState.CREATING)
    accepted = lifecycle.channel_accepted(order, FIRST, {"ticket": "7"}, NOW)
    assert accepted.payments[FIRST].state is PaymentState.PENDING
    assert accepted.payments[FIRST].channel_data == {"ticket": "7"}
    assert_step(order, accepted)


@pytest.mark.parametrize("state", set(PaymentState) - {PaymentState.CREATING})
def test_a_late_create_answer_moves_nothing(state: PaymentState) -> None:
    order = paying(state)
    assert lifecycle.channel_accepted(order, FIRST, {"ticket": "7"}, NOW) is order


@pytest.mark.parametrize("state", [PaymentState.CREATING, PaymentState.PENDING])
def test_a_refused_or_closed_payment_leaves_its_order_open(state: PaymentState) -> None:
    order = paying(state)
    refused = lifecycle.channel_refused(order, FIRST, "NO_MONEY", NOW)
    closed = lifecycle.channel_closed(order, FIRST, EVIDENCE, NOW)
    assert (refused.state, refused.payments[FIRST].state) == ("PAYING", "FAILED")
    assert (closed.state, closed.payments[FIRST].state) == ("PAYING", "CLOSED")
    assert not refused.events
    assert not closed.events
    assert_step(order, refused)
    assert_step(order, closed)


@pytest.mark.parametrize(
    "state", [PaymentState.SUCCEEDED, PaymentState.FAILED, PaymentState.CLOSED]
)
def test_an_ended_payment_does_not_end_again(state: PaymentState) -> None:
    order = paying(state)
    assert lifecycle.channel_refused(order, FIRST, "X", NOW) is order
    assert lifecycle.channel_closed(order, FIRST, EVIDENCE, NOW) is order


def test_evidence_stands_in_the_log_in_at_most_120_bytes() -> None:
    long = replace(EVIDENCE, account="a" * 200)
    order = lifecycle.channel_closed(paying(PaymentState.PENDING), FIRST, long, NOW)
    assert order.log[-1].startswith(f"{NOW} 3 P01 PENDING>CLOSED closed query dddddddddddddddd aaa")
    assert_consistent(order)


def test_a_channel_s_code_in_any_script_stays_within_120_bytes() -> None:
    order = lifecycle.channel_refused(paying(PaymentState.CREATING), FIRST, "余额不足" * 40, NOW)
    assert_consistent(order)


def test_closing_an_order_without_live_payments_closes_it_in_one_write() -> None:
    order = paying(PaymentState.FAILED)
    closed = lifecycle.begin_closing(order, NOW)
    assert (closed.state, closed.closed_at, closed.closing) == ("CLOSED", NOW, True)
    assert [event.type for event in closed.events.values()] == [EventType.ORDER_CLOSED]
    assert_step(order, closed)


def test_closing_an_order_with_a_live_payment_refuses_new_ones_and_waits() -> None:
    order = paying(PaymentState.PENDING)
    closing = lifecycle.begin_closing(order, NOW)
    assert (closing.state, closing.closing, dict(closing.events)) == ("PAYING", True, {})
    assert_step(order, closing)
    with pytest.raises(OrderNotPayable, match="being closed"):
        started(closing)


def test_a_closing_order_closes_with_its_last_payment() -> None:
    order = paying(PaymentState.PENDING, PaymentState.CREATING, closing=True)
    one = lifecycle.channel_closed(order, FIRST, EVIDENCE, NOW)
    both = lifecycle.channel_refused(one, SECOND, "NO", NOW)
    assert (one.state, both.state) == ("PAYING", "CLOSED")
    assert_step(order, one)
    assert_step(one, both)


NOTHING_TO_CLOSE: list[Callable[[], Order]] = [
    lambda: an_order(state=OrderState.PAID),
    lambda: an_order(state=OrderState.CLOSED),
]


@pytest.mark.parametrize("make", NOTHING_TO_CLOSE)
def test_an_ended_order_neither_closes_nor_begins_to(make: Callable[[], Order]) -> None:
    order = make()
    assert lifecycle.begin_closing(order, NOW) is order
    assert lifecycle.close(order, NOW) is order


def test_an_order_that_is_closing_does_not_begin_again() -> None:
    order = paying(PaymentState.PENDING, closing=True)
    assert lifecycle.begin_closing(order, NOW) is order


def test_an_order_with_a_live_payment_does_not_close() -> None:
    for state in (PaymentState.CREATING, PaymentState.PENDING):
        order = paying(state)
        assert lifecycle.close(order, NOW) is order


def test_an_order_all_of_whose_payments_ended_closes_and_owes_the_news() -> None:
    order = paying(PaymentState.FAILED, PaymentState.CLOSED)
    closed = lifecycle.close(order, NOW)
    assert closed.state is OrderState.CLOSED
    assert [event.event_id for event in closed.events.values()] == [f"{order.id}E01"]
    assert closed.outbox == closed.version
    assert_step(order, closed)


def test_a_postponed_close_counts_and_keeps_the_order_unpayable() -> None:
    order = paying(PaymentState.PENDING)
    postponed = lifecycle.postpone_close(order, NOW + 5, NOW)
    assert (postponed.close_attempt, postponed.close_due_at) == (1, NOW + 5)
    assert (postponed.state, postponed.closing) == ("PAYING", True)
    assert_step(order, postponed)


def test_an_open_order_is_owed_an_action_at_its_deadline_and_a_grace_later() -> None:
    order = an_order()
    assert order.owed_at == order.expires_at + OWED_GRACE_SECONDS
    postponed = lifecycle.postpone_close(order, order.expires_at + 300, order.expires_at)
    assert postponed.owed_at == order.expires_at + 300 + OWED_GRACE_SECONDS


def test_an_ended_order_owes_its_events_only_and_then_nothing() -> None:
    closed = lifecycle.begin_closing(an_order(), NOW)
    assert closed.owed_at == NOW + OWED_GRACE_SECONDS
    told = replace(closed, events={"E": an_event(closed, state=EventState.DELIVERED)})
    assert told.owed_at is None


def test_the_earliest_of_all_owed_moments_counts() -> None:
    order = replace(an_order(), events={"E": an_event(an_order(), due_at=NOW)})
    assert order.owed_at == NOW + OWED_GRACE_SECONDS


def _full(**changes: Any) -> Order:  # noqa: ANN401 - any field of an event
    numbers = [ids.event_id(an_order().id, count + 1) for count in range(MAXIMUM_EVENTS)]
    return an_order(events={n: an_event(an_order(), event_id=n, **changes) for n in numbers})


@pytest.mark.parametrize("state", [EventState.DELIVERED, EventState.SUPERSEDED])
def test_what_was_told_makes_room_for_news_and_no_number_comes_twice(state: EventState) -> None:
    full = _full(state=state, type=EventType.REFUND_FAILED)
    after = lifecycle.owe(full, EventType.REFUND_SUCCEEDED, NOW)
    assert len(after.events) == MAXIMUM_EVENTS
    assert list(after.events) == [*list(full.events)[1:], ids.event_id(full.id, 21)]


def test_the_news_of_an_older_refund_is_in_the_next_one() -> None:
    full = _full(type=EventType.REFUND_FAILED)
    after = lifecycle.owe(full, EventType.REFUND_SUCCEEDED, NOW)
    assert list(after.events) == [*list(full.events)[1:], ids.event_id(full.id, 21)]


def test_the_news_of_an_order_s_end_is_never_dropped() -> None:
    full = _full(type=EventType.ORDER_PAID)
    after = lifecycle.owe(full, EventType.REFUND_SUCCEEDED, NOW)
    assert full.events.keys() < after.events.keys()


def test_the_log_of_an_order_does_not_grow_without_end() -> None:
    order = paying(PaymentState.PENDING)
    for attempt in range(2_000):
        order = lifecycle.postpone_close(order, NOW + attempt, NOW)
    assert order.close_attempt == 2_000
    assert sum(len(entry.encode()) for entry in order.log) <= 16 * 1024
