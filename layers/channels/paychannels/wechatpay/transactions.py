"""WeChat's transactions in our words, as queries answer them and notices carry them, strictly read."""

import re
from collections.abc import Mapping
from typing import Final

from paycenter.domain.settlement import Receipt
from paycenter.ports.channel import Account, ChannelStatus
from paychannels.wechatpay import documents, moments

CURRENCY: Final = "CNY"
PAID: Final = "SUCCESS"
_STATUSES: Final[Mapping[str, ChannelStatus]] = {
    PAID: ChannelStatus.PAID,
    # Paid, then given back, wholly or in part: the payment stays paid.
    "REFUND": ChannelStatus.PAID,
    "NOTPAY": ChannelStatus.PENDING,
    "USERPAYING": ChannelStatus.PENDING,
    "ACCEPT": ChannelStatus.PENDING,
    "CLOSED": ChannelStatus.CLOSED,
    # These two are told of barcode payments alone; both end a transaction unpaid.
    "REVOKED": ChannelStatus.CLOSED,
    "PAYERROR": ChannelStatus.CLOSED,
}
_NUMBER: Final = re.compile(r"[0-9A-Za-z]{1,64}", re.ASCII)


def status(fields: Mapping[str, object]) -> ChannelStatus:
    """Return our word for a `trade_state`; one that we don't know is PENDING."""
    return _STATUSES.get(documents.text(fields, "trade_state"), ChannelStatus.PENDING)


def strangers(account: Account, fields: Mapping[str, object], *names: str) -> tuple[str, ...]:
    """Return which of these fields are not this account's."""
    return tuple(name for name in names if fields.get(name) != account.settings[name])


def number(fields: Mapping[str, object], name: str) -> str:
    """Return one of WeChat's numbers; ValueError where it is none."""
    value = documents.text(fields, name)
    if _NUMBER.fullmatch(value) is None:
        message = f"{name} is not a number of a transaction"
        raise ValueError(message)
    return value


def receipt(fields: Mapping[str, object], paid_at: int) -> Receipt:
    """Return what WeChat says was to be paid; ValueError for an amount or a number that is none.

    `total` is what we asked for; `payer_total` is less where a coupon paid a part.
    """
    amount = documents.part(fields, "amount")
    return Receipt(
        payment_no=documents.text(fields, "out_trade_no"),
        amount=documents.fen(amount, "total"),
        currency=currency(amount),
        channel_transaction_no=number(fields, "transaction_id"),
        paid_at=paid_at,
    )


def currency(amount: Mapping[str, object]) -> str:
    """Return the currency of an amount; where none is stated it is CNY."""
    return documents.text(amount, "currency") if "currency" in amount else CURRENCY


def paid_at(fields: Mapping[str, object], *otherwise: str) -> int | None:
    """Return when a transaction or a refund succeeded, in seconds since 1970 UTC, None where nothing says it."""
    return moments.first(documents.text(fields, "success_time"), *otherwise)
