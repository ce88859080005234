"""The sandbox's own front door before handlers of this process: requests as they arrive, answers as they leave."""

import asyncio
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from sandbox.door.app import Door, Message
from sandbox.serving import serving_in_thread
from tests.functional import blueprint
from tests.functional.bench import Bench

if TYPE_CHECKING:
    from starlette.applications import Starlette


@dataclass(frozen=True)
class InProcess:
    """Runs functions on the workbench, one after the other."""

    bench: Bench

    async def invoke(self, function: str, payload: bytes) -> Any:  # noqa: ANN401 - as the door has it
        return await asyncio.to_thread(self.bench.invoke, function, json.loads(payload))


def door_of(bench: Bench) -> Door:
    return Door(blueprint.routes(), InProcess(bench))


@contextmanager
def open_door(bench: Bench) -> Iterator[str]:
    """Listen on a free port and make its address the system's public one, while this lasts."""
    # Any ASGI application can be served; the helper only says what the sandbox serves.
    with serving_in_thread(cast("Starlette", door_of(bench))) as url:
        bench.overrides["PUBLIC_URL"] = url
        yield url
    del bench.overrides["PUBLIC_URL"]


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


def ask(
    bench: Bench,
    method: str,
    target: str,
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """Send one request whose target no client library has tidied up."""
    path, _, query = target.partition("?")
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode("latin-1"),
        "query_string": query.encode("latin-1"),
        "headers": [
            (name.encode("latin-1"), value.encode("latin-1"))
            for name, value in (headers or {}).items()
        ],
        "http_version": "1.1",
        "client": ("203.0.113.7", 40_000),
        "server": ("127.0.0.1", 8080),
    }
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(door_of(bench)(scope, receive, send))
    start, rest = sent
    found = {name.decode("latin-1"): value.decode("latin-1") for name, value in start["headers"]}
    return Answer(start["status"], found, rest["body"])
