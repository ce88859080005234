"""Closes an unpaid payment, from five minutes after it was made."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from paycenter.ports.channel import Account, Close, CloseAnswer, Outcome, PaymentRequest
from paycenter.ports.clock import Clock
from paycenter.ports.transport import Transport
from paychannels.flow import CloseFlow, Reply
from paychannels.wechatpay import wire
from paychannels.wechatpay.gateway import Gateway

_CLOSED_BEFORE: Final = "ORDER_CLOSED"


def strategy(transport: Transport, clock: Clock) -> Close:
    """Return WeChat's close."""
    return TransactionClose(Gateway(transport, clock))


@dataclass(frozen=True, slots=True)
class TransactionClose(CloseFlow):
    """A close by our number: 204 without a body, signed all the same."""

    gateway: Gateway

    def call_channel(self, account: Account, payment: PaymentRequest) -> Reply:
        """Ask for the close."""
        return self.gateway.call_channel(
            account, "POST", wire.close_target(payment), wire.merchant(account)
        )

    def translate(
        self,
        payment: PaymentRequest,  # noqa: ARG002 - the answer to a close names nothing
        reply: Reply,
        fields: Mapping[str, object],  # noqa: ARG002 - and says nothing more
    ) -> CloseAnswer:
        """Pass the outcome on; what is closed already is closed, and all other refusals may hide a payment."""
        outcome = Outcome.DONE if reply.code == _CLOSED_BEFORE else reply.outcome
        return CloseAnswer(outcome=outcome, digest=reply.digest, code=reply.code)
