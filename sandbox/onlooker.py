"""What an onlooker of the sandbox sees: HTTP answers of its programs, looked at until something is there.

Nothing is read from the store.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import httpx

from sandbox.shop.lines import LINES

AMOUNT_FEN: Final = 12800
# The channel whose trades are looked at unless another one is named.
CHANNEL: Final = "alipay"
_LINE: Final = LINES["tickets"].id
_POLL_SECONDS: Final = 0.2
_PROGRESS_SECONDS: Final = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """Where the sandbox is."""

    door: str
    shop: str
    channels: Mapping[str, str]
    rate: int


class NotSeenError(Exception):
    """A step was not observed; the order's story can't go on."""


@dataclass(slots=True)
class Story:
    """Says what happens, waits for what must happen, and remembers what did not."""

    missing: list[str] = field(default_factory=list)
    seen: int = 0

    def chapter(self, title: str) -> None:
        """Begin an order's story."""
        print(f"\n{title}")

    def see[T](self, what: str, look: Callable[[], T | None], seconds: float = 20.0) -> T:
        """Look until something is there, and say it; raises NotSeenError after `seconds`."""
        started = said = time.monotonic()
        while True:
            found = look()
            now = time.monotonic()
            if found:
                self.seen += 1
                print(f"  ✓ {what}  ({now - started:.1f} s)")
                return found
            if now - started > seconds:
                self.missing.append(what)
                print(f"  ✗ {what}: not seen within {seconds:.0f} s")
                raise NotSeenError(what)
            if now - said > _PROGRESS_SECONDS:
                print(f"    … waiting: {what} ({now - started:.0f} s)")
                said = now
            time.sleep(_POLL_SECONDS)


@dataclass(slots=True)
class World:
    """What an onlooker can reach."""

    addresses: Addresses
    client: httpx.Client

    def create(self, out_order_no: str, subject: str) -> dict[str, Any] | None:
        """Create an order of the scenic tickets line; None where it was not answered with 201."""
        answer = self.client.post(
            f"{self.addresses.door}/v1/orders",
            headers=self._key(),
            json={
                "out_order_no": out_order_no,
                "amount": AMOUNT_FEN,
                "currency": "CNY",
                "subject": subject,
                "return_url": f"{self.addresses.shop}/lines/{_LINE}/return/{out_order_no}",
                "information": [
                    {"label": "Visitor", "value": "Li Lei"},
                    {"label": "Day", "value": "tomorrow"},
                ],
            },
        )
        return answer.json() if answer.status_code == httpx.codes.CREATED else None

    def order(self, order_id: str) -> dict[str, Any]:
        """Return the order as its business line sees it."""
        answer = self.client.get(f"{self.addresses.door}/v1/orders/{order_id}", headers=self._key())
        return dict(answer.json())

    def in_state(self, order_id: str, state: str) -> dict[str, Any] | None:
        """Return the order if it is in this state."""
        order = self.order(order_id)
        return order if order.get("state") == state else None

    def trade(self, payment_no: str, channel: str = CHANNEL) -> dict[str, Any]:
        """Return the trade as the channel sees it; empty where it has none."""
        simulator = self.addresses.channels[channel]
        answer = self.client.get(f"{simulator}/sandbox/trades/{payment_no}")
        return dict(answer.json()) if answer.status_code == httpx.codes.OK else {}

    def told(self, order_id: str, event_type: str) -> dict[str, Any] | None:
        """Return the verified notification of this type that the business line received, or None."""
        inbox = self.client.get(
            f"{self.addresses.shop}/inbox.json", params={"line": _LINE, "order": order_id}
        ).json()
        told = [m for m in inbox["messages"] if m["verified"] and m["type"] == event_type]
        return dict(told[0]) if told else None

    def fault(self, payment_no: str, fault: str) -> None:
        """Let the channel misbehave for one payment."""
        self.client.post(
            f"{self.addresses.channels[CHANNEL]}/sandbox/faults",
            json={"out_trade_no": payment_no, "fault": fault},
        ).raise_for_status()

    def pay_although_closed(self, payment_no: str) -> None:
        """Let the channel book money for a trade that it has closed."""
        self.client.post(
            f"{self.addresses.channels[CHANNEL]}/sandbox/trades/{payment_no}/pay"
        ).raise_for_status()

    @staticmethod
    def _key() -> dict[str, str]:
        return {"authorization": f"Bearer {LINES[_LINE].api_key}"}
