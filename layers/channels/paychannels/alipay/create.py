"""Creates payments: page, wap and app are signed here, a QR code is asked for."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from paycenter.ports.channel import (
    Account,
    AppAction,
    Create,
    CreateAnswer,
    FormAction,
    Outcome,
    PaymentRequest,
    QrAction,
)
from paycenter.ports.clock import Clock
from paycenter.ports.transport import Transport
from paychannels.alipay import calls, replies, wire
from paychannels.alipay.gateway import Gateway
from paychannels.flow import CreateByProduct, CreateFlow, LocalCreate, Reply

# Both say that a trade with our number exists already and may be paid: no refusal, the query decides.
_EXISTS: Final = frozenset({"TRADE_HAS_SUCCESS", "CONTEXT_INCONSISTENT"})
_MAXIMUM_QR_CHARACTERS: Final = 1024


def strategy(transport: Transport, clock: Clock) -> Create:
    """Return Alipay's create, for the products of its manifest."""
    return CreateByProduct(
        {
            "page": PagePay(clock),
            "wap": WapPay(clock),
            "app": AppPay(clock),
            "qr": Precreate(Gateway(transport, clock)),
        }
    )


@dataclass(frozen=True, slots=True)
class PagePay(LocalCreate):
    """alipay.trade.page.pay: a form that opens Alipay's cashier on a desktop; there is no v3 of it."""

    clock: Clock

    def evoke(self, account: Account, payment: PaymentRequest) -> FormAction:
        """Return the signed form."""
        call = calls.trade(payment, calls.PAGE_PAY, "FAST_INSTANT_TRADE_PAY")
        return _form(account, payment, call, self.clock)


@dataclass(frozen=True, slots=True)
class WapPay(LocalCreate):
    """alipay.trade.wap.pay: a form that opens Alipay's cashier on a phone; there is no v3 of it."""

    clock: Clock

    def evoke(self, account: Account, payment: PaymentRequest) -> FormAction:
        """Return the signed form; who leaves the cashier without paying comes back where a payer does."""
        call = calls.trade(payment, calls.WAP_PAY, "QUICK_WAP_WAY", quit_url=payment.return_url)
        return _form(account, payment, call, self.clock)


@dataclass(frozen=True, slots=True)
class AppPay(LocalCreate):
    """alipay.trade.app.pay: an order string for an app of the business line; there is no v3 of it."""

    clock: Clock

    def evoke(self, account: Account, payment: PaymentRequest) -> AppAction:
        """Return the signed order string, which the app hands to Alipay's SDK unchanged."""
        call = calls.trade(payment, calls.APP_PAY, "QUICK_MSECURITY_PAY")
        signed = wire.evoked(account, call, self.clock.now())
        return AppAction(order_string=wire.order_string(signed))


@dataclass(frozen=True, slots=True)
class Precreate(CreateFlow):
    """alipay.trade.precreate: a code that we draw and the payer's app scans."""

    gateway: Gateway

    def call_channel(self, account: Account, payment: PaymentRequest) -> Reply:
        """Ask for a code; before it is paid, the same payment gets a usable one again."""
        call = calls.trade(payment, calls.PRECREATE, "FACE_TO_FACE_PAYMENT")
        return self.gateway.call_channel(account, call)

    def translate(
        self, payment: PaymentRequest, reply: Reply, fields: Mapping[str, object]
    ) -> CreateAnswer:
        """Take the code out of the answer; one without a usable code is unknown, not refused."""
        outcome = Outcome.UNKNOWN if replies.word(reply.code) in _EXISTS else reply.outcome
        if outcome is not Outcome.DONE:
            return CreateAnswer(outcome=outcome, code=reply.code, detail=reply.detail)
        content = replies.text(fields, "qr_code")
        if replies.about_another(fields, payment.payment_no) or not _drawable(content):
            return CreateAnswer(outcome=Outcome.UNKNOWN, code="unreadable_answer")
        return CreateAnswer(outcome=Outcome.DONE, action=QrAction(content=content))


def _form(account: Account, payment: PaymentRequest, call: calls.Call, clock: Clock) -> FormAction:
    signed = wire.evoked(account, call, clock.now(), return_url=payment.return_url)
    return wire.form(account.settings["gateway"], signed)


def _drawable(content: str) -> bool:
    return (
        0 < len(content) <= _MAXIMUM_QR_CHARACTERS and content.isascii() and content.isprintable()
    )
