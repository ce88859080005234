"""A channel tells us a result. Holds I04, I05, I07, I18, I19, I20, I21, I22, I42; C05, C06, C07, C08, C13; S-01 to S-06."""

from typing import Any

import pytest

from paycenter.domain import lifecycle
from paycenter.domain.errors import NotFound, SlowDown
from paycenter.domain.order import LatePolicy, Order
from paycenter.domain.states import OrderState, PaymentState
from paycenter.ports.channel import Acknowledgement, FactKind, RawCallback
from paycenter.usecases.callback import refusal, take_callback
from paycenter.usecases.expire import close_order, run_expiry
from paycenter.usecases.update import update
from tests.fakes.acting import (
    Broken,
    broken_everywhere,
    called_back,
    essence,
    expiry_of,
    now_stored,
    paying_order,
    started,
)
from tests.fakes.channel import callback_of
from tests.fakes.clock import START
from tests.fakes.interleaving import Task, interleavings
from tests.fakes.ports import FakePorts, fake_ports
from tests.fakes.samples import a_line
from tests.fakes.soundness import assert_sound
from tests.fakes.store import somebody_else_writes
from tests.fakes.wire import Fault, Wire

ONE_READ_ONE_WRITE = ["orders.get", "orders.save"]


def paid_at_the_channel(ports: FakePorts, product: str = "page") -> str:
    number = paying_order(ports, product).payment.payment_no
    ports.bogus.payer_pays(number)
    ports.wire.forget()
    return number


def the_order(ports: FakePorts) -> Order:
    (order,) = ports.orders.stored.values()
    return order


def test_verified_money_is_booked_with_one_read_and_one_write_and_then_acknowledged(
    ports: FakePorts,
) -> None:
    number = paid_at_the_channel(ports)
    answer = called_back(ports, ports.bogus, number)
    assert (answer.status, answer.body) == (200, b"yes")
    assert ports.wire.names() == ONE_READ_ONE_WRITE
    order = the_order(ports)
    assert (order.state, order.winner) == ("PAID", number)
    assert f"callback {'d' * 16} bogus-main~1" in order.log[-1]


@pytest.mark.parametrize("times", [2, 15])
def test_a_repeated_callback_is_acknowledged_and_changes_nothing(
    times: int, ports: FakePorts
) -> None:
    number = paid_at_the_channel(ports)
    answers = []
    for _ in range(times):
        answers.append(called_back(ports, ports.bogus, number).status)
        ports.clock.forward(600)
    assert answers == [200] * times
    assert len(ports.orders.history) == 3
    assert ports.wire.names() == [*ONE_READ_ONE_WRITE, *["orders.get"] * (times - 1)]


def test_a_callback_that_is_not_verified_writes_nothing_and_calls_nobody(ports: FakePorts) -> None:
    number = paid_at_the_channel(ports)
    account = ports.configuration.accounts["bogus-main~1"]
    good = callback_of(ports.bogus.trades[number], account)
    for headers in ({}, {"signature": ""}, {"signature": "key-of-bogus-main~2"}):
        answer = take_callback(
            "bogus", account.id, RawCallback(headers=headers, body=good.body), ports
        )
        assert (answer.status, answer.body) == (400, b"no")
    assert ports.wire.calls == []
    assert ports.telemetry.counts["CallbacksRefused"] == 3


def test_a_channel_s_own_probe_is_refused_and_counted_apart(ports: FakePorts) -> None:
    raw = RawCallback(headers={"signature": "probe"}, body=b"{}")
    assert take_callback("bogus", "bogus-main~1", raw, ports).status == 400
    assert dict(ports.telemetry.counts) == {"CallbackProbes": 1}
    assert ports.wire.calls == []


def test_a_sandbox_s_or_a_host_s_name_opens_nothing(ports: FakePorts) -> None:
    number = paid_at_the_channel(ports)
    account = ports.configuration.accounts["bogus-main~1"]
    body = callback_of(ports.bogus.trades[number], account, sandbox="1").body
    headers = {"host": "localhost", "x-forwarded-for": "127.0.0.1", "signature": "x"}
    raw = RawCallback(headers=headers, body=body)
    assert take_callback("bogus", account.id, raw, ports).status == 400
    assert ports.wire.calls == []


@pytest.mark.parametrize(
    ("channel", "account"),
    [
        ("nobody", "bogus-main~1"),
        ("rival", "bogus-main~1"),
        ("bogus", "bogus-main~9"),
        ("bogus", "bogus-main"),
        ("bogus", "../bogus-main~1"),
        ("bogus", "bogus-main~1\n"),
        ("bogus", "BOGUS-MAIN~1"),
        ("bogus", ""),
        ("", "bogus-main~1"),
        ("Bogus", "bogus-main~1"),
    ],
)
def test_an_address_that_we_never_gave_out_is_not_found(
    channel: str, account: str, ports: FakePorts
) -> None:
    with pytest.raises(NotFound):
        take_callback(channel, account, RawCallback(headers={}, body=b""), ports)
    assert ports.wire.calls == []


def test_a_channel_is_refused_in_its_own_form_and_a_stranger_in_none(ports: FakePorts) -> None:
    refused = refusal("bogus", ports)
    assert refused is not None
    assert refused.body == b"no"
    assert refusal("nobody", ports) is None


MISMATCHES: list[tuple[dict[str, Any], str]] = [
    ({"merchant": "somebody-else"}, "ACCOUNT_MISMATCH"),
    ({"amount": "1"}, "AMOUNT_MISMATCH"),
    ({"amount": "12801"}, "AMOUNT_MISMATCH"),
    ({"amount": "0"}, "AMOUNT_MISMATCH"),
    ({"currency": "USD"}, "AMOUNT_MISMATCH"),
    ({"amount": None}, "AMOUNT_MISMATCH"),
    ({"payment_no": "A" * 26 + "P01"}, "UNKNOWN_ORDER"),
    ({"payment_no": "somebody-elses-number"}, "UNKNOWN_ORDER"),
    ({"payment_no": ""}, "UNKNOWN_ORDER"),
    ({"created_at": START - 1}, "UNKNOWN_ORDER"),
    ({"created_at": 0}, "UNKNOWN_ORDER"),
    ({"payment_no": "", "kind": FactKind.REFUND}, "UNKNOWN_ORDER"),
    ({"payment_no": "", "kind": FactKind.REFUND, "refund_no": "A" * 26 + "R001"}, "UNKNOWN_ORDER"),
    ({"payment_no": "", "kind": FactKind.NOTHING, "merchant": "x"}, "UNKNOWN_ORDER"),
]


@pytest.mark.parametrize(("tampered", "kind"), MISMATCHES, ids=str)
def test_each_field_that_does_not_match_is_an_exception_once_and_no_acknowledgement(
    tampered: dict[str, Any], kind: str, ports: FakePorts
) -> None:
    number = paid_at_the_channel(ports)
    before = the_order(ports)
    for _ in range(3):
        assert called_back(ports, ports.bogus, number, **tampered).status == 400
    assert the_order(ports) is before
    (record,) = ports.exceptions.records.values()
    assert (record.kind, record.channel, record.account) == (kind, "bogus", "bogus-main~1")
    assert record.channel_transaction_no == f"T-{number}"
    assert record.resolution == "hold"
    # The number of another moment leads to an order all the same.
    unknown = kind == "UNKNOWN_ORDER" and "created_at" not in tampered
    assert record.line == ("" if unknown else "tickets")
    assert ports.telemetry.counts["Exceptions"] == 1
    assert "orders.save" not in ports.wire.names()


def test_another_number_of_the_same_order_is_unknown_too(ports: FakePorts) -> None:
    number = paid_at_the_channel(ports)
    other = number[:-1] + "2"
    assert called_back(ports, ports.bogus, number, payment_no=other).status == 400
    assert [record.kind for record in ports.exceptions.records.values()] == ["UNKNOWN_ORDER"]
    assert the_order(ports).state is OrderState.PAYING


def test_a_number_that_another_channel_was_given_is_not_this_channel_s(ports: FakePorts) -> None:
    number = paid_at_the_channel(ports)
    trade = ports.bogus.trades[number]
    rival = ports.configuration.accounts["rival-main~1"]
    answer = take_callback("rival", rival.id, callback_of(trade, rival), ports)
    assert answer.status == 400
    assert [record.kind for record in ports.exceptions.records.values()] == ["ACCOUNT_MISMATCH"]


def test_the_account_version_must_be_the_one_that_the_payment_pins(ports: FakePorts) -> None:
    number = paid_at_the_channel(ports)
    newer = ports.configuration.accounts["bogus-main~2"]
    raw = callback_of(ports.bogus.trades[number], newer)
    assert take_callback("bogus", newer.id, raw, ports).status == 400
    assert the_order(ports).state is OrderState.PAYING
    # The pinned version still verifies, although it is no longer the live one.
    ports.configuration.live["bogus"] = (newer.id,)
    assert called_back(ports, ports.bogus, number).status == 200
    assert the_order(ports).state is OrderState.PAID


@pytest.mark.parametrize("kind", [FactKind.REFUND, FactKind.NOTHING])
def test_what_is_no_success_books_nothing_and_is_acknowledged(
    kind: FactKind, ports: FakePorts
) -> None:
    number = paid_at_the_channel(ports)
    assert called_back(ports, ports.bogus, number, kind=kind).status == 200
    assert the_order(ports).state is OrderState.PAYING
    assert ports.wire.names() == ["orders.get"]


def test_the_moment_of_the_payment_s_making_binds_where_the_channel_tells_it(
    ports: FakePorts,
) -> None:
    number = paid_at_the_channel(ports)
    assert called_back(ports, ports.bogus, number, created_at=START).status == 200
    assert the_order(ports).state is OrderState.PAID


def test_what_concerns_no_payment_is_acknowledged_without_a_look(ports: FakePorts) -> None:
    number = paid_at_the_channel(ports)
    answer = called_back(ports, ports.bogus, number, kind=FactKind.NOTHING, payment_no="")
    assert answer.status == 200
    assert ports.wire.calls == []
    assert the_order(ports).state is OrderState.PAYING


def test_a_refund_that_is_named_alone_is_bound_by_its_number(ports: FakePorts) -> None:
    number = paying_order(ports).payment.payment_no
    ports.clock.forward_to(the_order(ports).expires_at)
    run_expiry(expiry_of(the_order(ports)), ports)
    ports.bogus.payer_pays(number)
    called_back(ports, ports.bogus, number)
    (refund_no,) = the_order(ports).refunds
    before = the_order(ports)
    told: dict[str, Any] = {"kind": FactKind.REFUND, "payment_no": "", "amount": None}
    assert called_back(ports, ports.bogus, number, refund_no=refund_no, **told).status == 200
    assert the_order(ports) is before, "a hint about what was not sent yet changes nothing"
    # The same number of another moment is another refund.
    assert called_back(
        ports, ports.bogus, number, refund_no=refund_no, created_at=START + 9999, **told
    ).status == (400)
    assert the_order(ports) is before
    # A number of this order that no refund has is nobody's.
    assert called_back(ports, ports.bogus, number, refund_no=number + "X", **told).status == 400
    assert {record.kind for record in ports.exceptions.records.values()} == {"UNKNOWN_ORDER"}


def test_a_close_notice_ends_the_payment_and_not_the_order(ports: FakePorts) -> None:
    number = paid_at_the_channel(ports)
    assert called_back(ports, ports.bogus, number, kind=FactKind.CLOSED).status == 200
    assert the_order(ports).state is OrderState.PAYING
    assert the_order(ports).payments[number].state is PaymentState.CLOSED


def test_a_close_notice_after_the_money_takes_nothing_back(ports: FakePorts) -> None:
    number = paid_at_the_channel(ports)
    called_back(ports, ports.bogus, number)
    paid = the_order(ports)
    assert called_back(ports, ports.bogus, number, kind=FactKind.CLOSED).status == 200
    assert the_order(ports) is paid


@pytest.mark.parametrize(
    ("policy", "state", "refunds"),
    [
        (LatePolicy.REFUND, OrderState.CLOSED, 1),
        (LatePolicy.HOLD, OrderState.CLOSED, 0),
        (LatePolicy.ACCEPT, OrderState.PAID, 0),
    ],
)
def test_money_after_the_close_is_never_silent(
    policy: LatePolicy, state: OrderState, refunds: int, ports: FakePorts
) -> None:
    ports.configuration.lines["tickets"] = a_line(late_policy=policy)
    answer = paying_order(ports)
    ports.clock.forward_to(answer.order.expires_at)
    run_expiry(expiry_of(answer.order), ports)
    assert the_order(ports).state is OrderState.CLOSED
    ports.bogus.payer_pays(answer.payment.payment_no)
    assert called_back(ports, ports.bogus, answer.payment.payment_no).status == 200
    assert (the_order(ports).state, len(the_order(ports).refunds)) == (state, refunds)
    late = 0 if policy is LatePolicy.ACCEPT else 1
    assert ports.telemetry.counts["Exceptions"] == late == len(the_order(ports).exceptions)


def test_two_channels_that_are_both_paid_make_one_winner_and_one_duplicate(
    ports: FakePorts,
) -> None:
    first = paying_order(ports)
    second = started(ports, first.order, "rival", "page")
    ports.bogus.payer_pays(first.payment.payment_no)
    ports.rival.payer_pays(second.payment.payment_no)
    assert called_back(ports, ports.rival, second.payment.payment_no).status == 200
    assert called_back(ports, ports.bogus, first.payment.payment_no).status == 200
    order = the_order(ports)
    assert order.winner == second.payment.payment_no
    assert [raised.kind for raised in order.exceptions.values()] == ["DUPLICATE_PAYMENT"]
    assert list(order.refunds) == [f"{first.payment.payment_no}D"]
    assert ports.telemetry.counts["Exceptions"] == 1


@pytest.mark.parametrize("conflicts", range(1, 8))
def test_a_conflict_is_decided_again_and_booked_once(conflicts: int, ports: FakePorts) -> None:
    number = paid_at_the_channel(ports)
    ports.orders.interference = [somebody_else_writes] * conflicts
    assert called_back(ports, ports.bogus, number).status == 200
    assert the_order(ports).winner == number
    assert len(the_order(ports).events) == 1


def test_eight_conflicts_in_a_row_are_never_acknowledged(ports: FakePorts) -> None:
    number = paid_at_the_channel(ports)
    ports.orders.interference = [somebody_else_writes] * 8
    with pytest.raises(SlowDown):
        called_back(ports, ports.bogus, number)
    assert the_order(ports).state is OrderState.PAYING


def prepare(ports: FakePorts) -> None:
    paid_at_the_channel(ports)


def tell(ports: FakePorts) -> Acknowledgement:
    (number,) = ports.bogus.trades
    return called_back(ports, ports.bogus, number)


def test_an_acknowledgement_leaves_only_after_the_write_is_durable() -> None:
    seen: list[Broken] = []
    for broken in broken_everywhere(prepare, tell):
        seen.append(broken)
        # No call may break and still be acknowledged: both of them come before the answer.
        assert not broken.answered
        (before,) = broken.before_repeat.values()
        executed = broken.fault in {Fault.EXECUTED_BUT_TIMED_OUT, Fault.KILLED_AFTER}
        durable = broken.call == "orders.save" and executed
        assert (before.state is OrderState.PAID) == durable
        assert len(broken.ports.orders.history) == 3
    assert len(seen) == 8


def test_an_exception_is_durable_before_the_refusal_and_raised_once() -> None:
    def tell_wrong(ports: FakePorts) -> Acknowledgement:
        (number,) = ports.bogus.trades
        return called_back(ports, ports.bogus, number, amount="1")

    for broken in broken_everywhere(prepare, tell_wrong):
        assert not broken.answered
        assert len(broken.ports.exceptions.records) == 1


def test_two_equal_callbacks_at_once_book_once_under_every_interleaving() -> None:
    worlds: list[FakePorts] = []

    def make() -> tuple[Wire, list[Task]]:
        ports = fake_ports()
        worlds.append(ports)
        paid_at_the_channel(ports)
        return ports.wire, [lambda: tell(ports)] * 3

    for results in interleavings(make):
        order = the_order(worlds[-1])
        assert [getattr(answer, "status", answer) for answer in results.values()] == [200] * 3
        assert (order.state, len(order.events), order.exceptions) == ("PAID", 1, {})
        assert len(worlds[-1].orders.history) == 3
    assert len(worlds) > 60


def test_callbacks_of_two_channels_at_once_leave_one_winner_under_every_interleaving() -> None:
    worlds: list[FakePorts] = []

    def make() -> tuple[Wire, list[Task]]:
        ports = fake_ports()
        worlds.append(ports)
        first = paying_order(ports)
        second = started(ports, first.order, "rival", "page")
        ports.bogus.payer_pays(first.payment.payment_no)
        ports.rival.payer_pays(second.payment.payment_no)
        tasks: list[Task] = [
            lambda: called_back(ports, ports.bogus, first.payment.payment_no),
            lambda: called_back(ports, ports.rival, second.payment.payment_no),
        ]
        return ports.wire, tasks

    winners = set()
    for results in interleavings(make):
        order = the_order(worlds[-1])
        assert [getattr(answer, "status", answer) for answer in results.values()] == [200, 200]
        assert len(order.exceptions) == len(order.refunds) == len(order.events) == 1
        assert_sound(worlds[-1].orders.history)
        winners.add(order.winner[-3:])
    assert winners == {"P01", "P02"}


@pytest.mark.parametrize("policy", list(LatePolicy))
def test_a_callback_and_the_expiry_at_once_lose_nothing_under_every_interleaving(
    policy: LatePolicy,
) -> None:
    worlds: list[FakePorts] = []

    def make() -> tuple[Wire, list[Task]]:
        ports = fake_ports()
        worlds.append(ports)
        ports.configuration.lines["tickets"] = a_line(late_policy=policy)
        answer = paying_order(ports)
        number = answer.payment.payment_no
        trade = ports.bogus.payer_pays(number)
        # The channel's query lags behind its callback: it still says that nothing was paid.
        ports.bogus.trades.pop(number)
        account = ports.configuration.accounts["bogus-main~1"]
        ports.clock.forward_to(answer.order.expires_at)
        tasks: list[Task] = [
            lambda: take_callback("bogus", account.id, callback_of(trade, account), ports),
            lambda: run_expiry(expiry_of(answer.order), ports),
        ]
        return ports.wire, tasks

    ends = set()
    for results in interleavings(make):
        order = the_order(worlds[-1])
        assert isinstance(results[0], Acknowledgement)
        assert results[0].status == 200
        assert not isinstance(results[1], Exception)
        assert_sound(worlds[-1].orders.history)
        assert order.payments[f"{order.id}P01"].state is PaymentState.SUCCEEDED
        ends.add((order.state, len(order.exceptions), len(order.refunds)))
    accepted = {("PAID", 0, 0)}
    late = ("CLOSED", 1, 1 if policy is LatePolicy.REFUND else 0)
    assert ends == (accepted if policy is LatePolicy.ACCEPT else accepted | {late})


def test_a_callback_and_a_close_on_request_at_once_lose_nothing_under_every_interleaving() -> None:
    worlds: list[FakePorts] = []

    def make() -> tuple[Wire, list[Task]]:
        ports = fake_ports()
        worlds.append(ports)
        answer = paying_order(ports, "qr")
        number = answer.payment.payment_no
        account = ports.configuration.accounts["bogus-main~1"]

        def pay_and_tell() -> Acknowledgement:
            # The payer pays in the moment before the callback's own calls.
            trade = ports.bogus.payer_pays(number)
            return take_callback("bogus", account.id, callback_of(trade, account), ports)

        tasks: list[Task] = [pay_and_tell, lambda: close_order(answer.order, ports)]
        return ports.wire, tasks

    for results in interleavings(make):
        order = the_order(worlds[-1])
        assert isinstance(results[0], Acknowledgement)
        assert results[0].status == 200
        assert_sound(worlds[-1].orders.history)
        assert order.payments[f"{order.id}P01"].state is PaymentState.SUCCEEDED
        assert order.state is OrderState.PAID


def test_a_callback_and_the_create_answer_at_once_leave_success_under_every_interleaving() -> None:
    worlds: list[FakePorts] = []

    def make() -> tuple[Wire, list[Task]]:
        ports = fake_ports()
        worlds.append(ports)
        first = paying_order(ports, "qr")
        order = now_stored(ports, first.order)
        number = first.payment.payment_no
        # As it was before the create answer was stored: the callback overtakes it.
        creating = ports.orders.history[-2]
        ports.orders.history.clear()
        ports.orders.put(creating)
        ports.bogus.payer_pays(number)
        stored = now_stored(ports, order)

        def answer_comes_late() -> object:
            # The last step of create_payment, alone.
            return update(
                ports.orders,
                stored,
                lambda o: lifecycle.channel_accepted(o, number, {}, ports.clock.now()),
                ports.clock.now(),
            )

        return ports.wire, [lambda: tell(ports), answer_comes_late]

    for results in interleavings(make):
        order = the_order(worlds[-1])
        assert not any(isinstance(result, Exception) for result in results.values())
        assert order.payments[f"{order.id}P01"].state is PaymentState.SUCCEEDED
        assert essence(order)["state"] == "PAID"
        assert_sound(worlds[-1].orders.history)
