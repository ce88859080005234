"""A demo shop without a network, over a PayCenter that a test scripts, with notifications signed by hand."""

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import httpx

import sandbox
from sandbox.business_clock import BusinessClock
from sandbox.shop.app import build_app, read_secrets

CONFIGURATION = Path(sandbox.__path__[0]) / "config.toml"
NOW = 1_767_240_000
CASHIER_URL = "http://pay.example/cashier/token"


class StoppedClock(BusinessClock):
    """The shop's clock, standing at one moment."""

    def now(self) -> float:
        return NOW


def notification(number: str = "tickets-1", state: str = "PAID") -> bytes:
    order = {"id": "ID" + number, "out_order_no": number, "state": state, "amount": 12_800}
    return json.dumps({"type": "order.paid", "timestamp": "x", "data": order}).encode()


def signed(
    body: bytes, line: str = "tickets", *, webhook_id: str = "evt_1", timestamp: int = NOW
) -> dict[str, str]:
    """Standard Webhooks 1.0 headers, by the specification's own words and no library."""
    (secret,) = read_secrets(CONFIGURATION)[line]
    key = base64.b64decode(secret.removeprefix("whsec_"))
    text = f"{webhook_id}.{timestamp}.".encode() + body
    signature = base64.b64encode(hmac.digest(key, text, hashlib.sha256)).decode()
    return {
        "webhook-id": webhook_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": f"v1,{signature}",
        "content-type": "application/json",
    }


class ShopBench:
    """The shop's routes, and what it asked of PayCenter."""

    def __init__(self, rate: float = 1.0) -> None:
        self.asked: list[httpx.Request] = []
        self.answers: list[httpx.Response | httpx.TransportError] = []
        self._runner = asyncio.Runner()
        self._paycenter = httpx.AsyncClient(transport=httpx.MockTransport(self._answer))
        secrets = read_secrets(CONFIGURATION)
        clock = StoppedClock(rate=rate)
        app = build_app(clock, "http://paycenter.example/", secrets, self._paycenter)
        transport = httpx.ASGITransport(app)
        self._browser = httpx.AsyncClient(transport=transport, base_url="http://shop.example")

    def close(self) -> None:
        self.run(self._browser.aclose())
        self.run(self._paycenter.aclose())
        self._runner.close()

    def run[T](self, work: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(work)

    def get(self, path: str, params: dict[str, str] | None = None) -> httpx.Response:
        return self.run(self._browser.get(path, params=params))

    def post(
        self,
        path: str,
        *,
        data: dict[str, str] | None = None,
        json: object = None,
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:
        return self.run(self._browser.post(path, data=data, json=json, headers=headers))

    def notify(self, body: bytes, headers: dict[str, str], line: str = "tickets") -> httpx.Response:
        sent = httpx.Headers(headers, encoding="utf-8")
        return self.run(self._browser.post(f"/hooks/{line}", content=body, headers=sent))

    def messages(self, **narrowed: str) -> list[dict[str, Any]]:
        messages: list[dict[str, Any]] = self.get("/inbox.json", params=narrowed).json()["messages"]
        return messages

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, httpx.TransportError):
            raise answer
        return answer
