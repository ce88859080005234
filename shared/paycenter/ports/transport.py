"""HTTP to channels: exactly these bytes out, what came back as received."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpRequest:
    """One request to a channel: exactly these bytes go out.

    An answer of more bytes, or one whose body takes more seconds to arrive, is none; a bill needs more than a call.
    """

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    body: bytes = b""
    maximum_bytes: int = 1 << 20
    maximum_seconds: int = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpResponse:
    """What came back, as received."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class NotSent(Exception):
    """The request can't have reached the channel: repeat freely."""


class NoAnswer(Exception):
    """The request may have reached the channel and no readable answer came: unknown."""


class Transport(Protocol):
    """HTTP to channels: bounded in time and size, never follows a redirect."""

    def send(self, request: HttpRequest) -> HttpResponse:
        """Send once; raises NotSent or NoAnswer."""
