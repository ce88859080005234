"""Whole ladders in simulated time, each job at its moment, also doubled, late and reordered.

Holds I23, I29, I30, I31, I33; A01, A03, A09, C16, C17, C20, U01.
"""

from collections.abc import Sequence

import pytest

from paycenter.domain.jobs import Job, JobKind
from paycenter.domain.order import Order
from paycenter.domain.states import EventState, OrderState, PaymentState
from paycenter.ports.channel import Account, Outcome, PaymentRequest, QueryAnswer
from paycenter.ports.delivery import DeliveryAnswer
from paycenter.usecases.expire import close_order
from tests.fakes.acting import called_back, now_stored, ordered, paying_order, started
from tests.fakes.channel import BogusChannel
from tests.fakes.clock import START
from tests.fakes.ports import FakePorts
from tests.fakes.samples import a_manifest
from tests.fakes.soundness import assert_sound
from tests.fakes.wire import Call
from tests.fakes.world import World

UNKNOWN = QueryAnswer(outcome=Outcome.UNKNOWN)
SHORT, USUAL, LONG = 120, 1800, 86400


class Asked:
    """Remembers the moment of every query, from the order's creation."""

    def __init__(self, ports: FakePorts, channel: BogusChannel) -> None:
        self.moments: list[int] = []
        query = channel.query

        def note(account: Account, payment: PaymentRequest) -> QueryAnswer:
            self.moments.append(ports.clock.now() - START)
            return query(account, payment)

        channel.query = note  # type: ignore[method-assign]  # watched


def only(world: World) -> Order:
    (order,) = world.ports.orders.stored.values()
    return order


def check(world: World) -> Order:
    assert_sound(world.ports.orders.history)
    assert world.ports.timers.next_at() is None
    return only(world)


def test_an_order_of_two_minutes_closes_at_its_deadline_and_is_asked_once_more_afterwards() -> None:
    world = World()
    asked = Asked(world.ports, world.ports.bogus)
    paying_order(world.ports, "qr", expires_in=SHORT)
    world.run()
    order = check(world)
    assert order.closed_at == order.expires_at
    # The channel's own deadline strikes 5 s before ours, so that the rung at 115 already finds it closed.
    assert asked.moments == [10, 15, 25, 55, 115, 715]
    assert world.delivered[JobKind.NOTIFY] == 1


def test_an_order_of_half_an_hour_has_the_last_rung_of_its_ladder_after_the_close() -> None:
    world = World()
    asked = Asked(world.ports, world.ports.bogus)
    paying_order(world.ports, "qr", expires_in=USUAL)
    world.run()
    order = check(world)
    assert order.closed_at == order.expires_at
    assert asked.moments == [10, 15, 25, 55, 115, 715, 1800, 1915]


def test_an_order_of_a_day_is_asked_each_hour_and_once_after_its_close() -> None:
    world = World()
    asked = Asked(world.ports, world.ports.bogus)
    paying_order(world.ports, "qr", expires_in=LONG)
    world.run()
    order = check(world)
    assert order.closed_at == order.expires_at
    hourly = [1915 + hour * 3600 for hour in range(24)]
    assert asked.moments == [10, 15, 25, 55, 115, 715, *hourly, 86400, 86515]


@pytest.mark.parametrize("life", [SHORT, USUAL, LONG])
def test_a_payer_who_never_comes_costs_as_much_patience_and_no_more(life: int) -> None:
    """A signed page that was never opened: the channel knows nothing of it."""
    world = World()
    asked = Asked(world.ports, world.ports.bogus)
    paying_order(world.ports, "page", expires_in=life)
    world.run()
    assert check(world).state is OrderState.CLOSED
    assert len([moment for moment in asked.moments if moment > life]) == 1
    assert asked.moments[-2] == life


@pytest.mark.parametrize("life", [SHORT, USUAL, LONG])
@pytest.mark.parametrize(("copies", "lateness"), [(2, 0), (3, 0), (1, 40), (2, 40), (3, 7)])
def test_doubled_late_and_reordered_messages_end_all_the_same(
    copies: int, lateness: int, life: int
) -> None:
    for seed in range(4):
        world = World(copies=copies, lateness=lateness, seed=seed)
        asked = Asked(world.ports, world.ports.bogus)
        paying_order(world.ports, "qr", expires_in=life)
        world.run()
        order = check(world)
        assert order.state is OrderState.CLOSED
        assert order.expires_at <= order.closed_at <= order.expires_at + lateness
        (event,) = order.events.values()
        assert event.state is EventState.DELIVERED
        assert any(moment > order.closed_at - START for moment in asked.moments)
        # Copies add up, they never multiply: a stage is handed over once. Two rungs come by two messages, hop and rest.
        assert len(asked.moments) <= copies * (8 + life // 3600) + 2 * copies * copies
        assert len(world.ports.business_lines.received) == 1


def test_a_day_s_order_hops_before_its_execution_and_has_one_execution_a_job() -> None:
    world = World()
    order = ordered(world.ports, expires_in=LONG)
    world.run(START + 899)
    assert world.ports.timers.waits == {}
    world.run()
    (wait,) = world.ports.timers.waits.values()
    assert (wait.kind, wait.due_at) == (JobKind.EXPIRE, order.expires_at)
    assert only(world).closed_at == order.expires_at


def test_an_order_that_is_paid_within_a_quarter_of_an_hour_starts_no_execution() -> None:
    world = World()
    number = paying_order(world.ports, "qr").payment.payment_no
    world.run(START + 60)
    world.ports.bogus.payer_pays(number)
    called_back(world.ports, world.ports.bogus, number)
    world.run()
    assert check(world).state is OrderState.PAID
    assert world.ports.timers.waits == {}


@pytest.mark.parametrize("paid_at", [1, 9, 12, 24, 60, 700, 1000, 1799])
def test_money_whose_callback_was_lost_is_found_by_the_next_question(paid_at: int) -> None:
    world = World()
    asked = Asked(world.ports, world.ports.bogus)
    number = paying_order(world.ports, "qr").payment.payment_no
    world.run(START + paid_at)
    world.ports.bogus.payer_pays(number)
    world.run()
    order = check(world)
    assert (order.state, order.winner) == ("PAID", number)
    ladder = [10, 15, 25, 55, 115, 715, 1800]
    assert asked.moments[-1] == min(moment for moment in ladder if moment >= paid_at)
    assert [event.state for event in order.events.values()] == [EventState.DELIVERED]


def test_money_that_comes_after_the_close_is_found_by_the_last_question() -> None:
    world = World()
    number = paying_order(world.ports, "qr").payment.payment_no
    world.run(START + USUAL + 1)
    assert only(world).state is OrderState.CLOSED
    world.ports.bogus.payer_pays(number)
    world.run()
    order = check(world)
    assert order.payments[number].state is PaymentState.SUCCEEDED
    assert [raised.kind for raised in order.exceptions.values()] == ["LATE_PAYMENT"]
    assert list(order.refunds) == [f"{number}D"]
    assert len(world.ports.exceptions.records) == 1


@pytest.mark.parametrize("minutes", [1, 10, 120])
def test_a_channel_that_is_down_postpones_the_close_until_it_is_back(minutes: int) -> None:
    world = World(copies=2)
    channel = world.ports.bogus
    paying_order(world.ports, "qr")
    world.run(START + USUAL - 1)
    back_at = START + USUAL + 60 * minutes
    query = channel.query
    channel.query = lambda account, payment: (  # type: ignore[method-assign]  # down, then up again
        query(account, payment) if world.ports.clock.now() >= back_at else UNKNOWN
    )
    world.run(back_at - 1)
    assert only(world).state is OrderState.PAYING
    world.run()
    order = check(world)
    assert order.state is OrderState.CLOSED
    assert back_at <= order.closed_at <= back_at + 300


def test_a_channel_that_is_down_for_ever_is_asked_every_five_minutes_and_not_more() -> None:
    world = World(copies=2)
    world.ports.bogus.query = lambda account, payment: UNKNOWN  # type: ignore[method-assign]  # noqa: ARG005 - down
    paying_order(world.ports, "qr")
    world.run(START + USUAL + 12 * 3600)
    order = only(world)
    assert (order.state, order.closing) == ("PAYING", True)
    assert 12 * 12 <= order.close_attempt <= 12 * 12 + 5
    assert len(order.log) <= 120
    assert_sound(world.ports.orders.history)


def test_a_second_payment_that_lost_is_asked_until_its_channel_has_closed_it() -> None:
    world = World()
    first = paying_order(world.ports, "qr")
    second = started(world.ports, first.order, "rival", "qr").payment.payment_no
    world.run(START + 20)
    world.ports.rival.payer_pays(second)
    called_back(world.ports, world.ports.rival, second)
    world.run()
    order = check(world)
    assert order.winner == second
    assert order.payments[first.payment.payment_no].state is PaymentState.CLOSED


def test_a_second_payment_that_is_paid_later_is_found_and_owed_back() -> None:
    world = World()
    first = paying_order(world.ports, "qr")
    second = started(world.ports, first.order, "rival", "qr").payment.payment_no
    world.run(START + 20)
    world.ports.rival.payer_pays(second)
    called_back(world.ports, world.ports.rival, second)
    world.run(START + 300)
    world.ports.bogus.payer_pays(first.payment.payment_no)
    world.run()
    order = check(world)
    assert [raised.kind for raised in order.exceptions.values()] == ["DUPLICATE_PAYMENT"]
    assert list(order.refunds) == [f"{first.payment.payment_no}D"]


@pytest.mark.parametrize("copies", [1, 3])
def test_a_business_line_that_is_down_for_days_ends_dead_with_an_alarm(copies: int) -> None:
    world = World(copies=copies)
    world.ports.business_lines.usual = DeliveryAnswer(status=503)
    order = ordered(world.ports, expires_in=SHORT)
    world.run()
    (event,) = check(world).events.values()
    assert event.state is EventState.DEAD
    assert len(world.ports.business_lines.received) == 25
    assert world.ports.clock.now() == order.expires_at + 75 * 3600 + 240
    assert world.ports.telemetry.counts["NotificationsDead"] == 1


@pytest.mark.parametrize("lost", ["expire", "notify", "query"])
def test_a_timer_that_was_lost_is_made_up_for_by_the_sweep(lost: str) -> None:
    world = World(sweeping=True)
    timers = world.ports.timers
    schedule = timers.schedule

    def lose(jobs: Sequence[Job]) -> None:
        # The first sending of the kind vanishes; what the sweep sends is due at once, and arrives.
        if jobs[0].kind == lost and not world.ports.telemetry.counts["Swept"]:
            world.ports.wire.calls.append(Call("lost", lost))
            return
        schedule(jobs)

    timers.schedule = lose  # type: ignore[method-assign]  # a queue that forgets
    answer = paying_order(world.ports, "qr")
    world.run(START + USUAL + 1200)
    order = only(world)
    assert Call("lost", lost) in world.ports.wire.calls
    assert order.state is OrderState.CLOSED
    assert order.closed_at <= answer.order.expires_at + 240
    assert [event.state for event in order.events.values()] == [EventState.DELIVERED]


def test_a_close_on_request_before_the_channel_can_close_ends_at_the_deadline() -> None:
    world = World()
    world.ports.bogus.manifest = a_manifest(close_after_s=None)
    answer = paying_order(world.ports, "qr")
    close_order(now_stored(world.ports, answer.order), world.ports)
    world.run()
    order = check(world)
    assert order.closed_at == order.expires_at
    assert world.ports.bogus.times("close") == 0


def test_a_mismatch_ends_at_the_deadline_and_is_held_for_a_person() -> None:
    """Money of another amount: nothing is booked, one exception waits, and nobody is asked about it for ever."""
    world = World()
    number = paying_order(world.ports, "qr").payment.payment_no
    world.ports.bogus.payer_pays(number, amount=1)
    world.run(START + 7 * 86400)
    order = only(world)
    assert (order.state, order.closed_at) == ("CLOSED", order.expires_at)
    assert [record.kind for record in world.ports.exceptions.records.values()] == [
        "AMOUNT_MISMATCH"
    ]
    assert world.ports.telemetry.counts["Exceptions"] == 1
    assert world.ports.bogus.times("query") < 15
