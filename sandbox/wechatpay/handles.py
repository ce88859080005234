"""What a create hands out: prepay ids and codes, each with its life (channel document, section 5.1)."""

import secrets
from dataclasses import dataclass

from sandbox.business_clock import Clock, beijing_text

LIFE_SECONDS = 2 * 3_600
H5_LIFE_SECONDS = 5 * 60
_SEPARATORS = str.maketrans("", "", "-: ")


@dataclass(frozen=True, slots=True)
class Handle:
    """One handle: of which trade, made by which product, until when it opens it."""

    number: str
    kind: str
    ends_at: float


class Handles:
    """The handles of all trades; of a trade's native codes only the last one counts."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._handles: dict[str, Handle] = {}

    def prepay_id(self, number: str, kind: str) -> str:
        """Return a fresh prepay id; older ones stay valid."""
        moment = beijing_text(self._clock.now()).translate(_SEPARATORS)
        life = H5_LIFE_SECONDS if kind == "h5" else LIFE_SECONDS
        return self._keep(f"wx{moment}{secrets.token_hex(9)}0000", number, kind, life)

    def code(self, number: str) -> str:
        """Return a fresh native code, the one before it opens nothing any more."""
        old = [text for text, one in self._handles.items() if (one.number, one.kind) == (number, "native")]  # fmt: skip
        for text in old:
            del self._handles[text]
        return self._keep(secrets.token_urlsafe(6), number, "native", LIFE_SECONDS)

    def number(self, text: str, kind: str) -> str | None:
        """Return the trade's number that this handle of this product opens now."""
        handle = self._handles.get(text)
        if handle is None or handle.kind != kind or handle.ends_at < self._clock.now():
            return None
        return handle.number

    def _keep(self, text: str, number: str, kind: str, life_seconds: int) -> str:
        self._handles[text] = Handle(number, kind, self._clock.now() + life_seconds)
        return text
