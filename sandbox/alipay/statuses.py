"""Alipay's words for where a trade stands (channel document, section 5.3)."""

from enum import StrEnum

from sandbox.simulator.trades import State, Trade


class Status(StrEnum):
    """``trade_status``; TRADE_FINISHED, beyond the time for refunds, and the last one are seen by faults alone."""

    WAIT_BUYER_PAY = "WAIT_BUYER_PAY"
    TRADE_SUCCESS = "TRADE_SUCCESS"
    TRADE_CLOSED = "TRADE_CLOSED"
    TRADE_FINISHED = "TRADE_FINISHED"
    UNHEARD_OF = "TRADE_UNHEARD_OF"


_WORDS = {
    State.WAITING: Status.WAIT_BUYER_PAY,
    State.PAID: Status.TRADE_SUCCESS,
    State.CLOSED: Status.TRADE_CLOSED,
    State.ODD: Status.UNHEARD_OF,
}


def status_of(trade: Trade) -> Status:
    """Return the trade's status: a fully refunded trade becomes TRADE_CLOSED although it was paid."""
    closed = trade.state is State.PAID and trade.fully_refunded
    return Status.TRADE_CLOSED if closed else _WORDS[trade.state]
