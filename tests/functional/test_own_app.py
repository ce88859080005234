"""Paying inside a channel's own app, and where a channel asks for the payer's address: over the real adapters.

Holds I13, I15, C02; S-19, S-25, S-27, S-31.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import pytest

from sandbox.door.app import SOMEWHERE_ELSE
from sandbox.payer import PHONE, Payer
from sandbox.ways import IN_WECHAT
from sandbox.wechatpay.merchant import PAYER_OPENID
from sandbox.wechatpay.running import WechatControl
from tests.functional.actors import Line, eventually
from tests.functional.bench import Bench
from tests.functional.door import open_door
from tools.events.case import api

pytestmark = pytest.mark.emulator

JSAPI: Final = {"channel": "wechatpay", "product": "jsapi"}
H5: Final = {"channel": "wechatpay", "product": "h5"}


@pytest.fixture(autouse=True)
def door(bench: Bench) -> Iterator[str]:
    with open_door(bench) as url:
        yield url


@pytest.fixture
def line(bench: Bench) -> Line:
    return Line(bench)


@contextmanager
def payer_who_chose(order: dict[str, Any], fields: dict[str, str], agent: str) -> Iterator[Payer]:
    payer = Payer(agent)
    try:
        payer.open(order["cashier_url"])
        choice = payer.form(fields=fields)
        assert choice is not None, payer.html
        payer.submit(choice)
        assert payer.status == 200, payer.html
        yield payer
    finally:
        payer.close()


def parameters_of(payer: Payer) -> dict[str, str]:
    """Return what the page hands to the app's bridge."""
    given: dict[str, str] = json.loads(payer.element("channel-bridge")["data-parameters"])
    return given


def stored(bench: Bench, order: dict[str, Any]) -> dict[str, Any]:
    """Return the order's payments as they lie in the table."""
    item = bench.tables.order("tickets", order["out_order_no"])
    assert item is not None
    payments: dict[str, Any] = item.get("payments", {})
    return payments


def paid(line: Line, order: dict[str, Any]) -> dict[str, Any] | None:
    found = line.get(order)
    return found["payment"] if found["state"] == "PAID" else None


def test_the_app_says_who_pays_its_bridge_opens_and_the_callback_decides(
    bench: Bench, line: Line, wechatpay: WechatControl
) -> None:
    order = line.create("OWN-APP-1")
    with payer_who_chose(order, JSAPI, IN_WECHAT) as payer:
        assert stored(bench, order) == {}, "nothing is recorded before the payer is known"
        assert payer.follow("channel-link")
        assert payer.address.startswith(f"{order['cashier_url']}/identified?code=")
        assert PAYER_OPENID not in payer.html
        wechatpay.pay_jsapi(parameters_of(payer))
    payment = eventually(lambda: paid(line, order), "PAID by the callback")
    assert (payment["channel"], payment["product"]) == ("wechatpay", "jsapi")
    (kept,) = stored(bench, order).values()
    assert (kept["payer_id"], kept["account"]) == (PAYER_OPENID, "wechatpay-main~1")
    assert not {"client_address", "system"} & set(kept)


def test_a_code_serves_once_and_the_payer_begins_again_with_the_same_payment(
    bench: Bench, line: Line
) -> None:
    order = line.create("OWN-APP-2")
    with payer_who_chose(order, JSAPI, IN_WECHAT) as payer:
        payer.follow("channel-link")
        first, used = parameters_of(payer), payer.address
        with bench.quiet():
            payer.open(used)
        assert payer.status == 422
        assert "We could not tell who pays" in payer.html
        assert f'href="/cashier/{order["cashier_url"].rpartition("/")[2]}"' in payer.html
    with payer_who_chose(order, JSAPI, IN_WECHAT) as payer:
        payer.follow("channel-link")
        assert parameters_of(payer)["package"] != first["package"]
    assert list(stored(bench, order)) == [f"{order['id']}P01"]


def test_a_channel_that_can_not_tell_is_no_payment(
    bench: Bench, line: Line, wechatpay: WechatControl
) -> None:
    order = line.create("OWN-APP-3")
    with payer_who_chose(order, JSAPI, IN_WECHAT) as payer:
        address = wechatpay.authorise(payer.element("channel-link")["href"])
        wechatpay.arm("answer_500", "*every*", 1, "oauth2")
        payer.open(address)
        wechatpay.clear("*every*")
        assert payer.status == 422
    assert stored(bench, order) == {}


def test_an_order_that_closed_on_the_way_asks_nobody(
    line: Line, bench: Bench, wechatpay: WechatControl
) -> None:
    order = line.create("OWN-APP-4")
    with payer_who_chose(order, JSAPI, IN_WECHAT) as payer:
        address = wechatpay.authorise(payer.element("channel-link")["href"])
        line.close(order)
        before = wechatpay.calls()
        payer.open(address)
        assert payer.status == 409
        assert wechatpay.calls() == before
    assert stored(bench, order) == {}


def test_a_channel_that_checks_where_payers_come_from_is_told_our_origin_and_their_address(
    bench: Bench, line: Line, wechatpay: WechatControl, door: str
) -> None:
    order = line.create("OWN-APP-5")
    with payer_who_chose(order, H5, PHONE) as payer:
        address = payer.element("channel-link")["href"]
        assert f"{door}/cashier/".replace(":", "%3A").replace("/", "%2F") in address
        assert payer.follow("channel-link")
        assert payer.form("pay-form") is not None, payer.html
    wechatpay.pay_h5(address)
    assert eventually(lambda: paid(line, order), "PAID")["product"] == "h5"
    (kept,) = stored(bench, order).values()
    assert (kept["client_address"], kept["system"]) == (SOMEWHERE_ELSE, "ios")
    assert "payer_id" not in kept


@pytest.mark.parametrize(
    ("choice", "missing"), [(JSAPI, "payer_id"), (H5, "client_address")], ids=["jsapi", "h5"]
)
def test_a_business_line_says_what_a_product_needs_or_is_told_which_field(
    bench: Bench, line: Line, choice: dict[str, str], missing: str
) -> None:
    order = line.create(f"OWN-APP-{missing}")
    route, parameters = "POST /v1/orders/{id}/payments", {"id": order["id"]}
    with bench.quiet():
        request = api(route, json.dumps(choice), parameters=parameters)
        refused = bench.request("create_payment", request)
    assert refused["statusCode"] == 400
    assert json.loads(refused["body"])["field"] == missing
    known = {"payer_id": PAYER_OPENID, "client_address": "203.0.113.99"}
    body = json.dumps({**choice, **known})
    answers = [
        bench.request("create_payment", api(route, body, parameters=parameters)) for _ in range(2)
    ]
    assert [answer["statusCode"] for answer in answers] == [201, 201]
    (kept,) = stored(bench, order).values()
    assert kept[missing] == known.pop(missing)
    assert not set(known) & set(kept)
