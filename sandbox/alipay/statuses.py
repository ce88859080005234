"""Alipay's words for where a trade stands (channel document, section 5.3)."""

from enum import StrEnum

from sandbox.simulator.trades import State, Trade


class Status(StrEnum):
    """``trade_status``."""

    WAIT_BUYER_PAY = "WAIT_BUYER_PAY"
    TRADE_SUCCESS = "TRADE_SUCCESS"
    TRADE_CLOSED = "TRADE_CLOSED"


_WORDS = {
    State.WAITING: Status.WAIT_BUYER_PAY,
    State.PAID: Status.TRADE_SUCCESS,
    State.CLOSED: Status.TRADE_CLOSED,
}


def status_of(trade: Trade) -> Status:
    """Return the trade's status: a fully refunded trade becomes TRADE_CLOSED although it was paid."""
    return Status.TRADE_CLOSED if trade.fully_refunded else _WORDS[trade.state]
