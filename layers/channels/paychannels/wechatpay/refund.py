"""Gives money back, and asks what became of that; WeChat accepts a refund first and makes it later."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from paycenter.ports.channel import (
    Account,
    Outcome,
    RefundAnswer,
    RefundCreate,
    RefundQuery,
    RefundRequest,
    RefundStatus,
)
from paycenter.ports.clock import Clock
from paycenter.ports.transport import Transport
from paychannels.flow import RefundFlow, Reply
from paychannels.wechatpay import documents, refunds, transactions, wire
from paychannels.wechatpay.gateway import Gateway

_NOT_FOUND: Final = "RESOURCE_NOT_EXISTS"


def create_strategy(transport: Transport, clock: Clock) -> RefundCreate:
    """Return WeChat's refund."""
    return DomesticRefund(Gateway(transport, clock))


def query_strategy(transport: Transport, clock: Clock) -> RefundQuery:
    """Return WeChat's query of a refund."""
    return DomesticRefundQuery(Gateway(transport, clock))


@dataclass(frozen=True, slots=True)
class DomesticRefund(RefundFlow):
    """A refund by our number: the same number with the same members is the same refund."""

    gateway: Gateway

    def call_channel(self, account: Account, refund: RefundRequest) -> Reply:
        """Ask for the refund."""
        return self.gateway.call_channel(account, "POST", wire.REFUNDS, wire.refund(refund))

    def translate(
        self, refund: RefundRequest, reply: Reply, fields: Mapping[str, object]
    ) -> RefundAnswer:
        """Read the refund; an answer about another one is unknown."""
        if reply.outcome is not Outcome.DONE:
            return _undone(reply, reply.outcome)
        return _read(refund, reply, fields)


@dataclass(frozen=True, slots=True)
class DomesticRefundQuery(RefundFlow):
    """The query of a refund, by our number."""

    gateway: Gateway

    def call_channel(self, account: Account, refund: RefundRequest) -> Reply:
        """Ask for the refund's state."""
        return self.gateway.call_channel(account, "GET", wire.refund_target(refund))

    def translate(
        self, refund: RefundRequest, reply: Reply, fields: Mapping[str, object]
    ) -> RefundAnswer:
        """Read the refund; one that WeChat does not have was never taken, and may be asked for again."""
        if reply.outcome is Outcome.REFUSED and reply.code == _NOT_FOUND:
            return RefundAnswer(
                outcome=Outcome.DONE,
                status=RefundStatus.NOT_FOUND,
                digest=reply.digest,
                code=reply.code,
            )
        if reply.outcome is not Outcome.DONE:
            return _undone(reply, reply.outcome)
        return _read(refund, reply, fields)


def _read(refund: RefundRequest, reply: Reply, fields: Mapping[str, object]) -> RefundAnswer:
    numbers = (fields.get("out_refund_no"), fields.get("out_trade_no"))
    if numbers != (refund.refund_no, refund.payment_no):
        return _undone(reply, Outcome.UNKNOWN, "other_refund")
    word = documents.text(fields, "status")
    try:
        return RefundAnswer(
            outcome=Outcome.DONE,
            status=refunds.status(word),
            amount=documents.fen(documents.part(fields, "amount"), "refund"),
            channel_refund_no=transactions.number(fields, "refund_id"),
            refunded_at=transactions.paid_at(fields) or 0,
            stuck=word == refunds.STUCK,
            digest=reply.digest,
        )
    except ValueError:
        return _undone(reply, Outcome.UNKNOWN, "unreadable_refund")


def _undone(reply: Reply, outcome: Outcome, code: str = "") -> RefundAnswer:
    return RefundAnswer(
        outcome=outcome, code=code or reply.code, detail=reply.detail, digest=reply.digest
    )
