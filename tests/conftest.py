"""What all tests share: no way out of this machine, and one emulated AWS per session for those that ask for it."""

import ipaddress
import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from sandbox.current import STATE_FOLDER
from sandbox.emulator import Emulator, emulator
from sandbox.ports import free_port
from sandbox.processes import clean_leftovers, run_folder
from tests.emulated import BecomeFunction, EmulatedStack, deploy_storage


class NetworkRefusedError(RuntimeError):
    """A test reached for an address beyond this machine. No OSError: the code under test must not swallow it."""


@pytest.fixture(autouse=True, scope="session")
def _only_the_loopback() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name in ("connect", "connect_ex"):
            patch.setattr(socket.socket, name, _guarded(getattr(socket.socket, name)))
        yield


@pytest.fixture(scope="session", name="emulator")
def _emulator() -> Iterator[Emulator]:
    """Return an emulated AWS that lives as long as the session; policies are not enforced."""
    clean_leftovers(STATE_FOLDER)
    with (
        run_folder(STATE_FOLDER, "tests") as folder,
        emulator(folder / "emulator", free_port(), policies=False) as running,
    ):
        yield running


@pytest.fixture(scope="session")
def stack(emulator: Emulator) -> EmulatedStack:
    """Return the template's tables, queues and wait machine; tests keep apart by the numbers of their orders."""
    return deploy_storage(emulator.endpoint)


@pytest.fixture
def become(stack: EmulatedStack, monkeypatch: pytest.MonkeyPatch) -> Iterator[BecomeFunction]:
    """Return what gives this process the environment of a function, and forgets what it knew of another one's."""

    def take(function: str) -> dict[str, str]:
        _forget()
        environment = stack.environment(function)
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        return environment

    yield take
    _forget()


def _forget() -> None:
    # Containers keep settings, adapters and clients; this process plays one container after the other.
    from paycenter.adapters import aws  # noqa: PLC0415 - tests without AWS need not load boto3
    from paycenter.bootstrap import adapters  # noqa: PLC0415 - the same
    from paycenter.settings import settings  # noqa: PLC0415 - the same

    for cached in (settings, adapters, aws.client):
        cached.cache_clear()


def _guarded(original: Callable[..., Any]) -> Callable[..., Any]:
    def connect(self: socket.socket, address: Any) -> Any:  # noqa: ANN401 - as the standard library has it
        if self.family in {socket.AF_INET, socket.AF_INET6} and not _is_loopback(address[0]):
            raise NetworkRefusedError(f"a test reached for {address[0]}")
        return original(self, address)

    return connect


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
