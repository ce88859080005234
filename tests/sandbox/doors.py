"""A door on a free port in front of functions that a test plays itself."""

import asyncio
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn

from sandbox.door.app import Door
from sandbox.door.routes import Route


@dataclass
class PlayedFunctions:
    """Answers with what the test says, and remembers the events and how many calls ran at once."""

    answer: Callable[[dict[str, Any]], Any]
    events: list[dict[str, Any]] = field(default_factory=list)
    pause_seconds: float = 0.0
    running: int = 0
    most_at_once: int = 0

    async def invoke(self, function: str, payload: bytes) -> Any:  # noqa: ANN401 - any JSON
        event = json.loads(payload)
        self.events.append({"function": function, **event})
        self.running += 1
        self.most_at_once = max(self.most_at_once, self.running)
        try:
            await asyncio.sleep(self.pause_seconds)
            return json.loads(json.dumps(self.answer(event)))
        finally:
            self.running -= 1


def route(key: str, timeout_seconds: float = 30.0) -> Route:
    """Return a route whose function is called like the route."""
    method, _, path = key.partition(" ")
    return Route(method=method, path=path, function=key, timeout_seconds=timeout_seconds)


@contextmanager
def open_door(routes: Sequence[Route], functions: Any) -> Iterator[str]:  # noqa: ANN401 - an Invoker
    """Serve a door as `python -m sandbox.door` does, and yield its address."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        Door(routes, functions), proxy_headers=False, server_header=False, log_level="error"
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.005)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)
        listener.close()
