"""What a simulated channel knows of one trade and of its refunds; money in minor units, moments in business seconds."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum


class State(StrEnum):
    """Where a trade stands; a channel has its own words for it (``Channel.status``).

    ODD is never in the books: a fault shows it, and the channel says a word that its document does not know.
    """

    WAITING = "waiting"
    PAID = "paid"
    CLOSED = "closed"
    ODD = "odd"


class Event(StrEnum):
    """What can happen to a trade that its merchant may be told of."""

    PAID = "paid"
    CLOSED = "closed"
    REFUNDED = "refunded"
    REFUND_FAILED = "refund_failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a merchant asked for, checked by the channel; ``extra`` holds what only that channel's wire knows."""

    number: str
    method: str
    amount_fen: int
    subject: str
    expires_at: float
    notify_url: str = ""
    return_url: str = ""
    leave_url: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundOrder:
    """What a merchant wants back under its own number; told to ``notify_url``, to nobody when that is empty."""

    number: str
    amount_fen: int
    notify_url: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Refund:
    """One refund; its money moves, or fails to, at ``settles_at``."""

    order: RefundOrder
    channel_no: str
    created_at: float
    settles_at: float
    settled: bool = False
    failure: str = ""

    @property
    def number(self) -> str:
        """The merchant's number of the refund."""
        return self.order.number

    @property
    def amount_fen(self) -> int:
        """What it gives back."""
        return self.order.amount_fen

    @property
    def word(self) -> str:
        """``settled``, ``processing``, or the failure's own word."""
        return self.failure or ("settled" if self.settled else "processing")


@dataclass(slots=True)
class Trade:
    """One trade. A fully refunded one stays PAID here: whether that has another name is the channel's matter."""

    order: Order
    channel_no: str
    token: str
    created_at: float
    state: State = State.WAITING
    paid_fen: int = 0
    paid_at: float | None = None
    closed_at: float | None = None
    failed_attempts: int = 0
    refunds: dict[str, Refund] = field(default_factory=dict)

    @property
    def number(self) -> str:
        """The merchant's number of the payment."""
        return self.order.number

    @property
    def refunded_fen(self) -> int:
        """What has been given back so far."""
        return sum(refund.amount_fen for refund in self.refunds.values() if refund.settled)

    @property
    def reserved_fen(self) -> int:
        """What has been given back or is promised; a failed refund reserves nothing."""
        return sum(refund.amount_fen for refund in self.refunds.values() if not refund.failure)

    @property
    def fully_refunded(self) -> bool:
        """Whether nothing of the payer's money is left."""
        return 0 < self.paid_fen == self.refunded_fen

    def snapshot(self) -> "Trade":
        """Return the trade as it is now; what happens later does not show in it."""
        refunds = {number: replace(refund) for number, refund in self.refunds.items()}
        return replace(self, refunds=refunds)

    def unpaid(self) -> "Trade":
        """Return the trade as one sees it who has not heard of the money yet."""
        return replace(self, state=State.WAITING, paid_fen=0, paid_at=None, refunds={})

    def odd(self) -> "Trade":
        """Return the trade with a state that nobody has heard of."""
        return replace(self.snapshot(), state=State.ODD)


type Listener = Callable[[Trade, Event, Refund | None], None]
