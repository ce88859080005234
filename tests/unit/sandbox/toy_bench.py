"""A merchant of the made-up channel."""

import json

import httpx

from tests.unit.sandbox.simulator_bench import NOTIFY_URL, NUMBER, SimulatorBench
from tests.unit.sandbox.toy_channel import Toy


class ToyBench(SimulatorBench):
    """Calls it, and reads what it tells."""

    def __init__(self, channel: Toy | None = None) -> None:
        super().__init__(channel or Toy())

    def call(self, method: str, number: str = NUMBER, **fields: object) -> httpx.Response:
        return self.post(f"/toy/{method}", json={"number": number, **fields})

    def create(self, number: str = NUMBER, **fields: object) -> str:
        """Order a toy for 5 yuan; return the payer's page."""
        order = {"amount": 500, "notify_url": NOTIFY_URL, **fields}
        page: str = self.call("create", number, **order).json()["pay"]
        return page

    def state(self, number: str = NUMBER) -> str:
        state: str = self.call("query", number).json()["state"]
        return state

    def told(self) -> list[dict[str, object]]:
        """Bring all that is due now, and return every callback so far."""
        self.pass_time(0)
        return [json.loads(request.content) for request in self.received]
