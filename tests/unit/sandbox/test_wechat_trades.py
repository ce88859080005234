"""Payments and refunds of the simulated WeChat Pay, by its own rules."""

from typing import Any

import pytest

from tests.unit.sandbox.simulator_bench import NUMBER
from tests.unit.sandbox.wechat_bench import (
    APPID,
    MCHID,
    MORE,
    OPENID,
    REFUND_NO,
    TRANSACTIONS,
    WechatBench,
    order,
)


@pytest.mark.parametrize(
    ("kind", "handle", "form"),
    [
        ("native", "code_url", "weixin://wxpay/bizpayurl?pr="),
        ("jsapi", "prepay_id", "wx20260101120000"),
        ("app", "prepay_id", "wx20260101120000"),
        ("h5", "h5_url", "http://wechatpay.example/cgi-bin/mmpayweb-bin/checkmweb?prepay_id=wx"),
    ],
)
def test_a_create_hands_out_its_product_s_handle(
    wechat: WechatBench, kind: str, handle: str, form: str
) -> None:
    answer = wechat.create(kind)
    assert answer.keys() == {"status_code", handle}
    assert answer[handle].startswith(form)
    assert len(answer[handle]) <= (64 if handle == "prepay_id" else 512)
    # The order is there at once, before anybody opens anything.
    assert wechat.query()["trade_state"] == "NOTPAY"


def test_an_unpaid_order_says_nothing_of_money(wechat: WechatBench) -> None:
    wechat.create(attach="a b")
    assert wechat.query() == {
        "status_code": 200,
        "appid": APPID,
        "mchid": MCHID,
        "out_trade_no": NUMBER,
        "trade_state": "NOTPAY",
        "trade_state_desc": "订单未支付",
        "attach": "a b",
        "payer": {},
        "amount": {"total": 12800, "currency": "CNY"},
    }


def test_a_paid_order_says_everything(wechat: WechatBench) -> None:
    wechat.pay_native()
    answer = wechat.query()
    assert answer == {
        **answer,
        "trade_state": "SUCCESS",
        "trade_type": "NATIVE",
        "success_time": "2026-01-01T12:00:00+08:00",
        "payer": {"openid": OPENID},
        "amount": {
            "total": 12800,
            "currency": "CNY",
            "payer_total": 12800,
            "payer_currency": "CNY",
        },
    }
    by_id = f"{TRANSACTIONS}/id/{answer['transaction_id']}?mchid={MCHID}"
    assert wechat.call("GET", by_id) == answer
    assert len(answer["transaction_id"]) == 28


def test_a_coupon_pays_a_part(wechat: WechatBench) -> None:
    wechat.arm("coupon")
    wechat.pay_native()
    assert wechat.query()["amount"]["payer_total"] == 12799
    assert wechat.told()[0].content["amount"]["payer_total"] == 12799


@pytest.mark.parametrize("kind", list(MORE))
def test_the_same_order_again_gets_a_fresh_handle(wechat: WechatBench, kind: str) -> None:
    first, second = wechat.create(kind), wechat.create(kind)
    assert second["status_code"] == 200
    assert first != second


@pytest.mark.parametrize(
    "change",
    [
        {"amount": {"total": 12801, "currency": "CNY"}},
        {"description": "something else"},
        {"time_expire": "2026-01-01T12:31:00+08:00"},
        {"time_expire": None},
        {"notify_url": "http://pay.example/elsewhere"},
        {"attach": "x"},
    ],
)
def test_another_order_under_the_same_number_is_refused(
    wechat: WechatBench, change: dict[str, object]
) -> None:
    wechat.create()
    answer = wechat.ask("POST", f"{TRANSACTIONS}/native", order(**change))
    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_REQUEST")
    assert answer.headers["request-id"].endswith("-268498688")
    assert wechat.create("app")["code"] == "INVALID_REQUEST"


def test_a_number_is_burnt_by_payment_and_by_close(wechat: WechatBench) -> None:
    wechat.pay_native()
    assert wechat.create()["code"] == "ORDER_PAID"
    other = {"out_trade_no": "OTHER_NUMBER_01"}
    wechat.create(**other)
    wechat.pass_time(300)
    wechat.close_order("OTHER_NUMBER_01")
    assert wechat.create(**other)["code"] == "ORDER_CLOSED"


@pytest.mark.parametrize(
    ("kind", "changes", "code"),
    [
        ("native", {"appid": "wx9999999999999999"}, "APPID_MCHID_NOT_MATCH"),
        ("native", {"mchid": "1999999999"}, "PARAM_ERROR"),
        ("native", {"description": "x" * 128}, "PARAM_ERROR"),
        ("native", {"description": ""}, "PARAM_ERROR"),
        ("native", {"description": None}, "PARAM_ERROR"),
        ("native", {"out_trade_no": "A/B/C/D"}, "PARAM_ERROR"),
        ("native", {"out_trade_no": "SHORT"}, "PARAM_ERROR"),
        ("native", {"out_trade_no": "X" * 33}, "PARAM_ERROR"),
        ("native", {"notify_url": "http://pay.example/?a=b"}, "PARAM_ERROR"),
        ("native", {"notify_url": "ftp://pay.example/"}, "PARAM_ERROR"),
        ("native", {"notify_url": None}, "PARAM_ERROR"),
        ("native", {"amount": {"total": 0}}, "PARAM_ERROR"),
        ("native", {"amount": {"total": "12800"}}, "PARAM_ERROR"),
        ("native", {"amount": {"total": 128.0}}, "PARAM_ERROR"),
        ("native", {"amount": {"total": True}}, "PARAM_ERROR"),
        ("native", {"amount": {"total": 1, "currency": "USD"}}, "PARAM_ERROR"),
        ("native", {"amount": 1}, "PARAM_ERROR"),
        ("native", {"time_expire": "2026-01-01 12:30:00"}, "PARAM_ERROR"),
        ("native", {"time_expire": "2026-01-01T12:30:00"}, "PARAM_ERROR"),
        ("native", {"time_expire": "2026-01-09T12:30:00+08:00"}, "PARAM_ERROR"),
        ("native", {"surprise": "x"}, "PARAM_ERROR"),
        ("native", {"attach": "x" * 129}, "PARAM_ERROR"),
        ("jsapi", {"payer": None}, "PARAM_ERROR"),
        ("jsapi", {"payer": {"openid": ""}}, "PARAM_ERROR"),
        ("jsapi", {"payer": {"openid": "oSomebodyElse"}}, "OPENID_MISMATCH"),
        ("h5", {"scene_info": None}, "PARAM_ERROR"),
        ("h5", {"scene_info": {"payer_client_ip": "127.0.0.1", "h5_info": {"type": "Wap"}}}, "PARAM_ERROR"),
        ("h5", {"scene_info": {"payer_client_ip": "nowhere", "h5_info": {"type": "Wap"}}}, "PARAM_ERROR"),
        ("h5", {"scene_info": {"payer_client_ip": "203.0.113.7", "h5_info": {"type": "wap"}}}, "PARAM_ERROR"),
    ],
)  # fmt: skip
def test_what_breaks_a_limit_is_refused(
    wechat: WechatBench, kind: str, changes: dict[str, object], code: str
) -> None:
    assert wechat.create(kind, **changes)["code"] == code
    assert not wechat.world.ledger.trades


def test_the_last_moment_to_pay_is_no_close(wechat: WechatBench) -> None:
    code = wechat.create()["code_url"]
    wechat.pass_time(1_800)
    page = wechat.get(wechat.scanned(code))
    assert 'data-state="closed"' in page.text
    # Nobody can pay it any more, and it still says so until somebody closes it.
    assert wechat.query()["trade_state"] == "NOTPAY"
    assert wechat.close_order() == {"status_code": 204}
    assert wechat.query()["trade_state"] == "CLOSED"


def test_an_early_deadline_is_moved_to_a_minute(wechat: WechatBench) -> None:
    code = wechat.create(time_expire="2026-01-01T12:00:01+08:00")["code_url"]
    wechat.pass_time(59)
    assert wechat.pay(wechat.scanned(code)).status_code == 303


def test_an_unpaid_order_closes_itself_after_seven_days(wechat: WechatBench) -> None:
    wechat.create()
    wechat.pass_time(7 * 86_400 - 1)
    assert wechat.query()["trade_state"] == "NOTPAY"
    wechat.pass_time(1)
    assert wechat.query()["trade_state"] == "CLOSED"


def test_a_close_waits_five_minutes_loses_against_payment_and_may_be_repeated(
    wechat: WechatBench,
) -> None:
    wechat.create()
    wechat.pass_time(299)
    assert wechat.close_order()["code"] == "INVALID_REQUEST"
    wechat.pass_time(1)
    wechat.arm("close_says_paid")
    assert wechat.close_order()["code"] == "ORDER_PAID"
    assert wechat.query()["trade_state"] == "SUCCESS"
    wechat.create(out_trade_no="OTHER_NUMBER_01")
    wechat.pass_time(300)
    closed = [wechat.close_order("OTHER_NUMBER_01") for _ in range(2)]
    assert closed == [{"status_code": 204}] * 2
    assert wechat.close_order("NEVER_HEARD_OF")["code"] == "ORDER_NOT_EXIST"


def test_money_after_the_close_is_money(wechat: WechatBench) -> None:
    wechat.create()
    wechat.arm("pay_after_close")
    wechat.pass_time(300)
    wechat.close_order()
    wechat.pass_time(5)
    assert wechat.query()["trade_state"] == "SUCCESS"
    assert wechat.told()[0].content["trade_state"] == "SUCCESS"


def test_queries_may_lie_as_the_kit_says(wechat: WechatBench) -> None:
    wechat.pay_native()
    wechat.arm("contradict_queries")
    assert [wechat.query()["trade_state"] for _ in range(4)] == [
        "SUCCESS",
        "NOTPAY",
        "SUCCESS",
        "SUCCESS",
    ]


def test_a_state_may_be_one_that_nobody_has_heard_of(wechat: WechatBench) -> None:
    wechat.pay_native()
    wechat.arm("odd_status", times=1)
    assert wechat.query()["trade_state"] == "REVIEWING"
    assert wechat.query()["trade_state"] == "SUCCESS"


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        ("no_auth", 403, "NO_AUTH"),
        ("rule_limit", 403, "RULE_LIMIT"),
        ("account_error", 403, "ACCOUNT_ERROR"),
        ("number_used", 403, "OUT_TRADE_NO_USED"),
        ("bank_error", 500, "BANK_ERROR"),
        ("unheard_code", 400, "UNHEARD_OF"),
    ],
)
def test_a_create_may_be_refused_once(
    wechat: WechatBench, fault: str, status: int, code: str
) -> None:
    wechat.arm(fault)
    refused = wechat.create()
    assert (refused["status_code"], refused["code"]) == (status, code)
    assert not wechat.world.ledger.trades
    assert wechat.create()["status_code"] == 200


@pytest.mark.parametrize(
    ("fault", "code"), [("trade_error", "TRADE_ERROR"), ("close_says_closed", "ORDER_CLOSED")]
)
def test_a_close_may_be_refused_once(wechat: WechatBench, fault: str, code: str) -> None:
    wechat.create()
    wechat.pass_time(300)
    wechat.arm(fault)
    assert wechat.close_order()["code"] == code
    assert wechat.query()["trade_state"] == "NOTPAY"
    assert wechat.close_order()["status_code"] == 204


def test_a_query_names_its_merchant(wechat: WechatBench) -> None:
    wechat.create()
    assert wechat.call("GET", f"{TRANSACTIONS}/out-trade-no/{NUMBER}")["code"] == "PARAM_ERROR"


def test_a_refund_is_accepted_then_made(wechat: WechatBench) -> None:
    wechat.pay_native()
    answer = wechat.refund()
    assert (answer["status_code"], answer["status"]) == (200, "PROCESSING")
    assert "success_time" not in answer
    assert answer["amount"] == {**answer["amount"], "total": 12800, "refund": 300}
    wechat.pass_time(3)
    assert wechat.refund_status() == "SUCCESS"
    assert wechat.query()["trade_state"] == "REFUND"


@pytest.mark.parametrize(
    ("fault", "status"), [("refund_fails", "CLOSED"), ("refund_abnormal", "ABNORMAL")]
)
def test_a_refund_may_fail_or_get_stuck(wechat: WechatBench, fault: str, status: str) -> None:
    wechat.pay_native()
    wechat.arm(fault)
    assert wechat.refund()["status"] == "PROCESSING"
    wechat.pass_time(60)
    assert wechat.refund_status() == status
    assert wechat.query()["trade_state"] == "SUCCESS"


def test_the_same_refund_again_is_that_refund(wechat: WechatBench) -> None:
    wechat.pay_native()
    first = wechat.refund()
    assert wechat.refund() == first
    wechat.pass_time(3)
    assert wechat.refund()["status"] == "SUCCESS"
    assert wechat.refund(fen=301)["code"] == "INVALID_REQUEST"
    assert wechat.refund(reason="other")["code"] == "INVALID_REQUEST"
    assert wechat.view()["refunded_fen"] == 300


@pytest.mark.parametrize(
    ("fault", "code"), [("not_enough", "NOT_ENOUGH"), ("payer_gone", "USER_ACCOUNT_ABNORMAL")]
)
def test_a_refund_may_be_refused_once(wechat: WechatBench, fault: str, code: str) -> None:
    wechat.pay_native()
    wechat.arm(fault)
    refused = wechat.refund()
    assert (refused["status_code"], refused["code"]) == (403, code)
    assert wechat.refund_status() == "RESOURCE_NOT_EXISTS"
    assert wechat.refund()["status"] == "PROCESSING"


def test_refunds_have_their_rules(wechat: WechatBench) -> None:
    assert wechat.refund()["code"] == "RESOURCE_NOT_EXISTS"
    wechat.create()
    assert wechat.refund()["code"] == "INVALID_REQUEST"
    assert wechat.pay(wechat.scanned(wechat.create()["code_url"])).status_code == 303
    assert wechat.refund(fen=12801)["code"] == "INVALID_REQUEST"
    wrong_total = {"refund": 300, "total": 300, "currency": "CNY"}
    assert wechat.refund(amount=wrong_total)["code"] == "INVALID_REQUEST"
    assert wechat.refund(number="A/B")["code"] == "PARAM_ERROR"
    assert wechat.refund(reason="x" * 81)["code"] == "PARAM_ERROR"
    assert wechat.refund(out_trade_no=None)["code"] == "PARAM_ERROR"
    assert wechat.refund(amount={"refund": 300, "total": 12800})["code"] == "PARAM_ERROR"
    assert wechat.refund()["status_code"] == 200
    too_soon = wechat.refund("ABCDEFGHIJKLMNOPQRSTUVWXYZR002")
    assert (too_soon["status_code"], too_soon["code"]) == (429, "FREQUENCY_LIMITED")
    wechat.pass_time(60)
    assert wechat.refund("ABCDEFGHIJKLMNOPQRSTUVWXYZR002")["status_code"] == 200


def test_at_most_fifty_refunds_and_none_after_a_year(wechat: WechatBench) -> None:
    wechat.pay_native()
    for count in range(50):
        assert wechat.refund(f"REFUND{count}", fen=1)["status_code"] == 200
        wechat.pass_time(60)
    assert wechat.refund("REFUND50", fen=1)["code"] == "INVALID_REQUEST"
    wechat.world.ledger.trades[NUMBER].refunds.clear()
    wechat.pass_time(365 * 86_400)
    assert wechat.refund("REFUND51", fen=1)["code"] == "INVALID_REQUEST"


def test_a_refund_may_be_asked_for_by_the_transaction(wechat: WechatBench) -> None:
    wechat.pay_native()
    named: dict[str, Any] = {"transaction_id": wechat.query()["transaction_id"]}
    assert wechat.refund(out_trade_no=None, **named)["out_refund_no"] == REFUND_NO
    assert wechat.world.calls.by_trade[NUMBER]["refund"] == 1
