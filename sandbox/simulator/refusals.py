"""Why the ledger says no. Nothing was changed; a channel says each reason in its own words (``Channel.explain``)."""

from enum import StrEnum


class Reason(StrEnum):
    """One for each rule of the books, by the move that was refused."""

    UNKNOWN = "unknown"
    OPEN_PAID = "open_paid"
    OPEN_CLOSED = "open_closed"
    OPEN_OTHER_ORDER = "open_other_order"
    OPEN_EXPIRED = "open_expired"
    PAY_PAID = "pay_paid"
    PAY_CLOSED = "pay_closed"
    CLOSE_PAID = "close_paid"
    CLOSE_CLOSED = "close_closed"
    REFUND_UNPAID = "refund_unpaid"
    REFUND_TOO_MUCH = "refund_too_much"
    REFUND_OTHER_AMOUNT = "refund_other_amount"


class Refusal(Exception):
    """The ledger refuses a move; ``reason`` says why."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason
