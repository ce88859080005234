"""Yuan text on the wire, integer fen inside (channel document, section 5)."""

import re

FEN_LIMIT = 100_000_000_00
_YUAN = re.compile(r"(0|[1-9][0-9]{0,8})\.([0-9]{2})")


def fen_of(yuan: str) -> int:
    """Integer fen of a yuan text with exactly two decimals, 0.01 to 100000000.00; ValueError for anything else."""
    match = _YUAN.fullmatch(yuan)
    fen = int(match[1]) * 100 + int(match[2]) if match else 0
    if not 1 <= fen <= FEN_LIMIT:
        raise ValueError(f"not an amount between 0.01 and 100000000.00: {yuan!r}")
    return fen


def yuan_of(fen: int) -> str:
    """Return fen as yuan text with two decimals; ValueError below 0."""
    if fen < 0:
        raise ValueError(f"an amount on the wire has no sign: {fen}")
    return f"{fen // 100}.{fen % 100:02d}"


def signed_yuan_of(fen: int) -> str:
    """Return fen as yuan text with two decimals and a minus below 0, as bills write it."""
    return f"{'-' if fen < 0 else ''}{yuan_of(abs(fen))}"
