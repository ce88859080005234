"""`make demo`: four orders through their lives, each step observed from outside, and said in words.

What is observed: HTTP answers of the system and of the simulated channel, and what the business line's inbox received.
Nothing is read from the store. Exit status 0 means that every step was seen.
"""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import httpx

from sandbox.payer import Payer
from sandbox.shop.lines import LINES

PASSWORD: Final = "123456"  # noqa: S105 - the sandbox shows it on the page
_AMOUNT_FEN: Final = 12800
_LINE: Final = LINES["tickets"].id
_POLL_SECONDS: Final = 0.2
_PROGRESS_SECONDS: Final = 2.0
_DEADLINE_SECONDS: Final = 1800


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """Where the sandbox is."""

    door: str
    shop: str
    alipay: str
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
                "amount": _AMOUNT_FEN,
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

    def trade(self, payment_no: str) -> dict[str, Any]:
        """Return the trade as the channel sees it; empty where it has none."""
        answer = self.client.get(f"{self.addresses.alipay}/sandbox/trades/{payment_no}")
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
            f"{self.addresses.alipay}/sandbox/faults",
            json={"out_trade_no": payment_no, "fault": fault},
        ).raise_for_status()

    def pay_although_closed(self, payment_no: str) -> None:
        """Let the channel book money for a trade that it has closed."""
        self.client.post(
            f"{self.addresses.alipay}/sandbox/trades/{payment_no}/pay"
        ).raise_for_status()

    @staticmethod
    def _key() -> dict[str, str]:
        return {"authorization": f"Bearer {LINES[_LINE].api_key}"}


def run(addresses: Addresses) -> int:
    """Tell the four stories against a running sandbox; 0 when every step was seen, else 1 with what was missing."""
    story = Story()
    started = time.monotonic()
    with httpx.Client(timeout=30, trust_env=False) as client:
        world = World(addresses, client)
        run_id = f"{int(time.time()):x}"
        waiting: dict[str, tuple[str, str]] = {}
        stories: list[tuple[str, Callable[[], None]]] = [
            (
                "Orders 3 and 4: opened at the channel, and left unpaid for now.",
                lambda: _leave(story, world, run_id, waiting),
            ),
            (
                "Order 1: paid, called back, notified.",
                lambda: pay_an_order(story, world, f"DEMO-{run_id}-1"),
            ),
            (
                "Order 2: paid, its callback lost; the active query finds the money.",
                lambda: _lost(story, world, f"DEMO-{run_id}-2"),
            ),
            ("Order 3: closed at its deadline.", lambda: _closed(story, world, *waiting["3"])),
            ("Order 4: paid after its close.", lambda: _late(story, world, *waiting["4"])),
        ]
        for title, tell in stories:
            story.chapter(title)
            try:
                tell()
            except NotSeenError:
                continue
            except (KeyError, ValueError, httpx.HTTPError) as error:
                # An answer of another shape is as little seen as none.
                story.missing.append(f"{title} ({type(error).__name__}: {error})")
                print(f"  ✗ {type(error).__name__}: {error}")
    return _end(story, time.monotonic() - started)


def _end(story: Story, seconds: float) -> int:
    if story.missing:
        print(f"\nNot seen: {'; '.join(story.missing)}.", file=sys.stderr)
        return 1
    print(f"\nAll {story.seen} steps were seen from outside, in {seconds:.0f} s.")
    return 0


def _leave(story: Story, world: World, run_id: str, waiting: dict[str, tuple[str, str]]) -> None:
    for number in ("3", "4"):
        order = _created(story, world, f"DEMO-{run_id}-{number}", "Ticket that nobody pays in time")
        payer, payment_no = _choose(story, order, world)
        payer.close()
        _trade_in(story, world, payment_no, "WAIT_BUYER_PAY", "the channel has the trade, unpaid")
        waiting[number] = (order["id"], payment_no)


def _trade_in(story: Story, world: World, payment_no: str, status: str, what: str) -> None:
    story.see(what, lambda: world.trade(payment_no).get("status") == status)


def pay_an_order(story: Story, world: World, number: str) -> None:
    """Take an order from its creation to the notification of its payment; raises NotSeenError."""
    order = _created(story, world, number, "Scenic area, adult ticket")
    payer, payment_no = _choose(story, order, world)
    _pay(story, payer, payment_no, world)
    story.see(
        "the callback was verified and acknowledged", lambda: _acknowledged(world.trade(payment_no))
    )
    paid = story.see("the order is PAID", lambda: world.in_state(order["id"], "PAID"))
    story.see("paid by this very payment", lambda: paid["payment"]["payment_no"] == payment_no)
    story.see(
        "the business line was notified, its signature check passed",
        lambda: world.told(order["id"], "order.paid"),
    )
    payer.open(order["cashier_url"])
    story.see("the cashier page leads back to the shop", lambda: f"/return/{number}" in payer.html)
    payer.close()


def _lost(story: Story, world: World, number: str) -> None:
    order = _created(story, world, number, "Scenic area, child ticket")
    payer, payment_no = _choose(story, order, world)
    world.fault(payment_no, "lose_callbacks")
    # This payer closes the browser: not even the return tells us.
    _pay(story, payer, payment_no, world, come_back=False)
    payer.close()
    story.see(
        "the query ladder found the money: PAID", lambda: world.in_state(order["id"], "PAID"), 60
    )
    story.see(
        "although no callback was ever delivered",
        lambda: not _acknowledged(world.trade(payment_no)),
    )
    story.see("the business line was notified", lambda: world.told(order["id"], "order.paid"))


def _closed(story: Story, world: World, order_id: str, payment_no: str) -> None:
    wait = _DEADLINE_SECONDS / world.addresses.rate + 30
    story.see(
        "CLOSED at its deadline of 30 minutes", lambda: world.in_state(order_id, "CLOSED"), wait
    )
    _trade_in(story, world, payment_no, "TRADE_CLOSED", "closed at the channel too")
    story.see("the business line was told", lambda: world.told(order_id, "order.closed"))


def _late(story: Story, world: World, order_id: str, payment_no: str) -> None:
    wait = _DEADLINE_SECONDS / world.addresses.rate + 30
    story.see("CLOSED at its deadline", lambda: world.in_state(order_id, "CLOSED"), wait)
    world.pay_although_closed(payment_no)
    order = story.see(
        "the late money is an exception", lambda: _with_exception(world.order(order_id))
    )
    story.see("the order stays CLOSED", lambda: order["state"] == "CLOSED")
    story.see("its automatic refund is owed", lambda: _refund_owed(order, payment_no))


def _created(story: Story, world: World, number: str, subject: str) -> dict[str, Any]:
    order = story.see("created", lambda: world.create(number, subject))
    print(f"    cashier: {order['cashier_url']}")
    return order


def _choose(story: Story, order: dict[str, Any], world: World) -> tuple[Payer, str]:
    payer = Payer()
    payer.open(order["cashier_url"])
    choice = story.see(
        "the cashier page offers Alipay",
        lambda: payer.form(fields={"channel": "alipay", "product": "page"}),
    )
    payer.submit(choice)
    form = story.see(
        "Alipay chosen: a signed form for its gateway", lambda: payer.form("channel-form")
    )
    payer.submit(form)
    story.see(
        "Alipay shows its own cashier", lambda: payer.address.startswith(world.addresses.alipay)
    )
    payment_no = httpx.Response(200, text=form.fields["biz_content"]).json()["out_trade_no"]
    return payer, payment_no


def _pay(
    story: Story, payer: Payer, payment_no: str, world: World, *, come_back: bool = True
) -> None:
    form = story.see("it asks for the password", lambda: payer.form("pay-form"))
    payer.submit(form, password=PASSWORD) if come_back else _pay_and_leave(payer, form.action)
    story.see("paid at the channel", lambda: world.trade(payment_no).get("paid_fen") == _AMOUNT_FEN)


def _pay_and_leave(payer: Payer, action: str) -> None:
    # The form is sent, the redirect that follows is not.
    target = httpx.URL(payer.address).join(action)
    httpx.post(
        target, data={"password": PASSWORD}, follow_redirects=False, trust_env=False, timeout=30
    )


def _acknowledged(trade: dict[str, Any]) -> bool:
    return any(notice["acknowledged"] for notice in trade.get("callbacks", []))


def _with_exception(order: dict[str, Any]) -> dict[str, Any] | None:
    kinds = [raised["kind"] for raised in order.get("exceptions", [])]
    return order if kinds == ["LATE_PAYMENT"] else None


def _refund_owed(order: dict[str, Any], payment_no: str) -> bool:
    owed = [(refund["refund_no"], refund["amount"], refund["state"]) for refund in order["refunds"]]
    return owed == [(f"{payment_no}D", _AMOUNT_FEN, "REQUESTED")]
