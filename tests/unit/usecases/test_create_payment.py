"""One attempt to pay. Holds I13, I15, I17, I30 (its start), I42; C01, C02, C03, C04; S-05, S-26."""

from dataclasses import replace
from typing import Any

import pytest

from paycenter.domain import ids
from paycenter.domain.errors import (
    ChannelRefused,
    ChannelWindowClosed,
    Malformed,
    OrderNotPayable,
    SlowDown,
    TooManyPayments,
)
from paycenter.domain.jobs import JobKind
from paycenter.domain.ladder import query_ladder
from paycenter.domain.order import MAXIMUM_PAYMENTS, Order
from paycenter.domain.states import OrderState, PaymentState
from paycenter.ports.channel import (
    Account,
    ChannelStatus,
    CreateAnswer,
    Outcome,
    PaymentRequest,
    QrAction,
    RedirectAction,
)
from paycenter.usecases.create_payment import StartedPayment
from tests.fakes.acting import (
    broken_everywhere,
    called_back,
    now_stored,
    ordered,
    paying_order,
    started,
)
from tests.fakes.channel import BogusChannel
from tests.fakes.clock import START
from tests.fakes.interleaving import Task, interleavings
from tests.fakes.ports import FakePorts, fake_ports
from tests.fakes.samples import a_line, a_manifest
from tests.fakes.soundness import assert_sound
from tests.fakes.store import somebody_else_writes
from tests.fakes.wire import Fault, Wire

WRITE_FIRST = ["timers.schedule", "orders.save"]


@pytest.fixture
def order(ports: FakePorts) -> Order:
    made = ordered(ports)
    ports.wire.forget()
    return made


def set_manifest(channel: BogusChannel, **changes: Any) -> None:  # noqa: ANN401 - any field of the manifest
    channel.manifest = a_manifest(channel.manifest.channel, **changes)


def test_what_is_signed_here_alone_is_pending_at_once_and_costs_one_write(
    order: Order, ports: FakePorts
) -> None:
    answer = started(ports, order)
    assert answer.payment.state is PaymentState.PENDING
    assert answer.action == RedirectAction(url="https://bogus/page")
    assert ports.wire.names() == WRITE_FIRST
    assert now_stored(ports, order) == answer.order


def test_a_call_leaves_only_after_the_payment_and_its_ladder_are_safe(
    order: Order, ports: FakePorts
) -> None:
    answer = started(ports, order, product="qr")
    assert ports.wire.names() == [*WRITE_FIRST, "bogus.create", "orders.save"]
    assert answer.payment.state is PaymentState.PENDING
    assert answer.payment.channel_data == {"ticket": "P01"}
    assert answer.action == QrAction(content=f"bogus:{order.id}P01")
    assert [version.payments[f"{order.id}P01"].state for version in ports.orders.history[1:]] == [
        "CREATING",
        "PENDING",
    ]


def test_a_payment_pins_all_that_it_was_made_with(order: Order, ports: FakePorts) -> None:
    ports.clock.forward(7)
    payment = started(ports, order).payment
    assert payment.payment_no == ids.payment_no(order.id, 1)
    assert (payment.channel, payment.product, payment.account) == ("bogus", "page", "bogus-main~1")
    assert (payment.amount, payment.currency) == (order.amount, "CNY")
    assert payment.created_at == START + 7
    assert payment.deadline == order.expires_at - 5


def test_the_channel_is_told_the_order_s_own_amount_and_our_own_addresses(
    order: Order, ports: FakePorts
) -> None:
    started(ports, order)
    request = ports.bogus.evoked[f"{order.id}P01"]
    assert (request.amount, request.currency, request.subject) == (12800, "CNY", "Two tickets")
    assert request.notify_url == "https://pay.example.com/v1/callbacks/bogus/bogus-main~1"
    assert request.return_url == (
        f"https://pay.example.com/cashier/{order.id}{order.secret}/return"
    )


def test_the_first_three_rungs_leave_in_one_request_and_the_last_carries_the_rest(
    order: Order, ports: FakePorts
) -> None:
    ports.clock.forward(3)
    ports.timers.requests.clear()
    number = started(ports, order).payment.payment_no
    (request,) = ports.timers.requests
    start = START + 3
    assert [(job.kind, job.payment_no, job.due_at - start) for job in request] == [
        (JobKind.QUERY, number, 10),
        (JobKind.QUERY, number, 15),
        (JobKind.QUERY, number, 25),
    ]
    assert [job.carries for job in request] == [False, False, True]
    assert request[2].rest == tuple(start + moment for moment in (55, 115, 715, 1915))


def test_a_configured_ladder_is_the_one_that_is_climbed(order: Order, ports: FakePorts) -> None:
    ports.configuration.ladder = query_ladder("1", "1", "1h")
    started(ports, order)
    assert [job.due_at - START for job in ports.timers.requests[-1]] == [1, 3601]


@pytest.mark.parametrize("product", ["page", "qr"])
def test_a_second_click_shows_the_same_payment_again(product: str, ports: FakePorts) -> None:
    first = paying_order(ports, product)
    ports.wire.forget()
    ports.clock.forward(30)
    again = started(ports, first.order, product=product)
    assert again.payment == first.payment
    assert again.action == first.action
    assert ports.wire.names() == ([] if product == "page" else ["bogus.create"])


def test_another_product_or_channel_is_another_payment(order: Order, ports: FakePorts) -> None:
    numbers = [
        started(ports, order, channel, product).payment.payment_no
        for channel, product in (("bogus", "page"), ("bogus", "qr"), ("rival", "page"))
    ]
    assert numbers == [ids.payment_no(order.id, count) for count in (1, 2, 3)]
    assert set(now_stored(ports, order).payments) == set(numbers)


def test_what_has_been_shown_too_long_ago_gets_a_new_number(order: Order, ports: FakePorts) -> None:
    set_manifest(ports.bogus, reusable_s=300)
    first = started(ports, order)
    ports.clock.forward(299)
    assert started(ports, order).payment == first.payment
    ports.clock.forward(1)
    assert started(ports, order).payment.payment_no == ids.payment_no(order.id, 2)


def test_what_the_channel_has_made_is_shown_until_its_deadline(
    order: Order, ports: FakePorts
) -> None:
    set_manifest(ports.bogus, reusable_s=120)
    first = started(ports, order, product="qr")
    ports.clock.forward(1000)
    assert started(ports, order, product="qr").payment.payment_no == first.payment.payment_no


def test_what_nobody_knows_to_be_made_gets_a_new_number_in_time(
    order: Order, ports: FakePorts
) -> None:
    set_manifest(ports.bogus, reusable_s=120)
    ports.bogus.create_answers = [CreateAnswer(outcome=Outcome.UNKNOWN)] * 2
    first = started(ports, order, product="qr")
    ports.clock.forward(119)
    assert started(ports, order, product="qr").payment.payment_no == first.payment.payment_no
    ports.clock.forward(1)
    assert started(ports, order, product="qr").payment.payment_no == ids.payment_no(order.id, 2)


def test_a_new_number_comes_only_after_the_old_payment_has_ended(
    order: Order, ports: FakePorts
) -> None:
    ports.bogus.create_answers = [CreateAnswer(outcome=Outcome.REFUSED, code="NO")]
    with pytest.raises(ChannelRefused, match=r"The channel refused \(NO\)"):
        started(ports, order, product="qr")
    assert now_stored(ports, order).payments[f"{order.id}P01"].state is PaymentState.FAILED
    assert now_stored(ports, order).state is OrderState.PAYING
    assert started(ports, order, product="qr").payment.payment_no == f"{order.id}P02"


@pytest.mark.parametrize("outcome", [Outcome.UNKNOWN, Outcome.NOT_EXECUTED])
def test_an_outcome_that_nobody_knows_is_not_a_failure(
    outcome: Outcome, order: Order, ports: FakePorts
) -> None:
    ports.bogus.create_answers = [CreateAnswer(outcome=outcome, code="TIMEOUT")]
    answer = started(ports, order, product="qr")
    assert (answer.payment.state, answer.action) == (PaymentState.CREATING, None)
    assert now_stored(ports, order) == answer.order
    again = started(ports, order, product="qr")
    assert again.payment.payment_no == answer.payment.payment_no
    assert again.payment.state is PaymentState.PENDING


def test_a_refused_repeat_says_nothing_about_the_first_call(ports: FakePorts) -> None:
    first = paying_order(ports, "qr")
    ports.bogus.trades[first.payment.payment_no].status = ChannelStatus.PAID
    with pytest.raises(ChannelRefused, match="TRADE_PAID"):
        started(ports, first.order, product="qr")
    assert now_stored(ports, first.order) == first.order


def test_a_payment_whose_account_was_taken_away_stays_for_the_ladder(ports: FakePorts) -> None:
    first = paying_order(ports)
    del ports.configuration.accounts["bogus-main~1"]
    again = started(ports, first.order)
    assert (again.payment, again.action) == (first.payment, None)


def test_a_repeat_uses_the_account_version_of_the_payment_not_today_s(ports: FakePorts) -> None:
    first = paying_order(ports, "qr")
    ports.configuration.live["bogus"] = ("bogus-main~2",)
    started(ports, first.order, product="qr")
    assert ports.bogus.accounts == ["bogus-main~1", "bogus-main~1"]
    assert started(ports, first.order).payment.account == "bogus-main~2"


@pytest.mark.parametrize(
    ("channel", "product"),
    [("bogus", "app"), ("nobody", "page"), ("bogus", ""), ("", ""), ("qr", "bogus")],
)
def test_what_the_line_does_not_offer_is_refused(
    channel: str, product: str, order: Order, ports: FakePorts
) -> None:
    with pytest.raises(Malformed, match="not offered"):
        started(ports, order, channel, product)
    assert ports.wire.calls == []


def test_a_pair_of_a_channel_that_is_not_registered_is_refused(
    order: Order, ports: FakePorts
) -> None:
    ports.configuration.lines["tickets"] = a_line(cashier=(("ghost", "page"),))
    with pytest.raises(Malformed, match="not offered"):
        started(ports, order, "ghost", "page")


@pytest.mark.parametrize(
    "changes",
    [{"minimum_amount": 12801}, {"maximum_amount": 12799}, {"currencies": frozenset({"USD"})}],
)
def test_an_amount_or_currency_that_the_channel_does_not_take_is_refused(
    changes: dict[str, Any], order: Order, ports: FakePorts
) -> None:
    set_manifest(ports.bogus, **changes)
    with pytest.raises(Malformed, match="does not take this amount or currency"):
        started(ports, order)
    assert ports.wire.calls == []


def test_a_channel_whose_window_no_longer_fits_is_refused(order: Order, ports: FakePorts) -> None:
    # 1,800 s of life, 5 s of margin, 60 s of window: the last second is 1,735.
    ports.clock.forward(1735)
    started(ports, order)
    ports.clock.forward(1)
    with pytest.raises(ChannelWindowClosed, match="Too little time is left"):
        started(ports, order, "rival", "page")


def test_a_channel_without_a_live_account_is_refused(order: Order, ports: FakePorts) -> None:
    ports.configuration.live.clear()
    with pytest.raises(ChannelWindowClosed, match="no live account"):
        started(ports, order)
    assert ports.wire.calls == []


@pytest.mark.parametrize(
    "change",
    [
        {"state": OrderState.CLOSED, "closing": True, "closed_at": START},
        {"closing": True},
        {"expires_at": START},
    ],
)
def test_an_order_that_takes_no_payment_calls_nobody(
    change: dict[str, Any], order: Order, ports: FakePorts
) -> None:
    ports.orders.history.clear()
    ports.orders.stored[order.id] = replace(order, **change)
    with pytest.raises(OrderNotPayable):
        started(ports, order, product="qr")
    assert ports.wire.calls == []


def test_ten_payments_are_enough(order: Order, ports: FakePorts) -> None:
    set_manifest(ports.bogus, reusable_s=0)
    for _ in range(MAXIMUM_PAYMENTS):
        started(ports, order)
    ports.wire.forget()
    with pytest.raises(TooManyPayments):
        started(ports, order)
    assert ports.wire.calls == []


@pytest.mark.parametrize("conflicts", range(1, 8))
def test_a_conflict_is_decided_again_on_what_is_stored(
    conflicts: int, order: Order, ports: FakePorts
) -> None:
    ports.orders.interference = [somebody_else_writes] * conflicts
    answer = started(ports, order, product="qr")
    assert answer.payment.payment_no == f"{order.id}P01"
    assert now_stored(ports, order).version == order.version + conflicts + 2
    # Each try sends its timers again before it writes.
    assert ports.wire.names() == [*WRITE_FIRST * (conflicts + 1), "bogus.create", "orders.save"]


def test_eight_conflicts_are_told_as_slow_down_and_nothing_is_called(
    order: Order, ports: FakePorts
) -> None:
    ports.orders.interference = [somebody_else_writes] * 8
    with pytest.raises(SlowDown, match="repeat the same request"):
        started(ports, order, product="qr")
    assert ports.bogus.times("create") == 0
    assert not now_stored(ports, order).payments


def test_an_order_that_begins_to_close_under_the_write_takes_no_payment(
    order: Order, ports: FakePorts
) -> None:
    ports.orders.interference = [
        lambda stored: replace(stored, version=stored.version + 1, closing=True)
    ]
    with pytest.raises(OrderNotPayable, match="being closed"):
        started(ports, order, product="qr")
    assert ports.bogus.times("create") == 0


def test_a_late_create_answer_does_not_move_success_back(order: Order, ports: FakePorts) -> None:
    """The callback arrives while the create call is still on its way (C04)."""
    make = ports.bogus.create

    def paid_meanwhile(account: Account, payment: PaymentRequest) -> CreateAnswer:
        answer = make(account, payment)
        number = f"{order.id}P01"
        ports.bogus.payer_pays(number)
        assert called_back(ports, ports.bogus, number).status == 200
        return answer

    ports.bogus.create = paid_meanwhile  # type: ignore[method-assign]  # the callback comes first
    answer = started(ports, order, product="qr")
    assert answer.payment.state is PaymentState.SUCCEEDED
    assert now_stored(ports, order).state is OrderState.PAID


def test_whatever_breaks_the_repeat_shows_one_payment_whose_ladder_was_sent() -> None:
    def act(ports: FakePorts) -> StartedPayment:
        (order,) = ports.orders.stored.values()
        return started(ports, order, product="qr")

    count = 0
    for broken in broken_everywhere(lambda ports: assert_sound([ordered(ports)]), act):
        count += 1
        calls = broken.ports.wire.names()
        (before,) = broken.before_repeat.values()
        if before.payments:
            assert calls[0] == "timers.schedule"
        # I15: the number was durable before the first call that used it.
        assert calls.index("orders.save") < calls.index("bogus.create")
        assert len(broken.ports.bogus.trades) == 1
    assert count == 16


def world_with_order() -> tuple[FakePorts, Order]:
    ports = fake_ports()
    order = ordered(ports)
    ports.wire.forget()
    return ports, order


def test_two_clicks_at_once_make_one_payment_under_every_interleaving() -> None:
    worlds: list[tuple[FakePorts, Order]] = []

    def make() -> tuple[Wire, list[Task]]:
        ports, order = world_with_order()
        worlds.append((ports, order))
        return ports.wire, [lambda: started(ports, order, product="qr")] * 2

    for results in interleavings(make):
        ports, order = worlds[-1]
        numbers = {
            answer.payment.payment_no
            for answer in results.values()
            if isinstance(answer, StartedPayment)
        }
        assert numbers == {f"{order.id}P01"}
        assert len(results) == 2
        assert list(ports.bogus.trades) == [f"{order.id}P01"]
        assert_sound(ports.orders.history)
    assert len(worlds) > 20


def test_two_channels_at_once_get_two_numbers_under_every_interleaving() -> None:
    worlds: list[tuple[FakePorts, Order]] = []

    def make() -> tuple[Wire, list[Task]]:
        ports, order = world_with_order()
        worlds.append((ports, order))
        tasks: list[Task] = [
            lambda: started(ports, order, "bogus", "qr"),
            lambda: started(ports, order, "rival", "qr"),
        ]
        return ports.wire, tasks

    for results in interleavings(make):
        ports, order = worlds[-1]
        answers = [a for a in results.values() if isinstance(a, StartedPayment)]
        numbers = {answer.payment.payment_no for answer in answers}
        assert (
            numbers
            == {f"{order.id}P01", f"{order.id}P02"}
            == set(now_stored(ports, order).payments)
        )
        assert {p.state for p in now_stored(ports, order).payments.values()} == {"PENDING"}
        # No number reached both channels.
        assert not set(ports.bogus.trades) & set(ports.rival.trades)
        assert_sound(ports.orders.history)


def test_a_broken_create_call_leaves_the_payment_for_the_ladder(
    order: Order, ports: FakePorts
) -> None:
    ports.wire.faults[2] = Fault.EXECUTED_BUT_TIMED_OUT
    answer = started(ports, order, product="qr")
    assert (answer.payment.state, answer.action) == ("CREATING", None)
    assert ports.bogus.trades[answer.payment.payment_no].status is ChannelStatus.PENDING
