"""Asks what became of a payment, by our number."""

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
from paychannels.flow import QueryFlow, Reply
from paychannels.wechatpay import transactions, wire
from paychannels.wechatpay.gateway import Gateway

# There is nothing where a create never arrived, and for some seconds where nobody knows whether it did.
_NOT_FOUND: Final = frozenset({"ORDER_NOT_EXIST", "RESOURCE_NOT_EXISTS"})


def strategy(transport: Transport, clock: Clock) -> Query:
    """Return WeChat's query."""
    return TransactionQuery(Gateway(transport, clock))


@dataclass(frozen=True, slots=True)
class TransactionQuery:
    """A query, bound to the account that the answer must name."""

    gateway: Gateway

    def execute(self, account: Account, payment: PaymentRequest) -> QueryAnswer:
        """Ask; safe to repeat."""
        return _Asking(self.gateway, account).execute(account, payment)


@dataclass(frozen=True, slots=True)
class _Asking(QueryFlow):
    gateway: Gateway
    account: Account

    def call_channel(self, account: Account, payment: PaymentRequest) -> Reply:
        """Ask for the transaction."""
        return self.gateway.call_channel(account, "GET", wire.query_target(account, payment))

    def translate(
        self, payment: PaymentRequest, reply: Reply, fields: Mapping[str, object]
    ) -> QueryAnswer:
        """Read the state; an answer about another transaction, or paid without a readable amount, is unknown."""
        if reply.outcome is not Outcome.DONE:
            return _answer(reply, *_without_transaction(reply))
        if fields.get("out_trade_no") != payment.payment_no or transactions.strangers(
            self.account, fields, "mchid", "appid"
        ):
            return _answer(reply, Outcome.UNKNOWN, code="other_transaction")
        status = transactions.status(fields)
        if status is not ChannelStatus.PAID:
            return _answer(reply, Outcome.DONE, status)
        # Verified money is booked even where its moment is missing: then it was paid by now.
        paid_at = transactions.paid_at(fields)
        try:
            receipt = transactions.receipt(
                fields, self.gateway.clock.now() if paid_at is None else paid_at
            )
        except ValueError:
            return _answer(reply, Outcome.UNKNOWN, code="unreadable_receipt")
        return _answer(reply, Outcome.DONE, status, receipt)


def _without_transaction(reply: Reply) -> tuple[Outcome, ChannelStatus | None]:
    if reply.outcome is Outcome.REFUSED and reply.code in _NOT_FOUND:
        return Outcome.DONE, ChannelStatus.NOT_FOUND
    return reply.outcome, None


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
