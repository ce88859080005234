"""Creates payments: gateway and wap are signed here, the number for an app and a QR code are asked for."""

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from paycenter.ports.channel import (
    Account,
    Action,
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
from paychannels.flow import CreateByProduct, CreateFlow, LocalCreate, Reply
from paychannels.unionpay import gateway, signing, wire
from paychannels.unionpay.gateway import Gateway

_MAXIMUM_CHARACTERS: Final = 1024


def strategy(transport: Transport, clock: Clock) -> Create:
    """Return UnionPay's create, for the products of its manifest."""
    way = Gateway(transport, clock)
    return CreateByProduct(
        {
            "gateway": FrontPay(),
            "wap": FrontPay(),
            "app": AppPay(way, "tn"),
            wire.QR: QrPay(way, "qrCode"),
        }
    )


@dataclass(frozen=True, slots=True)
class FrontPay(LocalCreate):
    """frontTransReq: a form that opens UnionPay's cashier, on a desktop or a phone.

    UnionPay knows nothing of the payment before the payer's browser has posted it, and takes the form only shortly
    after its `txnTime`.
    """

    def evoke(self, account: Account, payment: PaymentRequest) -> FormAction:
        """Return the signed form; the same payment gives the same form."""
        call = wire.front_purchase(account, payment)
        return wire.form(call, signing.signed(call.params, account))


@dataclass(frozen=True, slots=True)
class AskedPay(CreateFlow):
    """A payment that UnionPay makes when it is asked; `answered` names the field that opens its cashier."""

    gateway: Gateway
    answered: str

    def execute(self, account: Account, payment: PaymentRequest) -> CreateAnswer:
        """Ask once; a repeat is answered with what was stored, because UnionPay refuses to tell it again."""
        known = payment.channel_data.get(self.answered, "")
        # Slots and the short form of `super` do not go together.
        return self._opened(known) if known else CreateFlow.execute(self, account, payment)

    def call_channel(self, account: Account, payment: PaymentRequest) -> Reply:
        """Ask for the payment."""
        return self.gateway.call_channel(account, wire.asked_purchase(account, payment))

    def translate(
        self, _payment: PaymentRequest, reply: Reply, fields: Mapping[str, object]
    ) -> CreateAnswer:
        """Take what opens the cashier out of the answer; one without it is unknown, not refused."""
        if reply.outcome is not Outcome.DONE:
            return self.unanswered(reply)
        value = gateway.text(fields, self.answered)
        if not 0 < len(value) <= _MAXIMUM_CHARACTERS or not value.isprintable():
            return CreateAnswer(outcome=Outcome.UNKNOWN, code=f"no_{self.answered}")
        return self._opened(value)

    @abstractmethod
    def action(self, value: str) -> Action:
        """Return what opens the cashier."""

    def _opened(self, value: str) -> CreateAnswer:
        return CreateAnswer(
            outcome=Outcome.DONE,
            action=self.action(value),
            channel_data=MappingProxyType({self.answered: value}),
        )


@dataclass(frozen=True, slots=True)
class AppPay(AskedPay):
    """appTransReq: the number `tn`, which an app of the business line hands to UnionPay's SDK."""

    def action(self, value: str) -> AppAction:
        """Return the number as the one text that the SDK takes."""
        return AppAction(order_string=value)


@dataclass(frozen=True, slots=True)
class QrPay(AskedPay):
    """backTransReq with `txnSubType` 07: a code that we draw and the payer's wallet or bank app scans."""

    def action(self, value: str) -> QrAction:
        """Return the code's content."""
        return QrAction(content=value)
