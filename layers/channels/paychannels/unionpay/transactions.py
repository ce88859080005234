"""UnionPay's transactions in our words: what its texts say of amount, number and moment, strictly read."""

import re
from collections.abc import Mapping
from typing import Final

from paycenter.domain.settlement import Receipt
from paychannels.unionpay import moments, wire

CURRENCY: Final = "CNY"
_AMOUNT: Final = re.compile(r"[0-9]{1,12}", re.ASCII)
_QUERY_ID: Final = re.compile(r"[0-9A-Za-z]{1,64}", re.ASCII)


def amount(text: str) -> int:
    """Read an amount in fen; ValueError for what is not digits alone."""
    if _AMOUNT.fullmatch(text) is None:
        message = f"not an amount: {text[:16]!r}"
        raise ValueError(message)
    return int(text)


def receipt_of(fields: Mapping[str, object]) -> Receipt:
    """Return what UnionPay says was paid; ValueError for an amount, `queryId` or `txnTime` that is none.

    A currency that is not ours keeps UnionPay's own code, and so fits no payment.
    """
    query_id = _text(fields, "queryId")
    if _QUERY_ID.fullmatch(query_id) is None:
        message = f"not a queryId: {query_id[:64]!r}"
        raise ValueError(message)
    code = _text(fields, "currencyCode")
    return Receipt(
        payment_no=_text(fields, "orderId"),
        amount=amount(_text(fields, "txnAmt")),
        currency=CURRENCY if code == wire.CURRENCY_CODE else code,
        channel_transaction_no=query_id,
        paid_at=moment_of(fields),
    )


def moment_of(fields: Mapping[str, object]) -> int:
    """Return when it happened: `traceTime` with the year of `txnTime`, which stands in where there is none.

    Seconds since 1970 UTC; ValueError where `txnTime` itself can't be read.
    """
    began_at = moments.from_text(_text(fields, "txnTime"))
    try:
        return moments.of_trace(_text(fields, "traceTime"), near=began_at)
    except ValueError:
        return began_at


def _text(fields: Mapping[str, object], name: str) -> str:
    value = fields.get(name)
    return value if isinstance(value, str) else ""
