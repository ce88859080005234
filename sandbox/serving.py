"""How a sandbox program listens: on one checked address in the foreground, or in a thread on a free port for tests."""

import asyncio
import signal
import socket
import sys
import threading
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.applications import Starlette

START_LIMIT_SECONDS = 10.0
STOP_LIMIT_SECONDS = 5.0


def add_common_flags(parser: ArgumentParser, port: int) -> None:
    """Add the flags that every sandbox program understands: address, and the clock shared by all of them."""
    parser.add_argument(
        "--host", default="127.0.0.1", help="address to listen on (default: %(default)s)"
    )
    parser.add_argument(
        "--port", type=int, default=port, help="port to listen on (default: %(default)s)"
    )
    parser.add_argument(
        "--clock-rate", type=float, default=1.0, help="business seconds per real second"
    )
    parser.add_argument(
        "--clock-anchor", type=float, default=0.0, help="epoch second at which both clocks agree"
    )


def serve(app: Starlette, name: str, host: str, port: int) -> int:
    """Serve until SIGINT or SIGTERM and return the exit code: 0, or 2 when the address can't be had."""
    try:
        listener = listen(host, port)
    except OSError as error:
        print(
            f"{name} cannot listen on {host}:{port} ({error.strerror}): choose another with --port.",
            file=sys.stderr,
        )
        return 2
    server = _server(app)
    # Before the address is told: whoever reads it may send the signal at once.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, server.handle_exit)
    print(f"{name}: http://{host}:{listener.getsockname()[1]}", flush=True)
    with listener:
        asyncio.run(server.serve(sockets=[listener]))
    return 0 if server.started else 1


@contextmanager
def serving_in_thread(app: Starlette, host: str = "127.0.0.1", port: int = 0) -> Iterator[str]:
    """Serve from a background thread and yield the base address; port 0 picks a free one. Stops on leaving."""
    listener = listen(host, port)
    server = _server(app)
    thread = threading.Thread(
        target=lambda: asyncio.run(server.serve(sockets=[listener])), daemon=True
    )
    thread.start()
    try:
        _wait_until_started(server, thread)
        yield f"http://{host}:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(STOP_LIMIT_SECONDS)
        listener.close()


def listen(host: str, port: int) -> socket.socket:
    """Return a bound socket; OSError when the address is taken or not ours."""
    # Named as TCP, or asyncio leaves Nagle's algorithm on and every answer waits 40 ms for an acknowledgement.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    # A restarted sandbox must not wait for the last one's connections in TIME_WAIT.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError:
        listener.close()
        raise
    return listener


class _Server(uvicorn.Server):
    """uvicorn raises the caught signal again after a clean stop, which a supervisor would read as a crash."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _server(app: Starlette) -> uvicorn.Server:
    # A connection held on purpose (the timeout faults) must not hold up the stop.
    return _Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1))


def _wait_until_started(server: uvicorn.Server, thread: threading.Thread) -> None:
    limit = time.monotonic() + START_LIMIT_SECONDS
    while not server.started:
        if not thread.is_alive() or time.monotonic() > limit:
            raise RuntimeError("the program did not start")
        time.sleep(0.005)
