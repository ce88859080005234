"""Where the sandbox's programs listen, all on the loopback."""

import socket
from collections.abc import Mapping
from functools import cache
from typing import Final, Self

from sandbox.emulator import LOOPBACK
from sandbox.simulator.description import simulators

_SYSTEM: Final = {"emulator": 4566, "door": 8080, "shop": 8081}


@cache
def usual_ports() -> Mapping[str, int]:
    """Return the usual port of each program by its name: the system's own, then each simulator's."""
    return _SYSTEM | {about.name: about.port for about in simulators()}


class Ports:
    """One port per program; the usual ones but for those that are given by name (TypeError for no program's name)."""

    def __init__(self, **given: int) -> None:
        if unknown := given.keys() - usual_ports().keys():
            raise TypeError(f"no such programs: {', '.join(sorted(unknown))}")
        self._ports = {**usual_ports(), **given}

    def __getitem__(self, name: str) -> int:
        return self._ports[name]

    def url(self, name: str) -> str:
        """Return the address of one of the programs."""
        return f"http://{LOOPBACK}:{self._ports[name]}"

    def taken(self) -> list[tuple[str, int]]:
        """Return name and port of each program whose port another program has."""
        return [(name, port) for name, port in self._ports.items() if not is_free(port)]

    @classmethod
    def usual_or_free(cls) -> Self:
        """Return the usual ports where nobody has them, others that are free where somebody has."""
        usual = usual_ports().items()
        return cls(**{name: port if is_free(port) else free_port() for name, port in usual})


def free_port() -> int:
    """Return a port that is free at this moment."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def is_free(port: int) -> bool:
    """Tell whether a program could listen on this port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True
