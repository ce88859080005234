"""Creates payments: each is a transaction made at WeChat, whose handle evokes the payer's app."""

import re
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final
from urllib.parse import quote

from paycenter.ports.channel import (
    Account,
    Action,
    AppAction,
    Create,
    CreateAnswer,
    JsapiAction,
    Outcome,
    PaymentRequest,
    QrAction,
    RedirectAction,
)
from paycenter.ports.clock import Clock
from paycenter.ports.transport import Transport
from paychannels.flow import CreateByProduct, CreateFlow, Reply
from paychannels.wechatpay import documents, signing, wire
from paychannels.wechatpay.gateway import Gateway

_PREPAY_ID: Final = re.compile(r"[0-9A-Za-z_-]{1,64}", re.ASCII)


def strategy(transport: Transport, clock: Clock) -> Create:
    """Return WeChat's create, for the products of its manifest."""
    gateway = Gateway(transport, clock)
    return CreateByProduct(
        {product.kind: Transaction(gateway, product) for product in (Native, Jsapi, H5, App)}
    )


@dataclass(frozen=True, slots=True)
class Prepayment(CreateFlow):
    """What the four products share; a product says what its request adds and what its handle evokes."""

    gateway: Gateway
    account: Account
    kind: ClassVar[str]
    handle: ClassVar[str] = "prepay_id"
    form: ClassVar[re.Pattern[str]] = _PREPAY_ID

    def call_channel(self, account: Account, payment: PaymentRequest) -> Reply:
        """Ask for a handle; before the payment is paid or closed, the same request gets a fresh one."""
        content = {**wire.transaction(account, payment), **self.more(payment)}
        return self.gateway.call_channel(account, "POST", wire.create_target(self.kind), content)

    def translate(
        self, payment: PaymentRequest, reply: Reply, fields: Mapping[str, object]
    ) -> CreateAnswer:
        """Take the handle out of the answer; an answer without a usable one is unknown, not refused."""
        if reply.outcome is not Outcome.DONE:
            return CreateAnswer(outcome=reply.outcome, code=reply.code, detail=reply.detail)
        handle = documents.text(fields, self.handle)
        if self.form.fullmatch(handle) is None:
            return CreateAnswer(outcome=Outcome.UNKNOWN, code="unreadable_answer")
        return CreateAnswer(outcome=Outcome.DONE, action=self.evoke(payment, handle))

    def more(self, payment: PaymentRequest) -> Mapping[str, object]:  # noqa: ARG002 - products override it
        """Return what this product's request has beside the common members."""
        return {}

    @abstractmethod
    def evoke(self, payment: PaymentRequest, handle: str) -> Action:
        """Return what opens WeChat's cashier for this handle."""

    def fresh(self, handle: str) -> tuple[int, str]:
        """Return the moment and the nonce under which a handle is signed for the payer's app."""
        clock = self.gateway.clock
        return clock.now(), signing.nonce(clock.now_ms(), handle.encode())


@dataclass(frozen=True, slots=True)
class Transaction:
    """A product's create: the prepayment, bound to the account whose key signs what the payer's app is handed."""

    gateway: Gateway
    product: type[Prepayment]

    def execute(self, account: Account, payment: PaymentRequest) -> CreateAnswer:
        """Create; a repeat sends the same members and signs afresh."""
        return self.product(self.gateway, account).execute(account, payment)


class Native(Prepayment):
    """A code that we draw and the payer scans; a repeat makes the code before it invalid."""

    kind = "native"
    handle = "code_url"
    form = re.compile(r"[!-~]{1,512}", re.ASCII)

    def evoke(self, payment: PaymentRequest, handle: str) -> QrAction:  # noqa: ARG002 - the code says all
        """Return the code's content."""
        return QrAction(content=handle)


class Jsapi(Prepayment):
    """A payment inside WeChat, on a page of ours, by the payer whose openid is known."""

    kind = "jsapi"

    def more(self, payment: PaymentRequest) -> Mapping[str, object]:
        """Name the payer."""
        return wire.payer(payment)

    def evoke(self, payment: PaymentRequest, handle: str) -> JsapiAction:  # noqa: ARG002 - the handle says all
        """Return the call of the script bridge."""
        return JsapiAction(
            bridge="WeixinJSBridge",
            function="invoke",
            method="getBrandWCPayRequest",
            ready_event="WeixinJSBridgeReady",
            parameters=signing.jsapi_parameters(self.account, handle, *self.fresh(handle)),
        )


class H5(Prepayment):
    """A payment in a phone's browser, which opens WeChat; the address lives five minutes."""

    kind = "h5"
    handle = "h5_url"
    form = re.compile(r"https?://[!-~]{1,2000}", re.ASCII)

    def more(self, payment: PaymentRequest) -> Mapping[str, object]:
        """Say where the payer is."""
        return wire.scene(payment)

    def evoke(self, payment: PaymentRequest, handle: str) -> RedirectAction:
        """Return the address, with the page to come back to."""
        if not payment.return_url:
            return RedirectAction(url=handle)
        joint = "&" if "?" in handle else "?"
        return RedirectAction(
            url=f"{handle}{joint}redirect_url={quote(payment.return_url, safe='')}"
        )


class App(Prepayment):
    """A payment from an app of the business line, which hands the parameters to WeChat's SDK."""

    kind = "app"

    def evoke(self, payment: PaymentRequest, handle: str) -> AppAction:  # noqa: ARG002 - the handle says all
        """Return the SDK's parameters."""
        return AppAction(
            parameters=signing.app_parameters(self.account, handle, *self.fresh(handle))
        )
