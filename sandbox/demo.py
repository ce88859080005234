"""`make demo`: orders through their lives, and every way to pay, each step observed from outside and said in words.

What is observed: HTTP answers of the system and of the simulated channel, and what the business line's inbox received.
Nothing is read from the store. Exit status 0 means that every step was seen.
"""

import sys
import time
from collections.abc import Callable
from typing import Any, Final

import httpx

from sandbox.onlooker import AMOUNT_FEN, CHANNEL, Addresses, NotSeenError, Story, World
from sandbox.payer import PASSWORD, Payer
from sandbox.ways import WAYS, Way

_DEADLINE_SECONDS: Final = 1800

type Tell = Callable[[], None]


def run(addresses: Addresses) -> int:
    """Tell the four stories against a running sandbox; 0 when every step was seen, else 1 with what was missing."""
    story = Story()
    started = time.monotonic()
    with httpx.Client(timeout=30, trust_env=False) as client:
        world = World(addresses, client)
        run_id = f"{int(time.time()):x}"
        waiting: dict[str, tuple[str, str]] = {}
        stories: list[tuple[str, Tell]] = [
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
            *(
                (
                    f"Paid with {way.channel} {way.product}.",
                    lambda way=way: pay_by(story, world, way, f"DEMO-{run_id}-{way.name}"),
                )
                for way in WAYS
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


def pay_by(story: Story, world: World, way: Way, number: str) -> None:
    """Pay an order in one way, from the cashier's page to the business line's news; raises NotSeenError."""
    order = story.see("created", lambda: world.create(number, f"Paid with {way.name}"))
    payer = Payer(way.agent)
    payer.open(order["cashier_url"])
    choice = story.see("the cashier page offers it", lambda: payer.form(fields=way.fields))
    payer.submit(choice)
    at_the_channel = way.evoke(payer, world.addresses.channels[way.channel])
    form = story.see(
        "the channel's own page asks for the password", lambda: at_the_channel.form("pay-form")
    )
    at_the_channel.submit(form, password=PASSWORD)
    # Some channels post the payer's browser back, across sites.
    if leaving := at_the_channel.form("leave-form"):
        at_the_channel.submit(leaving)
    paid = story.see("the order is PAID", lambda: world.in_state(order["id"], "PAID"))
    payment = paid["payment"]
    story.see(
        "by this very product",
        lambda: (payment["channel"], payment["product"]) == (way.channel, way.product),
    )
    story.see(
        "the callback was verified and acknowledged",
        lambda: _acknowledged(world.trade(payment["payment_no"], way.channel)),
    )
    story.see(
        "the business line was notified, its signature check passed",
        lambda: world.told(order["id"], "order.paid"),
    )
    payer.close()
    at_the_channel.close()


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
        "Alipay shows its own cashier",
        lambda: payer.address.startswith(world.addresses.channels[CHANNEL]),
    )
    payment_no = httpx.Response(200, text=form.fields["biz_content"]).json()["out_trade_no"]
    return payer, payment_no


def _pay(
    story: Story, payer: Payer, payment_no: str, world: World, *, come_back: bool = True
) -> None:
    form = story.see("it asks for the password", lambda: payer.form("pay-form"))
    payer.submit(form, password=PASSWORD) if come_back else _pay_and_leave(payer, form.action)
    story.see("paid at the channel", lambda: world.trade(payment_no).get("paid_fen") == AMOUNT_FEN)


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
    return owed == [(f"{payment_no}D", AMOUNT_FEN, "REQUESTED")]
