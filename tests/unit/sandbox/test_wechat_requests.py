"""The door of the simulated WeChat Pay: who is let in, and by which key the answer is signed."""

import base64
import json
from typing import Any

import pytest

from tests.unit.sandbox.simulator_bench import NUMBER
from tests.unit.sandbox.wechat_bench import (
    MCHID,
    PUBLIC_KEY_ID,
    TRANSACTIONS,
    WechatBench,
    merchant_serial,
    order,
    platform_serial,
)

QUERY = f"{TRANSACTIONS}/out-trade-no/{NUMBER}?mchid={MCHID}"
CREATE = f"{TRANSACTIONS}/native"


@pytest.mark.parametrize("serial", [PUBLIC_KEY_ID, ""])
def test_an_answer_is_signed_by_the_kind_of_key_that_was_asked_for(
    wechat: WechatBench, serial: str
) -> None:
    wechat.serial = serial
    assert wechat.query()["code"] == "ORDER_NOT_EXIST"
    assert wechat.create()["status_code"] == 200


def test_a_refused_close_and_an_empty_answer_are_signed_too(wechat: WechatBench) -> None:
    wechat.create()
    assert wechat.close_order()["code"] == "INVALID_REQUEST"
    wechat.pass_time(300)
    assert wechat.close_order() == {"status_code": 204}


@pytest.mark.parametrize(
    "changes",
    [
        {"mchid": "1999999999"},
        {"serial_no": "0" * 40},
        {"timestamp": "1767240301"},
        {"timestamp": "1767239699"},
        {"timestamp": "noon"},
        {"nonce_str": ""},
        {"signature": base64.b64encode(b"x" * 256).decode()},
        {"signature": ""},
    ],
)
def test_a_wrong_authorization_is_refused_unsigned(
    wechat: WechatBench, changes: dict[str, str]
) -> None:
    wrong = wechat.authorization("GET", QUERY, changes=changes)
    answer = wechat.ask("GET", QUERY, authorization=wrong)
    assert (answer.status_code, answer.json()["code"]) == (401, "SIGN_ERROR")
    assert answer.headers["request-id"].endswith("-268443699")
    assert "wechatpay-signature" not in answer.headers
    assert wechat.world.calls.refused["SIGN_ERROR"] == 1
    assert not wechat.world.calls.by_method


@pytest.mark.parametrize("header", ["Bearer x", "", "WECHATPAY2-SHA256-RSA2048 nothing", 'WECHATPAY2-SHA1-RSA2048 a="b"'])  # fmt: skip
def test_another_scheme_is_refused(wechat: WechatBench, header: str) -> None:
    assert wechat.ask("GET", QUERY, authorization=header or " ").status_code == 401


def test_what_is_signed_is_what_is_sent(wechat: WechatBench) -> None:
    body = json.dumps(order()).encode()
    other = wechat.authorization("POST", CREATE, body + b" ")
    assert wechat.ask("POST", CREATE, order(), authorization=other).status_code == 401
    elsewhere = wechat.authorization("GET", QUERY.partition("?")[0])
    assert wechat.ask("GET", QUERY, authorization=elsewhere).status_code == 401


def test_a_number_is_signed_percent_encoded(wechat: WechatBench) -> None:
    number = "A|B*C-01"
    wechat.create(out_trade_no=number)
    target = f"{TRANSACTIONS}/out-trade-no/A%7CB%2AC-01?mchid={MCHID}"
    assert wechat.call("GET", target)["out_trade_no"] == number


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"user_agent": ""}, 403, "REQUEST_BLOCKED"),
        ({"accept": "text/html"}, 400, "PARAM_ERROR"),
    ],
)
def test_other_headers_must_be_right(
    wechat: WechatBench, headers: dict[str, str], status: int, code: str
) -> None:
    answer = wechat.ask("GET", QUERY, **headers)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_body_is_one_json_object_without_null(wechat: WechatBench) -> None:
    contents: list[object] = [[], 7, {**order(), "attach": None}]
    for content in contents:
        answer = wechat.ask("POST", CREATE, content)
        assert (answer.status_code, answer.json()["code"]) == (400, "PARAM_ERROR")
    assert wechat.ask("POST", CREATE, order(), content_type="text/plain").status_code == 400


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("GET", "/v3/nothing"),
        ("GET", CREATE),
        ("POST", "/v3/certificates"),
        ("GET", f"{TRANSACTIONS}/micropay"),
    ],
)
def test_an_unknown_operation_is_refused(wechat: WechatBench, method: str, target: str) -> None:
    answer = wechat.ask(method, target, {} if method == "POST" else None)
    assert (answer.status_code, answer.json()["code"]) == (404, "RESOURCE_NOT_EXISTS")


def test_keys_change_by_turns_and_the_next_certificate_is_listed_before(
    wechat: WechatBench,
) -> None:
    before = [item["serial_no"] for item in wechat.call("GET", "/v3/certificates")["data"]]
    assert before[0] == platform_serial()
    told = wechat.post("/sandbox/keys/rotate").json()
    assert told["serial_no"] == before[1]
    assert told["public_key_id"] != PUBLIC_KEY_ID
    assert "BEGIN PUBLIC KEY" in told["public_key"]
    answer = wechat.ask("GET", QUERY)
    assert answer.headers["wechatpay-serial"] == told["public_key_id"]
    wechat.serial = ""
    assert wechat.ask("GET", QUERY).headers["wechatpay-serial"] == before[1]
    back = wechat.post("/sandbox/keys/rotate").json()
    assert (back["serial_no"], back["public_key_id"]) == (before[0], PUBLIC_KEY_ID)
    assert len(merchant_serial()) == 40


@pytest.mark.parametrize(
    ("fault", "differs"),
    [
        ("probe_answer", "wechatpay-signature"),
        ("stale_answer", "wechatpay-timestamp"),
        ("unknown_serial_answer", "wechatpay-serial"),
        ("other_mode_answer", "wechatpay-serial"),
        ("forged_answer", "wechatpay-signature"),
    ],
)
def test_an_answer_may_be_signed_oddly_once(wechat: WechatBench, fault: str, differs: str) -> None:
    wechat.create()
    wechat.arm(fault)
    odd = wechat.ask("GET", QUERY)
    assert odd.status_code == 200
    found: dict[str, Any] = {
        "wechatpay-signature": odd.headers["wechatpay-signature"].startswith("WECHATPAY/SIGNTEST/"),
        "wechatpay-timestamp": odd.headers["wechatpay-timestamp"] == "1767239699",
        "wechatpay-serial": odd.headers["wechatpay-serial"] != PUBLIC_KEY_ID,
    }
    assert found[differs] is (fault != "forged_answer")
    assert wechat.query()["trade_state"] == "NOTPAY"


def test_an_unsigned_answer_and_an_answer_that_never_was(wechat: WechatBench) -> None:
    wechat.create()
    wechat.arm("unsigned_answer")
    assert "wechatpay-signature" not in wechat.ask("GET", QUERY).headers
    wechat.arm("throttle", times=1)
    assert wechat.query()["code"] == "FREQUENCY_LIMITED"
    wechat.arm("answer_html")
    assert wechat.ask("GET", QUERY).text.startswith("<html>")
    wechat.arm("error_after_effect", method="close")
    wechat.pass_time(300)
    assert wechat.close_order()["code"] == "SYSTEM_ERROR"
    assert wechat.query()["trade_state"] == "CLOSED"
