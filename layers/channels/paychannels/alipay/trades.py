"""Alipay's trades in our words: what its texts say of amount, number and moment, strictly read."""

import re
from collections.abc import Mapping
from typing import Final

from paycenter.domain.money import from_decimal_text
from paycenter.domain.settlement import Receipt
from paycenter.ports.channel import ChannelStatus
from paychannels import beijing

# All of this dialect is domestic; it has no field for a currency.
CURRENCY: Final = "CNY"
_STATUSES: Final[Mapping[str, ChannelStatus]] = {
    "WAIT_BUYER_PAY": ChannelStatus.PENDING,
    "TRADE_SUCCESS": ChannelStatus.PAID,
    "TRADE_FINISHED": ChannelStatus.PAID,
    "TRADE_CLOSED": ChannelStatus.CLOSED,
}
_TRADE_NO: Final = re.compile(r"[0-9A-Za-z]{1,64}", re.ASCII)


def status(trade_status: str) -> ChannelStatus:
    """Return our word for a `trade_status`; one that we don't know is PENDING."""
    return _STATUSES.get(trade_status, ChannelStatus.PENDING)


def receipt(payment_no: str, total_amount: str, trade_no: str, paid_at: int) -> Receipt:
    """Return what Alipay says was paid; ValueError for an amount or a `trade_no` that is not one."""
    if _TRADE_NO.fullmatch(trade_no) is None:
        message = f"not a trade_no: {trade_no[:64]!r}"
        raise ValueError(message)
    return Receipt(
        payment_no=payment_no,
        amount=from_decimal_text(total_amount, CURRENCY),
        currency=CURRENCY,
        channel_transaction_no=trade_no,
        paid_at=paid_at,
    )


def first_moment(*texts: str) -> int | None:
    """Return the first text that is a moment, as seconds since 1970 UTC."""
    for moment in texts:
        try:
            return beijing.from_text(moment)
        except ValueError:
            continue
    return None
