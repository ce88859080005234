"""Asks what became of a refund or an undo: queryTrans, by the refund's own number and moment."""

from collections.abc import Mapping
from dataclasses import dataclass

from paycenter.ports.channel import (
    Account,
    Outcome,
    RefundAnswer,
    RefundQuery,
    RefundRequest,
    RefundStatus,
)
from paycenter.ports.clock import Clock
from paycenter.ports.transport import Transport
from paychannels.flow import RefundFlow, Reply
from paychannels.unionpay import codes, gateway, transactions, wire
from paychannels.unionpay.gateway import Gateway


def strategy(transport: Transport, clock: Clock) -> RefundQuery:
    """Return UnionPay's refund query."""
    return RefundInquiry(Gateway(transport, clock))


@dataclass(frozen=True, slots=True)
class RefundInquiry(RefundFlow):
    """queryTrans for a refund (5.1.0, transaction query)."""

    gateway: Gateway

    def call_channel(self, account: Account, refund: RefundRequest) -> Reply:
        """Ask for the refund."""
        return self.gateway.call_channel(account, wire.refund_query(account, refund))

    def translate(
        self, _refund: RefundRequest, reply: Reply, fields: Mapping[str, object]
    ) -> RefundAnswer:
        """Read what became of it; a success without a readable amount is unknown."""
        if reply.code == codes.NOT_FOUND:
            return _answer(reply, RefundStatus.NOT_FOUND)
        if reply.outcome is not Outcome.DONE:
            return _undecided(reply)
        status = status_of(gateway.text(fields, "origRespCode"))
        if status is not RefundStatus.SUCCEEDED:
            return _answer(reply, status, gateway.text(fields, "origRespMsg"))
        return _succeeded(reply, fields)


def _undecided(reply: Reply) -> RefundAnswer:
    # A refused question is not a refused refund: only the refund's own code may end it.
    outcome = Outcome.UNKNOWN if reply.outcome is Outcome.REFUSED else reply.outcome
    return RefundAnswer(outcome=outcome, code=reply.code, detail=reply.detail, digest=reply.digest)


def status_of(code: str) -> RefundStatus:
    """Return our word for what became of a refund; a code that is not documented is still PROCESSING."""
    if code in codes.SUCCEEDED:
        return RefundStatus.SUCCEEDED
    return RefundStatus.FAILED if code in codes.FAILED else RefundStatus.PROCESSING


def _succeeded(reply: Reply, fields: Mapping[str, object]) -> RefundAnswer:
    try:
        amount = transactions.amount(gateway.text(fields, "txnAmt"))
        at = transactions.moment_of(fields)
    except ValueError:
        return RefundAnswer(outcome=Outcome.UNKNOWN, digest=reply.digest, code="unreadable_amount")
    return RefundAnswer(
        outcome=Outcome.DONE,
        status=RefundStatus.SUCCEEDED,
        amount=amount,
        channel_refund_no=gateway.text(fields, "queryId"),
        refunded_at=at,
        digest=reply.digest,
        code=reply.code,
    )


def _answer(reply: Reply, status: RefundStatus, detail: str = "") -> RefundAnswer:
    return RefundAnswer(
        outcome=Outcome.DONE,
        status=status,
        digest=reply.digest,
        code=reply.code,
        detail=detail or reply.detail,
    )
