"""Numbers: all `[0-9A-Z]`, never reused, leading back to the order without an index."""

import base64
import hashlib
import re
from typing import Final

ORDER_ID_LENGTH: Final = 26
# A number that no payment can ever have: an order id knows no 0.
PROBE_NO: Final = "0" * ORDER_ID_LENGTH + "P01"
_TOKEN_LENGTH: Final = 52
_ORDER_ID: Final = re.compile(r"[A-Z2-7]{26}")


def order_id(line: str, out_order_no: str) -> str:
    """Derive the order's id from who ordered and under which number; the same input gives the same id for ever.

    The parts are length-prefixed, so that no two pairs share an input of the hash.
    """
    parts = b"".join(
        len(part).to_bytes(4) + part for part in (line.encode(), out_order_no.encode())
    )
    return base64.b32encode(hashlib.sha256(parts).digest())[:ORDER_ID_LENGTH].decode()


def is_order_id(text: str) -> bool:
    """Tell whether a text has the form of an order id, before it is used as a key."""
    return _ORDER_ID.fullmatch(text) is not None


def payment_no(order: str, count: int) -> str:
    """Name the `count`-th payment (from 1) of an order; this is what a channel knows it by."""
    return f"{order}P{count:02d}"


def refund_no(order: str, count: int) -> str:
    """Name the `count`-th refund (from 1) that was asked for of an order; this is what a channel knows it by."""
    return f"{order}R{count:03d}"


def automatic_refund_no(payment: str) -> str:
    """Name the one refund that the centre itself owes for a payment, the same at every repeat."""
    return f"{payment}D"


def event_id(order: str, count: int) -> str:
    """Name the `count`-th event (from 1) owed for an order; the `webhook-id` of all its attempts."""
    return f"{order}E{count:02d}"


def order_of(number: str) -> str | None:
    """Return the order id inside a payment, refund or event number, or None where there can't be one."""
    head = number[:ORDER_ID_LENGTH]
    return head if is_order_id(head) else None


def cashier_token(order: str, secret: str) -> str:
    """Join order id and its 128 secret bits into the token that stands in the cashier's address."""
    return order + secret


def split_token(token: str) -> tuple[str, str] | None:
    """Take a cashier token apart into order id and secret, or None where it has another form."""
    if len(token) != _TOKEN_LENGTH or not is_order_id(token[:ORDER_ID_LENGTH]):
        return None
    return token[:ORDER_ID_LENGTH], token[ORDER_ID_LENGTH:]
