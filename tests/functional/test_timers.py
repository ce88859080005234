"""Timers that come early, late, twice, or for what is not written yet; and what is asked when nobody can tell."""

from collections.abc import Mapping
from typing import Any, Final

import pytest

from paycenter.domain.states import OrderState, PaymentState
from tests.functional.actors import Line, moment_of
from tests.functional.bench import Bench, Sent
from tools.events.envelopes import BROWSER, Http, schedule
from tools.seed.orders import SEEDS
from tools.seed.story import AMOUNT_FEN, Deed, Seed, started
from tools.seed.writing import put, seed

pytestmark = pytest.mark.emulator

NOBODYS_ID: Final = "B" * 26
KINDS: Final[dict[str, dict[str, str]]] = {
    "query": {"payment_no": f"{NOBODYS_ID}P01"},
    "expire": {},
    "notify": {"event_id": f"{NOBODYS_ID}E01"},
}


def a_job(
    bench: Bench,
    kind: str,
    order_id: str,
    more: Mapping[str, object] | None = None,
    *,
    age: int = 0,
) -> Sent:
    now = int(bench.clock.now())
    job: dict[str, Any] = {
        "kind": kind,
        "order_id": order_id,
        "due_at": now - age,
        "sent_at": now - age,
    }
    return Sent(kind, {**job, **(more or {})})


@pytest.mark.parametrize("kind", KINDS)
def test_a_timer_may_come_before_the_write_it_guards(bench: Bench, kind: str) -> None:
    early = a_job(bench, kind, NOBODYS_ID, KINDS[kind])
    with bench.quiet_store():
        bench.deliver(early)
    (again,) = bench.outbox.take()
    assert (again.target, again.delay) == (kind, 5)
    assert again.job["sent_at"] == early.job["sent_at"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_timer_without_a_write_is_dropped_after_a_minute(bench: Bench, kind: str) -> None:
    with bench.quiet():
        bench.deliver(a_job(bench, kind, NOBODYS_ID, KINDS[kind], age=60))


def test_a_rung_that_comes_early_waits(bench: Bench) -> None:
    order = SEEDS["EVENT-RUNG-PAID"]
    seed(bench.system, [order.out_order_no])
    rung = a_job(bench, "query", order.order_id, {"payment_no": order.payment_no()}, age=-60)
    calls = bench.alipay.calls()
    bench.deliver(rung)
    (waiting,) = bench.outbox.take()
    assert waiting.job == rung.job
    assert 58 <= waiting.delay <= 60
    assert bench.alipay.calls() == calls


def test_money_of_another_amount_at_the_channel_books_nothing(bench: Bench) -> None:
    """I20 for the query: the channel says paid, but not what was asked for."""
    order = Seed(
        out_order_no="TIMER-AMOUNT",
        steps=(started(),),
        deeds=(Deed.OPENED, Deed.PAID),
        channel_amount=AMOUNT_FEN - 1,
    )
    put(bench.system, [order])
    for _ in range(2):
        bench.deliver(a_job(bench, "query", order.order_id, {"payment_no": order.payment_no()}))
    stored = bench.order(order.out_order_no)
    assert (stored.state, stored.winner) == (OrderState.PAYING, "")
    assert stored.payments[order.payment_no()].state is PaymentState.PENDING
    trade = bench.alipay.trade(order.payment_no())["trade_no"]
    raised = bench.tables.exception(f"alipay|alipay-main|AMOUNT_MISMATCH|{trade}")
    assert raised is not None
    assert (raised["amount"], raised["order_id"]) == (AMOUNT_FEN - 1, order.order_id)


@pytest.mark.parametrize(
    "fault", ["answer_html", "answer_500", "unsigned_answer", "forged_answer", "error_after_effect"]
)
def test_an_answer_that_nobody_can_believe_changes_nothing(bench: Bench, fault: str) -> None:
    """I13, C02: the payment is paid, but what says so is not to be believed."""
    order = SEEDS["EVENT-RUNG-PAID"]
    seed(bench.system, [order.out_order_no])
    bench.alipay.arm(fault, order.payment_no())
    rung = a_job(bench, "query", order.order_id, {"payment_no": order.payment_no()})
    with bench.quiet_store():
        bench.deliver(rung)
    bench.deliver(rung)
    assert bench.order(order.out_order_no).state is OrderState.PAID


def test_a_close_that_nobody_can_confirm_is_repeated_until_one_can(bench: Bench) -> None:
    order = SEEDS["EVENT-DUE-OPEN"]
    seed(bench.system, [order.out_order_no])
    bench.alipay.arm("answer_500", order.payment_no(), times=0)
    attempt = a_job(bench, "expire", order.order_id)
    waits = []
    for _ in range(6):
        bench.outbox.sent.clear()
        bench.deliver(attempt)
        with bench.quiet():
            bench.deliver(attempt)
        bench.outbox.sent.clear()
        stored = bench.order(order.out_order_no)
        assert (stored.state, stored.closing) == (OrderState.PAYING, True)
        attempt = a_job(bench, "expire", order.order_id, {"attempt": stored.close_attempt})
        waits.append(stored.close_due_at - int(bench.clock.now()))
        bench.travel_to(stored.close_due_at)
    assert all(
        abs(wait - wanted) <= 2
        for wait, wanted in zip(waits, (5, 10, 30, 60, 300, 300), strict=True)
    )
    bench.alipay.clear(order.payment_no())
    bench.deliver(attempt)
    assert bench.order(order.out_order_no).state is OrderState.CLOSED


def test_a_channel_whose_window_no_longer_fits_is_neither_shown_nor_taken(bench: Bench) -> None:
    line = Line(bench)
    order = line.create("TIMER-WINDOW", expires_in=120)
    page = Http(
        route="GET /cashier/{token}",
        parameters={"token": order["cashier_url"].rpartition("/")[2]},
        headers={"user-agent": BROWSER},
    )
    assert 'value="page"' in bench.request("cashier", page)["body"]
    bench.travel_to(moment_of(order["expires_at"]) - 64)
    with bench.quiet():
        assert 'value="page"' not in bench.request("cashier", page)["body"]
        assert line.pay(order, "page", status=409)["code"] == "channel_window_closed"


def test_a_payer_who_comes_back_asks_once_in_five_seconds(bench: Bench) -> None:
    order = SEEDS["EVENT-RETURN-GET"]
    seed(bench.system, [order.out_order_no])
    back = Http(route="GET /cashier/{token}/return", parameters={"token": order.token})
    for _ in range(3):
        bench.request("cashier", back)
    (asked,) = bench.outbox.take()
    assert (asked.target, asked.delay, asked.job["payment_no"]) == ("query", 0, order.payment_no())
    bench.travel_to(int(bench.clock.now()) + 6)
    bench.request("cashier", back)
    assert len(bench.outbox.take()) == 1


def test_the_sweep_finds_an_order_whose_timers_were_all_lost(bench: Bench) -> None:
    order = Line(bench).create("TIMER-SWEEP")
    minute = schedule("rule", "minute")
    bench.outbox.sent.clear()
    bench.invoke("sweep", minute)
    assert bench.outbox.about(order["id"]) == []

    bench.travel_to(moment_of(order["expires_at"]) + 121)
    bench.invoke("sweep", minute)
    found = bench.outbox.about(order["id"])
    assert [(sent.target, sent.delay) for sent in found] == [("expire", 0)]
    bench.deliver(*found)
    assert bench.order("TIMER-SWEEP").state is OrderState.CLOSED


def test_a_fast_clock_is_divided_out_after_the_hop_was_chosen(bench: Bench) -> None:
    """Thirty minutes take the same hop and the same wait as in production, only sooner."""
    anchor = int(bench.clock.now())
    bench.overrides |= {"CLOCK_RATE": "60", "CLOCK_ANCHOR": str(anchor)}
    order = Line(bench).create("TIMER-FAST")
    (hop,) = bench.outbox.take()
    assert (hop.target, hop.delay, hop.job["hopped"]) == ("expire", 900 // 60, True)
    # Come at once, it is early; what is left is the machine's, until the real instant of the deadline.
    bench.deliver(hop)
    (wait,) = bench.outbox.take()
    real = anchor + (moment_of(order["expires_at"]) - anchor) / 60
    assert wait.target == "wait"
    assert 0 <= moment_of(wait.due) - real < 1
