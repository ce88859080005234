"""Gives money back: a refund, or, where the account asks for it, the undo of a whole payment on its own day."""

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
from paychannels.flow import RefundFlow, Reply
from paychannels.unionpay import gateway, wire
from paychannels.unionpay.gateway import Gateway

_DAY_SECONDS: Final = 86400
# A settlement day ends about 23:00 in Beijing, 15:00 UTC; half an hour on both sides of it belongs to no day.
_DAY_BEGINS_SECONDS: Final = 15 * 3600 + 1800
_CERTAIN_SECONDS: Final = 23 * 3600


def strategy(transport: Transport, clock: Clock) -> RefundCreate:
    """Return UnionPay's refund."""
    return Refund(Gateway(transport, clock))


@dataclass(frozen=True, slots=True)
class Refund(RefundFlow):
    """backTransReq with `txnType` 04, or 31 for an undo; a repeat has the same number and moment and is one refund."""

    gateway: Gateway

    def call_channel(self, account: Account, refund: RefundRequest) -> Reply:
        """Ask for the refund."""
        call = wire.refund(account, refund, undo=undone(account, refund))
        return self.gateway.call_channel(account, call)

    def translate(
        self, _refund: RefundRequest, reply: Reply, fields: Mapping[str, object]
    ) -> RefundAnswer:
        """Pass the outcome on: accepted is not done, and what is ambiguous (12, a duplicate, too) a query decides."""
        if reply.outcome is not Outcome.DONE:
            return self.unanswered(reply)
        return RefundAnswer(
            outcome=Outcome.DONE,
            status=RefundStatus.PROCESSING,
            channel_refund_no=gateway.text(fields, "queryId"),
            digest=reply.digest,
            code=reply.code,
            detail=reply.detail,
        )


def undone(account: Account, refund: RefundRequest) -> bool:
    """Tell whether this refund is sent as an undo, which the payer sees as if it had never been paid.

    UnionPay takes it for the whole amount and on the payment's own settlement day. All of this is fixed with the
    refund, so that a repeat is sent in the same way.
    """
    whole = refund.amount == refund.total
    wanted = account.settings["same_day_refund"] == "undo"
    return wanted and whole and same_settlement_day(refund.payment_created_at, refund.created_at)


def same_settlement_day(first: int, second: int) -> bool:
    """Tell whether both moments (seconds since 1970 UTC) are certainly within one settlement day."""
    first_day = (first - _DAY_BEGINS_SECONDS) // _DAY_SECONDS
    second_day, passed = divmod(second - _DAY_BEGINS_SECONDS, _DAY_SECONDS)
    return first_day == second_day and passed < _CERTAIN_SECONDS
