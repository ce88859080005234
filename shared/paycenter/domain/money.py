"""Amounts are integers in minor units; here they meet the decimal text that some channels and bills use."""

import re
from typing import Final

# Ten to the tenth fen is 100,000,000.00 CNY: the most that any channel takes in one payment.
MAXIMUM_AMOUNT: Final = 10_000_000_000
# Minor units per major unit, as a power of ten. A currency that is not here is unknown.
DECIMALS: Final = {"CNY": 2}

_DECIMAL_TEXT: Final = re.compile(r"([0-9]{1,12})(?:\.([0-9]{1,2}))?", re.ASCII)


def to_decimal_text(amount: int, currency: str = "CNY") -> str:
    """Render minor units as the decimal text of the major unit: 12800 fen is "128.00"."""
    decimals = DECIMALS[currency]
    whole, rest = divmod(amount, 10**decimals)
    return f"{whole}.{rest:0{decimals}d}"


def from_decimal_text(text: str, currency: str = "CNY") -> int:
    """Read decimal text of the major unit as minor units: "0.1" and "0.10" are both 10.

    Raises ValueError for signs, exponents, blanks, non-ASCII digits and more decimals than the currency has.
    """
    match = _DECIMAL_TEXT.fullmatch(text)
    if match is None:
        message = f"not an amount in decimal text: {text[:32]!r}"
        raise ValueError(message)
    decimals = DECIMALS[currency]
    return int(match[1] + (match[2] or "").ljust(decimals, "0"))
