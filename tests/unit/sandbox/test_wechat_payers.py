"""How a payer reaches the simulated WeChat Pay: codes, H5, the script bridge, an app, the web authorisation."""

import json
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.unit.sandbox.simulator_bench import NUMBER
from tests.unit.sandbox.wechat_bench import APPID, MCHID, OPENID, WechatBench

SAFARI = "Mozilla/5.0 (iPhone) Safari/604.1"
WECHAT = "Mozilla/5.0 (iPhone) MicroMessenger/8.0.49"
OURS = "http://127.0.0.1:8080/cashier/TOKEN"


def _code(answer: httpx.Response) -> str:
    assert answer.status_code == 400
    return answer.text.partition('data-code="')[2].partition('"')[0]


def _jsapi(wechat: WechatBench, prepay_id: str, **changes: str) -> dict[str, str]:
    given = {
        "appId": APPID,
        "timeStamp": "1767240000",
        "nonceStr": "abc",
        "package": f"prepay_id={prepay_id}",
        "signType": "RSA",
    }
    sign = wechat.signed(APPID, "1767240000", "abc", given["package"])
    return {**given, "paySign": sign, **changes}


def _app(wechat: WechatBench, prepay_id: str, **changes: str) -> dict[str, str]:
    given = {
        "appid": APPID,
        "partnerid": MCHID,
        "prepayid": prepay_id,
        "package": "Sign=WXPay",
        "noncestr": "abc",
        "timestamp": "1767240000",
        "sign": wechat.signed(APPID, "1767240000", "abc", prepay_id),
    }
    return {**given, **changes}


def test_a_code_is_scanned_and_paid_until_a_new_one_is_made(wechat: WechatBench) -> None:
    old, new = (wechat.scanned(wechat.create()["code_url"]) for _ in range(2))
    assert wechat.get(old).status_code == 404
    assert wechat.pay(new, "654321").status_code == 403
    assert wechat.pay(new).status_code == 303
    assert wechat.query()["trade_state"] == "SUCCESS"


def test_a_code_lives_two_hours(wechat: WechatBench) -> None:
    page = wechat.scanned(wechat.create(time_expire=None)["code_url"])
    wechat.pass_time(7_199)
    assert wechat.get(page).status_code == 200
    wechat.pass_time(1)
    assert wechat.get(page).status_code == 404


def test_h5_opens_from_a_page_of_ours_and_leads_back(wechat: WechatBench) -> None:
    address = wechat.create("h5")["h5_url"]
    back = {"redirect_url": f"{OURS}/return"}
    opened = wechat.get(
        address + f"&redirect_url={OURS}/return", headers={"referer": OURS, "user-agent": SAFARI}
    )
    assert opened.status_code == 302
    assert wechat.pay(opened).headers["location"] == back["redirect_url"]
    assert wechat.query()["trade_type"] == "MWEB"


@pytest.mark.parametrize(
    ("headers", "more", "code"),
    [
        ({"user-agent": SAFARI}, "", "H5_REFERER"),
        ({"user-agent": SAFARI, "referer": "https://elsewhere.example/"}, "", "H5_REFERER"),
        ({"user-agent": WECHAT, "referer": OURS}, "", "H5_IN_WECHAT"),
        ({"referer": OURS}, "&redirect_url=https://elsewhere.example/", "H5_REDIRECT"),
    ],
)
def test_h5_opens_nowhere_else(
    wechat: WechatBench, headers: dict[str, str], more: str, code: str
) -> None:
    address = wechat.create("h5")["h5_url"] + more
    assert _code(wechat.get(address, headers=headers)) == code


def test_an_h5_address_lives_five_minutes(wechat: WechatBench) -> None:
    address = wechat.create("h5")["h5_url"]
    wechat.pass_time(301)
    assert _code(wechat.get(address, headers={"referer": OURS})) == "EXPIRED"


def test_the_bridge_takes_what_the_merchant_signed(wechat: WechatBench) -> None:
    prepay_id = wechat.create("jsapi")["prepay_id"]
    page = wechat.get("/jsapi/pay", _jsapi(wechat, prepay_id))
    assert wechat.pay(page).status_code == 303
    assert wechat.query()["payer"] == {"openid": OPENID}


@pytest.mark.parametrize(
    "changes",
    [
        {"appId": "wx9999999999999999"},
        {"timeStamp": "1767240001"},
        {"nonceStr": "abd"},
        {"package": "prepay_id=wx1"},
        {"signType": "MD5"},
        {"paySign": "AAAA"},
        {"paySign": ""},
    ],
)
def test_the_bridge_takes_nothing_else(wechat: WechatBench, changes: dict[str, str]) -> None:
    prepay_id = wechat.create("jsapi")["prepay_id"]
    given = _jsapi(wechat, prepay_id, **changes)
    assert _code(wechat.get("/jsapi/pay", given)) == "JSAPI_SIGN"


def test_an_app_takes_what_the_merchant_signed(wechat: WechatBench) -> None:
    prepay_id = wechat.create("app")["prepay_id"]
    for change in ({"sign": "AAAA"}, {"partnerid": "1"}, {"package": "x"}, {"timestamp": "1"}):
        assert _code(wechat.get("/app/pay", _app(wechat, prepay_id, **change))) == "APP_SIGN"
    assert wechat.pay(wechat.get("/app/pay", _app(wechat, prepay_id))).status_code == 303


def test_a_handle_opens_its_own_product_alone(wechat: WechatBench) -> None:
    prepay_id = wechat.create("jsapi")["prepay_id"]
    assert _code(wechat.get("/app/pay", _app(wechat, prepay_id))) == "EXPIRED"
    assert _code(wechat.get("/jsapi/pay", _jsapi(wechat, "wx-unknown"))) == "EXPIRED"


def test_the_script_stands_in_for_the_bridge(wechat: WechatBench) -> None:
    script = wechat.get("/bridge.js")
    assert script.headers["content-type"].startswith("text/javascript")
    assert "WeixinJSBridgeReady" in script.text
    assert '"http://wechatpay.example" + "/jsapi/pay?"' in script.text


def _authorize(wechat: WechatBench, agent: str = WECHAT, **changes: str) -> httpx.Response:
    asked = {
        "appid": APPID,
        "redirect_uri": f"{OURS}/identified?kept=1",
        "response_type": "code",
        "scope": "snsapi_base",
        "state": "STATE234",
        **changes,
    }
    return wechat.get("/connect/oauth2/authorize", asked, headers={"user-agent": agent})


def _exchange(wechat: WechatBench, code: str, /, **changes: str) -> dict[str, object]:
    asked = {
        "appid": APPID,
        "secret": "5a0db0c5a0db0c5a0db0c5a0db0c5a0d",
        "code": code,
        "grant_type": "authorization_code",
        **changes,
    }
    answer = wechat.get("/sns/oauth2/access_token", asked)
    assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (
        200,
        "text/plain",
    )
    fields: dict[str, object] = json.loads(answer.text)
    return fields


def _led_back(answer: httpx.Response) -> str:
    assert answer.status_code == 302
    target = urlsplit(answer.headers["location"])
    fields = parse_qs(target.query)
    assert target.path == "/cashier/TOKEN/identified"
    assert (fields["kept"], fields["state"]) == (["1"], ["STATE234"])
    return fields["code"][0]


def test_a_payer_is_identified_by_a_code_that_serves_once(wechat: WechatBench) -> None:
    code = _led_back(_authorize(wechat))
    assert _exchange(wechat, code)["openid"] == OPENID
    assert _exchange(wechat, code)["errcode"] == 40163


def test_a_code_of_an_authorisation_lives_five_minutes(wechat: WechatBench) -> None:
    code = _led_back(_authorize(wechat))
    wechat.pass_time(301)
    assert _exchange(wechat, code)["errcode"] == 40029


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"appid": "wx9999999999999999"}, 40013),
        ({"secret": "wrong"}, 40125),
        ({"code": ""}, 41008),
        ({"grant_type": "password"}, 41008),
        ({"code": "unknown"}, 40029),
    ],
)
def test_nobody_else_learns_who_the_payer_is(
    wechat: WechatBench, changes: dict[str, str], error: int
) -> None:
    code = _led_back(_authorize(wechat))
    assert _exchange(wechat, code, **changes)["errcode"] == error
    assert _exchange(wechat, code)["openid"] == OPENID


@pytest.mark.parametrize(
    ("agent", "changes", "code"),
    [
        (SAFARI, {}, "10000"),
        (WECHAT, {"appid": "wx9999999999999999"}, "10013"),
        (WECHAT, {"scope": "snsapi_login"}, "10005"),
        (WECHAT, {"response_type": "token"}, "10005"),
        (WECHAT, {"redirect_uri": "https://elsewhere.example/"}, "10003"),
        (WECHAT, {"redirect_uri": ""}, "10003"),
        (WECHAT, {"state": "no-dash"}, "10006"),
        (WECHAT, {"state": "x" * 129}, "10006"),
    ],
)
def test_a_browser_is_led_back_to_registered_pages_alone(
    wechat: WechatBench, agent: str, changes: dict[str, str], code: str
) -> None:
    assert _code(_authorize(wechat, agent, **changes)) == code


def test_an_exchange_can_fail_as_calls_do(wechat: WechatBench) -> None:
    code = _led_back(_authorize(wechat))
    wechat.arm("throttle", "*every*", times=1, method="oauth2")
    assert _exchange(wechat, code)["errcode"] == 45011
    wechat.arm("error_after_effect", "*every*", times=1, method="oauth2")
    assert _exchange(wechat, code)["errcode"] == -1
    assert _exchange(wechat, code)["errcode"] == 40163


def test_the_panel_shows_what_wechat_calls_a_trade(wechat: WechatBench) -> None:
    wechat.create()
    page = wechat.get("/sandbox").text
    assert "NOTPAY" in page
    assert NUMBER in page
    assert "probe_callback" in page
