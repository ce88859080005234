"""A business line's own server: remembers each notification as it came, and answers as the test says."""

import json
import threading
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from unittest.mock import patch

from standardwebhooks import Webhook

from sandbox.emulator import ROOT
from tests.functional.clock import TravellingClock


def webhook_secret(line: str) -> str:
    """Return the sandbox's secret of a business line."""
    configuration = tomllib.loads((ROOT / "sandbox" / "config.toml").read_text("utf-8"))
    secret: str = configuration["lines"][line]["webhook_secrets"][0]["text"]
    return secret


@dataclass(frozen=True)
class Letter:
    """One POST: where to, its headers by lower-case name, the bytes."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def webhook_id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def content(self) -> dict[str, Any]:
        content: dict[str, Any] = json.loads(self.body)
        return content

    def verify(self, secret: str, clock: TravellingClock) -> dict[str, Any]:
        """Check signature and age with the reference library of Standard Webhooks; raises where they do not hold.

        The library knows real time alone; it is told the business line's own.
        """

        class Then(datetime):
            @classmethod
            def now(cls, tz: tzinfo | None = None) -> "Then":
                return cls.fromtimestamp(clock.now(), tz)

        with patch("standardwebhooks.webhooks.datetime", Then):
            content: dict[str, Any] = Webhook(secret).verify(self.body, self.headers)
        return content


@dataclass
class Inbox:
    """What came, in order. `answers` are used up one by one; then it is 204 again."""

    url: str = ""
    letters: list[Letter] = field(default_factory=list)
    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)

    def about(self, order_id: str) -> list[Letter]:
        return [letter for letter in self.letters if letter.content["data"]["id"] == order_id]


@contextmanager
def open_inbox() -> Iterator[Inbox]:
    inbox = Inbox()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", "0")))
            headers = {name.lower(): value for name, value in self.headers.items()}
            inbox.letters.append(Letter(self.path, headers, body))
            status, more = inbox.answers.pop(0) if inbox.answers else (204, {})
            self.send_response(status)
            for name, value in more.items():
                self.send_header(name, value)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    inbox.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield inbox
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
