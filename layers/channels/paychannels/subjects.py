"""Order subjects as every channel takes them: short, on one line, without the characters that some of them refuse."""

import unicodedata
from typing import Final

MAXIMUM_CHARACTERS: Final = 127
# Alipay refuses these three in a subject (alipay.trade.page.pay, field `subject`).
_REFUSED: Final = frozenset("/=&")
# Control and format characters, lone surrogates, line and paragraph separators.
_INVISIBLE: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def channel_subject(subject: str, otherwise: str) -> str:
    """Return the subject with refused characters replaced by a space, or `otherwise` where nothing is left.

    The same subject gives the same text at every repeat, so that a repeated create has identical parameters.
    """
    shown = "".join(" " if _refused(character) else character for character in subject)
    return " ".join(shown.split())[:MAXIMUM_CHARACTERS].rstrip() or otherwise


def _refused(character: str) -> bool:
    return character in _REFUSED or unicodedata.category(character) in _INVISIBLE
