"""The shop's counter: two business lines that create orders and show what PayCenter answers."""

import json
from datetime import date
from pathlib import Path

import httpx
import pytest

from sandbox.business_clock import BusinessClock
from sandbox.shop.app import read_secrets
from sandbox.shop.lines import HOTEL, LINES, TICKETS, Goods
from sandbox.shop.running import running_shop
from tests.unit.sandbox.shop_bench import (
    CASHIER_URL,
    CONFIGURATION,
    ShopBench,
    notification,
    signed,
)

CREATED = {"id": "ID1", "cashier_url": CASHIER_URL, "state": "CREATED"}


def created() -> httpx.Response:
    return httpx.Response(201, json=CREATED)


def buy(shop: ShopBench, line: str, goods: str, **fields: str) -> httpx.Response:
    return shop.post(f"/lines/{line}/buy", data={"goods": goods, **fields})


def test_buying_creates_an_order_and_leads_to_the_cashier(shop: ShopBench) -> None:
    shop.answers = [created()]
    answer = buy(shop, "tickets", "adult")
    assert (answer.status_code, answer.headers["location"]) == (303, CASHIER_URL)
    (request,) = shop.asked
    assert str(request.url) == "http://paycenter.example/v1/orders"
    assert request.headers["authorization"] == f"Bearer {LINES['tickets'].api_key}"
    body = json.loads(request.content)
    assert (body["amount"], body["currency"], body["expires_in"]) == (12_800, "CNY", 1_800)
    number = body["out_order_no"]
    assert number.startswith("tickets-20260101-")
    assert body["return_url"] == f"http://shop.example/lines/tickets/return/{number}"
    labels = [field["label"] for field in body["information"]]
    assert labels == ["景区 Scenic area", "入园日期 Visit date", "票种 Ticket", "游客 Visitor"]
    assert body["information"][1]["value"] == "2026-01-02"


def test_the_hotel_tells_the_payer_something_else(shop: ShopBench) -> None:
    shop.answers = [created()]
    buy(shop, "hotel", "double", expires_in="120")
    body = json.loads(shop.asked[0].content)
    assert (body["amount"], body["expires_in"]) == (46_800, 120)
    information = {field["label"]: field["value"] for field in body["information"]}
    assert information["入住 Check-in"] == "2026-01-03 14:00"
    assert information["离店 Check-out"] == "2026-01-04 12:00"
    assert {"酒店 Hotel", "房型 Room"} <= set(information)


def test_two_sales_have_two_numbers_and_are_listed(shop: ShopBench) -> None:
    shop.answers = [created(), created()]
    buy(shop, "tickets", "family")
    buy(shop, "tickets", "family")
    numbers = {json.loads(request.content)["out_order_no"] for request in shop.asked}
    assert len(numbers) == 2
    assert all(number in shop.get("/").text for number in numbers)


@pytest.mark.parametrize("goods", TICKETS.goods + HOTEL.goods, ids=lambda goods: goods.id)
def test_what_is_sold_fits_paycenters_and_the_channels_limits(goods: Goods) -> None:
    assert len(goods.subject) <= 127
    assert not set("/=&") & set(goods.subject)
    information = goods.information(date(2026, 1, 1))
    assert 1 <= len(information) <= 20
    assert len(json.dumps(information).encode()) < 4_096


def test_the_home_page_offers_both_lines(shop: ShopBench) -> None:
    page = shop.get("/")
    for text in ("景区门票", "Hotel", "¥128.00", "¥1,988.00", 'action="/lines/hotel/buy"'):
        assert text in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (
            httpx.Response(422, json={"code": "different_body", "detail": "Use it"}),
            "different_body",
        ),
        (httpx.Response(502, text="<html>"), "PayCenter"),
        (httpx.Response(500, json=[]), "PayCenter 500"),
        (httpx.ConnectError("nobody there"), "nobody there"),
    ],
)
def test_trouble_with_paycenter_is_said(
    shop: ShopBench, answer: httpx.Response | httpx.TransportError, words: str
) -> None:
    shop.answers = [answer]
    page = buy(shop, "tickets", "adult")
    assert page.status_code == 502
    assert words in page.text


@pytest.mark.parametrize(("line", "goods", "status"), [("spa", "a", 404), ("hotel", "adult", 400)])
def test_nobody_buys_what_is_not_sold(shop: ShopBench, line: str, goods: str, status: int) -> None:
    assert buy(shop, line, goods).status_code == status
    assert shop.asked == []


def order(state: str) -> httpx.Response:
    payment = {"payment_no": "P01", "channel": "alipay", "product": "page"}
    payment |= {"channel_transaction_no": "2026", "paid_at": "2026-01-01T04:00:00Z"}
    paid = state == "PAID"
    about = {"out_order_no": "tickets-1", "subject": "云岭山", "amount": 12_800, "state": state}
    more = {"payment": payment if paid else None, "expires_at": "2026-01-01T04:30:00Z"}
    return httpx.Response(200, json=CREATED | about | more)


@pytest.mark.parametrize(
    ("state", "words", "refreshes"),
    [
        ("PAYING", "等待支付结果", 1),
        ("PAID", "支付成功", 0),
        ("CLOSED", "订单已关闭", 0),
    ],
)
def test_the_return_page_shows_what_paycenter_says(
    shop: ShopBench, state: str, words: str, refreshes: int
) -> None:
    shop.answers = [order(state)]
    body = notification()
    shop.notify(body, signed(body))
    page = shop.get("/lines/tickets/return/tickets-1", params={"trade_status": "TRADE_SUCCESS"})
    assert shop.asked[0].url.params["out_order_no"] == "tickets-1"
    assert words in page.text
    assert page.text.count('http-equiv="refresh"') == refreshes
    assert "order.paid" in page.text


def test_the_return_page_of_an_unknown_order_says_so(shop: ShopBench) -> None:
    shop.answers = [httpx.Response(404, json={"code": "not_found", "title": "Not found"})]
    assert "not_found" in shop.get("/lines/tickets/return/none").text
    assert shop.get("/lines/spa/return/none").status_code == 404


def test_a_running_shop_can_be_driven_by_a_test() -> None:
    with running_shop("http://127.0.0.1:9", BusinessClock()) as shop:
        shop.misbehave("tickets", 503, times=1)
        assert shop.inbox("tickets") == []
        assert shop.buy("tickets", "adult").status_code == 502


def test_the_configuration_must_have_both_secrets(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('[lines.tickets]\nwebhook_secrets = [{ text = "whsec_x" }]\n')
    with pytest.raises(ValueError, match="hotel"):
        read_secrets(file)
    assert set(read_secrets(CONFIGURATION)) == {"tickets", "hotel"}
