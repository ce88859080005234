"""HTTP to channels and to business lines: bounded in time and bytes, no redirects, no proxies, checked addresses."""

import logging
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from http.client import HTTPException
from typing import Final, Self

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    NameResolutionError,
    NewConnectionError,
)

from paycenter.adapters.addresses import AddressRefused, Network, Target, resolve
from paycenter.ports.delivery import DeliveryAnswer
from paycenter.ports.transport import HttpRequest, HttpResponse, NoAnswer, NotSent

# The library's own lines show whole addresses, in which some channels want a secret or a token.
logging.getLogger("urllib3").setLevel(logging.ERROR)

_CHANNEL_TIMEOUT: Final = urllib3.Timeout(connect=3, read=8)
_CHUNK_BYTES: Final = 1 << 16
_DELIVERY_SECONDS: Final = 15
_DELIVERY_CONNECT_SECONDS: Final = 5
_DELIVERY_ANSWER_BYTES: Final = 4096
_RETRY_AFTER_DIGITS: Final = 7


@cache
def _pools() -> urllib3.PoolManager:
    return urllib3.PoolManager(maxsize=10, timeout=_CHANNEL_TIMEOUT, retries=False)


class ChannelTransport:
    """Sends to channels over kept connections; certificates are always checked."""

    def send(self, request: HttpRequest) -> HttpResponse:
        """Send once; raises NotSent where nothing can have arrived, NoAnswer where something may have."""
        try:
            answer = _pools().request(
                request.method,
                request.url,
                body=request.body,
                headers=dict(request.headers),
                redirect=False,
                preload_content=False,
            )
            body = _whole_body(answer, request)
            answer.release_conn()
        except (NewConnectionError, NameResolutionError, ConnectTimeoutError) as error:
            raise NotSent(type(error).__name__) from error
        except (HTTPError, OSError) as error:
            raise NoAnswer(type(error).__name__) from error
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return HttpResponse(status=answer.status, headers=headers, body=body)


def _whole_body(answer: urllib3.BaseHTTPResponse, request: HttpRequest) -> bytes:
    # A socket's timeout starts anew with each byte: a trickle ends here.
    until, body = time.monotonic() + request.maximum_seconds, bytearray()
    while chunk := answer.read1(_CHUNK_BYTES):
        body += chunk
        if time.monotonic() > until or len(body) > request.maximum_bytes:
            answer.close()
            message = "answer too slow or too large"
            raise NoAnswer(message)
    return bytes(body)


@dataclass(frozen=True, slots=True)
class PinnedClient:
    """Posts to business lines: resolves once, checks the address, dials the checked one.

    `allowed` are private networks that may be dialled all the same; empty in production.
    """

    allowed: Sequence[Network] = field(default=())

    def ed25519(self, key: bytes, data: bytes) -> bytes:
        """Sign; lines that share a secret never load the library."""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415

        return Ed25519PrivateKey.from_private_bytes(key).sign(data)

    def post(self, url: str, headers: dict[str, str], body: bytes) -> DeliveryAnswer:
        """Send once within 15 s in all, whatever the other side does; the answer's body is read to 4 KiB and dropped.

        Looking the name up comes before, and takes as long as the system's resolver allows.
        """
        try:
            target = resolve(url, self.allowed)
        except AddressRefused as refusal:
            return DeliveryAnswer(status=0, reason=f"refused: {refusal}")
        try:
            return _post(target, headers, body)
        # The parser's own errors (a status line of nonsense, a thousand headers) are neither of the first two.
        except (HTTPError, OSError, HTTPException) as error:
            return DeliveryAnswer(status=0, reason=type(error).__name__)


def _post(target: Target, headers: dict[str, str], body: bytes) -> DeliveryAnswer:
    default = 443 if target.secure else 80
    host = target.host if target.port == default else f"{target.host}:{target.port}"
    connection = _connection(target)
    with _deadline(connection) as deadline:
        connection.connect()
        deadline.watch(connection.sock)
        connection.request(
            "POST", target.path, body=body, headers={**headers, "Host": host}, preload_content=False
        )
        answer = connection.getresponse()
        answer.read(_DELIVERY_ANSWER_BYTES, decode_content=False)
        deadline.check()
    return DeliveryAnswer(
        status=answer.status, retry_after=_retry_after(answer.headers.get("Retry-After", ""))
    )


def _connection(target: Target) -> HTTPConnection:
    if not target.secure:
        return HTTPConnection(target.address, target.port, timeout=_DELIVERY_CONNECT_SECONDS)
    return HTTPSConnection(
        target.address,
        target.port,
        timeout=_DELIVERY_CONNECT_SECONDS,
        # The name that is asked for is the name that the certificate must have.
        server_hostname=target.host,
        cert_reqs="CERT_REQUIRED",
    )


class _Deadline:
    """Ends an exchange from outside: a socket's own timeout starts anew with each byte of a trickle."""

    def __init__(self, seconds: float) -> None:
        self._sock: socket.socket | None = None
        self._passed = False
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()

    def watch(self, sock: socket.socket | None) -> None:
        """Cut this socket when the time is up; raises TimeoutError where it is already."""
        # Remembered here: a connection forgets its socket as soon as the other side says that it will close.
        self._sock = sock
        if sock is not None:
            sock.settimeout(_DELIVERY_SECONDS)
        self.check()

    def check(self) -> None:
        """Raise TimeoutError where the time is up: what was cut off may read like an answer, and is none."""
        if self._passed:
            raise TimeoutError

    def _cut(self) -> None:
        self._passed = True
        if self._sock is not None:
            with suppress(OSError):
                self._sock.shutdown(socket.SHUT_RDWR)


@contextmanager
def _deadline(connection: HTTPConnection) -> Iterator[_Deadline]:
    try:
        with _Deadline(_DELIVERY_SECONDS) as deadline:
            yield deadline
    finally:
        connection.close()


def _retry_after(text: str) -> int:
    # The form with a date is rare and may be far away; only seconds are honoured.
    return (
        int(text) if text.isascii() and text.isdigit() and len(text) <= _RETRY_AFTER_DIGITS else 0
    )
