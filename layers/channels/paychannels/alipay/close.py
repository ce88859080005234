"""Closes an unpaid payment: alipay.trade.close."""

from collections.abc import Mapping
from dataclasses import dataclass

from paycenter.ports.channel import Account, Close, CloseAnswer, Outcome, PaymentRequest
from paycenter.ports.clock import Clock
from paycenter.ports.transport import Transport
from paychannels.alipay import calls, replies
from paychannels.alipay.gateway import Gateway
from paychannels.flow import CloseFlow, Reply


def strategy(transport: Transport, clock: Clock) -> Close:
    """Return Alipay's close."""
    return TradeClose(Gateway(transport, clock))


@dataclass(frozen=True, slots=True)
class TradeClose(CloseFlow):
    """alipay.trade.close by our number; it closes nothing but WAIT_BUYER_PAY."""

    gateway: Gateway

    def call_channel(self, account: Account, payment: PaymentRequest) -> Reply:
        """Ask for the close."""
        return self.gateway.call_channel(account, calls.reference(payment, calls.CLOSE))

    def translate(
        self, payment: PaymentRequest, reply: Reply, fields: Mapping[str, object]
    ) -> CloseAnswer:
        """Pass the outcome on.

        A refusal proves nothing: TRADE_NOT_EXIST leaves the signed address usable until its deadline, a wrong status
        may mean that the trade is paid.
        """
        outcome = (
            Outcome.UNKNOWN if replies.about_another(fields, payment.payment_no) else reply.outcome
        )
        return CloseAnswer(outcome=outcome, digest=reply.digest, code=reply.code)
