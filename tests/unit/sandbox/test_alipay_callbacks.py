"""Notices of the simulated Alipay: their fields, their signature, and the ladder of their repeats."""

import httpx
import pytest

from sandbox.business_clock import rfc3339_text
from tests.unit.sandbox.bench import CLOSE, PAGE, REFUND, SELLER_ID, Bench, notice_verifies, order
from tests.unit.sandbox.simulator_bench import NOON, NOTIFY_URL, NUMBER

REFUSALS = [
    httpx.Response(200, text="SUCCESS"),
    httpx.Response(200, text="success\n"),
    httpx.Response(200, text='"success"'),
    httpx.Response(204),
    httpx.Response(500, text="success"),
    httpx.Response(302, headers={"location": NOTIFY_URL}),
    httpx.Response(200, text="<html>success</html>"),
]


def test_a_payment_is_told_once_with_every_documented_field(bench: Bench) -> None:
    bench.pay(bench.open_page(body="two visitors", passback_params="a%3D1"))
    bench.pass_time(100_000)
    (fields,) = bench.callbacks
    assert fields.pop("") == NOTIFY_URL
    assert notice_verifies(fields)
    assert len(fields.pop("sign")) > 300
    assert fields.pop("notify_id").startswith("20260101")
    assert fields.pop("trade_no").startswith("20260101")
    assert fields == {
        "app_id": "2021000000000001",
        "auth_app_id": "2021000000000001",
        "body": "two visitors",
        "buyer_id": "2088100000000001",
        "buyer_logon_id": "pay***@example.com",
        "buyer_pay_amount": "128.00",
        "charset": "utf-8",
        "fund_bill_list": '[{"amount":"128.00","fundChannel":"ALIPAYACCOUNT"}]',
        "gmt_create": "2026-01-01 12:00:00",
        "gmt_payment": "2026-01-01 12:00:00",
        "invoice_amount": "128.00",
        "notify_time": "2026-01-01 12:00:00",
        "notify_type": "trade_status_sync",
        "out_trade_no": NUMBER,
        "passback_params": "a%3D1",
        "point_amount": "0.00",
        "receipt_amount": "128.00",
        "seller_email": "seller@example.com",
        "seller_id": SELLER_ID,
        "sign_type": "RSA2",
        "subject": "云岭山成人票 adult",
        "total_amount": "128.00",
        "trade_status": "TRADE_SUCCESS",
        "version": "1.0",
    }


def test_eight_sends_in_twenty_five_hours_and_then_no_more(bench: Bench) -> None:
    bench.callback_answers = [httpx.Response(200, text="fail") for _ in range(20)]
    bench.pay(bench.open_page())
    bench.pass_time(200_000)
    (notice,) = bench.view()["callbacks"]
    assert bench.outcomes() == ["refused"] * 8
    assert notice["next_at"] is None
    delays = [0, 240, 600, 600, 3_600, 7_200, 21_600, 54_000]
    due = [NOON + sum(delays[: n + 1]) for n in range(8)]
    assert [attempt["at"] for attempt in notice["attempts"]] == [
        rfc3339_text(moment) for moment in due
    ]


def test_repeats_keep_their_id_and_are_signed_afresh(bench: Bench) -> None:
    bench.callback_answers = [httpx.Response(500)]
    bench.pay(bench.open_page())
    bench.pass_time(1_000)
    first, second = bench.callbacks
    assert first["notify_id"] == second["notify_id"]
    assert (first["notify_time"], second["notify_time"][11:]) == ("2026-01-01 12:00:00", "12:04:00")
    assert all(notice_verifies(fields) for fields in bench.callbacks)


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda r: f"{r.status_code} {r.text!r}")
def test_anything_but_the_seven_characters_is_a_refusal(
    bench: Bench, refusal: httpx.Response
) -> None:
    bench.callback_answers = [refusal]
    bench.pay(bench.open_page())
    bench.pass_time(239)
    assert bench.outcomes() == ["refused"]
    bench.pass_time(1)
    assert bench.outcomes() == ["refused", "acknowledged"]


def test_a_merchant_that_can_not_be_reached_is_asked_again(bench: Bench) -> None:
    bench.callback_answers = [httpx.ConnectError("no route")]
    bench.pay(bench.open_page())
    bench.pass_time(1)
    assert bench.outcomes() == ["unreachable"]
    assert bench.view()["callbacks"][0]["next_at"] == "2026-01-01T04:04:00Z"


def test_a_trade_without_an_address_is_told_to_nobody(bench: Bench) -> None:
    page = bench.send(bench.params(PAGE, order(), notify_url=""))
    bench.pay(page)
    bench.pass_time(10)
    assert (bench.callbacks, bench.view()["callbacks"]) == ([], [])


def test_a_close_is_told_without_any_money(bench: Bench) -> None:
    bench.open_page()
    bench.call(CLOSE, {"out_trade_no": NUMBER})
    bench.pass_time(1)
    (fields,) = bench.callbacks
    assert (fields["trade_status"], fields["gmt_close"]) == ("TRADE_CLOSED", "2026-01-01 12:00:00")
    assert notice_verifies({k: v for k, v in fields.items() if k})
    assert not {"gmt_payment", "receipt_amount", "fund_bill_list"} & set(fields)


def test_refunds_are_told_as_trade_notices_with_a_cumulative_fee(bench: Bench) -> None:
    bench.pay(bench.open_page())
    for number, amount in (("R1", "28.00"), ("R2", "100.00")):
        content = {"out_trade_no": NUMBER, "refund_amount": amount, "out_request_no": number}
        bench.call(REFUND, content)
    bench.pass_time(1)
    told = [(f["trade_status"], f.get("out_biz_no"), f.get("refund_fee")) for f in bench.callbacks]
    assert told == [
        ("TRADE_SUCCESS", None, None),
        ("TRADE_SUCCESS", "R1", "28.00"),
        ("TRADE_CLOSED", "R2", "128.00"),
    ]
