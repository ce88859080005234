"""Prepay ids, each with its life (channel document, section 5.1); native codes are the ledger's."""

import secrets
from dataclasses import dataclass

from sandbox.business_clock import Clock, beijing_text

LIFE_SECONDS = 2 * 3_600
H5_LIFE_SECONDS = 5 * 60
_SEPARATORS = str.maketrans("", "", "-: ")


@dataclass(frozen=True, slots=True)
class Handle:
    """One prepay id: of which trade, made by which product, until when it opens it."""

    number: str
    kind: str
    ends_at: float


class Handles:
    """The prepay ids of all trades."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._handles: dict[str, Handle] = {}

    def prepay_id(self, number: str, kind: str) -> str:
        """Return a fresh prepay id; older ones stay valid."""
        now = self._clock.now()
        text = f"wx{beijing_text(now).translate(_SEPARATORS)}{secrets.token_hex(9)}0000"
        life = H5_LIFE_SECONDS if kind == "h5" else LIFE_SECONDS
        self._handles[text] = Handle(number, kind, now + life)
        return text

    def number(self, text: str, kind: str) -> str | None:
        """Return the trade's number that this handle of this product opens now."""
        handle = self._handles.get(text)
        if handle is None or handle.kind != kind or handle.ends_at < self._clock.now():
            return None
        return handle.number
