"""PayCenter's side before the simulated Alipay: the strategies of an account in any mode, and the notices that arrive."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from typing import Final

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from paycenter.adapters.http import ChannelTransport
from paycenter.ports.channel import (
    Account,
    AppAction,
    CallbackFact,
    ChannelStatus,
    FormAction,
    Outcome,
    PaymentRequest,
    QrAction,
    RawCallback,
    RefundRequest,
)
from paychannels import registry
from paychannels.registry import Registry
from sandbox.alipay.merchant import Merchant
from sandbox.alipay.running import AlipayControl
from sandbox.serving import serving_in_thread
from sandbox.simulator.program import KEYS_FOLDER

DAY_SECONDS: Final = 86_400
# 2026-03-01 12:00:00 in Beijing.
NOON: Final = 1_772_337_600
PATIENCE_SECONDS: Final = 10.0
MODES: Final = ["v2 key", "v2 certificate", "v3 key", "v3 certificate"]
ALL_MODES: Final = [mode + sealed for mode in MODES for sealed in ("", " aes")]
# What the payer's side brings is the same in both dialects.
BROUGHT: Final = ["page", "wap", "app"]
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
        return business_seconds


def _pem(name: str) -> str:
    return (KEYS_FOLDER / name).read_text("utf-8")


@cache
def account_of(mode: str, url: str) -> Account:
    """Return the sandbox merchant's account in a mode, checked as `make config` checks it."""
    settings = {
        "app_id": Merchant().app_id,
        "seller_id": Merchant().seller_id,
        "gateway": f"{url}/gateway.do",
        "protocol": "v3" if "v3" in mode else "v2",
    }
    secrets = {"private_key": _pem("alipay_app_private.pem")}
    if "certificate" in mode:
        settings |= {
            "sign_mode": "certificate",
            "app_certificate": _pem("alipay_app_cert.pem"),
            "alipay_certificate": _pem("alipay_platform_cert.pem"),
            "alipay_root_certificates": _pem("alipay_root_certs.pem"),
        }
    else:
        secrets["alipay_public_key"] = _pem("alipay_platform_public.pem")
    if "aes" in mode:
        settings["encryption"] = "aes"
        secrets["encryption_key"] = Merchant().encryption_key
    assert registry.check_account("alipay", settings, secrets, plain_http=True) == []
    whole = registry.completed_settings("alipay", settings)
    return Account(id="alipay-main~1", channel="alipay", settings=whole, secrets=secrets)


@dataclass(slots=True)
class Bench:
    """PayCenter's side: the strategies of one account, and the notices that arrive."""

    control: AlipayControl
    clock: TurnedClock
    notify_url: str
    account: Account
    notices: list[RawCallback] = field(default_factory=list)

    @property
    def channels(self) -> Registry:
        return Registry(ChannelTransport(), self.clock)

    def payment(self, product: str = "qr", *, amount: int = 12800) -> PaymentRequest:
        now = self.clock.now()
        return PaymentRequest(
            payment_no=f"ALIPAYSIMULATORTEST{next(_numbers):07d}P01",
            product=product,
            amount=amount,
            currency="CNY",
            subject='门票 "A" <b> + 100% 🎫',
            created_at=now,
            deadline=now + 1795,
            notify_url=self.notify_url,
            return_url="http://127.0.0.1:9/return",
        )

    def page_of(self, payment: PaymentRequest) -> str:
        """Create, do what evokes the cashier, and return the address of the payer's page."""
        answer = self.channels.create("alipay").execute(self.account, payment)
        assert answer.outcome is Outcome.DONE
        match answer.action:
            case QrAction(content=content):
                return content
            case AppAction(order_string=text):
                return f"{self.control.gateway_url}?{text}"
            case FormAction(url=url, fields=fields):
                opened = httpx.post(url, data=dict(fields), trust_env=False)
                assert opened.status_code == 302, opened.text
                return opened.headers["location"]
        raise AssertionError(answer.action)

    def pay(self, payment: PaymentRequest) -> None:
        assert self.control.pay(self.page_of(payment)).status_code == 303

    def status(self, payment: PaymentRequest) -> ChannelStatus | None:
        answer = self.channels.query("alipay").execute(self.account, payment)
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

    def facts_of(self, payment: PaymentRequest, *, wanted: int) -> list[CallbackFact]:
        """Return what the verified notices about a payment say, once so many are there."""
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until:
            raws = [raw for raw in self.notices if payment.payment_no.encode() in raw.body]
            if len(raws) >= wanted:
                break
            time.sleep(0.01)
        callbacks = self.channels.callbacks("alipay")
        return [
            callbacks.translate(self.account, callbacks.verify(self.account, raw)) for raw in raws
        ]


@contextmanager
def receiver(notices: list[RawCallback]) -> Iterator[str]:
    async def take(request: Request) -> Response:
        notices.append(RawCallback(headers=dict(request.headers), body=await request.body()))
        return Response(b"success")

    route = Route("/v1/callbacks/alipay/alipay-main~1", take, methods=["POST"])
    with serving_in_thread(Starlette(routes=[route])) as url:
        yield f"{url}{route.path}"
