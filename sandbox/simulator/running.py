"""A simulator inside a test's own process, on a free port, with a small client for its control interface."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self

import httpx

from sandbox.business_clock import BusinessClock, Clock
from sandbox.serving import serving_in_thread
from sandbox.simulator.app import build_app
from sandbox.simulator.channel import Channel
from sandbox.simulator.faults import NEXT_TRADE
from sandbox.simulator.payer import PASSWORD
from sandbox.simulator.world import World

CONTROL_LIMIT_SECONDS = 15.0


class SimulatorControl:
    """What a test asks of a running simulator; every method is an HTTP request and raises on an error status."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._client = httpx.Client(base_url=url, timeout=CONTROL_LIMIT_SECONDS, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def trade(self, number: str) -> dict[str, object]:
        """Return the simulator's view of one trade."""
        return self._json("GET", f"/sandbox/trades/{number}")

    def trades(self) -> list[dict[str, object]]:
        """All trades, newest first."""
        trades: list[dict[str, object]] = (
            self._client.get("/sandbox/trades").raise_for_status().json()["trades"]
        )
        return trades

    def calls(self) -> dict[str, object]:
        """Return counts of calls: ``counts``, ``by_trade``, ``refused``."""
        return self._json("GET", "/sandbox/calls")

    def ledger(self) -> dict[str, object]:
        """Return sums of the books in fen."""
        return self._json("GET", "/sandbox/ledger")

    def arm(
        self, fault: str, number: str = NEXT_TRADE, times: int | None = None, method: str = ""
    ) -> None:
        """Arm a fault; ``times`` 0 is for ever, None the fault's own default."""
        body: dict[str, object] = {"out_trade_no": number, "fault": fault, "method": method}
        self._json("POST", "/sandbox/faults", body if times is None else body | {"times": times})

    def clear(self, number: str = NEXT_TRADE) -> None:
        """Disarm every fault of a trade."""
        self.arm("clear", number)

    def book(self, number: str) -> dict[str, object]:
        """Money arrives, even though the trade is closed."""
        return self._json("POST", f"/sandbox/trades/{number}/pay")

    def send_odd(self, number: str, fault: str) -> dict[str, object]:
        """Send one faulty callback at once and say what was answered."""
        return self._json("POST", f"/sandbox/trades/{number}/callbacks", {"fault": fault})

    def rotate_keys(self) -> dict[str, object]:
        """Let the channel sign with another key; return what is public about it."""
        return self._json("POST", "/sandbox/keys/rotate")

    def pay(self, page_url: str, password: str = PASSWORD) -> httpx.Response:
        """Do as the payer: open the page (a channel's address, ``/pay`` or ``/qr``) and submit its form, unfollowed."""
        page = self._client.get(page_url, follow_redirects=True).raise_for_status()
        return self._client.post(page.url, data={"password": password})

    def close(self) -> None:
        """Give back the connections."""
        self._client.close()

    def _json(
        self, verb: str, path: str, body: dict[str, object] | None = None
    ) -> dict[str, object]:
        answer: dict[str, object] = (
            self._client.request(verb, path, json=body).raise_for_status().json()
        )
        return answer


@contextmanager
def running_simulator(channel: Channel, clock: Clock | None = None, port: int = 0) -> Iterator[str]:
    """Run a simulator in a thread of this process while the block lasts; yields its address, for a control's use."""
    world = World(clock or BusinessClock(), channel)
    with serving_in_thread(build_app(world), port=port) as url:
        yield url
