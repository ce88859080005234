"""Where the sandbox's programs listen, all on the loopback."""

import socket
from dataclasses import dataclass, fields
from typing import Self

from sandbox.emulator import LOOPBACK


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """One port per program; the usual ones by default."""

    emulator: int = 4566
    door: int = 8080
    shop: int = 8081
    alipay: int = 8082

    def url(self, name: str) -> str:
        """Return the address of one of the programs."""
        return f"http://{LOOPBACK}:{getattr(self, name)}"

    def taken(self) -> list[tuple[str, int]]:
        """Return name and port of each program whose port another program has."""
        ports = [(entry.name, getattr(self, entry.name)) for entry in fields(self)]
        return [(name, port) for name, port in ports if not is_free(port)]

    @classmethod
    def usual_or_free(cls) -> Self:
        """Return the usual ports where nobody has them, others that are free where somebody has."""
        usual = cls()
        return cls(
            **{
                entry.name: port if is_free(port := getattr(usual, entry.name)) else free_port()
                for entry in fields(cls)
            }
        )


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
