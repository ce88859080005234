"""Asks what became of a payment: alipay.trade.query."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from paycenter.domain.settlement import Receipt
from paycenter.ports.channel import (
    Account,
    ChannelStatus,
    Outcome,
    PaymentRequest,
    Query,
    QueryAnswer,
)
from paycenter.ports.clock import Clock
from paycenter.ports.transport import Transport
from paychannels.alipay import calls, replies, trades
from paychannels.alipay.gateway import Gateway
from paychannels.flow import QueryFlow, Reply

# There is no trade before the payer reached the cashier or scanned the code.
_NOT_FOUND: Final = "TRADE_NOT_EXIST"


def strategy(transport: Transport, clock: Clock) -> Query:
    """Return Alipay's query."""
    return TradeQuery(Gateway(transport, clock))


@dataclass(frozen=True, slots=True)
class TradeQuery(QueryFlow):
    """alipay.trade.query by our number."""

    gateway: Gateway

    def call_channel(self, account: Account, payment: PaymentRequest) -> Reply:
        """Ask for the trade."""
        return self.gateway.call_channel(account, calls.reference(payment, calls.QUERY))

    def translate(
        self, payment: PaymentRequest, reply: Reply, fields: Mapping[str, object]
    ) -> QueryAnswer:
        """Read the trade's status; an answer about another trade, or a payment without a readable amount, is unknown."""
        if replies.about_another(fields, payment.payment_no):
            return _answer(reply, Outcome.UNKNOWN, code="other_trade")
        if reply.outcome is Outcome.REFUSED and replies.word(reply.code) == _NOT_FOUND:
            return _answer(reply, Outcome.DONE, ChannelStatus.NOT_FOUND)
        if reply.outcome is not Outcome.DONE:
            return _answer(reply, reply.outcome)
        if "out_trade_no" not in fields:
            return _answer(reply, Outcome.UNKNOWN, code="other_trade")
        return self._found(payment, reply, fields)

    def _found(
        self, payment: PaymentRequest, reply: Reply, fields: Mapping[str, object]
    ) -> QueryAnswer:
        status = trades.status(replies.text(fields, "trade_status"))
        if status is not ChannelStatus.PAID:
            return _answer(reply, Outcome.DONE, status)
        try:
            receipt = self._receipt(payment, fields)
        except ValueError:
            return _answer(reply, Outcome.UNKNOWN, code="unreadable_receipt")
        return _answer(reply, Outcome.DONE, status, receipt)

    def _receipt(self, payment: PaymentRequest, fields: Mapping[str, object]) -> Receipt:
        # Verified money is booked even where its moment is missing: then it was paid by now.
        paid_at = trades.first_moment(replies.text(fields, "send_pay_date"))
        return trades.receipt(
            payment.payment_no,
            replies.text(fields, "total_amount"),
            replies.text(fields, "trade_no"),
            self.gateway.clock.now() if paid_at is None else paid_at,
        )


def _answer(
    reply: Reply,
    outcome: Outcome,
    status: ChannelStatus | None = None,
    receipt: Receipt | None = None,
    *,
    code: str = "",
) -> QueryAnswer:
    return QueryAnswer(
        outcome=outcome,
        status=status,
        receipt=receipt,
        digest=reply.digest,
        code=code or reply.code,
    )
