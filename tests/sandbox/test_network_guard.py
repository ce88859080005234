"""No test leaves this machine: what reaches further is stopped before a packet is sent."""

import asyncio
import socket

import pytest

from tests.conftest import NetworkRefusedError

_BEYOND = ("203.0.113.1", 80)


def test_a_connection_beyond_this_machine_is_refused() -> None:
    with socket.socket() as one, pytest.raises(NetworkRefusedError):
        one.connect(_BEYOND)
    with socket.socket() as another, pytest.raises(NetworkRefusedError):
        another.connect_ex(_BEYOND)


def test_so_is_one_by_an_event_loop() -> None:
    with pytest.raises(NetworkRefusedError):
        asyncio.run(asyncio.open_connection(*_BEYOND))


def test_the_loopback_is_open() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname()).close()
