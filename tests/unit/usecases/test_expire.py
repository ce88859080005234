"""Closing: at the channel first, then here, and payment beats close. Holds I07, I09, I13, I31, I32; C10, C11, C12, C20."""

from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from paycenter.domain.errors import OrderNotPayable, SlowDown
from paycenter.domain.jobs import JobKind
from paycenter.domain.order import EventType, Order
from paycenter.domain.states import OrderState, PaymentState
from paycenter.ports.channel import ChannelStatus, CloseAnswer, Outcome, QueryAnswer
from paycenter.usecases.create_payment import StartedPayment
from paycenter.usecases.expire import close_order, run_expiry
from tests.fakes.acting import (
    broken_everywhere,
    expiry_of,
    now_stored,
    ordered,
    paying_order,
    started,
)
from tests.fakes.clock import START
from tests.fakes.interleaving import Task, interleavings
from tests.fakes.ports import FakePorts, fake_ports
from tests.fakes.samples import a_manifest
from tests.fakes.soundness import assert_sound
from tests.fakes.store import somebody_else_writes
from tests.fakes.wire import Wire

UNKNOWN = QueryAnswer(outcome=Outcome.UNKNOWN, code="TIMEOUT")


def answered(status: ChannelStatus) -> QueryAnswer:
    return QueryAnswer(outcome=Outcome.DONE, status=status, digest="q")


def the_order(ports: FakePorts) -> Order:
    (order,) = ports.orders.stored.values()
    return order


def at_the_deadline(ports: FakePorts, product: str = "qr") -> StartedPayment:
    answer = paying_order(ports, product)
    ports.clock.forward_to(answer.order.expires_at)
    ports.wire.forget()
    ports.timers.requests.clear()
    return answer


def test_an_order_that_nobody_began_to_pay_closes_at_its_deadline(ports: FakePorts) -> None:
    order = ordered(ports)
    ports.clock.forward_to(order.expires_at)
    ports.wire.forget()
    assert run_expiry(expiry_of(order), ports) == "CLOSED"
    assert ports.wire.names() == ["orders.get", "orders.save"]
    assert the_order(ports).closed_at == order.expires_at
    assert [event.type for event in the_order(ports).events.values()] == [EventType.ORDER_CLOSED]


def test_one_second_before_the_deadline_is_too_early(ports: FakePorts) -> None:
    order = ordered(ports)
    ports.clock.forward_to(order.expires_at - 1)
    ports.timers.requests.clear()
    assert run_expiry(expiry_of(order), ports) == "early"
    assert ports.timers.sent == [expiry_of(order)]
    assert the_order(ports) is order


def test_a_timer_that_is_older_than_the_deadline_waits_for_the_deadline_and_does_not_spin(
    ports: FakePorts,
) -> None:
    order = ordered(ports)
    ports.timers.requests.clear()
    run_expiry(replace(expiry_of(order), due_at=START), ports)
    assert [job.due_at for job in ports.timers.sent] == [order.expires_at]


def test_a_page_that_the_payer_never_opened_is_proven_unpaid_by_one_query(
    ports: FakePorts,
) -> None:
    at_the_deadline(ports, "page")
    assert run_expiry(expiry_of(the_order(ports)), ports) == "CLOSED"
    assert ports.wire.names() == ["orders.get", "bogus.query", "orders.save", "orders.save"]


def test_an_open_trade_is_queried_closed_and_queried_again_before_the_order_closes(
    ports: FakePorts,
) -> None:
    answer = at_the_deadline(ports)
    # A channel whose own deadline has not struck although ours has.
    ports.bogus.query_answers = [answered(ChannelStatus.PENDING)]
    assert run_expiry(expiry_of(answer.order), ports) == "CLOSED"
    assert ports.wire.names() == [
        "orders.get",
        "bogus.query",
        "bogus.close",
        "bogus.query",
        "orders.save",
        "orders.save",
    ]
    assert ports.bogus.trades[answer.payment.payment_no].status is ChannelStatus.CLOSED


def test_money_that_the_first_query_finds_makes_the_order_paid(ports: FakePorts) -> None:
    answer = at_the_deadline(ports)
    ports.bogus.payer_pays(answer.payment.payment_no)
    assert run_expiry(expiry_of(answer.order), ports) == "PAID"
    assert ports.bogus.times("close") == 0


def test_money_that_comes_between_query_and_close_makes_the_order_paid(ports: FakePorts) -> None:
    answer = at_the_deadline(ports)
    ports.bogus.payer_pays(answer.payment.payment_no)
    ports.bogus.query_answers = [answered(ChannelStatus.PENDING)]
    assert run_expiry(expiry_of(answer.order), ports) == "PAID"
    assert the_order(ports).winner == answer.payment.payment_no


FIRST = [UNKNOWN, *(answered(status) for status in ChannelStatus if status != "PAID")]
CLOSE = [CloseAnswer(outcome=outcome, digest="c") for outcome in Outcome]
SECOND = FIRST


def asks_to_close(first: QueryAnswer) -> bool:
    return first.status is ChannelStatus.PENDING


def proven_unpaid(
    first: QueryAnswer, close: CloseAnswer, second: QueryAnswer, *, late: bool
) -> bool:
    """Say by the design's words alone whether these answers prove that nothing was paid."""
    last = second if asks_to_close(first) else first
    closed = asks_to_close(first) and close.outcome is Outcome.DONE
    # At the order's own deadline the channel's lies behind: "not paid" and "not found" are final then.
    final = late and last.outcome is Outcome.DONE
    return closed or final or last.status is ChannelStatus.CLOSED


@pytest.mark.parametrize("late", [True, False], ids=["deadline", "request"])
@pytest.mark.parametrize(
    ("first", "close", "second"),
    list(product(FIRST, CLOSE, SECOND)),
    ids=lambda answer: str(getattr(answer, "status", None) or answer.outcome),
)
def test_an_order_closes_exactly_when_its_payment_is_proven_unpaid(
    first: QueryAnswer,
    close: CloseAnswer,
    second: QueryAnswer,
    late: bool,  # noqa: FBT001 - a case
    ports: FakePorts,
) -> None:
    answer = at_the_deadline(ports) if late else paying_order(ports, "qr")
    ports.bogus.query_answers = [first, second]
    ports.bogus.close_answers = [close]
    if late:
        run_expiry(expiry_of(answer.order), ports)
    else:
        close_order(answer.order, ports)
    order = the_order(ports)
    proven = proven_unpaid(first, close, second, late=late)
    assert (order.state is OrderState.CLOSED) == proven
    assert (order.payments[answer.payment.payment_no].state is PaymentState.CLOSED) == proven
    assert order.closing
    assert ports.bogus.times("close") == (1 if asks_to_close(first) else 0)


@pytest.mark.parametrize("outcome", list(Outcome))
def test_a_close_that_says_done_does_not_win_against_a_query_that_says_paid(
    outcome: Outcome, ports: FakePorts
) -> None:
    answer = at_the_deadline(ports)
    trade = ports.bogus.payer_pays(answer.payment.payment_no)
    paid = QueryAnswer(
        outcome=Outcome.DONE, status=ChannelStatus.PAID, receipt=trade.receipt, digest="q"
    )
    ports.bogus.query_answers = [answered(ChannelStatus.PENDING), paid]
    ports.bogus.close_answers = [CloseAnswer(outcome=outcome, digest="c")]
    assert run_expiry(expiry_of(answer.order), ports) == "PAID"


def test_money_of_another_amount_is_held_and_its_order_ends_at_the_deadline(
    ports: FakePorts,
) -> None:
    answer = at_the_deadline(ports)
    trade = ports.bogus.payer_pays(answer.payment.payment_no, amount=1)
    paid = QueryAnswer(
        outcome=Outcome.DONE, status=ChannelStatus.PAID, receipt=trade.receipt, digest="q"
    )
    ports.bogus.query_answers = [answered(ChannelStatus.PENDING), paid]
    ports.bogus.close_answers = [CloseAnswer(outcome=Outcome.DONE, digest="c")]
    assert run_expiry(expiry_of(answer.order), ports) == "CLOSED"
    assert the_order(ports).payments[answer.payment.payment_no].state is PaymentState.CLOSED
    assert [record.kind for record in ports.exceptions.records.values()] == ["AMOUNT_MISMATCH"]


def test_a_channel_that_can_not_close_yet_is_not_asked_to(ports: FakePorts) -> None:
    ports.bogus.manifest = a_manifest(close_after_s=300)
    answer = paying_order(ports, "qr")
    ports.clock.forward(299)
    assert close_order(answer.order, ports).state is OrderState.PAYING
    assert ports.bogus.times("close") == 0
    ports.clock.forward(1)
    assert close_order(the_order(ports), ports).state is OrderState.CLOSED
    assert ports.bogus.times("close") == 1


def test_a_channel_that_never_closes_is_never_asked_to_and_ends_at_the_deadline(
    ports: FakePorts,
) -> None:
    ports.bogus.manifest = a_manifest(close_after_s=None)
    answer = paying_order(ports, "qr")
    assert close_order(answer.order, ports).state is OrderState.PAYING
    ports.clock.forward_to(answer.order.expires_at)
    ports.bogus.query_answers = [answered(ChannelStatus.PENDING)]
    assert run_expiry(expiry_of(answer.order), ports) == "CLOSED"
    assert ports.bogus.times("close") == 0


WAITS = [5, 10, 30, 60, 300, 300, 300]


def test_a_channel_that_can_not_tell_postpones_the_close_with_growing_waits(
    ports: FakePorts,
) -> None:
    answer = at_the_deadline(ports)
    ports.bogus.query_answers = [UNKNOWN] * len(WAITS)
    job = expiry_of(answer.order)
    for attempt, wait in enumerate(WAITS, 1):
        assert run_expiry(job, ports) == f"postponed by {wait} s"
        job = ports.timers.sent[-1]
        assert (job.kind, job.attempt) == (JobKind.EXPIRE, attempt)
        assert job.due_at == ports.clock.now() + wait == the_order(ports).close_due_at
        ports.clock.forward_to(job.due_at)
    with pytest.raises(OrderNotPayable):
        started(ports, answer.order, "rival", "page")
    assert run_expiry(job, ports) == "CLOSED"


def test_the_timer_of_the_next_try_leaves_before_the_write(ports: FakePorts) -> None:
    answer = at_the_deadline(ports)
    ports.bogus.query_answers = [UNKNOWN]
    run_expiry(expiry_of(answer.order), ports)
    assert ports.wire.names() == ["orders.get", "bogus.query", "timers.schedule", "orders.save"]


def test_a_copy_of_a_timer_whose_attempt_was_counted_does_nothing(ports: FakePorts) -> None:
    answer = at_the_deadline(ports)
    ports.bogus.query_answers = [UNKNOWN]
    job = expiry_of(answer.order)
    run_expiry(job, ports)
    ports.wire.forget()
    assert run_expiry(job, ports) == "out of date"
    assert ports.wire.names() == ["orders.get"]


def test_a_try_that_comes_before_its_moment_is_sent_on(ports: FakePorts) -> None:
    answer = at_the_deadline(ports)
    ports.bogus.query_answers = [UNKNOWN]
    run_expiry(expiry_of(answer.order), ports)
    again = ports.timers.sent[-1]
    ports.clock.forward(4)
    assert run_expiry(again, ports) == "early"
    assert ports.timers.sent[-1] == again


@pytest.mark.parametrize("state", [OrderState.PAID, OrderState.CLOSED])
def test_an_order_that_has_ended_is_over(state: OrderState, ports: FakePorts) -> None:
    answer = at_the_deadline(ports)
    if state is OrderState.PAID:
        ports.bogus.payer_pays(answer.payment.payment_no)
    assert run_expiry(expiry_of(answer.order), ports) == state
    ports.wire.forget()
    assert run_expiry(expiry_of(answer.order), ports) == "over"
    assert ports.wire.names() == ["orders.get"]


def test_an_order_that_was_never_written_is_dropped_after_a_minute(ports: FakePorts) -> None:
    order = ordered(ports)
    ports.orders.stored.clear()
    ports.orders.history.clear()
    assert run_expiry(expiry_of(order), ports) == "not written yet"
    ports.clock.forward_to(order.expires_at)
    assert run_expiry(expiry_of(order), ports) == "dropped: never written"


def test_all_live_payments_are_closed_and_one_that_was_paid_ends_the_matter(
    ports: FakePorts,
) -> None:
    first = paying_order(ports, "qr")
    second = started(ports, first.order, "rival", "qr")
    ports.rival.payer_pays(second.payment.payment_no)
    ports.clock.forward_to(first.order.expires_at)
    assert run_expiry(expiry_of(first.order), ports) == "PAID"
    order = the_order(ports)
    assert order.winner == second.payment.payment_no
    assert order.payments[first.payment.payment_no].state is PaymentState.CLOSED


@pytest.mark.parametrize("conflicts", [1, 2, 7])
def test_conflicts_are_decided_again(conflicts: int, ports: FakePorts) -> None:
    answer = at_the_deadline(ports)
    ports.orders.interference = [somebody_else_writes] * conflicts
    assert run_expiry(expiry_of(answer.order), ports) == "CLOSED"


def test_too_many_conflicts_leave_the_order_open_and_the_message_unread(ports: FakePorts) -> None:
    answer = at_the_deadline(ports)
    ports.orders.interference = [somebody_else_writes] * 8
    with pytest.raises(SlowDown):
        run_expiry(expiry_of(answer.order), ports)
    assert the_order(ports).state is OrderState.PAYING


def test_a_close_on_request_closes_at_once_what_nobody_began_to_pay(ports: FakePorts) -> None:
    order = ordered(ports)
    ports.wire.forget()
    assert close_order(order, ports).state is OrderState.CLOSED
    assert ports.wire.names() == ["orders.save"]


def test_a_close_on_request_closes_an_open_trade_at_its_channel(ports: FakePorts) -> None:
    answer = paying_order(ports, "qr")
    ports.wire.forget()
    closed = close_order(answer.order, ports)
    assert (closed.state, closed) == ("CLOSED", the_order(ports))
    assert ports.wire.names() == [
        "orders.save",
        "bogus.query",
        "bogus.close",
        "bogus.query",
        "orders.save",
    ]


def test_a_page_that_may_still_be_opened_keeps_the_order_closing_until_its_deadline(
    ports: FakePorts,
) -> None:
    answer = paying_order(ports, "page")
    closing = close_order(answer.order, ports)
    assert (closing.state, closing.closing) == ("PAYING", True)
    with pytest.raises(OrderNotPayable, match="being closed"):
        started(ports, closing, "rival", "page")
    ports.clock.forward_to(closing.expires_at)
    assert run_expiry(expiry_of(closing), ports) == "CLOSED"


def test_money_that_arrives_while_an_order_is_closing_makes_it_paid(ports: FakePorts) -> None:
    answer = paying_order(ports, "page")
    closing = close_order(answer.order, ports)
    ports.bogus.payer_pays(answer.payment.payment_no)
    ports.clock.forward_to(closing.expires_at)
    assert run_expiry(expiry_of(closing), ports) == "PAID"


def test_a_paid_order_is_not_closed_and_the_line_is_told_what_to_do(ports: FakePorts) -> None:
    answer = paying_order(ports, "qr")
    ports.bogus.payer_pays(answer.payment.payment_no)
    with pytest.raises(OrderNotPayable, match="can't be closed; refund it instead"):
        close_order(answer.order, ports)
    assert the_order(ports).state is OrderState.PAID
    with pytest.raises(OrderNotPayable):
        close_order(the_order(ports), ports)


def test_a_repeated_close_answers_the_same_closed_order(ports: FakePorts) -> None:
    closed = close_order(ordered(ports), ports)
    ports.wire.forget()
    assert close_order(closed, ports) is closed
    assert ports.wire.calls == []


@pytest.mark.parametrize("paid", [False, True])
def test_whatever_breaks_a_repeated_expiry_ends_alike(paid: bool) -> None:  # noqa: FBT001 - a case
    def prepare(ports: FakePorts) -> None:
        answer = at_the_deadline(ports)
        ports.bogus.query_answers = []
        if paid:
            ports.bogus.payer_pays(answer.payment.payment_no)

    def act(ports: FakePorts) -> str:
        return run_expiry(expiry_of(the_order(ports), the_order(ports).close_attempt), ports)

    def patient(ports: FakePorts) -> object:
        # Whoever was told to come later comes later.
        became = act(ports)
        while became.startswith("postponed"):
            ports.wire.faults.clear()
            ports.clock.forward_to(the_order(ports).close_due_at)
            became = act(ports)
        return became

    for broken in broken_everywhere(prepare, patient):
        assert the_order(broken.ports).state is (OrderState.PAID if paid else OrderState.CLOSED)


def test_two_expiries_at_once_close_once_under_every_interleaving() -> None:
    worlds: list[FakePorts] = []

    def make() -> tuple[Wire, list[Task]]:
        ports = fake_ports()
        worlds.append(ports)
        answer = at_the_deadline(ports)
        return ports.wire, [lambda: run_expiry(expiry_of(answer.order), ports)] * 2

    for results in interleavings(make):
        assert set(results.values()) <= {"CLOSED", "over"}
        assert the_order(worlds[-1]).state is OrderState.CLOSED
        assert len(the_order(worlds[-1]).events) == 1
        assert_sound(worlds[-1].orders.history)


def test_a_new_payment_and_the_expiry_at_once_leave_no_open_payment_of_a_closed_order() -> None:
    worlds: list[FakePorts] = []

    def make() -> tuple[Wire, list[Task]]:
        ports = fake_ports()
        worlds.append(ports)
        # The window's last second, and a consumer whose clock is ahead enough to close now.
        ports.bogus.manifest = a_manifest(minimum_window_s=0, deadline_margin_s=0)
        order = ordered(ports)
        ports.clock.forward_to(order.expires_at - 1)

        def expire() -> Any:  # noqa: ANN401 - what a consumer says
            ahead = replace(ports, clock=replace(ports.clock, time=order.expires_at))
            return run_expiry(expiry_of(order), ahead)

        return ports.wire, [lambda: started(ports, order, product="qr"), expire]

    for results in interleavings(make):
        order = the_order(worlds[-1])
        if order.state is OrderState.CLOSED:
            assert not order.live_payments()
        else:
            assert str(results[1]).startswith("postponed")
        assert_sound(worlds[-1].orders.history)
    assert worlds[-1].clock.now() > START


def test_the_order_as_stored_is_what_a_close_answers(ports: FakePorts) -> None:
    answer = paying_order(ports, "qr")
    assert close_order(answer.order, ports) == now_stored(ports, answer.order)
