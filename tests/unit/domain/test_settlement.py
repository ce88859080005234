"""What verified money does. Holds I01, I02, I04, I05, I07, I09, I11, I22, I42; C04, C06, C10, C13; S-05, S-26."""

from dataclasses import replace

import pytest

from paycenter.domain import ids, lifecycle
from paycenter.domain.order import EventType, Evidence, ExceptionKind, LatePolicy, Order, Resolution
from paycenter.domain.settlement import Receipt, exception_id, fits, money_verified
from paycenter.domain.states import OrderState, PaymentState, RefundState
from tests.fakes.clock import START
from tests.fakes.samples import a_payment, an_order, paying, receipt_for
from tests.fakes.soundness import assert_consistent, assert_step

NOW = START + 61
EVIDENCE = Evidence(source="callback", digest="0123456789abcdef" * 4, account="bogus-main~1")
FIRST = a_payment(an_order(), 1).payment_no
SECOND = a_payment(an_order(), 2).payment_no
BEFORE_SUCCESS = sorted(set(PaymentState) - {PaymentState.SUCCEEDED})


def pay(order: Order, number: str = FIRST, now: int = NOW) -> Order:
    after = money_verified(order, receipt_for(order.payments[number]), EVIDENCE, now)
    if after is not order:
        assert_step(order, after)
        assert_consistent(after)
    return after


@pytest.mark.parametrize("state", BEFORE_SUCCESS)
def test_verified_money_wins_an_open_order_from_every_state_of_its_payment(
    state: PaymentState,
) -> None:
    paid = pay(paying(state))
    payment = paid.payments[FIRST]
    assert (paid.state, paid.winner, payment.state) == ("PAID", FIRST, "SUCCEEDED")
    assert (payment.refundable, payment.paid_at) == (12800, START + 60)
    assert payment.channel_transaction_no == f"T-{FIRST}"
    assert [event.type for event in paid.events.values()] == [EventType.ORDER_PAID]
    assert not paid.exceptions
    assert not paid.refunds


def test_success_carries_its_evidence() -> None:
    proof = "paid callback 0123456789abcdef bogus-main~1"
    assert pay(paying(PaymentState.PENDING)).log[-2:] == (
        f"{NOW} 3 P01 PENDING>SUCCEEDED {proof}",
        f"{NOW} 3 O PAYING>PAID {proof}",
    )


def test_the_same_money_again_changes_nothing_at_all() -> None:
    paid = pay(paying(PaymentState.PENDING))
    assert pay(paid, now=NOW + 3600) is paid


def test_the_late_answer_to_a_create_call_leaves_success_alone() -> None:
    paid = pay(paying(PaymentState.CREATING))
    assert lifecycle.channel_accepted(paid, FIRST, {"ticket": "7"}, NOW + 1) is paid
    assert lifecycle.channel_refused(paid, FIRST, "PAID_ALREADY", NOW + 1) is paid
    assert lifecycle.channel_closed(paid, FIRST, EVIDENCE, NOW + 1) is paid
    assert lifecycle.begin_closing(paid, NOW + 1) is paid
    assert lifecycle.close(paid, NOW + 1) is paid


def test_money_for_an_order_that_is_closing_wins_it() -> None:
    paid = pay(paying(PaymentState.PENDING, closing=True, close_attempt=2, close_due_at=NOW + 9))
    assert (paid.state, paid.close_due_at) == ("PAID", 0)
    assert list(paid.payments) == [FIRST]


@pytest.mark.parametrize("state", BEFORE_SUCCESS)
def test_a_second_success_is_a_duplicate_that_owes_its_whole_amount_back(
    state: PaymentState,
) -> None:
    won = pay(paying(PaymentState.PENDING, state))
    twice = pay(won, SECOND, NOW + 1)
    assert (twice.state, twice.winner) == ("PAID", FIRST)
    (raised,) = twice.exceptions.values()
    assert raised.kind is ExceptionKind.DUPLICATE_PAYMENT
    assert (raised.payment_no, raised.amount, raised.resolution) == (SECOND, 12800, "refund")
    (refund,) = twice.refunds.values()
    assert refund.refund_no == f"{SECOND}D" == ids.automatic_refund_no(SECOND)
    assert (refund.amount, refund.state) == (12800, RefundState.REQUESTED)
    assert twice.payments[SECOND].refundable == 0
    assert twice.payments[FIRST].refundable == 12800
    # Nobody is told a second time: the order was paid, and still is.
    assert twice.events == won.events
    assert twice.outbox == twice.version
    assert pay(twice, SECOND, NOW + 99) is twice


def closed_order(policy: LatePolicy) -> Order:
    return lifecycle.close(paying(PaymentState.CLOSED, late_policy=policy), NOW - 5)


def test_late_money_is_refunded_by_itself_where_the_line_wants_that() -> None:
    late = pay(closed_order(LatePolicy.REFUND))
    (raised,) = late.exceptions.values()
    (refund,) = late.refunds.values()
    assert (late.state, late.winner) == ("CLOSED", "")
    assert (raised.kind, raised.resolution) == ("LATE_PAYMENT", "refund")
    assert (refund.refund_no, refund.amount) == (f"{FIRST}D", 12800)
    assert late.payments[FIRST].state is PaymentState.SUCCEEDED
    assert late.payments[FIRST].refundable == 0
    assert late.outbox == late.version
    assert pay(late, now=NOW + 99) is late


def test_late_money_is_held_for_a_person_where_the_line_wants_that() -> None:
    late = pay(closed_order(LatePolicy.HOLD))
    (raised,) = late.exceptions.values()
    assert (late.state, raised.kind, raised.resolution) == ("CLOSED", "LATE_PAYMENT", "hold")
    assert not late.refunds
    assert late.payments[FIRST].refundable == 12800


def test_late_money_is_accepted_where_the_line_wants_that() -> None:
    closed = closed_order(LatePolicy.ACCEPT)
    late = pay(closed)
    assert (late.state, late.winner) == ("PAID", FIRST)
    assert [event.type for event in late.events.values()] == ["order.closed", "order.paid"]
    assert not late.exceptions
    assert late.closed_at == closed.closed_at


def test_a_second_payment_after_an_accepted_late_one_is_a_duplicate() -> None:
    order = paying(PaymentState.CLOSED, PaymentState.CLOSED, late_policy=LatePolicy.ACCEPT)
    twice = pay(pay(lifecycle.close(order, NOW - 5)), SECOND)
    assert [raised.kind for raised in twice.exceptions.values()] == ["DUPLICATE_PAYMENT"]
    assert twice.winner == FIRST


def test_every_payment_of_a_closed_order_is_an_exception_of_its_own() -> None:
    order = lifecycle.close(paying(PaymentState.CLOSED, PaymentState.FAILED), NOW - 5)
    both = pay(pay(order), SECOND)
    assert sorted(raised.payment_no for raised in both.exceptions.values()) == [FIRST, SECOND]
    assert sorted(both.refunds) == [f"{FIRST}D", f"{SECOND}D"]


MISFITS: list[dict[str, object]] = [
    {"amount": 1},
    {"amount": 12799},
    {"amount": 12801},
    {"amount": 128},
    {"amount": 0},
    {"currency": "USD"},
    {"currency": ""},
    {"currency": "cny"},
]


@pytest.mark.parametrize("misfit", MISFITS)
def test_a_receipt_that_does_not_fit_is_never_booked(misfit: dict[str, object]) -> None:
    order = paying(PaymentState.PENDING)
    receipt = receipt_for(order.payments[FIRST], **misfit)
    assert not fits(order.payments[FIRST], receipt)
    with pytest.raises(AssertionError, match="does not fit"):
        money_verified(order, receipt, EVIDENCE, NOW)


def test_a_receipt_of_another_payment_does_not_fit() -> None:
    order = paying(PaymentState.PENDING, PaymentState.PENDING)
    assert fits(order.payments[FIRST], receipt_for(order.payments[FIRST]))
    assert not fits(order.payments[FIRST], receipt_for(order.payments[SECOND]))


def test_the_same_exception_has_the_same_name_whichever_key_told_it() -> None:
    names = {
        exception_id("bogus", f"main~{version}", ExceptionKind.UNKNOWN_ORDER, "T-1")
        for version in (1, 2, 13)
    }
    assert names == {"bogus|main|UNKNOWN_ORDER|T-1"}


def test_other_money_is_another_exception() -> None:
    base = Receipt(
        payment_no=FIRST, amount=1, currency="CNY", channel_transaction_no="T-1", paid_at=0
    )
    names = {
        exception_id("bogus", "main~1", ExceptionKind.UNKNOWN_ORDER, base.channel_transaction_no),
        exception_id("bogus", "main~1", ExceptionKind.UNKNOWN_ORDER, "T-2"),
        exception_id("bogus", "main~1", ExceptionKind.AMOUNT_MISMATCH, "T-1"),
        exception_id("bogus", "spare~1", ExceptionKind.UNKNOWN_ORDER, "T-1"),
        exception_id("rival", "main~1", ExceptionKind.UNKNOWN_ORDER, "T-1"),
    }
    assert len(names) == 5


def test_a_refunded_duplicate_can_not_be_refunded_again_from_its_refundable_rest() -> None:
    twice = pay(pay(paying(PaymentState.PENDING, PaymentState.PENDING)), SECOND)
    for payment in twice.payments.values():
        owed = sum(r.amount for r in twice.refunds.values() if r.payment_no == payment.payment_no)
        assert owed + payment.refundable == payment.amount


def test_resolutions_are_what_a_late_policy_may_say() -> None:
    assert {Resolution(policy) for policy in (LatePolicy.REFUND, LatePolicy.HOLD)} == set(
        Resolution
    )


def test_an_order_without_any_state_but_the_four_can_not_be_settled() -> None:
    assert {state.value for state in OrderState} == {"CREATED", "PAYING", "PAID", "CLOSED"}
    assert replace(an_order()).is_open
