"""Notices of the simulated WeChat Pay: sealed, signed, repeated; and how they can be wrong."""

import httpx
import pytest
from cryptography.exceptions import InvalidSignature, InvalidTag

from sandbox.business_clock import rfc3339_text
from tests.unit.sandbox.simulator_bench import NOON, NOTIFY_URL, NUMBER
from tests.unit.sandbox.wechat_bench import (
    APPID,
    MCHID,
    OPENID,
    PUBLIC_KEY_ID,
    REFUND_NO,
    WechatBench,
    platform_serial,
)

LADDER = [15, 15, 30, 180, 600, 1_200, 1_800, 1_800, 1_800, 3_600, 10_800, 10_800, 10_800, 21_600, 21_600]  # fmt: skip


def test_a_payment_is_told_once_sealed_and_signed(wechat: WechatBench) -> None:
    wechat.pay_native()
    wechat.pass_time(100_000)
    (told,) = wechat.told()
    assert told.serial == PUBLIC_KEY_ID
    assert str(wechat.received[0].url) == NOTIFY_URL
    frame = dict(told.frame)
    assert len(frame.pop("id")) == 32
    assert frame.pop("resource")["original_type"] == "transaction"
    assert frame == {
        "create_time": "2026-01-01T12:00:00+08:00",
        "resource_type": "encrypt-resource",
        "event_type": "TRANSACTION.SUCCESS",
        "summary": "支付成功",
    }
    assert told.content == {
        "appid": APPID,
        "mchid": MCHID,
        "out_trade_no": NUMBER,
        "transaction_id": told.content["transaction_id"],
        "trade_type": "NATIVE",
        "trade_state": "SUCCESS",
        "trade_state_desc": "支付成功",
        "bank_type": "OTHERS",
        "attach": "",
        "success_time": "2026-01-01T12:00:00+08:00",
        "payer": {"openid": OPENID},
        "amount": {
            "total": 12800,
            "payer_total": 12800,
            "currency": "CNY",
            "payer_currency": "CNY",
        },
    }


def test_a_merchant_in_certificate_mode_is_told_under_the_certificate(wechat: WechatBench) -> None:
    wechat.serial = ""
    wechat.pay_native()
    assert wechat.told()[0].serial == platform_serial()


def test_fifteen_repeats_in_a_day_and_four_minutes(wechat: WechatBench) -> None:
    wechat.callback_answers = [httpx.Response(500) for _ in range(20)]
    wechat.pay_native()
    wechat.pass_time(200_000)
    (notice,) = wechat.view()["callbacks"]
    due = [NOON + sum(LADDER[:n]) for n in range(16)]
    assert [attempt["at"] for attempt in notice["attempts"]] == [rfc3339_text(one) for one in due]
    assert sum(LADDER) == 24 * 3_600 + 4 * 60
    told = wechat.told()
    assert len({one.frame["id"] for one in told}) == 1
    assert len({str(one.content) for one in told}) == 1
    assert len({one.frame["resource"]["nonce"] for one in told}) == 16


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (httpx.Response(200, json={"code": "SUCCESS"}), "acknowledged"),
        (httpx.Response(200), "acknowledged"),
        (httpx.Response(204), "acknowledged"),
        (httpx.Response(200, json={"code": "FAIL", "message": "no"}), "refused"),
        (httpx.Response(201), "refused"),
        (httpx.Response(302, headers={"location": NOTIFY_URL}), "refused"),
        (httpx.Response(401, json={"code": "SUCCESS"}), "refused"),
        (httpx.Response(500), "refused"),
        (httpx.ConnectError("no route"), "unreachable"),
    ],
)
def test_what_acknowledges(
    wechat: WechatBench, answer: httpx.Response | httpx.TransportError, outcome: str
) -> None:
    wechat.callback_answers = [answer]
    wechat.pay_native()
    assert wechat.outcomes() == [outcome]


def test_a_close_is_told_to_nobody(wechat: WechatBench) -> None:
    wechat.create()
    wechat.pass_time(300)
    wechat.close_order()
    wechat.pass_time(10)
    assert wechat.received == []


@pytest.mark.parametrize(
    ("fault", "event", "status"),
    [
        ("", "REFUND.SUCCESS", "SUCCESS"),
        ("refund_fails", "REFUND.CLOSED", "CLOSED"),
        ("refund_abnormal", "REFUND.ABNORMAL", "ABNORMAL"),
    ],
)
def test_a_refund_is_told_without_app_and_currency(
    wechat: WechatBench, fault: str, event: str, status: str
) -> None:
    wechat.pay_native()
    if fault:
        wechat.arm(fault)
    wechat.refund()
    wechat.pass_time(60)
    told = wechat.told()[1]
    assert str(wechat.received[1].url) == f"{NOTIFY_URL}/refund"
    assert (told.frame["event_type"], told.frame["resource"]["associated_data"]) == (
        event,
        "refund",
    )
    assert told.content["refund_status"] == status
    assert told.content["out_refund_no"] == REFUND_NO
    assert told.content["amount"] == {
        "total": 12800,
        "refund": 300,
        "payer_total": 12800,
        "payer_refund": 300,
    }
    assert "appid" not in told.content
    assert ("success_time" in told.content) is (status == "SUCCESS")


@pytest.mark.parametrize(
    ("fault", "field", "value"),
    [
        ("wrong_merchant", "mchid", "1999999999"),
        ("wrong_app", "appid", "wx9999999999999999"),
        ("unpaid_callback", "trade_state", "NOTPAY"),
        ("odd_callback", "trade_state", "REVIEWING"),
        ("unknown_order", "out_trade_no", f"B{NUMBER[1:]}"),
    ],
)
def test_a_notice_may_say_something_wrong_and_hold(
    wechat: WechatBench, fault: str, field: str, value: str
) -> None:
    wechat.arm(fault)
    wechat.pay_native()
    assert wechat.told()[0].content[field] == value


def test_a_notice_may_state_another_amount_currency_or_event(wechat: WechatBench) -> None:
    wechat.pay_native()
    for fault in ("wrong_amount", "wrong_currency", "other_event_callback", "other_mode_callback"):
        wechat.post(f"/sandbox/trades/{NUMBER}/callbacks", json={"fault": fault})
    _, amount, currency, event, mode = wechat.told()
    assert amount.content["amount"]["total"] == 12799
    assert currency.content["amount"]["currency"] == "USD"
    assert event.frame["event_type"] == "SECURITY_ECHO.SUCCESS"
    assert mode.serial == platform_serial()


def test_a_probe_comes_first_and_must_be_refused(wechat: WechatBench) -> None:
    wechat.callback_answers = [httpx.Response(400)]
    wechat.arm("probe_callback")
    wechat.pay_native()
    assert wechat.received[0].headers["wechatpay-signature"].startswith("WECHATPAY/SIGNTEST/")
    wechat.pass_time(15)
    assert wechat.outcomes() == ["refused", "acknowledged"]
    assert wechat.open(wechat.received[1]).content["trade_state"] == "SUCCESS"


@pytest.mark.parametrize(("fault", "offset"), [("stale_callback", -301), ("early_callback", 301)])
def test_a_notice_may_come_from_another_time(wechat: WechatBench, fault: str, offset: int) -> None:
    wechat.arm(fault)
    wechat.pay_native()
    headers = wechat.received[0].headers
    assert int(headers["wechatpay-timestamp"]) == NOON + offset
    assert wechat.told()


def test_a_notice_may_not_hold_at_all(wechat: WechatBench) -> None:
    wechat.pay_native()
    faults = (
        "forge_callback",
        "unsigned_callback",
        "unknown_serial_callback",
        "other_seal_callback",
    )
    for fault in faults:
        wechat.post(f"/sandbox/trades/{NUMBER}/callbacks", json={"fault": fault})
    _, forged, unsigned, unknown, other = wechat.received
    with pytest.raises(InvalidSignature):
        wechat.open(forged)
    assert "wechatpay-signature" not in unsigned.headers
    assert unknown.headers["wechatpay-serial"] == "F" * 40
    with pytest.raises(InvalidTag):
        wechat.open(other)
