"""Creating payments with WeChat: four products, each a transaction that is asked for."""

import json
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
from _pytest.mark import ParameterSet

from paycenter.ports.channel import (
    AppAction,
    CreateAnswer,
    JsapiAction,
    Outcome,
    Payer,
    PaymentRequest,
    QrAction,
    RedirectAction,
)
from paycenter.ports.transport import HttpResponse, NoAnswer, NotSent
from paychannels.wechatpay import create
from tests.unit.channels.scripted import NOW, ScriptedTransport, StandingClock
from tests.unit.channels.wechatpay.counterpart import (
    ACCOUNT,
    APP,
    CERTIFICATE_ACCOUNT,
    H5,
    JSAPI,
    NATIVE,
    PUBLIC_KEY_ID,
    SERIAL_A,
    answer,
    authorized,
    failure,
    holds,
)

type Step = HttpResponse | NotSent | NoAnswer
CODE = answer({"code_url": "weixin://wxpay/bizpayurl?pr=abc1234"})
PREPAY_ID = "wx01080000000000abcdef"
PREPAID = answer({"prepay_id": PREPAY_ID})
H5_URL = "https://wx.tenpay.example/checkmweb?prepay_id=wx01&package=77"
EVERY = [(NATIVE, CODE), (JSAPI, PREPAID), (H5, answer({"h5_url": H5_URL})), (APP, PREPAID)]
PRODUCT = pytest.mark.parametrize(
    ("payment", "good"), EVERY, ids=[payment.product for payment, _ in EVERY]
)


def _create(
    payment: PaymentRequest, *script: Step, now: int = NOW
) -> tuple[CreateAnswer, ScriptedTransport]:
    transport = ScriptedTransport([*script])
    return create.strategy(transport, StandingClock(now)).execute(ACCOUNT, payment), transport


@PRODUCT
def test_a_transaction_is_asked_for_with_the_whole_payment(
    payment: PaymentRequest, good: HttpResponse
) -> None:
    result, transport = _create(payment, good)
    request = transport.sent[0]
    parts = authorized(request)
    content = json.loads(request.body)
    assert result.outcome is Outcome.DONE
    assert request.method == "POST"
    assert request.url == f"https://wechat.example/v3/pay/transactions/{payment.product}"
    assert (parts["mchid"], parts["timestamp"]) == (ACCOUNT.settings["mchid"], str(NOW))
    assert parts["serial_no"] == ACCOUNT.settings["merchant_serial"]
    assert len(parts["nonce_str"]) == 32
    assert request.headers["accept"] == request.headers["content-type"] == "application/json"
    assert request.headers["user-agent"]
    assert request.headers["wechatpay-serial"] == PUBLIC_KEY_ID
    assert content["appid"] == ACCOUNT.settings["appid"]
    assert content["mchid"] == ACCOUNT.settings["mchid"]
    assert content["out_trade_no"] == payment.payment_no
    assert content["description"] == "Two tickets 门票"
    assert content["amount"] == {"total": 12800, "currency": "CNY"}
    assert content["notify_url"] == payment.notify_url
    # The absolute deadline, with its offset.
    assert content["time_expire"] == "2026-03-01T08:29:55+08:00"
    assert None not in content.values()


def test_in_certificate_mode_no_key_is_chosen() -> None:
    transport = ScriptedTransport([answer({}, key="wechat.platform_a", serial=SERIAL_A)])
    create.strategy(transport, StandingClock()).execute(CERTIFICATE_ACCOUNT, NATIVE)
    assert "wechatpay-serial" not in transport.sent[0].headers


def test_a_code_is_drawn() -> None:
    result, _ = _create(NATIVE, CODE)
    assert result.action == QrAction(content="weixin://wxpay/bizpayurl?pr=abc1234")


def test_the_script_bridge_is_given_signed_parameters() -> None:
    result, transport = _create(JSAPI, PREPAID)
    assert json.loads(transport.sent[0].body)["payer"] == {"openid": "oThrowaway0077"}
    action = result.action
    assert isinstance(action, JsapiAction)
    assert (action.bridge, action.function) == ("WeixinJSBridge", "invoke")
    assert (action.method, action.ready_event) == ("getBrandWCPayRequest", "WeixinJSBridgeReady")
    given = dict(action.parameters)
    text = f"{ACCOUNT.settings['appid']}\n{NOW}\n{given['nonceStr']}\nprepay_id={PREPAY_ID}\n"
    holds(given.pop("paySign"), text.encode())
    assert given == {
        "appId": ACCOUNT.settings["appid"],
        "timeStamp": str(NOW),
        "nonceStr": given["nonceStr"],
        "package": f"prepay_id={PREPAY_ID}",
        "signType": "RSA",
    }


def test_an_app_is_given_signed_parameters() -> None:
    result, _ = _create(APP, PREPAID)
    assert isinstance(result.action, AppAction)
    given = dict(result.action.parameters)
    assert result.action.order_string == ""
    text = f"{ACCOUNT.settings['appid']}\n{NOW}\n{given['noncestr']}\n{PREPAY_ID}\n"
    holds(given.pop("sign"), text.encode())
    assert given == {
        "appid": ACCOUNT.settings["appid"],
        "partnerid": ACCOUNT.settings["mchid"],
        "prepayid": PREPAY_ID,
        "package": "Sign=WXPay",
        "noncestr": given["noncestr"],
        "timestamp": str(NOW),
    }


def test_h5_leads_to_wechat_and_back_to_our_page() -> None:
    result, _ = _create(H5, answer({"h5_url": H5_URL}))
    assert isinstance(result.action, RedirectAction)
    assert result.action.url.startswith(f"{H5_URL}&redirect_url=https%3A%2F%2F")
    assert parse_qs(urlsplit(result.action.url).query)["redirect_url"] == [H5.return_url]


@pytest.mark.parametrize(
    ("h5_url", "return_url", "opened"),
    [
        (H5_URL, "", H5_URL),
        (
            "https://x.example/a",
            "https://b/?c=d&e",
            "https://x.example/a?redirect_url=https%3A%2F%2Fb%2F%3Fc%3Dd%26e",
        ),
    ],
)
def test_the_way_back_is_one_parameter(h5_url: str, return_url: str, opened: str) -> None:
    result, _ = _create(replace(H5, return_url=return_url), answer({"h5_url": h5_url}))
    assert result.action == RedirectAction(url=opened)


@pytest.mark.parametrize(
    ("system", "kind"), [("", "Wap"), ("ios", "iOS"), ("android", "Android"), ("else", "Wap")]
)
def test_h5_says_where_the_payer_is(system: str, kind: str) -> None:
    payer = Payer(client_address="2001:db8::7", system=system)
    _, transport = _create(replace(H5, payer=payer), answer({"h5_url": H5_URL}))
    assert json.loads(transport.sent[0].body)["scene_info"] == {
        "payer_client_ip": "2001:db8::7",
        "h5_info": {"type": kind},
    }


@PRODUCT
def test_a_repeat_has_the_same_members_and_a_signature_of_its_own(
    payment: PaymentRequest, good: HttpResponse
) -> None:
    _, first = _create(payment, good)
    later = NOW + 60
    _, again = _create(payment, answer({}, now=later), now=later)
    assert first.sent[0].body == again.sent[0].body
    assert first.sent[0].url == again.sent[0].url
    headers = [authorized(sent.sent[0]) for sent in (first, again)]
    assert headers[0]["nonce_str"] != headers[1]["nonce_str"]


@pytest.mark.parametrize(
    ("subject", "sent"),
    [
        ("门票 🎫 成人", "门票 🎫 成人"),
        ("a\x00b\u202ec\ud800d", "a b c d"),
        ("", NATIVE.payment_no),
        ("门" * 200, "门" * 127),
        ("\"quoted\" \\ 'x'", "\"quoted\" \\ 'x'"),
    ],
)
def test_a_subject_becomes_a_description(subject: str, sent: str) -> None:
    result, transport = _create(replace(NATIVE, subject=subject), CODE)
    assert json.loads(transport.sent[0].body)["description"] == sent
    assert result.outcome is Outcome.DONE
    authorized(transport.sent[0])


@PRODUCT
@pytest.mark.parametrize("handle", ["", None, 7, "a b", "x\n", "链", "x" * 2100, ["x"]])
def test_an_answer_without_a_usable_handle_is_unknown(
    payment: PaymentRequest, good: HttpResponse, handle: object
) -> None:
    name = next(iter(json.loads(good.body)))
    for fields in ({name: handle}, {}):
        result, _ = _create(payment, answer(fields))
        assert (result.outcome, result.action) == (Outcome.UNKNOWN, None)
        assert result.code == "unreadable_answer"


@pytest.mark.parametrize("url", ["javascript:alert(1)", "weixin://x", "//x", "ftp://x/"])
def test_h5_opens_web_addresses_alone(url: str) -> None:
    assert _create(H5, answer({"h5_url": url}))[0].outcome is Outcome.UNKNOWN


def _named(code: str, status: int, outcome: Outcome, finer: str = "") -> ParameterSet:
    return pytest.param(failure(code, status, finer=finer), outcome, id=f"{code} {status} {finer}")


@PRODUCT
@pytest.mark.parametrize(
    ("step", "outcome"),
    [
        _named("PARAM_ERROR", 400, Outcome.REFUSED),
        _named("INVALID_REQUEST", 400, Outcome.REFUSED),
        _named("APPID_MCHID_NOT_MATCH", 400, Outcome.REFUSED),
        _named("NO_AUTH", 403, Outcome.REFUSED),
        _named("SIGN_ERROR", 401, Outcome.REFUSED),
        _named("OPENID_MISMATCH", 500, Outcome.REFUSED),
        # Made before with other parameters, paid, closed: a query decides.
        _named("INVALID_REQUEST", 400, Outcome.UNKNOWN, finer="268498688"),
        _named("OUT_TRADE_NO_USED", 403, Outcome.UNKNOWN),
        _named("ORDER_PAID", 400, Outcome.UNKNOWN),
        _named("ORDER_CLOSED", 400, Outcome.UNKNOWN),
        _named("FREQUENCY_LIMITED", 429, Outcome.NOT_EXECUTED),
        _named("SYSTEM_ERROR", 500, Outcome.UNKNOWN),
        _named("NEVER_HEARD_OF", 400, Outcome.UNKNOWN),
        pytest.param(NotSent(), Outcome.NOT_EXECUTED, id="not sent"),
        pytest.param(NoAnswer(), Outcome.UNKNOWN, id="no answer"),
        pytest.param(failure("PARAM_ERROR", key="wechat.stranger"), Outcome.UNKNOWN, id="forged"),
        pytest.param(
            HttpResponse(status=502, headers={}, body=b"<html>"), Outcome.UNKNOWN, id="page"
        ),
    ],
)
def test_what_was_not_made_says_how_sure_that_is(
    payment: PaymentRequest, good: HttpResponse, step: Step, outcome: Outcome
) -> None:
    del good
    result, _ = _create(payment, step)
    assert (result.outcome, result.action) == (outcome, None)
    assert result.code


def test_a_forged_answer_evokes_nothing() -> None:
    forged = replace(CODE, body=CODE.body.replace(b"abc", b"xyz"))
    result, _ = _create(NATIVE, forged)
    assert (result.outcome, result.action) == (Outcome.UNKNOWN, None)
