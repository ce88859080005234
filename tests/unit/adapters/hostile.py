"""A server that does with each connection what a test wants, and remembers what it received."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

type Behaviour = Callable[[socket.socket], None]


@dataclass
class Hostile:
    """Listens on the loopback; `received` holds each request's bytes."""

    behaviour: Behaviour
    received: list[bytes] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)
    port: int = 0

    def url(self, path: str = "/hook") -> str:
        """Return an address at this server."""
        return f"http://127.0.0.1:{self.port}{path}"

    def serve(self, listener: socket.socket) -> None:
        """Take connections until the end."""
        while not self.over.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._one, args=(connection,), daemon=True).start()

    def _one(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.settimeout(10)
            self.received.append(read_request(connection))
            self.behaviour(connection)


def read_request(connection: socket.socket) -> bytes:
    """Read one request: its head, and as much body as it announces."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(65536)
        if not more:
            return data
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    length = 0
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def saying(*parts: bytes) -> Behaviour:
    """Return a behaviour that sends these bytes and closes."""

    def behave(connection: socket.socket) -> None:
        for part in parts:
            connection.sendall(part)

    return behave


def trickling(head: bytes, over: Callable[[], bool]) -> Behaviour:
    """Return a behaviour that sends a head, then a byte every 20 ms for five seconds or until it is over."""

    def behave(connection: socket.socket) -> None:
        connection.sendall(head)
        for _ in range(250):
            if over():
                return
            connection.sendall(b"x")
            threading.Event().wait(0.02)

    return behave


@contextmanager
def hostile(behaviour: Behaviour) -> Iterator[Hostile]:
    """Run a server while a test lasts."""
    server = Hostile(behaviour)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server.port = listener.getsockname()[1]
        thread = threading.Thread(target=server.serve, args=(listener,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.over.set()
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            thread.join(2)
