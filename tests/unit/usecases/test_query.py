"""The active query and the two ways to get an order. Holds I04, I09, I13, I30, I37; C02, C08 to C11, C16; A01."""

from dataclasses import replace
from typing import Any

import pytest

from paycenter.domain import ids
from paycenter.domain.errors import NotFound
from paycenter.domain.jobs import Job, JobKind
from paycenter.domain.order import Order
from paycenter.domain.states import OrderState, PaymentState
from paycenter.ports.channel import ChannelStatus, Outcome, QueryAnswer
from paycenter.usecases.query import order_by_number, owned_order, run_rung
from tests.fakes.acting import (
    broken_everywhere,
    called_back,
    now_stored,
    ordered,
    paying_order,
    started,
)
from tests.fakes.clock import START
from tests.fakes.interleaving import Task, interleavings
from tests.fakes.ports import FakePorts, fake_ports
from tests.fakes.samples import receipt_for
from tests.fakes.soundness import assert_sound
from tests.fakes.wire import Wire


def rung(number: str, at: int, **changes: Any) -> Job:  # noqa: ANN401 - any field of the job
    job = Job(
        kind=JobKind.QUERY,
        order_id=number[: ids.ORDER_ID_LENGTH],
        payment_no=number,
        due_at=at,
        sent_at=START,
    )
    return replace(job, **changes)


def the_order(ports: FakePorts) -> Order:
    (order,) = ports.orders.stored.values()
    return order


@pytest.fixture
def number(ports: FakePorts) -> str:
    payment_no = paying_order(ports, "qr").payment.payment_no
    ports.wire.forget()
    ports.timers.requests.clear()
    ports.clock.forward(10)
    return payment_no


def test_a_rung_finds_money_whose_callback_was_lost(number: str, ports: FakePorts) -> None:
    ports.bogus.payer_pays(number)
    assert run_rung(rung(number, START + 10), ports) == "asked: PAID"
    assert (the_order(ports).state, the_order(ports).winner) == ("PAID", number)
    assert "query q bogus-main~1" in the_order(ports).log[-1]
    assert ports.wire.names() == ["orders.get", "bogus.query", "orders.save"]


def test_the_channel_is_asked_under_the_account_version_of_the_payment(
    number: str, ports: FakePorts
) -> None:
    ports.configuration.live["bogus"] = ("bogus-main~2",)
    run_rung(rung(number, START + 10), ports)
    assert set(ports.bogus.accounts) == {"bogus-main~1"}


UNDECIDED = [
    QueryAnswer(outcome=outcome, code="X")
    for outcome in (Outcome.UNKNOWN, Outcome.NOT_EXECUTED, Outcome.REFUSED)
]
NOT_YET = [
    QueryAnswer(outcome=Outcome.DONE, status=status, digest="q")
    for status in (ChannelStatus.PENDING, ChannelStatus.NOT_FOUND)
]


# A strategy that says both that it does not know and what it is: the first counts.
CONTRADICTING = [
    QueryAnswer(outcome=outcome, status=status, digest="q")
    for outcome in (Outcome.UNKNOWN, Outcome.NOT_EXECUTED, Outcome.REFUSED)
    for status in (ChannelStatus.CLOSED, ChannelStatus.PAID)
]


@pytest.mark.parametrize("answer", [*UNDECIDED, *NOT_YET, *CONTRADICTING], ids=str)
def test_what_proves_nothing_changes_nothing(
    answer: QueryAnswer, number: str, ports: FakePorts
) -> None:
    before = the_order(ports)
    ports.bogus.query_answers = [answer]
    run_rung(rung(number, START + 10), ports)
    assert the_order(ports) is before


@pytest.mark.parametrize("status", [ChannelStatus.NOT_FOUND, ChannelStatus.PENDING])
def test_at_the_deadline_not_found_is_final_and_pending_is_left_to_the_close(
    status: ChannelStatus, number: str, ports: FakePorts
) -> None:
    ports.clock.forward_to(the_order(ports).expires_at)
    ports.bogus.query_answers = [QueryAnswer(outcome=Outcome.DONE, status=status, digest="q")]
    run_rung(rung(number, START + 10), ports)
    final = status is ChannelStatus.NOT_FOUND
    expected = PaymentState.CLOSED if final else PaymentState.PENDING
    assert the_order(ports).payments[number].state is expected
    assert the_order(ports).state is OrderState.PAYING


def test_a_payment_that_its_channel_closed_is_closed_and_its_order_is_not(
    number: str, ports: FakePorts
) -> None:
    ports.bogus.trades[number].status = ChannelStatus.CLOSED
    assert run_rung(rung(number, START + 10), ports) == "asked: CLOSED"
    assert the_order(ports).payments[number].state is PaymentState.CLOSED
    assert the_order(ports).state is OrderState.PAYING


def test_success_stays_whatever_a_query_says_afterwards(number: str, ports: FakePorts) -> None:
    ports.bogus.payer_pays(number)
    called_back(ports, ports.bogus, number)
    paid = the_order(ports)
    ports.wire.forget()
    assert run_rung(rung(number, START + 10), ports) == "over"
    assert ports.wire.names() == ["orders.get"]
    assert the_order(ports) is paid


@pytest.mark.parametrize(
    "status", [ChannelStatus.CLOSED, ChannelStatus.NOT_FOUND, ChannelStatus.PENDING]
)
def test_a_replica_that_lags_behind_does_not_win_against_a_callback(status: ChannelStatus) -> None:
    """The rung has read the order and asked; the callback books; then the old answer arrives."""
    worlds: list[FakePorts] = []

    def make() -> tuple[Wire, list[Task]]:
        ports = fake_ports()
        worlds.append(ports)
        number = paying_order(ports, "qr").payment.payment_no
        ports.clock.forward_to(START + 1800)
        ports.bogus.payer_pays(number)
        ports.bogus.query_answers = [QueryAnswer(outcome=Outcome.DONE, status=status, digest="q")]
        tasks: list[Task] = [
            lambda: run_rung(rung(number, START + 10), ports),
            lambda: called_back(ports, ports.bogus, number),
        ]
        return ports.wire, tasks

    for _ in interleavings(make):
        order = the_order(worlds[-1])
        assert order.payments[f"{order.id}P01"].state is PaymentState.SUCCEEDED
        assert order.state is OrderState.PAID
        assert_sound(worlds[-1].orders.history)


def test_a_different_amount_is_an_exception_once_and_the_payment_waits(
    number: str, ports: FakePorts
) -> None:
    ports.bogus.payer_pays(number, amount=1)
    for at in (10, 15, 25):
        run_rung(rung(number, START + at - 10), ports)
    (record,) = ports.exceptions.records.values()
    assert (record.kind, record.amount, record.line) == ("AMOUNT_MISMATCH", 1, "tickets")
    assert the_order(ports).state is OrderState.PAYING
    assert ports.telemetry.counts["Exceptions"] == 1


def test_a_callback_and_a_query_name_the_same_misfit_alike(number: str, ports: FakePorts) -> None:
    ports.bogus.payer_pays(number, amount=1)
    called_back(ports, ports.bogus, number)
    run_rung(rung(number, START + 10), ports)
    assert len(ports.exceptions.records) == 1


def test_an_account_that_was_taken_away_is_an_alarm_and_no_failure(
    number: str, ports: FakePorts
) -> None:
    del ports.configuration.accounts["bogus-main~1"]
    assert run_rung(rung(number, START + 10), ports) == "asked: unknown"
    assert ports.telemetry.counts["AccountMissing"] == 1
    assert the_order(ports).payments[number].state is PaymentState.PENDING


def test_a_rung_that_comes_early_is_sent_on(number: str, ports: FakePorts) -> None:
    early = rung(number, START + 60)
    assert run_rung(early, ports) == "early"
    assert ports.timers.sent == [early]
    assert ports.bogus.times("query") == 0


@pytest.mark.parametrize("missing", ["order", "payment"])
def test_a_rung_whose_payment_is_not_written_comes_again_for_a_minute(
    missing: str, ports: FakePorts
) -> None:
    order = ordered(ports)
    if missing == "order":
        ports.orders.stored.clear()
        ports.orders.history.clear()
    job = rung(f"{order.id}P01", START + 25, carries=True, rest=(START + 55,))
    ports.clock.forward(25)
    ports.timers.requests.clear()
    assert run_rung(job, ports) == "not written yet"
    (again,) = ports.timers.sent
    assert again == replace(job, due_at=START + 30)
    ports.clock.forward_to(START + 60)
    assert run_rung(again, ports) == "dropped: never written"
    assert ports.bogus.times("query") == 0


REST = tuple(START + moment for moment in (55, 115, 715, 1915))


def test_the_last_rung_of_a_stage_sends_the_next_one(number: str, ports: FakePorts) -> None:
    ports.clock.forward_to(START + 25)
    run_rung(rung(number, START + 25, carries=True, rest=REST), ports)
    (request,) = ports.timers.requests
    assert [job.due_at - START for job in request] == [55, 115, 715]
    assert [job.carries for job in request] == [False, False, True]
    assert request[-1].rest == (START + 1915,)
    assert ports.wire.names()[-2:] == ["timers.schedule", "orders.save"]


def test_a_rung_that_carries_nothing_sends_nothing(number: str, ports: FakePorts) -> None:
    run_rung(rung(number, START + 10), ports)
    assert ports.timers.sent == []


@pytest.mark.parametrize("copies", [2, 3, 10])
def test_copies_of_a_rung_hand_over_once(copies: int, number: str, ports: FakePorts) -> None:
    job = rung(number, START + 25, carries=True, rest=REST)
    ports.clock.forward_to(START + 25)
    for _ in range(copies):
        run_rung(job, ports)
    assert len(ports.timers.requests) == 1


def test_an_old_rung_that_comes_again_does_not_start_the_ladder_anew(
    number: str, ports: FakePorts
) -> None:
    first = rung(number, START + 25, carries=True, rest=REST)
    second = rung(number, START + 715, carries=True, rest=REST[3:])
    ports.clock.forward_to(START + 715)
    for job in (first, second, first, second):
        run_rung(job, ports)
    assert [len(request) for request in ports.timers.requests] == [3, 1]


@pytest.mark.parametrize("status", [ChannelStatus.PAID, ChannelStatus.CLOSED])
def test_a_rung_that_finds_the_end_hands_nothing_over(
    status: ChannelStatus, number: str, ports: FakePorts
) -> None:
    if status is ChannelStatus.PAID:
        ports.bogus.payer_pays(number)
    else:
        ports.bogus.trades[number].status = status
    ports.clock.forward_to(START + 25)
    run_rung(rung(number, START + 25, carries=True, rest=REST), ports)
    assert ports.timers.sent == []


def test_after_the_ladder_an_open_order_s_payment_is_asked_once_an_hour(
    ports: FakePorts,
) -> None:
    answer = paying_order(ports, "qr", expires_in=86400)
    job = rung(answer.payment.payment_no, START + 1915, carries=True)
    ports.timers.requests.clear()
    # 4 s late: the next moment is counted from the rung's own, so that a copy names the same one.
    ports.clock.forward_to(START + 1919)
    run_rung(job, ports)
    assert [next_job.due_at for next_job in ports.timers.sent] == [START + 1915 + 3600]
    assert ports.timers.sent[0].carries


def test_hours_that_were_missed_are_not_made_up_for(ports: FakePorts) -> None:
    answer = paying_order(ports, "qr", expires_in=86400)
    ports.timers.requests.clear()
    ports.clock.forward_to(START + 1915 + 5 * 3600 + 1)
    run_rung(rung(answer.payment.payment_no, START + 1915, carries=True), ports)
    assert [job.due_at for job in ports.timers.sent] == [START + 1915 + 6 * 3600]


def test_the_last_question_comes_after_the_deadline_and_is_the_last(ports: FakePorts) -> None:
    answer = paying_order(ports, "qr", expires_in=7200)
    ports.timers.requests.clear()
    ports.clock.forward_to(START + 5515)
    run_rung(rung(answer.payment.payment_no, START + 5515, carries=True), ports)
    (last,) = ports.timers.sent
    assert last.due_at == answer.order.expires_at + 115
    ports.timers.requests.clear()
    ports.clock.forward_to(last.due_at)
    ports.bogus.query_answers = [QueryAnswer(outcome=Outcome.UNKNOWN)]
    run_rung(last, ports)
    assert ports.timers.sent == []


def test_whatever_breaks_a_repeated_rung_books_the_money_once() -> None:
    def prepare(ports: FakePorts) -> None:
        number = paying_order(ports, "qr").payment.payment_no
        ports.bogus.payer_pays(number)
        ports.clock.forward(25)

    def act(ports: FakePorts) -> str:
        number = next(iter(ports.bogus.trades))
        return run_rung(rung(number, START + 25, carries=True, rest=REST), ports)

    for broken in broken_everywhere(prepare, act):
        (order,) = broken.ports.orders.stored.values()
        assert (order.state, len(order.events)) == ("PAID", 1)


def test_whatever_breaks_a_hand_over_the_ladder_goes_on() -> None:
    def prepare(ports: FakePorts) -> None:
        paying_order(ports, "qr")
        ports.clock.forward(25)
        ports.timers.requests.clear()

    def act(ports: FakePorts) -> str:
        number = next(iter(ports.bogus.trades))
        return run_rung(rung(number, START + 25, carries=True, rest=REST), ports)

    for broken in broken_everywhere(prepare, act):
        sent = [[job.due_at - START for job in r] for r in broken.ports.timers.requests]
        assert sent in ([[55, 115, 715]], [[55, 115, 715]] * 2)


def test_an_order_is_got_by_its_id_and_by_its_line_s_own_number(ports: FakePorts) -> None:
    order = ordered(ports)
    line = ports.configuration.lines["tickets"]
    assert owned_order(order.id, line, ports) == order
    assert order_by_number("A-1", line, ports) == order
    assert ports.wire.names()[2:] == ["orders.get", "orders.get"]


@pytest.mark.parametrize("order_id", ["", "x", "../" * 9, "A" * 26, "A" * 27, "a" * 26, "Ａ" * 26])
def test_what_is_not_there_is_not_found(order_id: str, ports: FakePorts) -> None:
    with pytest.raises(NotFound):
        owned_order(order_id, ports.configuration.lines["tickets"], ports)


def test_another_line_s_order_is_not_found_in_the_same_words(ports: FakePorts) -> None:
    order = ordered(ports)
    hotel = ports.configuration.lines["hotel"]
    with pytest.raises(NotFound) as not_mine:
        owned_order(order.id, hotel, ports)
    with pytest.raises(NotFound) as not_there:
        owned_order("A" * 26, hotel, ports)
    assert str(not_mine.value) == str(not_there.value)
    with pytest.raises(NotFound):
        order_by_number("A-1", hotel, ports)


def test_two_payments_are_asked_each_at_its_own_channel(ports: FakePorts) -> None:
    first = paying_order(ports, "qr")
    second = started(ports, first.order, "rival", "qr")
    ports.rival.payer_pays(second.payment.payment_no)
    run_rung(rung(first.payment.payment_no, START), ports)
    run_rung(rung(second.payment.payment_no, START), ports)
    assert (ports.bogus.times("query"), ports.rival.times("query")) == (1, 1)
    assert now_stored(ports, first.order).winner == second.payment.payment_no


def test_a_receipt_for_another_payment_is_not_believed(number: str, ports: FakePorts) -> None:
    other = replace(receipt_for(the_order(ports).payments[number]), amount=99)
    ports.bogus.query_answers = [
        QueryAnswer(outcome=Outcome.DONE, status=ChannelStatus.PAID, receipt=other, digest="q")
    ]
    run_rung(rung(number, START + 10), ports)
    assert the_order(ports).state is OrderState.PAYING
    assert len(ports.exceptions.records) == 1
