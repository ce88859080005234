"""WeChat's words and forms: states of trades and refunds, moments, amounts (channel document, sections 5.2 and 5.4)."""

from dataclasses import replace
from datetime import datetime

from sandbox.business_clock import beijing_text
from sandbox.simulator.trades import Refund, State, Trade

# No document knows this state.
UNHEARD = "REVIEWING"
_CLOSED = "closed"
_REFUND_WORDS = {
    "settled": "SUCCESS",
    "processing": "PROCESSING",
    "failed": "CLOSED",
    "abnormal": "ABNORMAL",
}


def status_of(trade: Trade) -> str:
    """Return ``trade_state``. A trade whose time to pay is over stays NOTPAY until somebody closes it."""
    if trade.state is State.PAID:
        moving = any(not refund.failure for refund in trade.refunds.values())
        return "REFUND" if moving else "SUCCESS"
    if trade.state is State.ODD:
        return UNHEARD
    closed = trade.state is State.CLOSED and _CLOSED in trade.order.extra
    return "CLOSED" if closed else "NOTPAY"


def mark_closed(trade: Trade) -> None:
    """Note that a trade was really closed, by its merchant or after seven days: its time to pay may end before."""
    trade.order = replace(trade.order, extra={**trade.order.extra, _CLOSED: "yes"})


def refund_word(refund: Refund) -> str:
    """Return a refund's ``status``."""
    return _REFUND_WORDS[refund.word]


def moment_text(moment: float) -> str:
    """RFC 3339 with Beijing's offset."""
    return beijing_text(moment).replace(" ", "T") + "+08:00"


def moment_of(text: str) -> float:
    """Epoch seconds of an RFC 3339 text with an offset; ValueError for anything else."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None or "T" not in text:
        raise ValueError(f"not RFC 3339 with an offset: {text!r}")
    return moment.timestamp()
