"""Carries connections from an address where a container looks to the loopback where the sandbox listens.

It runs at both ends. Inside a function's container it is the wrapper that Lambda starts the runtime through
(`AWS_LAMBDA_EXEC_WRAPPER`): it listens on the container's own loopback, so that every address of the sandbox, those in
its configuration among them, is right there too. Outside it listens on the bridge's gateway, where containers find
this machine. Nothing but the standard library: the container has no more.
"""

import contextlib
import os
import socket
import sys
import threading
from collections.abc import Sequence

TARGET_VARIABLE = "PAYCENTER_LOCALHOST"
_LOOPBACK = "127.0.0.1"
_PIECE_BYTES = 65536
_CONNECT_LIMIT_SECONDS = 10.0


def listen(host: str, ports: Sequence[int]) -> list[socket.socket]:
    """Listen on those ports that nobody has yet; raises OSError where the address is not this machine's.

    A port that is taken there is relayed already.
    """
    with socket.socket() as probe:
        probe.bind((host, 0))
    listeners = []
    for port in ports:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
            listener.listen(128)
        except OSError:
            listener.close()
        else:
            listeners.append(listener)
    return listeners


def relay(listener: socket.socket, target: str) -> None:
    """Carry each connection to the same port of `target`, until the listener is shut."""
    port = listener.getsockname()[1]
    while True:
        try:
            near, _ = listener.accept()
        except OSError:
            return
        threading.Thread(target=_carry, args=(near, (target, port)), daemon=True).start()


def relay_in_threads(listeners: Sequence[socket.socket], target: str) -> list[threading.Thread]:
    """Relay all of them in the background; shutting a listener ends its thread."""
    threads = [
        threading.Thread(target=relay, args=(listener, target), daemon=True)
        for listener in listeners
    ]
    for thread in threads:
        thread.start()
    return threads


def shut(listener: socket.socket) -> None:
    """End a relay: closing alone would leave its thread waiting."""
    with contextlib.suppress(OSError):
        listener.shutdown(socket.SHUT_RDWR)
    listener.close()


def _carry(near: socket.socket, target: tuple[str, int]) -> None:
    with near:
        try:
            far = socket.create_connection(target, timeout=_CONNECT_LIMIT_SECONDS)
        except OSError:
            return
        with far:
            far.settimeout(None)
            back = threading.Thread(target=_pump, args=(far, near), daemon=True)
            back.start()
            _pump(near, far)
            back.join()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while piece := source.recv(_PIECE_BYTES):
            sink.sendall(piece)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


def main(command: list[str]) -> None:
    """Become the runtime's command; a process of its own relays the ports that the environment names."""
    host, _, ports = os.environ.get(TARGET_VARIABLE, "").partition(":")
    listeners = listen(_LOOPBACK, [int(port) for port in ports.split(",") if port])
    if listeners and os.fork() == 0:
        os.setsid()
        # The runtime's output ends when the runtime does, whoever else inherited it.
        nowhere = os.open(os.devnull, os.O_RDWR)
        for standard in range(3):
            os.dup2(nowhere, standard)
        for thread in relay_in_threads(listeners, host):
            thread.join()
    for listener in listeners:
        listener.close()
    os.execv(command[0], command)  # noqa: S606 - no shell is wanted


if __name__ == "__main__":
    main(sys.argv[1:])
