"""Our side: the strategies that production runs, over a transport that writes down what would have been sent."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from paycenter.ports.channel import Account, CallbackRefused, RawCallback
from paycenter.ports.transport import HttpRequest, HttpResponse, NoAnswer
from paychannels.registry import Registry
from tools.oracles.findings import verdict
from tools.vectors.cases import StandingClock

ACCOUNT_ID: Final = "oracles~1"


@dataclass(slots=True)
class Recorder:
    """Keeps every request and gives the answers that were laid ready, in order; none left is a connection that died."""

    answers: list[HttpResponse] = field(default_factory=list)
    sent: list[HttpRequest] = field(default_factory=list)

    def send(self, request: HttpRequest) -> HttpResponse:
        """Keep the request."""
        self.sent.append(request)
        if not self.answers:
            raise NoAnswer
        return self.answers.pop(0)


@dataclass(frozen=True, slots=True)
class Ours:
    """The registered strategies at a moment that stands, and what they sent."""

    now: int
    recorder: Recorder = field(default_factory=Recorder)

    @property
    def strategies(self) -> Registry:
        """Return the product's own registry."""
        return Registry(transport=self.recorder, clock=StandingClock(self.now))

    @property
    def sent(self) -> HttpRequest:
        """Return the last request."""
        return self.recorder.sent[-1]

    def answered(self, body: bytes, headers: Mapping[str, str], status: int = 200) -> None:
        """Lay the next answer ready; names of headers in any case, as a transport gives them."""
        lowered = {name.lower(): value for name, value in headers.items()}
        self.recorder.answers.append(HttpResponse(status=status, headers=lowered, body=body))

    def takes(self, account: Account, headers: Mapping[str, str], body: bytes) -> str:
        """Say whether a callback is believed."""
        lowered = {name.lower(): value for name, value in headers.items()}
        return verdict(self.fields(account, lowered, body) is not None)

    def fields(
        self, account: Account, headers: Mapping[str, str], body: bytes
    ) -> Mapping[str, object] | None:
        """Return what a callback says once it is believed, else None."""
        taker = self.strategies.callbacks(account.channel)
        try:
            return taker.verify(account, RawCallback(headers=headers, body=body)).fields
        except CallbackRefused:
            return None


def parameters(request: HttpRequest) -> dict[str, str]:
    """Return what a form request carries, address and body together."""
    pairs = parse_qsl(urlsplit(request.url).query) + parse_qsl(request.body.decode())
    return dict(pairs)
