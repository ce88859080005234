"""The demo shop inside a test's own process, on a free port, with a small client for its inbox."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from sandbox.business_clock import BusinessClock
from sandbox.serving import serving_in_thread
from sandbox.shop.__main__ import CONFIGURATION
from sandbox.shop.app import build_app, read_secrets

CONTROL_LIMIT_SECONDS = 40.0


class ShopControl:
    """What a test asks of a running shop; every method is an HTTP request."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._client = httpx.Client(base_url=url, timeout=CONTROL_LIMIT_SECONDS, trust_env=False)

    def inbox(self, line: str = "", order: str = "") -> list[dict[str, object]]:
        """Return the received messages, oldest first."""
        answer = self._client.get("/inbox.json", params={"line": line, "order": order})
        messages: list[dict[str, object]] = answer.raise_for_status().json()["messages"]
        return messages

    def misbehave(self, line: str, status: int, times: int = 1, **options: object) -> None:
        """Answer a line's next notifications with that status; options ``delay_seconds``, ``headers``."""
        body = {"line": line, "status": status, "times": times, **options}
        self._client.post("/inbox/behaviour", json=body).raise_for_status()

    def buy(self, line: str, goods: str, **fields: object) -> httpx.Response:
        """Buy as a customer does; the answer redirects to the cashier, unfollowed."""
        return self._client.post(f"/lines/{line}/buy", json={"goods": goods, **fields})

    def close(self) -> None:
        """Give back the connections."""
        self._client.close()


@contextmanager
def running_shop(
    api_url: str,
    clock: BusinessClock | None = None,
    configuration: Path = CONFIGURATION,
    port: int = 0,
) -> Iterator[ShopControl]:
    """Run a shop in a thread of this process while the block lasts."""
    app = build_app(clock or BusinessClock(), api_url, read_secrets(configuration))
    with serving_in_thread(app, port=port) as url:
        control = ShopControl(url)
        try:
            yield control
        finally:
            control.close()
