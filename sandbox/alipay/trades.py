"""What the simulated Alipay knows of one trade."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from sandbox.alipay.content import Content


class Status(StrEnum):
    """``trade_status`` of the channel document, section 5.3."""

    WAIT_BUYER_PAY = "WAIT_BUYER_PAY"
    TRADE_SUCCESS = "TRADE_SUCCESS"
    TRADE_CLOSED = "TRADE_CLOSED"


class Event(StrEnum):
    """What can happen to a trade that its merchant is told of."""

    PAID = "paid"
    CLOSED = "closed"
    REFUNDED = "refunded"


@dataclass(slots=True)
class Refund:
    """One refund of a trade, under the merchant's ``out_request_no``; money moves at ``settles_at``."""

    out_request_no: str
    fen: int
    settles_at: float
    settled: bool = False


@dataclass(slots=True)
class Trade:
    """One trade; money in fen, moments in business seconds since the epoch."""

    trade_no: str
    token: str
    method: str
    content: Content
    notify_url: str
    return_url: str
    created_at: float
    status: Status = Status.WAIT_BUYER_PAY
    paid_fen: int = 0
    paid_at: float | None = None
    closed_at: float | None = None
    refunds: dict[str, Refund] = field(default_factory=dict)
    last_settled: Refund | None = None

    @property
    def number(self) -> str:
        """The merchant's number, ``out_trade_no``."""
        return self.content.out_trade_no

    @property
    def refunded_fen(self) -> int:
        """What has been given back so far."""
        return sum(refund.fen for refund in self.refunds.values() if refund.settled)

    @property
    def reserved_fen(self) -> int:
        """What has been given back or is promised."""
        return sum(refund.fen for refund in self.refunds.values())


type Listener = Callable[[Trade, Event], None]
