"""Many at once at one order: whatever the interleaving, one order, one payment, one winner, one piece of news."""

import json
from collections import Counter
from typing import Any, Final

import pytest

from tests.functional.actors import Line
from tests.functional.bench import Bench
from tools.events import notices
from tools.events.case import api
from tools.events.cases.cashier import token_of
from tools.events.envelopes import Event, sqs
from tools.events.expectation import EVENTS_FOLDER
from tools.seed.orders import SEEDS, trade_no
from tools.seed.writing import seed

pytestmark = pytest.mark.emulator

TEN: Final = 10
_EVENTS: Final = EVENTS_FOLDER


def statuses(answers: list[Any]) -> Counter[int]:
    return Counter(answer["statusCode"] for answer in answers)


def bodies(answers: list[Any]) -> list[dict[str, Any]]:
    return [json.loads(answer["body"]) for answer in answers]


def a_notice(payment_no: str, trade: int) -> Event:
    about = notices.fields(payment_no, trade_no(trade), {})
    return notices.post(notices.signed(about)).event(f"race {trade}")


def test_twenty_creates_of_one_number_make_one_order(bench: Bench) -> None:
    """I16, S-26."""
    fields = {"out_order_no": "RACE-CREATE", "amount": 1, "currency": "CNY", "subject": "x"}
    event = api("POST /v1/orders", json.dumps(fields)).event("race")
    answers = bench.at_once([("create_order", event)] * (2 * TEN))
    assert statuses(answers) == {201: 1, 200: 2 * TEN - 1}
    assert len({(one["id"], one["cashier_url"]) for one in bodies(answers)}) == 1
    assert bench.order("RACE-CREATE").version == 1


def test_creates_that_differ_have_one_winner_and_lose_loudly(bench: Bench) -> None:
    calls = []
    for amount in range(1, TEN + 1):
        fields = {
            "out_order_no": "RACE-DIFFER",
            "amount": amount,
            "currency": "CNY",
            "subject": "x",
        }
        calls.append(("create_order", api("POST /v1/orders", json.dumps(fields)).event("race")))
    answers = bench.at_once(calls)
    assert statuses(answers) == {201: 1, 422: TEN - 1}
    (winner,) = [one for one in bodies(answers) if "id" in one]
    assert bench.order("RACE-DIFFER").amount == winner["amount"]


@pytest.mark.parametrize("product", ["page", "qr"])
def test_ten_clicks_make_one_payment(bench: Bench, product: str) -> None:
    order = Line(bench).create(f"RACE-CLICK-{product}")
    body = json.dumps({"channel": "alipay", "product": product})
    request = api("POST /v1/orders/{id}/payments", body, parameters={"id": order["id"]})
    answers = bench.at_once([("create_payment", request.event("race"))] * TEN)
    assert statuses(answers) == {201: TEN}
    assert {one["payment_no"] for one in bodies(answers)} == {f"{order['id']}P01"}
    assert list(bench.order(order["out_order_no"]).payments) == [f"{order['id']}P01"]


def test_ten_duplicate_callbacks_are_one_event(bench: Bench) -> None:
    """I22: the same acknowledgement for all, one booking, one event."""
    seed(bench.system, ["EVENT-CALLBACK-PAID"])
    before = bench.order("EVENT-CALLBACK-PAID")
    event = a_notice(SEEDS["EVENT-CALLBACK-PAID"].payment_no(), 601)
    answers = bench.at_once([("callback", event)] * TEN)
    assert {(one["statusCode"], one["body"]) for one in answers} == {(200, "success")}
    after = bench.order("EVENT-CALLBACK-PAID")
    assert after.version == before.version + 1
    assert [event.type for event in after.events.values()] == ["order.paid"]
    assert after.exceptions == {}


def test_two_payments_that_succeed_at_once_have_one_winner(bench: Bench) -> None:
    """I05, C13: ten callbacks for each of both."""
    line = Line(bench)
    order = line.create("RACE-DOUBLE")
    numbers = [line.pay(order, product)["payment_no"] for product in ("page", "qr")]
    calls = [
        ("callback", a_notice(number, 610 + place))
        for place, number in enumerate(numbers)
        for _ in range(TEN)
    ]
    answers = bench.at_once(calls)
    # Who is crowded out too often is told to come again, and the channel does.
    assert set(statuses(answers)) <= {200, 429}
    for function, event in calls:
        assert bench.invoke(function, event)["body"] == "success"
    after = bench.order("RACE-DOUBLE")
    (loser,) = set(numbers) - {after.winner}
    assert [(one.kind, one.payment_no) for one in after.exceptions.values()] == [
        ("DUPLICATE_PAYMENT", loser)
    ]
    assert [one.refund_no for one in after.refunds.values()] == [f"{loser}D"]
    assert [event.type for event in after.events.values()] == ["order.paid"]


def test_callbacks_rungs_closes_and_the_deadline_at_once(bench: Bench) -> None:
    """Payment beats close, whoever brings it first; nobody is told twice."""
    order = SEEDS["EVENT-DUE-PAID"]
    seed(bench.system, [order.out_order_no])
    trade = str(bench.alipay.trade(order.payment_no())["trade_no"])
    notice = notices.post(notices.signed(notices.fields(order.payment_no(), trade, {})))
    job = {"order_id": order.order_id, "due_at": 1, "sent_at": 1}
    rung = sqs(
        "query", [json.dumps({**job, "kind": "query", "payment_no": order.payment_no()})], "r"
    )
    deadline = sqs("expire", [json.dumps({**job, "kind": "expire"})], "d")
    close = api("POST /v1/orders/{id}/close", "{}", parameters={"id": order.order_id}).event("c")
    calls = [
        *([("callback", notice.event("n"))] * 4),
        *([("query", rung)] * 3),
        *([("expire", deadline), ("expire", close)] * 2),
    ]
    bench.at_once(calls)
    bench.at_once(calls)
    after = bench.order(order.out_order_no)
    assert after.state == "PAID"
    assert after.payments[order.payment_no()].state == "SUCCEEDED"
    assert [event.type for event in after.events.values()] == ["order.paid"]
    assert after.exceptions == {}


def test_ten_returns_of_one_payer_ask_once(bench: Bench) -> None:
    seed(bench.system, ["EVENT-RETURN-GET"])
    event: Event = json.loads((EVENTS_FOLDER / "cashier" / "return_get.json").read_text("utf-8"))
    assert event["pathParameters"] == {"token": token_of("EVENT-RETURN-GET")}
    bench.outbox.sent.clear()
    answers = bench.at_once([("cashier", event)] * TEN)
    assert statuses(answers) == {303: TEN}
    assert [sent.target for sent in bench.outbox.sent] == ["query"]
