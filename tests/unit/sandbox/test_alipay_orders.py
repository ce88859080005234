"""What the simulated Alipay accepts as an order: the documented limits, held strictly."""

import json

import pytest

from sandbox.business_clock import beijing_text
from sandbox.simulator.money import fen_of, yuan_of
from tests.unit.sandbox.bench import PAGE, PRECREATE, PRODUCTS, WAP, Bench, order
from tests.unit.sandbox.simulator_bench import NOON

CODE = {"product_code": PRODUCTS[PRECREATE]}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"out_trade_no": ""}, "INVALID_PARAMETER"),
        ({"out_trade_no": "A" * 65}, "INVALID_PARAMETER"),
        ({"out_trade_no": "A-1"}, "INVALID_PARAMETER"),
        ({"out_trade_no": "订单1"}, "INVALID_PARAMETER"),
        ({"out_trade_no": "A1\n"}, "INVALID_PARAMETER"),
        ({"total_amount": ""}, "INVALID_PARAMETER"),
        ({"total_amount": "128"}, "INVALID_PARAMETER"),
        ({"total_amount": "128.0"}, "INVALID_PARAMETER"),
        ({"total_amount": "0.00"}, "INVALID_PARAMETER"),
        ({"total_amount": "-1.00"}, "INVALID_PARAMETER"),
        ({"total_amount": "1e2"}, "INVALID_PARAMETER"),
        ({"total_amount": "01.00"}, "INVALID_PARAMETER"),
        ({"total_amount": "１.00"}, "INVALID_PARAMETER"),
        ({"total_amount": "100000000.01"}, "INVALID_PARAMETER"),
        ({"subject": ""}, "INVALID_PARAMETER"),
        ({"subject": "a/b"}, "INVALID_PARAMETER"),
        ({"subject": "a=b"}, "INVALID_PARAMETER"),
        ({"subject": "a&b"}, "INVALID_PARAMETER"),
        ({"subject": "x" * 257}, "INVALID_PARAMETER"),
        ({"product_code": PRODUCTS[PAGE]}, "INVALID_PARAMETER"),
        ({"body": "x" * 129}, "INVALID_PARAMETER"),
        ({"passback_params": "a b"}, "INVALID_PARAMETER"),
        ({"timeout_express": "30m"}, "INVALID_PARAMETER"),
        ({"time_expire": "2026-01-01 12:30"}, "INVALID_PARAMETER"),
        ({"time_expire": "2026-1-1 12:30:00"}, "INVALID_PARAMETER"),
        ({"time_expire": "2026-01-16 12:00:01"}, "INVALID_PARAMETER"),
        ({"time_expire": "2026-01-01 12:00:00"}, "NOW_TIME_AFTER_EXPIRE_TIME_ERROR"),
        ({"seller_id": "2088999999999999"}, "PARTNER_ERROR"),
    ],
)
def test_a_wrong_order_is_refused_signed(bench: Bench, changes: dict[str, str], code: str) -> None:
    answer = bench.call(PRECREATE, order(**(CODE | changes)))
    assert (answer["code"], answer["sub_code"]) == ("40004", f"ACQ.{code}")
    assert bench.get("/sandbox/trades").json() == {"trades": []}


@pytest.mark.parametrize(
    "changes",
    [
        {"out_trade_no": "A" * 64},
        {"out_trade_no": "a_1"},
        {"total_amount": "0.01"},
        {"total_amount": "100000000.00"},
        {"subject": "云" * 256},
        {"time_expire": "2026-01-01 12:00:01"},
        {"time_expire": "2026-01-16 12:00:00"},
        {"time_expire": ""},
        {"product_code": ""},
        {"product_code": "QR_CODE_OFFLINE"},
        {"seller_id": "2088000000000001"},
        {"passback_params": "a%3D1"},
    ],
)
def test_an_order_at_the_limit_is_accepted(bench: Bench, changes: dict[str, str]) -> None:
    assert bench.call(PRECREATE, order(**(CODE | changes)))["code"] == "10000"


def test_a_number_where_text_belongs_is_refused(bench: Bench) -> None:
    content = order(**CODE) | {"total_amount": 128.0}
    params = bench.params(PRECREATE, order(), biz_content=json.dumps(content))
    assert "ACQ.INVALID_PARAMETER" in bench.send(params).text


@pytest.mark.parametrize("method", [PAGE, WAP])
def test_a_browser_is_shown_why_its_order_is_refused(bench: Bench, method: str) -> None:
    page = bench.open_page(method, subject="a/b")
    assert page.status_code == 400
    assert 'data-code="ACQ.INVALID_PARAMETER"' in page.text


def test_each_browser_product_has_its_own_code(bench: Bench) -> None:
    page = bench.send(bench.params(WAP, order(product_code=PRODUCTS[PAGE])))
    assert "ACQ.INVALID_PARAMETER" in page.text


def test_an_order_without_a_deadline_gets_the_documented_one(bench: Bench) -> None:
    bench.call(PRECREATE, order(**CODE, time_expire=""))
    assert bench.view()["expires_at"] == "2026-01-01T06:00:00Z"
    bench.open_page(number := WAP, out_trade_no="W1", time_expire="")
    assert (bench.view("W1")["method"], bench.view("W1")["expires_at"][:10]) == (
        number,
        "2026-01-16",
    )


def test_money_goes_both_ways_without_loss() -> None:
    assert [fen_of(yuan_of(fen)) for fen in (1, 99, 100, 12_800, 10_000_000_000)] == [
        1, 99, 100, 12_800, 10_000_000_000,
    ]  # fmt: skip
    with pytest.raises(ValueError, match="no sign"):
        yuan_of(-1)


def test_beijing_text_does_not_depend_on_the_hosts_zone() -> None:
    assert beijing_text(NOON) == "2026-01-01 12:00:00"
    assert beijing_text(0) == "1970-01-01 08:00:00"
