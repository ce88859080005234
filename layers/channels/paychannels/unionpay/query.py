"""Asks what became of a payment: queryTrans, by number and moment."""

from collections.abc import Mapping
from dataclasses import dataclass

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
from paychannels.flow import QueryFlow, Reply
from paychannels.unionpay import codes, gateway, transactions, wire
from paychannels.unionpay.gateway import Gateway


def strategy(transport: Transport, clock: Clock) -> Query:
    """Return UnionPay's query."""
    return PaymentQuery(Gateway(transport, clock))


@dataclass(frozen=True, slots=True)
class PaymentQuery(QueryFlow):
    """queryTrans for a purchase (5.1.0, transaction query)."""

    gateway: Gateway

    def call_channel(self, account: Account, payment: PaymentRequest) -> Reply:
        """Ask for the payment."""
        return self.gateway.call_channel(account, wire.payment_query(account, payment))

    def translate(
        self, payment: PaymentRequest, reply: Reply, fields: Mapping[str, object]
    ) -> QueryAnswer:
        """Read what became of it; a payment without a readable amount or number is unknown.

        34 is no failure: UnionPay does not know a payment before the payer's browser has posted the form.
        """
        if reply.code == codes.NOT_FOUND:
            return _answer(reply, ChannelStatus.NOT_FOUND)
        if reply.outcome is not Outcome.DONE:
            return self.unanswered(reply)
        original = gateway.text(fields, "origRespCode")
        if original in codes.SUCCEEDED:
            return _paid(reply, fields)
        over = self.gateway.clock.now() > payment.deadline
        return _answer(reply, unpaid(original, payment.product, over=over))


def unpaid(original: str, product: str, *, over: bool) -> ChannelStatus:
    """Sort the `origRespCode` of a payment that is not paid; `over`: its `payTimeout` has passed.

    Before that, a refusal is one card's: the payer may try another one.
    """
    open_codes = codes.OPEN_FOR_QR if product == wire.QR else codes.OPEN
    final = over and original in codes.FAILED and original not in open_codes
    return ChannelStatus.CLOSED if final else ChannelStatus.PENDING


def _paid(reply: Reply, fields: Mapping[str, object]) -> QueryAnswer:
    try:
        receipt = transactions.receipt_of(fields)
    except ValueError:
        return QueryAnswer(outcome=Outcome.UNKNOWN, digest=reply.digest, code="unreadable_receipt")
    return QueryAnswer(
        outcome=Outcome.DONE,
        status=ChannelStatus.PAID,
        receipt=receipt,
        digest=reply.digest,
        code=reply.code,
    )


def _answer(reply: Reply, status: ChannelStatus) -> QueryAnswer:
    return QueryAnswer(outcome=Outcome.DONE, status=status, digest=reply.digest, code=reply.code)
