"""Asks what became of a refund: alipay.trade.fastpay.refund.query."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from paycenter.domain.money import from_decimal_text
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
from paychannels.alipay import calls, replies, trades
from paychannels.alipay.gateway import Gateway
from paychannels.flow import RefundFlow, Reply

_SUCCESS: Final = "REFUND_SUCCESS"


def strategy(transport: Transport, clock: Clock) -> RefundQuery:
    """Return Alipay's refund query."""
    return TradeRefundQuery(Gateway(transport, clock))


@dataclass(frozen=True, slots=True)
class TradeRefundQuery(RefundFlow):
    """alipay.trade.fastpay.refund.query by our two numbers; Alipay wants 10 s between a refund and this."""

    gateway: Gateway

    def call_channel(self, account: Account, refund: RefundRequest) -> Reply:
        """Ask for the refund."""
        return self.gateway.call_channel(account, calls.refund_reference(refund))

    def translate(
        self, refund: RefundRequest, reply: Reply, fields: Mapping[str, object]
    ) -> RefundAnswer:
        """Read the refund's status.

        An answer without one knows of no such refund, yet: it is to be repeated under its number. A refused query says
        nothing of the refund, so it never ends one.
        """
        answer = RefundAnswer(
            outcome=reply.outcome, digest=reply.digest, code=reply.code, detail=reply.detail
        )
        if reply.outcome is Outcome.REFUSED:
            return replace(answer, outcome=Outcome.UNKNOWN)
        if reply.outcome is not Outcome.DONE:
            return answer
        if _about_another(refund, fields):
            return replace(answer, outcome=Outcome.UNKNOWN, code="other_refund")
        if not replies.text(fields, "refund_status"):
            return replace(answer, status=RefundStatus.NOT_FOUND)
        if replies.text(fields, "refund_status") != _SUCCESS:
            return replace(answer, status=RefundStatus.PROCESSING)
        return self._returned(answer, fields)

    def _returned(self, answer: RefundAnswer, fields: Mapping[str, object]) -> RefundAnswer:
        moment = trades.first_moment(replies.text(fields, "gmt_refund_pay"))
        try:
            amount = _amount(fields)
        except ValueError:
            return replace(answer, outcome=Outcome.UNKNOWN, code="unreadable_amount")
        return replace(
            answer,
            status=RefundStatus.SUCCEEDED,
            amount=amount,
            refunded_at=self.gateway.clock.now() if moment is None else moment,
        )


def _about_another(refund: RefundRequest, fields: Mapping[str, object]) -> bool:
    # A refund that is not known is answered without its numbers; one that is said to be there must be ours.
    named = {"out_trade_no": refund.payment_no, "out_request_no": refund.refund_no}
    known = "refund_status" in fields
    return any(
        fields.get(name, None if known else number) != number for name, number in named.items()
    )


def _amount(fields: Mapping[str, object]) -> int | None:
    if "refund_amount" not in fields:
        return None
    return from_decimal_text(replies.text(fields, "refund_amount"), trades.CURRENCY)
