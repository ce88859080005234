"""The strategies against the simulated WeChat Pay, over the real transport on the loopback, by both kinds of key.

Nothing is shared between the two sides but the channel's document. Holds I03, I13, I20, I22, C01, C02, C09, C14, C18, C19,
S-03.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import count
from typing import Final
from urllib.parse import parse_qs, urlsplit

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from paycenter.adapters.http import ChannelTransport
from paycenter.ports.bills import BillKind, BillRow, BillStatus, RowKind
from paycenter.ports.channel import (
    Account,
    Action,
    AppAction,
    CallbackFact,
    CallbackRefused,
    ChannelStatus,
    FactKind,
    JsapiAction,
    Outcome,
    Payer,
    PaymentRequest,
    QrAction,
    RawCallback,
    RedirectAction,
    RefundRequest,
    RefundStatus,
)
from paychannels import beijing, registry
from paychannels.registry import Registry
from sandbox.serving import serving_in_thread
from sandbox.simulator.program import KEYS_FOLDER
from sandbox.wechatpay.merchant import PAYER_OPENID, Merchant
from sandbox.wechatpay.running import WechatControl, running_wechatpay

DAY_SECONDS: Final = 86_400
# 2026-03-01 12:00:00 in Beijing.
NOON: Final = 1_772_337_600
PATIENCE_SECONDS: Final = 10.0
MODES: Final = ["public_key", "certificate"]
PRODUCTS: Final = ["native", "jsapi", "h5", "app"]
_numbers = count(1)


@dataclass(slots=True)
class TurnedClock:
    """Time that begins at noon in Beijing, passes, and may be turned forward by a test; both sides read it."""

    began: float = field(default_factory=time.monotonic)
    ahead: int = 0
    rate: int = 1

    def now(self) -> int:
        return self.now_ms() // 1000

    def now_ms(self) -> int:
        return (NOON + self.ahead) * 1000 + int((time.monotonic() - self.began) * 1000)

    def real_seconds(self, business_seconds: float) -> float:
        # The simulator naps so long at most: it must notice that a test has turned the clock.
        return business_seconds / 1000


def _pem(name: str) -> str:
    return (KEYS_FOLDER / name).read_text("utf-8")


@cache
def account_of(mode: str, url: str, merchant_serial: str) -> Account:
    """Return the sandbox merchant's account in a mode, checked as `make config` checks it."""
    merchant = Merchant()
    settings = {
        "mchid": merchant.mchid,
        "appid": merchant.appid,
        "merchant_serial": merchant_serial,
        "gateway": url,
        "authorisation_gateway": url,
        "openid_gateway": url,
        "mode": mode,
    }
    if mode != "certificate":
        settings |= {
            "public_key_id": "PUB_KEY_ID_0119000000012026010100000001",
            "public_key": _pem("wechatpay_platform_public.pem"),
        }
    secrets = {
        "private_key": _pem("wechatpay_merchant_private.pem"),
        "apiv3_key": merchant.apiv3_key,
        "app_secret": merchant.app_secret,
    }
    assert registry.check_account("wechatpay", settings, secrets, plain_http=True) == []
    return Account(id="wechatpay-main~1", channel="wechatpay", settings=settings, secrets=secrets)


@dataclass(slots=True)
class Bench:
    """PayCenter's side: the strategies of one account, and the notices that arrive."""

    control: WechatControl
    clock: TurnedClock
    inbox: str
    account: Account
    notices: dict[str, list[RawCallback]] = field(default_factory=dict)
    answers: list[int] = field(default_factory=list)

    @property
    def channels(self) -> Registry:
        return Registry(ChannelTransport(), self.clock)

    def payment(self, product: str = "native") -> PaymentRequest:
        now, number = self.clock.now(), f"WECHATPAYSIMULATOR{next(_numbers):08d}P01"
        return PaymentRequest(
            payment_no=number,
            product=product,
            amount=12800,
            currency="CNY",
            subject='门票 "A" <b> + 100% 🎫',
            created_at=now,
            deadline=now + 1795,
            notify_url=f"{self.inbox}/{number}",
            return_url="http://127.0.0.1:9/return?kept=1",
            payer=Payer(payer_id=PAYER_OPENID, client_address="203.0.113.7", system="ios"),
        )

    def evoked(self, payment: PaymentRequest) -> Action:
        answer = self.channels.create("wechatpay").execute(self.account, payment)
        assert (answer.outcome, answer.code) == (Outcome.DONE, ""), answer
        assert answer.action is not None
        return answer.action

    def pay(self, payment: PaymentRequest) -> str:
        """Create, do what the action asks for and pay; return where the payer's browser goes then."""
        match self.evoked(payment):
            case QrAction(content=content):
                answer = self.control.pay_code(content)
            case RedirectAction(url=url):
                answer = self.control.pay_h5(url)
            case JsapiAction(parameters=parameters):
                answer = self.control.pay_jsapi(parameters)
            case AppAction(parameters=parameters):
                answer = self.control.pay_app(parameters)
            case other:
                raise AssertionError(other)
        assert answer.status_code == 303
        return str(answer.headers["location"])

    def status(self, payment: PaymentRequest) -> ChannelStatus | None:
        answer = self.channels.query("wechatpay").execute(self.account, payment)
        assert answer.outcome is Outcome.DONE, answer
        return answer.status

    def refund_of(self, payment: PaymentRequest, amount: int, nth: int = 1) -> RefundRequest:
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
            channel_transaction_no="",
            notify_url=payment.notify_url,
        )

    def raws(self, payment: PaymentRequest, wanted: int) -> Sequence[RawCallback]:
        """Return the notices about a payment, once so many are there."""
        until = time.monotonic() + PATIENCE_SECONDS
        while len(self.notices.get(payment.payment_no, ())) < wanted and time.monotonic() < until:
            time.sleep(0.005)
        raws = self.notices[payment.payment_no]
        assert len(raws) == wanted
        return raws

    def facts(self, payment: PaymentRequest, wanted: int) -> list[CallbackFact]:
        callbacks = self.channels.callbacks("wechatpay")
        return [
            callbacks.translate(self.account, callbacks.verify(self.account, raw))
            for raw in self.raws(payment, wanted)
        ]

    def day(self) -> str:
        """Return today in Beijing."""
        return beijing.to_text(self.clock.now())[:10]

    def turn(self, seconds: int) -> None:
        """Turn the clock of both sides."""
        self.clock.ahead += seconds


@contextmanager
def _receiver(notices: dict[str, list[RawCallback]], answers: list[int]) -> Iterator[str]:
    async def take(request: Request) -> Response:
        raw = RawCallback(headers=dict(request.headers), body=await request.body())
        notices.setdefault(request.path_params["number"], []).append(raw)
        return Response(status_code=answers.pop(0) if answers else 200)

    route = Route("/v1/callbacks/{number}", take, methods=["POST"])
    with serving_in_thread(Starlette(routes=[route])) as url:
        yield f"{url}/v1/callbacks"


@pytest.fixture(scope="module")
def running() -> Iterator[Bench]:
    clock, notices, answers = TurnedClock(), dict[str, list[RawCallback]](), list[int]()
    with running_wechatpay(clock) as control, _receiver(notices, answers) as inbox:
        account = account_of(MODES[0], control.url, control.merchant_serial)
        yield Bench(control, clock, inbox, account, notices, answers)


@pytest.fixture
def bench(running: Bench, request: pytest.FixtureRequest) -> Bench:
    """The simulator as the account of a mode sees it; the mode is the test's parameter."""
    mode = getattr(request, "param", MODES[0])
    account = account_of(mode, running.control.url, running.control.merchant_serial)
    bench = replace(running, account=account)
    material = bench.channels.material("wechatpay")
    assert material is not None
    if not material.needed(account):
        return bench
    fetched = material.execute(account)
    assert fetched.outcome is Outcome.DONE
    return replace(bench, account=replace(account, material=fetched.material))


IN_ALL_MODES = pytest.mark.parametrize("bench", [*MODES, "migrating"], indirect=True)


@IN_ALL_MODES
@pytest.mark.parametrize("product", PRODUCTS)
def test_a_payment_lives_from_the_cashier_to_its_last_refund(bench: Bench, product: str) -> None:
    payment = bench.payment(product)
    assert bench.status(payment) is ChannelStatus.NOT_FOUND
    went = bench.pay(payment)
    assert (went == payment.return_url) is (product == "h5")
    answer = bench.channels.query("wechatpay").execute(bench.account, payment)
    assert answer.status is ChannelStatus.PAID
    assert answer.receipt is not None
    assert (answer.receipt.amount, answer.receipt.currency) == (payment.amount, "CNY")
    [paid] = bench.facts(payment, 1)
    assert (paid.kind, paid.stranger, paid.receipt) == (FactKind.PAID, (), answer.receipt)
    _refund_in_two_parts(bench, payment)
    # Wholly given back, it stays paid.
    assert bench.status(payment) is ChannelStatus.PAID


def _refund_in_two_parts(bench: Bench, payment: PaymentRequest) -> None:
    refunds = bench.channels.refund("wechatpay")
    asking = bench.channels.query_refund("wechatpay")
    first, rest = bench.refund_of(payment, 300), bench.refund_of(payment, 12500, 2)
    assert asking.execute(bench.account, first).status is RefundStatus.NOT_FOUND
    # Accepted is not refunded, and a repeat gives back nothing more.
    for _ in range(2):
        assert refunds.execute(bench.account, first).status is RefundStatus.PROCESSING
    assert refunds.execute(bench.account, rest).outcome is Outcome.NOT_EXECUTED
    another = refunds.execute(bench.account, replace(first, amount=301))
    assert (another.outcome, another.code) == (Outcome.REFUSED, "INVALID_REQUEST")
    bench.turn(60)
    assert refunds.execute(bench.account, rest).status is RefundStatus.PROCESSING
    bench.turn(60)
    assert refunds.execute(bench.account, bench.refund_of(payment, 1, 3)).outcome is Outcome.REFUSED
    facts = bench.facts(payment, 3)[1:]
    assert [fact.kind for fact in facts] == [FactKind.REFUND] * 2
    told = {f.refund.refund_no: (f.refund.status, f.refund.amount) for f in facts if f.refund}
    assert told == {
        first.refund_no: (RefundStatus.SUCCEEDED, 300),
        rest.refund_no: (RefundStatus.SUCCEEDED, 12500),
    }
    found = asking.execute(bench.account, rest)
    assert (found.status, found.amount) == (RefundStatus.SUCCEEDED, 12500)


@pytest.mark.parametrize("product", PRODUCTS)
def test_a_repeated_create_is_the_same_order_with_a_fresh_handle(
    bench: Bench, product: str
) -> None:
    payment = bench.payment(product)
    first = bench.evoked(payment)
    bench.turn(30)
    assert bench.evoked(payment) != first
    assert bench.control.trade(payment.payment_no)["state"] == "waiting"
    other = bench.channels.create("wechatpay").execute(
        bench.account, replace(payment, amount=payment.amount + 1)
    )
    # Made before with other parameters: the query decides.
    assert (other.outcome, other.code) == (Outcome.UNKNOWN, "INVALID_REQUEST")
    bench.pay(payment)
    again = bench.channels.create("wechatpay").execute(bench.account, payment)
    assert (again.outcome, again.code) == (Outcome.UNKNOWN, "ORDER_PAID")


def test_a_close_waits_and_is_then_proved(bench: Bench) -> None:
    payment, close = bench.payment(), bench.channels.close("wechatpay")
    bench.evoked(payment)
    assert close.execute(bench.account, payment).outcome is Outcome.REFUSED
    bench.turn(300)
    for _ in range(2):
        assert close.execute(bench.account, payment).outcome is Outcome.DONE
    assert bench.status(payment) is ChannelStatus.CLOSED
    closed = bench.channels.create("wechatpay").execute(bench.account, payment)
    assert (closed.outcome, closed.code) == (Outcome.UNKNOWN, "ORDER_CLOSED")


def test_payment_beats_close(bench: Bench) -> None:
    payment, close = bench.payment(), bench.channels.close("wechatpay")
    bench.evoked(payment)
    bench.turn(300)
    bench.control.arm("close_says_paid", payment.payment_no)
    assert close.execute(bench.account, payment).outcome is Outcome.UNKNOWN
    assert bench.status(payment) is ChannelStatus.PAID


def test_the_deadline_ends_the_payment_and_the_close_proves_it(bench: Bench) -> None:
    payment = bench.payment()
    bench.evoked(payment)
    bench.turn(1_800)
    assert bench.status(payment) is ChannelStatus.PENDING
    close = bench.channels.close("wechatpay").execute(bench.account, payment)
    assert close.outcome is Outcome.DONE
    assert bench.status(payment) is ChannelStatus.CLOSED


ANSWERS: Final = [
    ("answer_500", Outcome.UNKNOWN),
    ("answer_500_after_effect", Outcome.UNKNOWN),
    ("answer_html", Outcome.UNKNOWN),
    ("cut_after_effect", Outcome.UNKNOWN),
    ("error_after_effect", Outcome.UNKNOWN),
    ("truncated_answer", Outcome.UNKNOWN),
    ("unsigned_answer", Outcome.UNKNOWN),
    ("forged_answer", Outcome.UNKNOWN),
    ("probe_answer", Outcome.UNKNOWN),
    ("stale_answer", Outcome.UNKNOWN),
    ("unknown_serial_answer", Outcome.UNKNOWN),
    ("other_mode_answer", Outcome.UNKNOWN),
    ("throttle", Outcome.NOT_EXECUTED),
]


@pytest.mark.parametrize(("fault", "outcome"), ANSWERS)
def test_a_spoilt_answer_decides_nothing(bench: Bench, fault: str, outcome: Outcome) -> None:
    payment, channels = bench.payment(), bench.channels
    bench.control.arm(fault, payment.payment_no, times=0)
    created = channels.create("wechatpay").execute(bench.account, payment)
    assert (created.outcome, created.action) == (outcome, None)
    queried = channels.query("wechatpay").execute(bench.account, payment)
    assert (queried.outcome, queried.status) == (outcome, None)
    assert channels.close("wechatpay").execute(bench.account, payment).outcome is outcome
    refund = bench.refund_of(payment, 300)
    for strategy in (channels.refund("wechatpay"), channels.query_refund("wechatpay")):
        asked = strategy.execute(bench.account, refund)
        assert asked.outcome in {outcome, Outcome.REFUSED, Outcome.DONE}
    # Once it is well again, the same payment goes on under the same number.
    bench.control.clear(payment.payment_no)
    bench.pay(payment)
    assert bench.status(payment) is ChannelStatus.PAID


def test_a_migrating_account_believes_both_kinds_of_key(bench: Bench) -> None:
    bench.account = account_of("migrating", bench.control.url, bench.control.merchant_serial)
    material = bench.channels.material("wechatpay")
    assert material is not None
    payment = bench.payment()
    bench.control.arm("other_mode_answer", payment.payment_no)
    create = bench.channels.create("wechatpay")
    assert create.execute(bench.account, payment).outcome is Outcome.UNKNOWN
    bench.account = replace(bench.account, material=material.execute(bench.account).material)
    bench.control.arm("other_mode_answer", payment.payment_no)
    bench.control.arm("other_mode_callback", payment.payment_no)
    bench.pay(payment)
    assert bench.facts(payment, 1)[0].kind is FactKind.PAID


@pytest.mark.parametrize("bench", ["certificate"], indirect=True)
def test_a_certificate_that_was_listed_before_may_sign_at_any_time(bench: Bench) -> None:
    payment = bench.payment()
    bench.control.rotate_keys()
    bench.pay(payment)
    assert bench.facts(payment, 1)[0].kind is FactKind.PAID
    bench.control.rotate_keys()


def test_another_public_key_is_another_version_of_the_account(bench: Bench) -> None:
    payment = bench.payment()
    told = bench.control.rotate_keys()
    query = bench.channels.query("wechatpay")
    assert query.execute(bench.account, payment).outcome is Outcome.UNKNOWN
    settings = {
        **bench.account.settings,
        "public_key_id": str(told["public_key_id"]),
        "public_key": str(told["public_key"]),
    }
    bench.account = replace(bench.account, settings=settings)
    assert bench.status(payment) is ChannelStatus.NOT_FOUND
    bench.control.rotate_keys()


def test_a_merchant_without_certificates_is_told_so(bench: Bench) -> None:
    bench.control.arm("no_certificates", "*every*")
    material = bench.channels.material("wechatpay")
    assert material is not None
    account = account_of("migrating", bench.control.url, bench.control.merchant_serial)
    assert material.execute(account).outcome is Outcome.REFUSED


def test_a_probe_is_refused_as_one_and_the_repeat_is_taken(bench: Bench) -> None:
    payment = bench.payment()
    bench.control.arm("probe_callback", payment.payment_no)
    bench.answers.append(400)
    bench.pay(payment)
    callbacks = bench.channels.callbacks("wechatpay")
    with pytest.raises(CallbackRefused) as refused:
        callbacks.verify(bench.account, bench.raws(payment, 1)[0])
    assert refused.value.probe
    bench.turn(15)
    second = bench.raws(payment, 2)[1]
    fact = callbacks.translate(bench.account, callbacks.verify(bench.account, second))
    assert fact.kind is FactKind.PAID


@pytest.mark.parametrize(
    "fault",
    [
        "forge_callback",
        "unsigned_callback",
        "stale_callback",
        "early_callback",
        "unknown_serial_callback",
        "other_seal_callback",
        "other_mode_callback",
    ],
)
def test_a_notice_that_proves_nothing_is_refused(bench: Bench, fault: str) -> None:
    payment = bench.payment()
    bench.control.arm(fault, payment.payment_no)
    bench.pay(payment)
    with pytest.raises(CallbackRefused) as refused:
        bench.facts(payment, 1)
    assert not refused.value.probe


@pytest.mark.parametrize(
    ("fault", "stranger", "kind"),
    [
        ("wrong_merchant", ("mchid", "appid"), FactKind.PAID),
        ("wrong_app", ("appid",), FactKind.PAID),
        ("unpaid_callback", (), FactKind.NOTHING),
        ("other_event_callback", (), FactKind.NOTHING),
    ],
)
def test_a_notice_that_holds_may_still_not_be_ours(
    bench: Bench, fault: str, stranger: tuple[str, ...], kind: FactKind
) -> None:
    payment = bench.payment()
    bench.control.arm(fault, payment.payment_no)
    bench.pay(payment)
    [fact] = bench.facts(payment, 1)
    assert (fact.stranger, fact.kind) == (stranger, kind)


def test_other_amounts_currencies_and_coupons_are_told_as_they_are(bench: Bench) -> None:
    payment = bench.payment()
    bench.control.arm("coupon", payment.payment_no)
    bench.pay(payment)
    for fault in ("wrong_amount", "wrong_currency", "unknown_order"):
        bench.control.send_odd(payment.payment_no, fault)
    receipts = [fact.receipt for fact in bench.facts(payment, 4)]
    assert [(one.amount, one.currency) for one in receipts if one] == [
        (12800, "CNY"),
        (12799, "CNY"),
        (12800, "USD"),
        (12800, "CNY"),
    ]
    assert receipts[3] is not None
    assert receipts[3].payment_no != payment.payment_no


@pytest.mark.parametrize(
    ("fault", "status", "stuck"),
    [
        ("refund_fails", RefundStatus.FAILED, False),
        ("refund_abnormal", RefundStatus.PROCESSING, True),
    ],
)
def test_a_refund_that_comes_to_nothing_says_how(
    bench: Bench,
    fault: str,
    status: RefundStatus,
    stuck: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    payment = bench.payment()
    bench.pay(payment)
    refund = bench.refund_of(payment, 300)
    bench.control.arm(fault, payment.payment_no)
    accepted = bench.channels.refund("wechatpay").execute(bench.account, refund)
    assert accepted.status is RefundStatus.PROCESSING
    bench.turn(60)
    told = bench.facts(payment, 2)[1].refund
    assert told is not None
    found = bench.channels.query_refund("wechatpay").execute(bench.account, refund)
    assert (told.status, told.stuck) == (found.status, found.stuck) == (status, stuck)


def test_an_empty_balance_is_asked_again_under_the_same_number(bench: Bench) -> None:
    payment = bench.payment()
    bench.pay(payment)
    refund = bench.refund_of(payment, 300)
    bench.control.arm("not_enough", payment.payment_no)
    strategy = bench.channels.refund("wechatpay")
    refused = strategy.execute(bench.account, refund)
    assert (refused.outcome, refused.code) == (Outcome.NOT_EXECUTED, "NOT_ENOUGH")
    assert strategy.execute(bench.account, refund).status is RefundStatus.PROCESSING


def test_a_payer_is_identified_once_by_a_code(bench: Bench) -> None:
    identification = bench.channels.identification("wechatpay")
    address = identification.address(
        bench.account, "http://127.0.0.1:8080/cashier/TOKEN/identified", "STATE234"
    )
    back = urlsplit(bench.control.authorise(address))
    fields = parse_qs(back.query)
    assert (back.path, fields["state"]) == ("/cashier/TOKEN/identified", ["STATE234"])
    answer = identification.execute(bench.account, fields["code"][0])
    assert (answer.outcome, answer.payer_id) == (Outcome.DONE, PAYER_OPENID)
    assert identification.execute(bench.account, fields["code"][0]).outcome is Outcome.REFUSED


@pytest.mark.parametrize("style", ["", "bill_bare"])
def test_a_day_s_bill_says_what_moved(bench: Bench, style: str) -> None:
    bench.turn(DAY_SECONDS)
    payment, day, bills = bench.payment(), bench.day(), bench.channels.bills("wechatpay")
    bench.pay(payment)
    refund = bench.refund_of(payment, 300)
    bench.channels.refund("wechatpay").execute(bench.account, refund)
    bench.turn(3)
    assert bench.facts(payment, 2)[1].kind is FactKind.REFUND
    bench.turn(DAY_SECONDS)
    if style:
        bench.control.arm(style, "*every*")
    answer = bills.download(bench.account, day, BillKind.TRADES)
    assert (answer.outcome, answer.status) == (Outcome.DONE, BillStatus.READY)
    paid, given = bills.rows(answer.content)
    assert isinstance(paid, BillRow)
    assert isinstance(given, BillRow)
    assert (paid.kind, paid.payment_no, paid.amount) == (
        RowKind.PAYMENT,
        payment.payment_no,
        12800,
    )
    assert (given.kind, given.refund_no, given.amount) == (RowKind.REFUND, refund.refund_no, 300)
    totals = bills.totals(answer.content)
    assert (totals.paid, totals.refunded) == (12800, 300)
    assert totals.fee_thousandths == paid.fee_thousandths + given.fee_thousandths
    funds = bills.download(bench.account, day, BillKind.FUNDS)
    assert "资金流水单号".encode() in funds.content


def test_a_bill_is_not_there_yet_or_never_or_is_another_file(bench: Bench) -> None:
    bench.turn(DAY_SECONDS)
    empty = bench.day()
    bench.turn(DAY_SECONDS)
    day, bills = bench.day(), bench.channels.bills("wechatpay")
    bench.pay(bench.payment())
    bench.turn(DAY_SECONDS)
    found = []
    for fault, asked in (("bill_creating", day), ("bill_torn", day), ("", empty)):
        if fault:
            bench.control.arm(fault, "*every*")
        found.append(bills.download(bench.account, asked, BillKind.TRADES))
    assert [(one.outcome, one.status) for one in found] == [
        (Outcome.DONE, BillStatus.NOT_READY),
        (Outcome.UNKNOWN, None),
        (Outcome.DONE, BillStatus.EMPTY),
    ]
