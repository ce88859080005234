"""Gives money back: alipay.trade.refund."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from paycenter.ports.channel import (
    Account,
    Outcome,
    RefundAnswer,
    RefundCreate,
    RefundRequest,
    RefundStatus,
)
from paycenter.ports.clock import Clock
from paycenter.ports.transport import Transport
from paychannels.alipay import calls, replies, trades
from paychannels.alipay.gateway import Gateway
from paychannels.flow import RefundFlow, Reply

# Nothing was carried out, and the same refund may succeed once the cause is gone.
_LATER: Final = frozenset({"SELLER_BALANCE_NOT_ENOUGH", "REASON_TRADE_BEEN_FREEZEN"})
_NEVER: Final = frozenset(
    {
        "TRADE_NOT_EXIST",
        "TRADE_HAS_FINISHED",
        "TRADE_NOT_ALLOW_REFUND",
        "REFUND_FEE_ERROR",
        "REASON_TRADE_REFUND_FEE_ERR",
        "REFUND_AMT_NOT_EQUAL_TOTAL",
        "TRADE_STATUS_ERROR",
        "TRADE_HAS_CLOSE",
        "INVALID_PARAMETER",
        "DISCORDANT_REPEAT_REQUEST",
    }
)
_BUYER: Final = "BUYER_"
# The gateway's own refusals are written small, those of the business in capitals.
_BUSINESS_CODE: Final = re.compile(r"[A-Z][A-Z0-9_]*", re.ASCII)


def strategy(transport: Transport, clock: Clock) -> RefundCreate:
    """Return Alipay's refund."""
    return TradeRefund(Gateway(transport, clock))


@dataclass(frozen=True, slots=True)
class TradeRefund(RefundFlow):
    """alipay.trade.refund by our two numbers, which Alipay carries out once however often it is asked."""

    gateway: Gateway

    def call_channel(self, account: Account, refund: RefundRequest) -> Reply:
        """Ask for the refund."""
        return self.gateway.call_channel(account, calls.refund(refund))

    def translate(
        self, refund: RefundRequest, reply: Reply, fields: Mapping[str, object]
    ) -> RefundAnswer:
        """Read the answer: only `fund_change` Y says that money moved; without it the query decides.

        Its `refund_fee` is the sum of all refunds of the trade, so the answer says nothing of this one's amount.
        """
        outcome = Outcome.UNKNOWN if _other_trade(refund, reply, fields) else _outcome(reply)
        if outcome is not Outcome.DONE:
            return RefundAnswer(
                outcome=outcome, digest=reply.digest, code=reply.code, detail=reply.detail
            )
        moved = replies.text(fields, "fund_change") == "Y"
        moment = trades.first_moment(replies.text(fields, "gmt_refund_pay"))
        return RefundAnswer(
            outcome=outcome,
            status=RefundStatus.SUCCEEDED if moved else RefundStatus.PROCESSING,
            refunded_at=(moment or self.gateway.clock.now()) if moved else 0,
            digest=reply.digest,
            code=reply.code,
        )


def _other_trade(refund: RefundRequest, reply: Reply, fields: Mapping[str, object]) -> bool:
    unnamed = reply.outcome is Outcome.DONE and "out_trade_no" not in fields
    return unnamed or replies.about_another(fields, refund.payment_no)


def _outcome(reply: Reply) -> Outcome:
    # A refusal ends the refund for ever and sets its money free: only words that are known to mean that may do so.
    reason = replies.word(reply.code)
    if reply.outcome is not Outcome.REFUSED or not _BUSINESS_CODE.fullmatch(reason):
        return reply.outcome
    if reason in _LATER:
        return Outcome.NOT_EXECUTED
    return Outcome.REFUSED if reason in _NEVER or reason.startswith(_BUYER) else Outcome.UNKNOWN
