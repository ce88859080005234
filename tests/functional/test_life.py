"""Whole lives of orders over the real adapters: payer's pages, the channel's callbacks, the stream, the business line."""

import re
from collections.abc import Iterator
from typing import Any, Final

import pytest

from sandbox.payer import PHONE
from tests.functional.actors import (
    AMOUNT_FEN,
    Line,
    Stream,
    eventually,
    moment_of,
    payer_at,
    publish,
    stream_of,
    type_the_password,
)
from tests.functional.bench import Bench, Sent
from tests.functional.door import open_door
from tests.functional.inbox import Letter, webhook_secret

pytestmark = pytest.mark.emulator

SECRET: Final = webhook_secret("tickets")
DEADLINE_SECONDS: Final = 1800


@pytest.fixture(autouse=True)
def door(bench: Bench) -> Iterator[str]:
    with open_door(bench) as url:
        yield url


@pytest.fixture
def line(bench: Bench) -> Line:
    return Line(bench)


@pytest.fixture
def stream(bench: Bench) -> Stream:
    return stream_of(bench)


def first_payment(order: dict[str, Any]) -> str:
    return f"{order['id']}P01"


def in_state(line: Line, order: dict[str, Any], state: str) -> dict[str, Any] | None:
    found = line.get(order)
    return found if found["state"] == state else None


def the_only_letter(bench: Bench, order: dict[str, Any], news: list[Sent]) -> Letter:
    """Deliver the notifications of one order, and return what its business line then has."""
    bench.deliver(*[sent for sent in news if sent.job["order_id"] == order["id"]])
    (letter,) = bench.inbox.about(order["id"])
    return letter


def test_an_order_is_paid_called_back_and_told(bench: Bench, line: Line, stream: Stream) -> None:
    back = "http://127.0.0.1:8081/lines/tickets/return/LIFE-1"
    information = [{"label": "游客 Visitor", "value": "韩梅梅 <Han>"}]
    order = line.create("LIFE-1", return_url=back, information=information)

    with payer_at(order, "page") as payer:
        assert bench.alipay.trade(first_payment(order))["status"] == "WAIT_BUYER_PAY"
        type_the_password(payer)
        assert payer.address.startswith(order["cashier_url"])
        paid = eventually(lambda: in_state(line, order, "PAID"), "PAID by the callback")
        payer.open(order["cashier_url"])
        assert back in payer.html

    assert paid["payment"]["payment_no"] == first_payment(order)
    assert (
        paid["payment"]["channel_transaction_no"]
        == bench.alipay.trade(first_payment(order))["trade_no"]
    )
    notices: Any = bench.alipay.trade(first_payment(order))["callbacks"]
    assert [notice["acknowledged"] for notice in notices] == [True]

    letter = the_only_letter(bench, order, publish(bench, stream))
    assert letter.path == "/hooks/tickets"
    assert letter.verify(SECRET, bench.clock)["type"] == "order.paid"
    assert letter.content["data"] == paid
    assert letter.webhook_id == f"{order['id']}E01"
    assert bench.tables.movement(first_payment(order), _stored(bench, order)) is not None


def _stored(bench: Bench, order: dict[str, Any]) -> dict[str, Any]:
    item = bench.tables.order("tickets", order["out_order_no"])
    assert item is not None
    payment: dict[str, Any] = item["payments"][first_payment(order)]
    return payment


def test_a_phone_pays_in_the_mobile_cashier(line: Line) -> None:
    order = line.create("LIFE-PHONE")
    with payer_at(order, "wap", PHONE) as payer:
        type_the_password(payer)
    assert eventually(lambda: in_state(line, order, "PAID"), "PAID")["payment"]["product"] == "wap"


def test_a_code_is_scanned(bench: Bench, line: Line) -> None:
    order = line.create("LIFE-QR")
    action = line.pay(order, "qr")["action"]
    assert bench.alipay.trade(first_payment(order))["status"] == "NOT_OPENED"
    bench.alipay.pay(action["content"])
    assert eventually(lambda: in_state(line, order, "PAID"), "PAID")["payment"]["product"] == "qr"


def test_a_lost_callback_is_found_by_the_ladder(bench: Bench, line: Line, stream: Stream) -> None:
    order = line.create("LIFE-2")
    bench.alipay.arm("lose_callbacks", first_payment(order))
    with payer_at(order, "page") as payer:
        type_the_password(payer)
    rungs = [
        sent
        for sent in bench.outbox.about(order["id"])
        if sent.target == "query" and "due_at" in sent.job
    ]
    created = moment_of(order["created_at"])
    ladder = [rung for rung in rungs if rung.job["due_at"] > created + 5]
    assert [rung.delay for rung in ladder] == [10, 15, 25]

    bench.travel_to(ladder[0].job["due_at"])
    bench.deliver(ladder[0])

    paid = line.get(order)
    assert paid["state"] == "PAID"
    assert (
        the_only_letter(bench, order, publish(bench, stream)).verify(SECRET, bench.clock)["data"]
        == paid
    )
    with bench.quiet():
        bench.deliver(*ladder[1:2])


def test_an_order_is_closed_at_its_deadline(bench: Bench, line: Line, stream: Stream) -> None:
    order = line.create("LIFE-3")
    with payer_at(order, "page"):
        pass
    (timer,) = [sent for sent in bench.outbox.about(order["id"]) if sent.target == "expire"]
    expires_at = moment_of(order["expires_at"])
    assert timer.delay == 900
    assert timer.job["due_at"] == expires_at

    # Half way the hop ends; what is left is waited for in the machine.
    bench.travel_to(expires_at - 900)
    bench.outbox.sent.clear()
    bench.deliver(timer)
    (waiting,) = bench.outbox.about(order["id"])
    assert waiting.target == "wait"

    bench.travel_to(expires_at)
    bench.deliver(waiting)

    closed = line.get(order)
    assert closed["state"] == "CLOSED"
    assert bench.alipay.trade(first_payment(order))["status"] == "TRADE_CLOSED"
    letter = the_only_letter(bench, order, publish(bench, stream))
    assert letter.verify(SECRET, bench.clock)["type"] == "order.closed"
    assert letter.content["data"] == closed


def test_money_after_the_close_is_an_exception_with_its_refund(
    bench: Bench, line: Line, stream: Stream
) -> None:
    order = line.create("LIFE-4")
    with payer_at(order, "page"):
        pass
    assert line.close(order)["state"] == "CLOSED"
    publish(bench, stream)

    trade = bench.alipay.book(first_payment(order))
    late = eventually(lambda: _with_exception(line, order), "the exception")

    assert (late["state"], late["payment"]) == ("CLOSED", None)
    assert [one["kind"] for one in late["exceptions"]] == ["LATE_PAYMENT"]
    (refund,) = late["refunds"]
    assert refund["created_at"].endswith("Z")
    assert {name: value for name, value in refund.items() if name != "created_at"} == {
        "out_refund_no": "",
        "refunded_at": None,
        "refund_no": f"{first_payment(order)}D",
        "payment_no": first_payment(order),
        "amount": AMOUNT_FEN,
        "state": "REQUESTED",
        "reason": "LATE_PAYMENT",
    }
    assert publish(bench, stream) == []
    (owed,) = [sent for sent in bench.outbox.about(order["id"]) if sent.target == "refund"]
    bench.deliver(owed)
    (refund,) = line.get(order)["refunds"]
    assert (refund["state"], refund["amount"]) == ("SUCCEEDED", AMOUNT_FEN)
    recorded = bench.tables.exception(f"alipay|alipay-main|LATE_PAYMENT|{trade['trade_no']}")
    assert recorded is not None
    assert recorded["amount"] == AMOUNT_FEN


def _with_exception(line: Line, order: dict[str, Any]) -> dict[str, Any] | None:
    found = line.get(order)
    return found if found["exceptions"] else None


def test_two_payments_that_both_succeed_have_one_winner(
    bench: Bench, line: Line, stream: Stream
) -> None:
    order = line.create("LIFE-5")
    code = line.pay(order, "qr")["action"]["content"]
    second = f"{order['id']}P02"
    with payer_at(order, "page") as payer:
        bench.alipay.pay(code)
        type_the_password(payer)
    both = eventually(lambda: _with_exception(line, order), "the second success")

    winner = both["payment"]["payment_no"]
    (loser,) = {first_payment(order), second} - {winner}
    assert both["state"] == "PAID"
    assert [(one["kind"], one["payment_no"]) for one in both["exceptions"]] == [
        ("DUPLICATE_PAYMENT", loser)
    ]
    assert [(one["refund_no"], one["amount"]) for one in both["refunds"]] == [
        (f"{loser}D", AMOUNT_FEN)
    ]
    assert the_only_letter(bench, order, publish(bench, stream)).content["type"] == "order.paid"


def test_payment_beats_close(bench: Bench, line: Line) -> None:
    """The payer pays in the very second in which the deadline's close arrives at the channel."""
    order = line.create("LIFE-6")
    with payer_at(order, "page"):
        pass
    bench.alipay.arm("lose_callbacks", first_payment(order))
    bench.alipay.arm("close_says_paid", first_payment(order))

    answer = line.close(order, status=409)

    assert answer["code"] == "order_not_payable"
    assert line.get(order)["state"] == "PAID"


def test_the_page_says_what_the_order_is(line: Line) -> None:
    order = line.create("LIFE-7", information=[{"label": "<b>Label</b>", "value": "<img src=x>"}])
    with payer_at(order, "page") as payer:
        payer.open(order["cashier_url"])
        assert "&lt;img src=x&gt;" in payer.html
        assert "<img" not in payer.html
        left = re.search(r'data-seconds-left="(\d+)"', payer.html)
        assert left is not None
        assert DEADLINE_SECONDS - 60 < int(left[1]) <= DEADLINE_SECONDS
        payer.open(f"{order['cashier_url']}/return?trade_status=TRADE_SUCCESS")
        assert payer.address == f"{order['cashier_url']}?returned=1"
    assert line.get(order)["state"] == "PAYING"
