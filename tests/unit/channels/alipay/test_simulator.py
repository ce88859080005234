"""The strategies against the simulated Alipay, over the real transport on the loopback, in every mode of an account.

Nothing is shared between the two sides but the channel's document. Holds I03, I13, I20, I22, C01, C02, C09, C14, C18.
"""

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import httpx
import pytest

from paycenter.ports.bills import BillKind, BillRow, BillStatus, RowKind
from paycenter.ports.channel import (
    CallbackRefused,
    ChannelStatus,
    FactKind,
    Outcome,
    PaymentRequest,
    RawCallback,
    RefundStatus,
)
from sandbox.alipay.running import running_alipay
from tests.unit.channels.alipay.merchantside import (
    ALL_MODES,
    BROUGHT,
    DAY_SECONDS,
    MODES,
    Bench,
    TurnedClock,
    account_of,
    receiver,
)


@pytest.fixture(scope="module")
def running() -> Iterator[Bench]:
    clock, notices = TurnedClock(), list[RawCallback]()
    with running_alipay(clock) as control, receiver(notices) as notify_url:
        yield Bench(control, clock, notify_url, account_of(MODES[0], control.url), notices)


@pytest.fixture
def bench(running: Bench, request: pytest.FixtureRequest) -> Bench:
    """The simulator as the account of a mode sees it; the mode is the test's parameter."""
    mode = getattr(request, "param", MODES[0])
    return replace(running, account=account_of(mode, running.control.url))


IN_ALL_MODES = pytest.mark.parametrize("bench", ALL_MODES, indirect=True)
IN_BOTH_DIALECTS = pytest.mark.parametrize("bench", ["v2 key", "v3 key aes"], indirect=True)
BY_CERTIFICATE = pytest.mark.parametrize(
    "bench", [mode for mode in ALL_MODES if "certificate" in mode], indirect=True
)


LIVES: Final = [
    *((mode, "qr") for mode in ALL_MODES),
    *((mode, product) for mode in ("v2 key", "v3 certificate aes") for product in BROUGHT),
]


@pytest.mark.parametrize(("bench", "product"), LIVES, indirect=["bench"])
def test_a_payment_lives_from_the_cashier_to_its_last_refund(bench: Bench, product: str) -> None:
    payment = bench.payment(product)
    assert bench.status(payment) is ChannelStatus.NOT_FOUND
    bench.pay(payment)
    answer = bench.channels.query("alipay").execute(bench.account, payment)
    assert answer.status is ChannelStatus.PAID
    assert answer.receipt is not None
    assert (answer.receipt.amount, answer.receipt.currency) == (payment.amount, "CNY")
    [paid] = bench.facts_of(payment, wanted=1)
    assert (paid.kind, paid.stranger) == (FactKind.PAID, ())
    assert paid.receipt == answer.receipt
    _refund_in_two_parts(bench, payment)
    # The trade is fully refunded; Alipay calls that closed, and our domain keeps it paid.
    assert bench.status(payment) is ChannelStatus.CLOSED


def _refund_in_two_parts(bench: Bench, payment: PaymentRequest) -> None:
    refunds = bench.channels.refund("alipay")
    asking = bench.channels.query_refund("alipay")
    first, rest = bench.refund_of(payment, 300), bench.refund_of(payment, payment.amount - 300, 2)
    assert asking.execute(bench.account, first).status is RefundStatus.NOT_FOUND
    assert refunds.execute(bench.account, first).status is RefundStatus.SUCCEEDED
    # A repeat moves nothing more; the query says what became of it.
    assert refunds.execute(bench.account, first).status is RefundStatus.PROCESSING
    found = asking.execute(bench.account, first)
    assert (found.status, found.amount) == (RefundStatus.SUCCEEDED, 300)
    another = refunds.execute(bench.account, replace(first, amount=301))
    assert (another.outcome, another.code.rpartition(".")[2]) == (
        Outcome.REFUSED,
        "DISCORDANT_REPEAT_REQUEST",
    )
    assert refunds.execute(bench.account, rest).status is RefundStatus.SUCCEEDED
    too_much = refunds.execute(bench.account, bench.refund_of(payment, 1, 3))
    assert too_much.outcome is Outcome.REFUSED
    facts = bench.facts_of(payment, wanted=3)[1:]
    assert [fact.kind for fact in facts] == [FactKind.REFUND, FactKind.REFUND]
    told = {fact.refund.refund_no: fact.refund.status for fact in facts if fact.refund}
    assert told == {first.refund_no: None, rest.refund_no: None}


@IN_ALL_MODES
def test_an_unpaid_payment_closes_and_a_paid_one_does_not(bench: Bench) -> None:
    close = bench.channels.close("alipay")
    never, opened, paid = bench.payment(), bench.payment(), bench.payment()
    assert close.execute(bench.account, never).code.endswith("TRADE_NOT_EXIST")
    bench.page_of(opened)
    httpx.get(bench.page_of(opened), trust_env=False, follow_redirects=True)
    assert bench.status(opened) is ChannelStatus.PENDING
    assert close.execute(bench.account, opened).outcome is Outcome.DONE
    assert bench.status(opened) is ChannelStatus.CLOSED
    assert close.execute(bench.account, opened).outcome is Outcome.REFUSED
    bench.pay(paid)
    assert close.execute(bench.account, paid).outcome is Outcome.REFUSED
    assert bench.status(paid) is ChannelStatus.PAID


@IN_ALL_MODES
def test_a_repeated_precreate_gets_the_same_code_and_a_paid_one_none(bench: Bench) -> None:
    payment, create = bench.payment(), bench.channels.create("alipay")
    assert bench.page_of(payment) == bench.page_of(payment)
    other = create.execute(bench.account, replace(payment, amount=1))
    assert (other.outcome, other.code.rpartition(".")[2]) == (
        Outcome.UNKNOWN,
        "CONTEXT_INCONSISTENT",
    )
    bench.pay(payment)
    assert create.execute(bench.account, payment).outcome is Outcome.UNKNOWN


@IN_ALL_MODES
def test_a_day_s_bill_holds_what_happened(bench: Bench) -> None:
    payment = bench.payment(amount=10_000)
    bench.pay(payment)
    refund = bench.refund_of(payment, 2_500)
    bench.channels.refund("alipay").execute(bench.account, refund)
    day = time.strftime("%Y-%m-%d", time.gmtime(bench.clock.now() + 8 * 3600))
    bills = bench.channels.bills("alipay")
    early = bills.download(bench.account, day, BillKind.TRADES)
    assert (early.outcome, early.status) == (Outcome.DONE, BillStatus.NOT_READY)
    bench.clock.ahead += 2 * DAY_SECONDS
    said = bills.download(bench.account, day, BillKind.TRADES)
    assert (said.outcome, said.status) == (Outcome.DONE, BillStatus.READY)
    rows = [row for row in bills.rows(said.content) if isinstance(row, BillRow)]
    ours = [row for row in rows if row.payment_no == payment.payment_no]
    assert [(row.kind, row.amount, row.refund_no) for row in ours] == [
        (RowKind.PAYMENT, 10_000, ""),
        (RowKind.REFUND, 2_500, refund.refund_no),
    ]
    assert [row.fee_thousandths for row in ours] == [60_000, -15_000]
    totals = bills.totals(said.content)
    signed = [row.amount if row.kind is RowKind.PAYMENT else -row.amount for row in rows]
    assert (totals.payments, totals.refunds) == (
        sum(row.kind is RowKind.PAYMENT for row in rows),
        sum(row.kind is RowKind.REFUND for row in rows),
    )
    assert totals.net == sum(signed)
    assert totals.fee_thousandths == sum(row.fee_thousandths for row in rows)


@IN_ALL_MODES
def test_a_day_without_trades_has_an_empty_bill(bench: Bench) -> None:
    said = bench.channels.bills("alipay").download(bench.account, "2025-12-31", BillKind.TRADES)
    assert (said.outcome, said.status) == (Outcome.DONE, BillStatus.EMPTY)


@BY_CERTIFICATE
def test_a_rotated_certificate_is_fetched_and_then_believed(bench: Bench) -> None:
    material = bench.channels.material("alipay")
    assert material is not None
    assert material.needed(bench.account)
    before = material.execute(bench.account)
    assert (before.outcome, before.material) == (Outcome.DONE, {})
    payment = bench.payment()
    bench.pay(payment)
    bench.facts_of(payment, wanted=1)
    bench.control.rotate_keys()
    try:
        query = bench.channels.query("alipay")
        assert query.execute(bench.account, payment).outcome is Outcome.UNKNOWN
        fetched = material.execute(bench.account)
        assert (fetched.outcome, len(fetched.material)) == (Outcome.DONE, 1)
        bench.account = replace(bench.account, material=fetched.material)
        assert bench.status(payment) is ChannelStatus.PAID
        assert material.execute(bench.account).material == fetched.material
        refund = bench.refund_of(payment, 100)
        bench.channels.refund("alipay").execute(bench.account, refund)
        # One notice of the old certificate, one of the new: both are believed.
        assert len(bench.facts_of(payment, wanted=2)) == 2
    finally:
        bench.control.rotate_keys()


@pytest.mark.parametrize("bench", ["v2 key", "v3 key"], indirect=True)
def test_a_rotated_key_is_not_believed_in_key_mode(bench: Bench) -> None:
    payment = bench.payment()
    bench.pay(payment)
    bench.control.rotate_keys()
    try:
        answer = bench.channels.query("alipay").execute(bench.account, payment)
        assert (answer.outcome, answer.status) == (Outcome.UNKNOWN, None)
    finally:
        bench.control.rotate_keys()
    assert bench.status(payment) is ChannelStatus.PAID


ANSWER_FAULTS: Final = {
    "cut_after_effect": Outcome.UNKNOWN,
    "answer_500": Outcome.UNKNOWN,
    "answer_500_after_effect": Outcome.UNKNOWN,
    "answer_html": Outcome.UNKNOWN,
    "throttle": Outcome.NOT_EXECUTED,
    "error_after_effect": Outcome.UNKNOWN,
    "truncated_answer": Outcome.UNKNOWN,
    "unsigned_answer": Outcome.UNKNOWN,
    "forged_answer": Outcome.UNKNOWN,
}


@IN_BOTH_DIALECTS
@pytest.mark.parametrize("fault", ANSWER_FAULTS)
def test_a_spoilt_answer_to_a_refund_decides_nothing_and_a_repeat_gives_once(
    bench: Bench, fault: str
) -> None:
    payment = bench.payment()
    bench.pay(payment)
    refund, refunds = bench.refund_of(payment, 300), bench.channels.refund("alipay")
    bench.control.arm(fault, payment.payment_no, times=1, method="alipay.trade.refund")
    spoilt = refunds.execute(bench.account, refund)
    assert (spoilt.outcome, spoilt.status) == (ANSWER_FAULTS[fault], None)
    again = refunds.execute(bench.account, refund)
    assert again.status in {RefundStatus.SUCCEEDED, RefundStatus.PROCESSING}
    found = bench.channels.query_refund("alipay").execute(bench.account, refund)
    assert (found.status, found.amount) == (RefundStatus.SUCCEEDED, 300)
    assert bench.control.trade(payment.payment_no)["refunded_fen"] == 300


@IN_BOTH_DIALECTS
@pytest.mark.parametrize("fault", ANSWER_FAULTS)
def test_a_spoilt_answer_to_a_query_says_nothing_of_the_payment(bench: Bench, fault: str) -> None:
    payment = bench.payment()
    bench.pay(payment)
    bench.control.arm(fault, payment.payment_no, times=1, method="alipay.trade.query")
    spoilt = bench.channels.query("alipay").execute(bench.account, payment)
    assert (spoilt.outcome, spoilt.status) == (ANSWER_FAULTS[fault], None)
    assert bench.status(payment) is ChannelStatus.PAID


@IN_BOTH_DIALECTS
def test_a_refund_that_settles_later_is_under_way_and_then_there(bench: Bench) -> None:
    payment = bench.payment()
    bench.pay(payment)
    refund = bench.refund_of(payment, 300)
    bench.control.arm("refund_later", payment.payment_no, times=1)
    said = bench.channels.refund("alipay").execute(bench.account, refund)
    assert (said.outcome, said.status) == (Outcome.DONE, RefundStatus.PROCESSING)
    asking = bench.channels.query_refund("alipay")
    assert asking.execute(bench.account, refund).status is RefundStatus.NOT_FOUND


NOTICE_FAULTS: Final = ["forge_callback", "unsigned_callback", "sha1_callback"]


@pytest.mark.parametrize("bench", ["v2 key", "v2 certificate"], indirect=True)
@pytest.mark.parametrize("fault", NOTICE_FAULTS)
def test_a_notice_that_alipay_did_not_sign_so_is_refused(bench: Bench, fault: str) -> None:
    payment = bench.payment()
    bench.control.arm(fault, payment.payment_no)
    bench.pay(payment)
    with pytest.raises(CallbackRefused):
        bench.facts_of(payment, wanted=1)


@pytest.mark.parametrize("bench", ["v2 key", "v2 certificate"], indirect=True)
@pytest.mark.parametrize(
    ("fault", "strangers"),
    [
        ("wrong_app", ("app_id",)),
        ("wrong_seller", ("seller_id",)),
        ("wrong_merchant", ("app_id", "seller_id")),
        ("empty_signed", ()),
        ("empty_unsigned", ()),
    ],
)
def test_a_notice_for_somebody_else_names_what_is_not_ours(
    bench: Bench, fault: str, strangers: tuple[str, ...]
) -> None:
    payment = bench.payment()
    bench.control.arm(fault, payment.payment_no)
    bench.pay(payment)
    [fact] = bench.facts_of(payment, wanted=1)
    assert fact.stranger == strangers
