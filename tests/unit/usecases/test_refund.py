"""Money goes back. Holds I02, I03, I13, I15, I17, I22, I29 for refunds; C14, C15, A01, A10, A17, S-26."""

from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from paycenter.contracts.api import CreateRefundRequest
from paycenter.domain.errors import (
    DifferentBody,
    OrderNotRefundable,
    PayCenterError,
    RefundExceeds,
    TooManyRefunds,
)
from paycenter.domain.ids import refund_no
from paycenter.domain.jobs import Job, JobKind
from paycenter.domain.order import ExceptionKind, LatePolicy, Order, Refund
from paycenter.domain.states import EventState, OrderState, RefundState
from paycenter.ports.channel import (
    FactKind,
    Outcome,
    RefundAnswer,
    RefundStatus,
)
from paycenter.ports.manifest import RefundRules
from paycenter.usecases.expire import close_order
from paycenter.usecases.refund import request_refund, run_refund
from tests.fakes.acting import (
    broken_everywhere,
    called_back,
    now_stored,
    paying_order,
    started,
)
from tests.fakes.clock import START
from tests.fakes.interleaving import Task, interleavings
from tests.fakes.ports import FakePorts, fake_ports
from tests.fakes.samples import a_line
from tests.fakes.soundness import assert_sound
from tests.fakes.wire import Wire
from tests.fakes.world import World


def paid(ports: FakePorts) -> Order:
    first = paying_order(ports, "qr")
    ports.bogus.payer_pays(first.payment.payment_no)
    called_back(ports, ports.bogus, first.payment.payment_no)
    return now_stored(ports, first.order)


def wanted(number: str = "R-1", amount: int = 300, **more: Any) -> CreateRefundRequest:  # noqa: ANN401 - any field
    return CreateRefundRequest(out_refund_no=number, amount=amount, **more)


def ask(ports: FakePorts, number: str = "R-1", amount: int = 300, **more: Any) -> Refund:  # noqa: ANN401 - any field
    (order,) = ports.orders.stored.values()
    return request_refund(order, "tickets", wanted(number, amount, **more), ports)[1]


def the_refund(ports: FakePorts, count: int = 1) -> Refund:
    (order,) = ports.orders.stored.values()
    return order.refunds[refund_no(order.id, count)]


def types(ports: FakePorts) -> list[str]:
    (order,) = ports.orders.stored.values()
    return [event.type for event in order.events.values()]


def test_a_refund_is_reserved_sent_and_told(ports: FakePorts) -> None:
    order = paid(ports)
    ports.wire.forget()
    refund = ask(ports, reason="one ticket less")
    assert ports.wire.names() == ["orders.save"]
    assert (refund.state, refund.amount, refund.refund_no) == ("REQUESTED", 300, f"{order.id}R001")
    World(ports).run()
    stored = now_stored(ports, order)
    assert stored.refunds[refund.refund_no].state is RefundState.SUCCEEDED
    assert stored.payments[stored.winner].refundable == 12800 - 300
    assert stored.state is OrderState.PAID
    assert types(ports) == ["order.paid", "refund.succeeded"]
    assert {event.state for event in stored.events.values()} == {EventState.DELIVERED}
    assert [(row.number[-4:], row.amount, row.refund) for row in ports.movements.rows.values()] == [
        (stored.winner[-4:], 12800, False),
        (refund.refund_no[-4:], 300, True),
    ]
    (given,) = ports.bogus.refunds.values()
    assert (given.request.total, given.request.reason) == (12800, "one ticket less")


def test_a_repeat_is_the_same_refund_and_another_body_is_refused(ports: FakePorts) -> None:
    paid(ports)
    first = ask(ports)
    before = len(ports.orders.history)
    assert ask(ports) == first
    for body in (wanted(amount=301), wanted(reason="else")):
        (order,) = ports.orders.stored.values()
        with pytest.raises(DifferentBody):
            request_refund(order, "tickets", body, ports)
    assert len(ports.orders.history) == before
    # The same number of somebody else is another refund.
    assert request_refund(order, "operator:li", wanted(), ports)[2]


@pytest.mark.parametrize("amount", [12801, 99999999])
def test_more_than_was_paid_is_refused(amount: int, ports: FakePorts) -> None:
    paid(ports)
    with pytest.raises(RefundExceeds, match="12800"):
        ask(ports, amount=amount)


def test_nothing_goes_back_of_what_was_never_paid(ports: FakePorts) -> None:
    paying_order(ports)
    with pytest.raises(OrderNotRefundable):
        ask(ports)


def test_fifty_refunds_are_taken_and_no_more(ports: FakePorts) -> None:
    order = paid(ports)
    for count in range(50):
        ask(ports, f"R-{count}", 100)
    with pytest.raises(TooManyRefunds):
        ask(ports, "R-50", 100)
    World(ports).run()
    stored = now_stored(ports, order)
    assert ports.bogus.refunded() == 5000
    assert stored.payments[stored.winner].refundable == 12800 - 5000
    assert {event.state for event in stored.events.values()} == {EventState.DELIVERED}
    assert len(stored.events) <= 20


def test_of_twenty_at_once_no_more_is_reserved_than_was_paid(ports: FakePorts) -> None:
    order = paid(ports)
    taken = 0
    for count in range(20):
        # Each decides on the order as it was before all others: the condition of the write refuses.
        try:
            request_refund(order, "tickets", wanted(f"R-{count}", 1000), ports)
            taken += 1
        except PayCenterError as error:
            assert error.code == "refund_exceeds"  # noqa: PT017 - twelve of twenty raise
    assert taken == 12
    World(ports).run()
    assert ports.bogus.refunded() == 12000
    assert now_stored(ports, order).payments[order.winner].refundable == 800


def test_two_that_do_not_both_fit_never_both_pass_under_any_interleaving() -> None:
    worlds: list[FakePorts] = []

    def make() -> tuple[Wire, list[Task]]:
        ports = fake_ports()
        worlds.append(ports)
        order = paid(ports)
        return ports.wire, [
            lambda: request_refund(order, "tickets", wanted("R-1", 7000), ports),
            lambda: request_refund(order, "tickets", wanted("R-2", 7000), ports),
        ]

    seen = 0
    for results in interleavings(make):
        seen += 1
        (order,) = worlds[-1].orders.stored.values()
        assert sum(isinstance(result, RefundExceeds) for result in results.values()) == 1
        assert [refund.amount for refund in order.refunds.values()] == [7000]
        assert_sound(worlds[-1].orders.history)
    assert seen >= 2


def test_the_same_request_twice_at_once_is_one_refund_under_any_interleaving() -> None:
    worlds: list[FakePorts] = []

    def make() -> tuple[Wire, list[Task]]:
        ports = fake_ports()
        worlds.append(ports)
        order = paid(ports)
        return ports.wire, [lambda: request_refund(order, "tickets", wanted(), ports)] * 2

    for results in interleavings(make):
        (order,) = worlds[-1].orders.stored.values()
        assert len(order.refunds) == 1
        assert len({result[1].refund_no for result in results.values()}) == 1  # type: ignore[index]


def test_a_definite_refusal_releases_the_reservation_once_and_a_new_number_may_follow(
    ports: FakePorts,
) -> None:
    order = paid(ports)
    ports.bogus.refund_answers = [RefundAnswer(outcome=Outcome.REFUSED, code="NOT_ALLOWED")]
    ask(ports, amount=12800)
    World(ports).run()
    stored = now_stored(ports, order)
    assert the_refund(ports).state is RefundState.FAILED
    assert stored.payments[stored.winner].refundable == 12800
    assert types(ports) == ["order.paid", "refund.failed"]
    assert ask(ports, "R-2", 12800).refund_no.endswith("R002")
    World(ports).run()
    assert the_refund(ports, 2).state is RefundState.SUCCEEDED


UNDECIDED = [Outcome.UNKNOWN, Outcome.NOT_EXECUTED]


@pytest.mark.parametrize("outcome", UNDECIDED)
def test_what_nobody_knows_is_followed_under_the_same_number(
    outcome: Outcome, ports: FakePorts
) -> None:
    order = paid(ports)
    ports.bogus.refund_answers = [RefundAnswer(outcome=outcome)] * 3
    ask(ports)
    World(ports).run()
    assert the_refund(ports).state is RefundState.SUCCEEDED
    assert list(ports.bogus.refunds) == [f"{order.id}R001"]
    assert ports.bogus.refunded() == 300


def test_money_that_went_although_the_answer_was_lost_is_found_by_asking(ports: FakePorts) -> None:
    paid(ports)
    ask(ports)
    world = World(ports)
    lost = RefundAnswer(outcome=Outcome.UNKNOWN)
    given = ports.bogus.refund

    def loses(account: Any, refund: Any) -> RefundAnswer:  # noqa: ANN401 - passed on
        given(account, refund)
        return lost

    ports.bogus.refund = loses  # type: ignore[method-assign]  # a channel whose answers are lost
    world.run()
    assert the_refund(ports).state is RefundState.SUCCEEDED
    assert len(ports.bogus.refunds[the_refund(ports).refund_no].sent_at) == 1


def test_a_refund_that_the_channel_works_on_is_asked_for_until_it_ends(ports: FakePorts) -> None:
    paid(ports)
    ports.bogus.settles_refunds = RefundStatus.PROCESSING
    ask(ports)
    world = World(ports)
    world.run(START + 3600)
    assert the_refund(ports).state is RefundState.PROCESSING
    assert ports.bogus.times("refund") == 1
    ports.bogus.refunds[the_refund(ports).refund_no].status = RefundStatus.SUCCEEDED
    world.run()
    assert the_refund(ports).state is RefundState.SUCCEEDED


def test_a_refund_that_does_not_end_becomes_a_person_s_once_and_is_still_found(
    ports: FakePorts,
) -> None:
    paid(ports)
    ports.bogus.settles_refunds = RefundStatus.PROCESSING
    ask(ports)
    world = World(ports)
    world.run(START + 3 * 86400)
    (record,) = ports.exceptions.records.values()
    assert (record.kind, record.amount) == (ExceptionKind.STUCK_REFUND, 300)
    assert ports.telemetry.counts["Exceptions"] == 1
    ports.bogus.refunds[the_refund(ports).refund_no].status = RefundStatus.SUCCEEDED
    world.run()
    assert the_refund(ports).state is RefundState.SUCCEEDED


def test_nobody_asks_for_ever(ports: FakePorts) -> None:
    order = paid(ports)
    ports.bogus.settles_refunds = RefundStatus.PROCESSING
    ask(ports)
    World(ports).run()
    assert the_refund(ports).state is RefundState.PROCESSING
    assert now_stored(ports, order).owed_at is None
    assert 100 < ports.bogus.times("query_refund") < 200
    assert ports.clock.now() - START < 31 * 86400


def test_a_callback_ends_a_refund_and_a_repeat_changes_nothing(ports: FakePorts) -> None:
    order = paid(ports)
    ports.bogus.settles_refunds = RefundStatus.PROCESSING
    ask(ports)
    World(ports).run(START + 5)
    told = {"kind": FactKind.REFUND, "refund_no": f"{order.id}R001", "refund_amount": "300"}
    for _ in range(3):
        called_back(ports, ports.bogus, order.winner, **told, refund_status="SUCCEEDED")
    assert the_refund(ports).state is RefundState.SUCCEEDED
    assert types(ports).count("refund.succeeded") == 1
    called_back(ports, ports.bogus, order.winner, **told, refund_status="FAILED")
    assert the_refund(ports).state is RefundState.SUCCEEDED


def test_a_refund_callback_of_another_amount_is_no_acknowledgement(ports: FakePorts) -> None:
    order = paid(ports)
    ask(ports)
    answer = called_back(
        ports,
        ports.bogus,
        order.winner,
        kind=FactKind.REFUND,
        refund_no=f"{order.id}R001",
        refund_amount="301",
        refund_status="SUCCEEDED",
    )
    assert answer.status == 400
    assert the_refund(ports).state is RefundState.REQUESTED
    (record,) = ports.exceptions.records.values()
    assert record.kind is ExceptionKind.AMOUNT_MISMATCH


def test_a_hint_makes_us_ask_at_once(ports: FakePorts) -> None:
    order = paid(ports)
    ports.bogus.settles_refunds = RefundStatus.PROCESSING
    ask(ports)
    world = World(ports)
    world.run(START + 4000)
    asked = ports.bogus.times("query_refund")
    ports.bogus.refunds[the_refund(ports).refund_no].status = RefundStatus.SUCCEEDED
    called_back(ports, ports.bogus, order.winner, kind=FactKind.REFUND, refund_no=f"{order.id}R001")
    world.run(ports.clock.now() + 1)
    assert ports.bogus.times("query_refund") == asked + 1
    assert the_refund(ports).state is RefundState.SUCCEEDED


def test_refunds_of_one_payment_leave_one_after_another(ports: FakePorts) -> None:
    paid(ports)
    ports.bogus.manifest = replace(ports.bogus.manifest, refunds=RefundRules(spacing_s=60))
    for count in range(4):
        ask(ports, f"R-{count}", 100)
    World(ports, lateness=3, copies=2).run()
    left = sorted(one.sent_at[0] for one in ports.bogus.refunds.values())
    assert len(left) == 4
    assert all(later - sooner >= 60 for sooner, later in pairwise(left))
    assert left[-1] <= START + 4 * 75


def test_a_refund_works_after_its_account_was_rotated(ports: FakePorts) -> None:
    paid(ports)
    ports.configuration.live["bogus"] = ("bogus-main~2",)
    ask(ports)
    World(ports).run()
    assert the_refund(ports).state is RefundState.SUCCEEDED
    assert ports.bogus.accounts[-1] == "bogus-main~1"


def test_money_paid_twice_goes_back_by_itself_and_the_line_hears_one_story(
    ports: FakePorts,
) -> None:
    first = paying_order(ports, "qr")
    second = started(ports, first.order, "rival", "qr")
    for channel, one in ((ports.bogus, first), (ports.rival, second)):
        channel.payer_pays(one.payment.payment_no)
        called_back(ports, channel, one.payment.payment_no)
    World(ports).run()
    order = now_stored(ports, first.order)
    (refund,) = order.refunds.values()
    assert (refund.state, refund.payment_no) == (RefundState.SUCCEEDED, second.payment.payment_no)
    assert ports.rival.refunded() == 12800
    assert types(ports) == ["order.paid"]
    assert len(ports.business_lines.received) == 1


def test_late_money_goes_back_by_itself(ports: FakePorts) -> None:
    ports.configuration.lines["tickets"] = a_line(late_policy=LatePolicy.REFUND)
    first = paying_order(ports, "qr")
    close_order(now_stored(ports, first.order), ports)
    ports.bogus.payer_pays(first.payment.payment_no)
    called_back(ports, ports.bogus, first.payment.payment_no)
    World(ports).run()
    assert ports.bogus.refunded() == 12800
    assert now_stored(ports, first.order).state is OrderState.CLOSED


def test_an_operator_may_refund_a_payment_that_did_not_win(ports: FakePorts) -> None:
    ports.configuration.lines["tickets"] = a_line(late_policy=LatePolicy.HOLD)
    first = paying_order(ports, "qr")
    close_order(now_stored(ports, first.order), ports)
    ports.bogus.payer_pays(first.payment.payment_no)
    called_back(ports, ports.bogus, first.payment.payment_no)
    order = now_stored(ports, first.order)
    body = wanted(amount=12800, payment_no=first.payment.payment_no)
    request_refund(order, "operator:li", body, ports)
    World(ports).run()
    assert ports.bogus.refunded() == 12800


def test_a_lost_message_is_found_by_the_sweep(ports: FakePorts) -> None:
    paid(ports)
    ask(ports)
    world = World(ports, sweeping=True)
    world._published = len(ports.orders.history)
    world.run(START + 400)
    assert the_refund(ports).state is RefundState.SUCCEEDED


def test_duplicated_timers_do_not_multiply(ports: FakePorts) -> None:
    paid(ports)
    ports.bogus.settles_refunds = RefundStatus.PROCESSING
    ask(ports)
    World(ports, copies=3).run(START + 3600)
    once = fake_ports()
    paid(once)
    once.bogus.settles_refunds = RefundStatus.PROCESSING
    ask(once)
    World(once).run(START + 3600)
    assert ports.bogus.times("query_refund") == once.bogus.times("query_refund")


def _job(ports: FakePorts) -> Job:
    refund = the_refund(ports)
    (order,) = ports.orders.stored.values()
    return Job(
        kind=JobKind.REFUND,
        order_id=order.id,
        refund_no=refund.refund_no,
        attempt=refund.attempt,
        due_at=refund.due_at,
        sent_at=START,
    )


def test_whatever_breaks_the_money_goes_back_once_under_one_number() -> None:
    def prepare(ports: FakePorts) -> None:
        paid(ports)
        ask(ports)

    def act(ports: FakePorts) -> None:
        refund = the_refund(ports)
        if refund.is_open:
            ports.clock.forward_to(max(ports.clock.now(), refund.due_at))
            run_refund(_job(ports), ports)

    runs = 0
    for broken in broken_everywhere(prepare, act):
        runs += 1
        assert broken.ports.bogus.refunded() == 300
        assert len(broken.ports.bogus.refunds) == 1
    assert runs >= 16


def test_whatever_breaks_a_request_reserves_once() -> None:
    for broken in broken_everywhere(lambda ports: (paid(ports), None)[1], ask):
        (order,) = broken.ports.orders.stored.values()
        assert len(order.refunds) == 1
