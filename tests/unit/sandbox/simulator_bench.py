"""One simulator without a network, for the unit tests of any channel, in a time that the test turns."""

import asyncio
from collections.abc import Coroutine, Mapping
from typing import Any

import httpx

from sandbox.business_clock import beijing_moment
from sandbox.simulator.app import build_app
from sandbox.simulator.channel import Channel
from sandbox.simulator.world import World

NOON = beijing_moment("2026-01-01 12:00:00")
NUMBER = "ABCDEFGHIJKLMNOPQRSTUVWXYZP01"
NOTIFY_URL, RETURN_URL = "http://pay.example/notify", "http://pay.example/return?kept=1"


class FakeClock:
    """Business time that stands still until a test turns it."""

    def __init__(self, now: float = NOON) -> None:
        self.moment = now

    def now(self) -> float:
        return self.moment

    def real_seconds(self, business_seconds: float) -> float:
        return business_seconds


class SimulatorBench:
    """Requests go straight in; callbacks come straight back, to be answered from ``callback_answers``."""

    accepted = httpx.Response(200, text="success")

    def __init__(self, channel: Channel) -> None:
        self.clock = FakeClock()
        self.received: list[httpx.Request] = []
        self.callback_answers: list[httpx.Response | httpx.TransportError] = []
        self._runner = asyncio.Runner()
        client = httpx.AsyncClient(transport=httpx.MockTransport(self._receive))
        self.world = World(self.clock, channel, client)
        transport = httpx.ASGITransport(build_app(self.world))
        address = f"http://{channel.name}.example"
        self._browser = httpx.AsyncClient(transport=transport, base_url=address)

    def close(self) -> None:
        self.run(self._browser.aclose())
        self.run(self.world.client.aclose())
        self._runner.close()

    def run[T](self, work: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(work)

    def get(
        self,
        path: str,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        return self.run(self._browser.get(path, params=params, headers=headers))

    def post(
        self,
        path: str,
        *,
        params: dict[str, str] | None = None,
        data: dict[str, str] | None = None,
        json: object = None,
        content: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:
        return self.run(
            self._browser.post(
                path, params=params, data=data, json=json, content=content, headers=headers
            )
        )

    def pay(self, page: httpx.Response | str, password: str = "123456") -> httpx.Response:
        """Submit the password on a page of the payer: its path, or the redirect that leads there."""
        path = page if isinstance(page, str) else page.headers["location"]
        return self.post(path, data={"password": password})

    def pass_time(self, seconds: float) -> None:
        """Turn the clock, doing everything that falls due in its own moment."""
        target, agenda = self.clock.moment + seconds, self.world.agenda
        while agenda.next_due is not None and agenda.next_due <= target:
            self.clock.moment = max(self.clock.moment, agenda.next_due)
            self.run(agenda.run_due())
        self.clock.moment = target

    def arm(
        self, fault: str, number: str = NUMBER, times: int | None = None, method: str = ""
    ) -> None:
        body = {"out_trade_no": number, "fault": fault, "method": method, "times": times}
        assert self.post("/sandbox/faults", json=body).status_code == 200

    def view(self, number: str = NUMBER) -> dict[str, Any]:
        view: dict[str, Any] = self.get(f"/sandbox/trades/{number}").json()
        return view

    def outcomes(self) -> list[str]:
        """Return what came of each attempt of the one notice of the one trade."""
        (notice,) = self.view()["callbacks"]
        return [attempt["outcome"] for attempt in notice["attempts"]]

    def _receive(self, request: httpx.Request) -> httpx.Response:
        self.received.append(request)
        answer = self.callback_answers.pop(0) if self.callback_answers else None
        if isinstance(answer, httpx.TransportError):
            raise answer
        return answer or self.accepted
