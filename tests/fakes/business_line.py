"""A business line that answers as it is told to, and 204 where it is told nothing."""

from dataclasses import dataclass, field
from typing import NamedTuple

from paycenter.adapters.http import PinnedClient
from paycenter.ports.delivery import DeliveryAnswer
from tests.fakes.wire import Wire


class Post(NamedTuple):
    """One notification as it arrived."""

    url: str
    headers: dict[str, str]
    body: bytes


@dataclass
class ScriptedBusinessLine:
    """Keeps what it received; `answers` are given in order, then `usual` for ever."""

    wire: Wire = field(default_factory=Wire)
    answers: list[DeliveryAnswer] = field(default_factory=list)
    usual: DeliveryAnswer = field(default_factory=lambda: DeliveryAnswer(status=204))
    received: list[Post] = field(default_factory=list)

    def ed25519(self, key: bytes, data: bytes) -> bytes:
        """Sign with the real thing."""
        return PinnedClient().ed25519(key, data)

    def post(self, url: str, headers: dict[str, str], body: bytes) -> DeliveryAnswer:
        """Receive, and answer."""
        return self.wire.run(
            "business_line.post",
            headers["webhook-id"],
            lambda: self._receive(Post(url, headers, body)),
            timed_out=lambda: DeliveryAnswer(status=0, reason="ReadTimeoutError"),
        )

    def _receive(self, post: Post) -> DeliveryAnswer:
        self.received.append(post)
        return self.answers.pop(0) if self.answers else self.usual
