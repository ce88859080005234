"""The strategies against the simulated UnionPay, over the real transport on the loopback, in a time that runs faster.

Nothing is shared between the two sides but the channel's document. Holds I03, I12, I13, I20, I21, S-02, S-07, S-39.
"""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from html import unescape
from itertools import count
from typing import Final
from urllib.parse import urlencode

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from paycenter.adapters.http import ChannelTransport
from paycenter.ports.bills import BillKind, BillRow, BillStatus, RowKind
from paycenter.ports.channel import (
    Account,
    AppAction,
    CallbackFact,
    CallbackRefused,
    ChannelStatus,
    FactKind,
    FormAction,
    Outcome,
    PaymentRequest,
    QrAction,
    QueryAnswer,
    RawCallback,
    RefundAnswer,
    RefundRequest,
    RefundStatus,
)
from paychannels import registry
from paychannels.registry import Registry
from sandbox.serving import serving_in_thread
from sandbox.simulator.program import KEYS_FOLDER
from sandbox.unionpay.merchant import Merchant
from sandbox.unionpay.running import UnionPayControl, running_unionpay

# 2026-03-01 12:00:00 in Beijing.
NOON: Final = 1_772_337_600
RATE: Final = 50
PATIENCE_SECONDS: Final = 10.0
PRODUCTS: Final = ["gateway", "wap", "app", "qr"]
_numbers = count(1)


@dataclass(slots=True)
class FastClock:
    """Time that begins at noon in Beijing and runs fast; both sides read it, and a test may turn it forward."""

    rate: int = RATE
    began: float = field(default_factory=time.monotonic)
    ahead: int = 0

    def now(self) -> int:
        return self.now_ms() // 1000

    def now_ms(self) -> int:
        passed = (time.monotonic() - self.began) * self.rate
        return (NOON + self.ahead) * 1000 + int(passed * 1000)

    def real_seconds(self, business_seconds: float) -> float:
        return business_seconds / self.rate

    def wait(self, business_seconds: float) -> None:
        time.sleep(self.real_seconds(business_seconds))


def _account(url: str, **changes: str) -> Account:
    """Return the sandbox merchant's account, checked as `make config` checks it."""
    pem = {
        name: (KEYS_FOLDER / f"unionpay_{name}_cert.pem").read_text("utf-8")
        for name in ("root", "middle")
    }
    settings = {
        "mer_id": Merchant().mer_id,
        "gateway": f"{url}/gateway/api/",
        "file_gateway": f"{url}/file",
        "root_certificate": pem["root"],
        "middle_certificate": pem["middle"],
        **changes,
    }
    secrets = {
        "pkcs12": (KEYS_FOLDER / "unionpay_merchant_pfx.txt").read_text("utf-8"),
        "pkcs12_password": "sandbox-pkcs12",
    }
    assert registry.check_account("unionpay", settings, secrets, plain_http=True) == []
    whole = registry.completed_settings("unionpay", settings)
    return Account(id="unionpay-main~1", channel="unionpay", settings=whole, secrets=secrets)


@dataclass(slots=True)
class Bench:
    """PayCenter's side: the strategies of one account, and the notices that arrive."""

    control: UnionPayControl
    clock: FastClock
    notify_url: str
    account: Account
    notices: list[RawCallback] = field(default_factory=list)

    @property
    def channels(self) -> Registry:
        return Registry(ChannelTransport(), self.clock)

    def payment(self, product: str = "gateway", *, seconds: int = 1_680) -> PaymentRequest:
        now = self.clock.now()
        return PaymentRequest(
            payment_no=f"UNIONPAYSIMULATORTEST{next(_numbers):05d}P01",
            product=product,
            amount=12800,
            currency="CNY",
            subject='门票 "A" <b> {x=1&y=2} + 100% 🎫',
            created_at=now,
            deadline=now + seconds,
            notify_url=self.notify_url,
            return_url="http://127.0.0.1:9/return",
        )

    def open_page(self, payment: PaymentRequest) -> str:
        """Create, do what evokes the cashier, and return the address of the payer's page."""
        answer = self.channels.create("unionpay").execute(self.account, payment)
        assert answer.outcome is Outcome.DONE, answer
        match answer.action:
            case QrAction(content=content):
                return content
            case AppAction(order_string=number):
                assert re.fullmatch("[0-9]{21}", number)
                return f"{self.control.url}{self.control.trade(payment.payment_no)['pay_path']}"
            case FormAction(url=url, fields=fields):
                opened = httpx.post(url, data=dict(fields), trust_env=False)
                assert opened.status_code == 302, opened.text
                return opened.headers["location"]
        raise AssertionError(answer.action)

    def pay(self, payment: PaymentRequest) -> httpx.Response:
        return self.control.pay(self.open_page(payment))

    def query(self, payment: PaymentRequest) -> QueryAnswer:
        return self.channels.query("unionpay").execute(self.account, payment)

    def status(self, payment: PaymentRequest) -> ChannelStatus | None:
        answer = self.query(payment)
        assert answer.outcome is Outcome.DONE, answer
        return answer.status

    def paid(self, product: str = "gateway") -> tuple[PaymentRequest, str]:
        payment = self.payment(product)
        self.pay(payment)
        receipt = self.query(payment).receipt
        assert receipt is not None
        return payment, receipt.channel_transaction_no

    def refund_of(
        self, payment: PaymentRequest, query_id: str, amount: int = 350, nth: int = 1
    ) -> RefundRequest:
        return RefundRequest(
            refund_no=f"{payment.payment_no[:26]}R{nth:03d}",
            payment_no=payment.payment_no,
            product=payment.product,
            amount=amount,
            total=payment.amount,
            currency="CNY",
            reason="退票",
            created_at=self.clock.now(),
            payment_created_at=payment.created_at,
            channel_transaction_no=query_id,
            notify_url=payment.notify_url,
        )

    def refund(self, wanted: RefundRequest) -> RefundAnswer:
        return self.channels.refund("unionpay").execute(self.account, wanted)

    def refund_status(self, wanted: RefundRequest) -> RefundStatus | None:
        """Return what a refund comes to, once it is no longer under way."""
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until:
            answer = self.channels.query_refund("unionpay").execute(self.account, wanted)
            if answer.status is not RefundStatus.PROCESSING:
                return answer.status
            time.sleep(0.02)
        return RefundStatus.PROCESSING

    def raws(self, number: str, *, wanted: int = 1) -> list[RawCallback]:
        """Return the notices that name a number, once so many are there."""
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until:
            raws = [raw for raw in self.notices if number.encode() in raw.body]
            if len(raws) >= wanted:
                return raws
            time.sleep(0.01)
        raise AssertionError(f"{number}: fewer than {wanted} notices")

    def fact(self, raw: RawCallback) -> CallbackFact:
        callbacks = self.channels.callbacks("unionpay")
        return callbacks.translate(self.account, callbacks.verify(self.account, raw))


@contextmanager
def _receiver(notices: list[RawCallback]) -> Iterator[str]:
    async def take(request: Request) -> Response:
        notices.append(RawCallback(headers=dict(request.headers), body=await request.body()))
        return Response(b"ok")

    route = Route("/v1/callbacks/unionpay/unionpay-main~1", take, methods=["POST"])
    with serving_in_thread(Starlette(routes=[route])) as url:
        yield f"{url}{route.path}"


@contextmanager
def _running() -> Iterator[Bench]:
    clock, notices = FastClock(), list[RawCallback]()
    with running_unionpay(clock) as control, _receiver(notices) as notify_url:
        yield Bench(control, clock, notify_url, _account(control.url), notices)


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    with _running() as bench:
        yield bench


@pytest.mark.parametrize("product", PRODUCTS)
def test_a_payment_lives_from_the_cashier_to_its_refund(bench: Bench, product: str) -> None:
    payment = bench.payment(product)
    assert bench.status(payment) is ChannelStatus.NOT_FOUND
    page = bench.open_page(payment)
    if product != "qr":
        assert bench.status(payment) is ChannelStatus.PENDING
    bench.control.pay(page)
    answer = bench.query(payment)
    assert (answer.status, answer.receipt is not None) == (ChannelStatus.PAID, True)
    assert answer.receipt is not None
    assert (answer.receipt.amount, answer.receipt.currency) == (12800, "CNY")
    [raw] = bench.raws(payment.payment_no)
    fact = bench.fact(raw)
    assert (fact.kind, fact.stranger, fact.created_at) == (FactKind.PAID, (), payment.created_at)
    assert fact.receipt == answer.receipt
    _refunded(bench, bench.refund_of(payment, answer.receipt.channel_transaction_no))
    assert bench.status(payment) is ChannelStatus.PAID


def _refunded(bench: Bench, wanted: RefundRequest) -> None:
    assert bench.refund_status(wanted) is RefundStatus.NOT_FOUND
    accepted = bench.refund(wanted)
    assert (accepted.outcome, accepted.status) == (Outcome.DONE, RefundStatus.PROCESSING)
    # 12, a duplicate: nothing moves a second time, and the query says what became of it.
    assert (bench.refund(wanted).outcome, bench.refund(wanted).code) == (Outcome.UNKNOWN, "12")
    assert bench.refund_status(wanted) is RefundStatus.SUCCEEDED
    [raw] = bench.raws(wanted.refund_no)
    fact = bench.fact(raw)
    assert fact.refund is not None
    assert (fact.kind, fact.created_at) == (FactKind.REFUND, wanted.created_at)
    assert (fact.refund.refund_no, fact.refund.status, fact.refund.amount) == (
        wanted.refund_no,
        RefundStatus.SUCCEEDED,
        wanted.amount,
    )
    assert bench.control.trade(wanted.payment_no)["refunded_fen"] == wanted.amount


@pytest.mark.parametrize("product", ["app", "qr"])
def test_a_repeat_needs_what_was_stored(bench: Bench, product: str) -> None:
    payment, create = bench.payment(product), bench.channels.create("unionpay")
    first = create.execute(bench.account, payment)
    lost = create.execute(bench.account, payment)
    assert (lost.outcome, lost.code, lost.action) == (Outcome.UNKNOWN, "12", None)
    stored = replace(payment, channel_data=first.channel_data)
    assert create.execute(bench.account, stored).action == first.action


def test_a_repeated_form_is_the_same_payment(bench: Bench) -> None:
    payment = bench.payment()
    assert bench.open_page(payment) == bench.open_page(payment)


def test_the_browser_comes_back_by_a_signed_post_that_decides_nothing(bench: Bench) -> None:
    payment = bench.payment()
    left = bench.pay(payment)
    assert f'action="{payment.return_url}"' in left.text
    fields = {
        name: unescape(value)
        for name, value in re.findall(
            r'<input type="hidden" name="([^"]+)" value="([^"]*)">', left.text
        )
    }
    raw = RawCallback(headers={}, body=urlencode(fields).encode())
    # It has a notice's shape and signature; only its address tells that it is a browser's.
    assert bench.fact(raw).payment_no == payment.payment_no


def test_a_whole_payment_is_undone_on_its_day(bench: Bench) -> None:
    bench = replace(bench, account=_account(bench.control.url, same_day_refund="undo"))
    payment, query_id = bench.paid()
    wanted = bench.refund_of(payment, query_id, payment.amount)
    assert bench.refund(wanted).status is RefundStatus.PROCESSING
    assert bench.refund_status(wanted) is RefundStatus.SUCCEEDED
    [raw] = bench.raws(wanted.refund_no)
    assert b"txnType=31" in raw.body
    again = bench.refund(bench.refund_of(payment, query_id, 1, 2))
    assert (again.outcome, again.code) == (Outcome.REFUSED, "45")


def test_a_refund_beyond_the_payment_is_refused(bench: Bench) -> None:
    payment, query_id = bench.paid()
    assert bench.refund(bench.refund_of(payment, query_id, 12_700)).outcome is Outcome.DONE
    too_much = bench.refund(bench.refund_of(payment, query_id, 101, 2))
    assert (too_much.outcome, too_much.code) == (Outcome.REFUSED, "33")


def test_a_refund_may_fail_after_it_was_accepted(bench: Bench) -> None:
    payment, query_id = bench.paid()
    bench.control.arm("refund_fails", payment.payment_no)
    wanted = bench.refund_of(payment, query_id)
    assert bench.refund(wanted).status is RefundStatus.PROCESSING
    assert bench.refund_status(wanted) is RefundStatus.FAILED
    [raw] = bench.raws(wanted.refund_no)
    fact = bench.fact(raw)
    assert fact.refund is not None
    assert fact.refund.status is RefundStatus.FAILED


def test_a_refund_may_be_unclear_and_succeed(bench: Bench) -> None:
    payment, query_id = bench.paid()
    bench.control.arm("refund_unclear", payment.payment_no)
    wanted = bench.refund_of(payment, query_id)
    unclear = bench.refund(wanted)
    assert (unclear.outcome, unclear.code) == (Outcome.UNKNOWN, "05")
    assert bench.refund_status(wanted) is RefundStatus.SUCCEEDED


@pytest.mark.parametrize(
    "fault",
    [
        "forge_callback",
        "unsigned_callback",
        "member_callback",
        "expired_callback",
        "self_signed_callback",
        "test_name_callback",
        "keyed_callback",
        "old_version_callback",
    ],
)
def test_a_notice_that_should_not_count_is_refused(bench: Bench, fault: str) -> None:
    payment = bench.payment()
    bench.control.arm(fault, payment.payment_no)
    bench.pay(payment)
    [raw] = bench.raws(payment.payment_no)
    with pytest.raises(CallbackRefused):
        bench.fact(raw)
    assert bench.status(payment) is ChannelStatus.PAID


@pytest.mark.parametrize("fault", ["double_callbacks", "query_on_address", "imperfect_success"])
def test_a_notice_may_come_twice_or_be_odd_and_still_be_true(bench: Bench, fault: str) -> None:
    payment = bench.payment()
    bench.control.arm(fault, payment.payment_no)
    bench.pay(payment)
    raws = bench.raws(payment.payment_no, wanted=2 if fault == "double_callbacks" else 1)
    assert {bench.fact(raw).kind for raw in raws} == {FactKind.PAID}
    assert bench.status(payment) is ChannelStatus.PAID


def test_facts_that_do_not_fit_are_told_as_they_are(bench: Bench) -> None:
    for fault, number_known in (
        ("wrong_amount", True),
        ("wrong_merchant", True),
        ("unknown_order", False),
    ):
        payment = bench.payment()
        bench.control.arm(fault, payment.payment_no)
        bench.pay(payment)
        number = payment.payment_no if number_known else f"A{payment.payment_no[1:]}"
        [raw] = bench.raws(number)
        fact = bench.fact(raw)
        assert fact.receipt is not None
        assert (fact.receipt.amount == 12800) is (fault != "wrong_amount")
        assert fact.stranger == (("merId",) if fault == "wrong_merchant" else ())


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        ("member_answer", Outcome.UNKNOWN),
        ("expired_answer", Outcome.UNKNOWN),
        ("keyed_answer", Outcome.UNKNOWN),
        ("old_version_answer", Outcome.UNKNOWN),
        ("forged_answer", Outcome.UNKNOWN),
        ("unsigned_answer", Outcome.UNKNOWN),
        ("truncated_answer", Outcome.UNKNOWN),
        ("cut_after_effect", Outcome.UNKNOWN),
        ("answer_html", Outcome.UNKNOWN),
        ("answer_500", Outcome.UNKNOWN),
        ("error_after_effect", Outcome.UNKNOWN),
        ("throttle", Outcome.NOT_EXECUTED),
    ],
)
def test_an_answer_that_should_not_count_says_nothing(
    bench: Bench, fault: str, outcome: Outcome
) -> None:
    payment, query_id = bench.paid()
    bench.control.arm(fault, payment.payment_no, times=3)
    asked = bench.query(payment)
    assert (asked.outcome, asked.status, asked.receipt) == (outcome, None, None)
    wanted = bench.refund_of(payment, query_id)
    refunded = bench.refund(wanted)
    assert (refunded.outcome, refunded.status) == (outcome, None)
    if fault in {"answer_html", "answer_500", "throttle"}:
        # Nothing was done: the same refund is sent again.
        assert bench.refund_status(wanted) is RefundStatus.NOT_FOUND
        bench.control.clear(payment.payment_no)
        assert bench.refund(wanted).outcome is Outcome.DONE
    else:
        found = bench.channels.query_refund("unionpay").execute(bench.account, wanted)
        assert (found.outcome, found.status) == (outcome, None)
    # The truth comes out afterwards, under the same number.
    assert bench.refund_status(wanted) is RefundStatus.SUCCEEDED
    assert bench.control.trade(payment.payment_no)["refunded_fen"] == 350


def test_a_rotated_certificate_is_believed_at_once(bench: Bench) -> None:
    payment, _ = bench.paid()
    bench.control.rotate_keys()
    try:
        assert bench.status(payment) is ChannelStatus.PAID
        other, _ = bench.paid()
        assert bench.fact(bench.raws(other.payment_no)[0]).kind is FactKind.PAID
    finally:
        bench.control.rotate_keys()


def test_a_card_may_fail_before_another_one_pays(bench: Bench) -> None:
    payment = bench.payment()
    bench.control.arm("payer_refused", payment.payment_no)
    page = bench.open_page(payment)
    bench.control.pay(page)
    assert bench.status(payment) is ChannelStatus.PENDING
    bench.control.pay(page)
    assert bench.status(payment) is ChannelStatus.PAID


def test_an_unpaid_payment_ends_with_its_deadline(bench: Bench) -> None:
    payment = bench.payment(seconds=150)
    bench.open_page(payment)
    assert bench.status(payment) is ChannelStatus.PENDING
    bench.clock.wait(152)
    assert bench.status(payment) is ChannelStatus.CLOSED


def test_late_money_is_found_or_goes_back_by_itself(bench: Bench) -> None:
    late, returned = (bench.payment(seconds=150) for _ in range(2))
    bench.control.arm("pay_after_close", late.payment_no)
    bench.control.arm("late_money_returned", returned.payment_no)
    for payment in (late, returned):
        bench.open_page(payment)
    assert bench.fact(bench.raws(late.payment_no)[0]).kind is FactKind.PAID
    bench.clock.wait(10)
    assert bench.status(late) is ChannelStatus.PAID
    answer = bench.query(returned)
    assert (answer.outcome, answer.status, answer.receipt) == (
        Outcome.DONE,
        ChannelStatus.PENDING,
        None,
    )


def test_another_moment_is_another_payment(bench: Bench) -> None:
    payment, _ = bench.paid()
    other = replace(payment, created_at=payment.created_at + 1)
    assert bench.status(other) is ChannelStatus.NOT_FOUND


def test_another_merchant_key_is_not_let_in(bench: Bench) -> None:
    settings = {**bench.account.settings, "mer_id": "777290058119998"}
    stranger = replace(bench.account, settings=settings)
    answer = bench.channels.query("unionpay").execute(stranger, bench.payment())
    assert (answer.outcome, answer.code, answer.status) == (Outcome.REFUSED, "31", None)


def test_the_settlement_file_lists_what_happened() -> None:
    with _running() as bench:
        payment, query_id = bench.paid()
        wanted = bench.refund_of(payment, query_id)
        bench.refund(wanted)
        assert bench.refund_status(wanted) is RefundStatus.SUCCEEDED
        bills = bench.channels.bills("unionpay")
        early = bills.download(bench.account, "2026-03-01", BillKind.TRADES)
        assert (early.outcome, early.status) == (Outcome.DONE, BillStatus.NOT_READY)
        bench.clock.ahead = 22 * 3_600
        file = bills.download(bench.account, "2026-03-01", BillKind.TRADES)
        assert (file.outcome, file.status) == (Outcome.DONE, BillStatus.READY)
        rows = [row for row in bills.rows(file.content) if isinstance(row, BillRow)]
        assert [(row.kind, row.amount, row.payment_no, row.refund_no) for row in rows] == [
            (RowKind.PAYMENT, 12800, payment.payment_no, ""),
            (RowKind.REFUND, 350, "", wanted.refund_no),
        ]
        assert [row.channel_transaction_no for row in rows] == [query_id, query_id]
        assert rows[0].fee_thousandths == 77_000
        assert 0 <= rows[0].at - payment.created_at < 600
        empty = bills.download(bench.account, "2026-02-28", BillKind.TRADES)
        assert empty.status is BillStatus.NOT_READY
