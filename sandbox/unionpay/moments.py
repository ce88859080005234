"""UnionPay's moments: Beijing time in digits alone, and the settlement day that ends at 23:00 (sections 4, 5.6)."""

from sandbox.business_clock import beijing_moment, beijing_text

DAY_SECONDS = 86_400
AFTER_THE_CUT_SECONDS = 3_600


def digits(moment: float) -> str:
    """Return a moment as ``yyyyMMddHHmmss``."""
    return "".join(character for character in beijing_text(moment) if character.isdigit())


def moment_of(text: str) -> float:
    """Return the moment of ``yyyyMMddHHmmss``; ValueError for anything else."""
    if len(text) != len("yyyyMMddHHmmss") or not (text.isascii() and text.isdigit()):
        raise ValueError(f"not yyyyMMddHHmmss: {text!r}")
    date, clock = text[:8], text[8:]
    return beijing_moment(f"{date[:4]}-{date[4:6]}-{date[6:]} {clock[:2]}:{clock[2:4]}:{clock[4:]}")


def settlement_day(moment: float) -> str:
    """Return the settlement day of a moment as ``yyyyMMdd``: what comes after 23:00 belongs to the next."""
    return digits(moment + AFTER_THE_CUT_SECONDS)[:8]


def day_begins(day: str) -> float:
    """Return when a settlement day ``yyyyMMdd`` begins, an hour before its midnight; ValueError for no day."""
    return moment_of(f"{day}000000") - AFTER_THE_CUT_SECONDS
