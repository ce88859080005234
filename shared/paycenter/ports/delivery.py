"""Telling a business line: one signed POST to an address that was checked."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryAnswer:
    """What one POST brought: the status, 0 where none came; seconds of `Retry-After`; a word for the log."""

    status: int
    retry_after: int = 0
    reason: str = ""

    @property
    def delivered(self) -> bool:
        """Tell whether the business line has acknowledged: 2xx alone counts, a redirect is a failure."""
        return 200 <= self.status < 300  # noqa: PLR2004 - the 2xx class itself


class BusinessLineClient(Protocol):
    """Posts to business lines; never follows a redirect, never dials an address that was not checked."""

    def ed25519(self, key: bytes, data: bytes) -> bytes:
        """Sign with a private key of 32 bytes; the same input gives the same 64 bytes."""

    def post(self, url: str, headers: dict[str, str], body: bytes) -> DeliveryAnswer:
        """Send and return what came; errors of the network are an answer with status 0, never an exception."""
