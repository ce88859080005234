"""Some channels' callbacks are booked at once and confirmed by one question. Holds I09, I11, I18, I22; C09, C10; S-39."""

from dataclasses import replace

import pytest

from paycenter.domain.jobs import Job
from paycenter.domain.order import Order
from paycenter.domain.states import OrderState, PaymentState
from paycenter.ports.channel import Acknowledgement, ChannelStatus, Outcome, QueryAnswer
from paycenter.usecases.confirm import CONFIRM_AFTER_SECONDS
from paycenter.usecases.expire import run_expiry
from paycenter.usecases.query import run_rung
from tests.fakes.acting import Broken, broken_everywhere, called_back, expiry_of, paying_order
from tests.fakes.interleaving import Task, interleavings
from tests.fakes.ports import FakePorts, fake_ports
from tests.fakes.samples import a_manifest
from tests.fakes.soundness import assert_sound
from tests.fakes.wire import Fault, Wire


def confirming(ports: FakePorts) -> FakePorts:
    """Let the bogus channel's callbacks be confirmed."""
    ports.bogus.manifest = a_manifest(confirm_callbacks=True)
    return ports


def paid(ports: FakePorts) -> str:
    """Let a payer pay; the channel has not told it yet."""
    number = paying_order(confirming(ports)).payment.payment_no
    ports.bogus.payer_pays(number)
    ports.wire.forget()
    ports.timers.requests.clear()
    return number


def booked(ports: FakePorts) -> tuple[str, Job]:
    """Let a callback be booked; return the payment's number and the question that follows."""
    number = paid(ports)
    assert called_back(ports, ports.bogus, number).status == 200
    (question,) = ports.timers.sent
    ports.clock.forward_to(question.due_at)
    return number, question


def the_order(ports: FakePorts) -> Order:
    (order,) = ports.orders.stored.values()
    return order


def test_the_question_is_sent_before_the_write_and_the_money_is_booked_at_once(
    ports: FakePorts,
) -> None:
    number = paid(ports)
    assert called_back(ports, ports.bogus, number).status == 200
    assert ports.wire.names() == ["orders.get", "timers.schedule", "orders.save"]
    (question,) = ports.timers.sent
    assert (question.payment_no, question.confirms) == (number, True)
    assert question.due_at == ports.clock.now() + CONFIRM_AFTER_SECONDS
    assert the_order(ports).state is OrderState.PAID


def test_a_repeated_callback_sends_no_second_question(ports: FakePorts) -> None:
    number, _ = booked(ports)
    for _ in range(5):
        assert called_back(ports, ports.bogus, number).status == 200
    assert len(ports.timers.sent) == 1


def test_other_channels_and_other_facts_are_not_asked_about(ports: FakePorts) -> None:
    number = paying_order(ports).payment.payment_no
    ports.bogus.payer_pays(number)
    ports.timers.requests.clear()
    assert called_back(ports, ports.bogus, number).status == 200
    confirming(ports)
    assert called_back(ports, ports.bogus, number, kind="CLOSED").status == 200
    assert ports.timers.sent == []


def test_a_channel_that_agrees_changes_nothing(ports: FakePorts) -> None:
    number, question = booked(ports)
    order = the_order(ports)
    assert run_rung(question, ports) == "confirmed"
    assert ports.bogus.times("query") == 1
    assert the_order(ports) is order
    assert ports.exceptions.records == {}
    assert order.winner == number


DONE = Outcome.DONE


@pytest.mark.parametrize(
    "status", [ChannelStatus.PENDING, ChannelStatus.CLOSED, ChannelStatus.NOT_FOUND]
)
def test_a_channel_that_says_otherwise_is_an_exception_for_a_person_and_paid_stays_paid(
    status: ChannelStatus, ports: FakePorts
) -> None:
    number, question = booked(ports)
    order = the_order(ports)
    for _ in range(3):
        ports.bogus.query_answers = [QueryAnswer(outcome=DONE, status=status)]
        assert run_rung(question, ports) == "contradicted"
    assert the_order(ports) is order
    (record,) = ports.exceptions.records.values()
    assert (record.kind, record.resolution) == ("CONTRADICTION", "hold")
    assert (record.payment_no, record.amount, record.line) == (number, 12800, "tickets")
    assert record.detail == f"asked, the channel says {status}"
    assert ports.telemetry.counts["Exceptions"] == 1


@pytest.mark.parametrize("change", [{"amount": 1}, {"currency": "USD"}, {"payment_no": "other"}])
def test_another_amount_is_a_contradiction_too(change: dict[str, object], ports: FakePorts) -> None:
    number, question = booked(ports)
    other = replace(ports.bogus.trades[number].receipt, **change)  # type: ignore[arg-type]  # a test's own
    ports.bogus.query_answers = [
        QueryAnswer(outcome=DONE, status=ChannelStatus.PAID, receipt=other)
    ]
    assert run_rung(question, ports) == "contradicted"
    (record,) = ports.exceptions.records.values()
    assert record.detail == f"asked, the channel says PAID {other.amount} {other.currency}"


@pytest.mark.parametrize(
    "answer",
    [
        *(QueryAnswer(outcome=outcome) for outcome in Outcome if outcome is not DONE),
        QueryAnswer(outcome=DONE, status=ChannelStatus.PAID),
    ],
    ids=lambda answer: answer.outcome,
)
def test_a_channel_that_can_not_tell_is_counted_and_not_asked_again(
    answer: QueryAnswer, ports: FakePorts
) -> None:
    _, question = booked(ports)
    ports.timers.requests.clear()
    ports.bogus.query_answers = [answer]
    assert run_rung(question, ports) == "unconfirmed"
    assert ports.telemetry.counts["CallbacksUnconfirmed"] == 1
    assert ports.exceptions.records == {}
    assert ports.timers.sent == []


def test_a_question_that_comes_early_waits(ports: FakePorts) -> None:
    paid(ports)
    called_back(ports, ports.bogus, next(iter(ports.bogus.trades)))
    (question,) = ports.timers.sent
    assert run_rung(question, ports) == "early"
    assert ports.bogus.times("query") == 0


def test_a_question_whose_booking_failed_books_what_it_learns(ports: FakePorts) -> None:
    number = paid(ports)
    ports.wire.faults[2] = Fault.NOT_EXECUTED
    with pytest.raises(Exception, match="injected"):
        called_back(ports, ports.bogus, number)
    (question,) = ports.timers.sent
    ports.clock.forward_to(question.due_at)
    assert the_order(ports).state is OrderState.PAYING
    assert run_rung(question, ports) == "asked: PAID"
    assert the_order(ports).winner == number


def test_money_after_the_close_is_confirmed_too(ports: FakePorts) -> None:
    started = paying_order(confirming(ports))
    number = started.payment.payment_no
    ports.clock.forward_to(started.order.expires_at)
    run_expiry(expiry_of(started.order), ports)
    ports.bogus.payer_pays(number)
    ports.timers.requests.clear()
    assert called_back(ports, ports.bogus, number).status == 200
    (question,) = ports.timers.sent
    ports.clock.forward_to(question.due_at)
    assert run_rung(question, ports) == "confirmed"


def prepare(ports: FakePorts) -> None:
    paid(ports)


def tell(ports: FakePorts) -> Acknowledgement:
    (number,) = ports.bogus.trades
    return called_back(ports, ports.bogus, number)


def test_wherever_a_callback_breaks_no_booking_is_without_its_question_and_none_acknowledged() -> (
    None
):
    seen: list[Broken] = []
    for broken in broken_everywhere(prepare, tell):
        seen.append(broken)
        assert not broken.answered
        (before,) = broken.before_repeat.values()
        if before.state is OrderState.PAID:
            assert [question.confirms for question in broken.ports.timers.sent] == [True]
        # After the repeat there is at least one, and one more only where the write had not been done.
        assert 1 <= len(broken.ports.timers.sent) <= 2
    assert len(seen) == 12


def test_two_equal_callbacks_at_once_are_booked_once_under_every_interleaving() -> None:
    worlds: list[FakePorts] = []

    def make() -> tuple[Wire, list[Task]]:
        ports = fake_ports()
        worlds.append(ports)
        paid(ports)
        return ports.wire, [lambda: tell(ports)] * 2

    for results in interleavings(make):
        order = the_order(worlds[-1])
        assert [getattr(answer, "status", answer) for answer in results.values()] == [200] * 2
        assert order.payments[f"{order.id}P01"].state is PaymentState.SUCCEEDED
        assert 1 <= len(worlds[-1].timers.sent) <= 2
        assert_sound(worlds[-1].orders.history)
