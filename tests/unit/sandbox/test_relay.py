"""The relay carries bytes both ways between the same port of two addresses, and stands in front of a runtime."""

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox import relay
from sandbox.ports import free_port

NEAR, FAR = "127.0.0.2", "127.0.0.1"


def all_of(connection: socket.socket) -> bytes:
    return b"".join(iter(lambda: connection.recv(65536), b""))


@pytest.fixture
def echo() -> Iterator[int]:
    """Return the port of a server on FAR that answers what it was told, once the other side has ended."""
    with socket.create_server((FAR, 0)) as server:

        def answer() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    told = all_of(connection)
                    connection.sendall(told[::-1])

        threading.Thread(target=answer, daemon=True).start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)


def ask(host: str, port: int, said: bytes) -> bytes:
    with socket.create_connection((host, port), timeout=10) as connection:
        connection.sendall(said)
        connection.shutdown(socket.SHUT_WR)
        return all_of(connection)


def test_what_is_said_arrives_and_the_answer_comes_back_also_when_it_is_long(echo: int) -> None:
    listeners = relay.listen(NEAR, [echo])
    threads = relay.relay_in_threads(listeners, FAR)
    try:
        assert ask(NEAR, echo, b"hello") == b"olleh"
        assert ask(NEAR, echo, b"a" * 300_000 + b"z") == b"z" + b"a" * 300_000
    finally:
        for listener in listeners:
            relay.shut(listener)
        for thread in threads:
            thread.join(5)
    assert not any(thread.is_alive() for thread in threads)


def test_a_connection_to_nobody_ends() -> None:
    port = free_port()
    listeners = relay.listen(NEAR, [port])
    relay.relay_in_threads(listeners, FAR)
    with socket.create_connection((NEAR, port), timeout=10) as connection:
        assert connection.recv(1) == b""
    relay.shut(listeners[0])


def test_a_port_that_somebody_has_is_left_to_him(echo: int) -> None:
    assert relay.listen(FAR, [echo]) == []


def test_an_address_that_is_not_this_machines_is_an_error() -> None:
    with pytest.raises(OSError, match="assign"):
        relay.listen("192.0.2.1", [free_port()])


def test_as_a_wrapper_it_becomes_the_command_and_relays_beside_it(tmp_path: Path) -> None:
    """The target is the wrapper's own loopback here, so the port is one that only its child listens on."""
    port = free_port()
    look = f"import socket; socket.create_connection(('127.0.0.1', {port}), 5); print('reached')"
    answer = subprocess.run(
        [sys.executable, relay.__file__, sys.executable, "-c", look],
        env={**os.environ, relay.TARGET_VARIABLE: f"127.0.0.3:{port}"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert answer.stdout == "reached\n", answer.stderr


def test_without_a_target_the_wrapper_is_not_noticed() -> None:
    environment = {name: v for name, v in os.environ.items() if name != relay.TARGET_VARIABLE}
    answer = subprocess.run(
        [sys.executable, relay.__file__, sys.executable, "-c", "print('ran')"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert answer.stdout == "ran\n"
