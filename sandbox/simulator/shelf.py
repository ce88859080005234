"""Files that lie at an address of their own for a while, as bills do."""

from dataclasses import dataclass

from sandbox.business_clock import Clock
from sandbox.simulator.ledger import new_token


@dataclass(frozen=True, slots=True)
class _Lying:
    content: bytes
    since: float


class Shelf:
    """Hands out files by token. Their life is in real seconds, because a client's speed is real."""

    def __init__(self, clock: Clock, life_real_seconds: float) -> None:
        self._clock = clock
        self._life_real_seconds = life_real_seconds
        self._lying: dict[str, _Lying] = {}

    def put(self, content: bytes) -> str:
        """Lay a file down and return the token of its address."""
        token = new_token()
        self._lying[token] = _Lying(content, self._clock.now())
        return token

    def get(self, token: str) -> bytes | None:
        """Return what lies there, None for an unknown token and once it has lived long enough."""
        lying = self._lying.get(token)
        if lying is None:
            return None
        age = self._clock.real_seconds(self._clock.now() - lying.since)
        return lying.content if age <= self._life_real_seconds else None
