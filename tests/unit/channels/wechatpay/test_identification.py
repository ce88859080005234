"""A payer's openid, by WeChat's web authorisation."""

import json
from dataclasses import replace
from urllib.parse import parse_qsl, urlsplit

import pytest

from paycenter.ports.channel import Outcome, PayerAnswer
from paycenter.ports.transport import HttpResponse, NoAnswer, NotSent
from paychannels.wechatpay import identification
from tests.unit.channels.scripted import ScriptedTransport, StandingClock
from tests.unit.channels.wechatpay.counterpart import ACCOUNT, APP_SECRET

RETURN_URL = "https://pay.example/cashier/TOKEN/identified?x=1&y"


def _exchange(step: HttpResponse | NotSent | NoAnswer) -> PayerAnswer:
    transport = ScriptedTransport([step])
    return identification.strategy(transport, StandingClock()).execute(ACCOUNT, "the code")


def _said(status: int = 200, **fields: object) -> HttpResponse:
    return HttpResponse(status=status, headers={}, body=json.dumps(fields).encode())


def test_the_payer_is_led_there_and_back() -> None:
    strategy = identification.strategy(ScriptedTransport(), StandingClock())
    address = urlsplit(strategy.address(ACCOUNT, RETURN_URL, "STATE234"))
    assert (address.scheme, address.netloc) == ("https", "open.wechat.example")
    assert address.path == "/connect/oauth2/authorize"
    assert address.fragment == "wechat_redirect"
    # WeChat reads them in this order.
    assert parse_qsl(address.query) == [
        ("appid", ACCOUNT.settings["appid"]),
        ("redirect_uri", RETURN_URL),
        ("response_type", "code"),
        ("scope", "snsapi_base"),
        ("state", "STATE234"),
    ]


def test_a_code_is_exchanged_with_the_app_s_secret() -> None:
    transport = ScriptedTransport([_said(openid="oThrowaway-77_", scope="snsapi_base")])
    result = identification.strategy(transport, StandingClock()).execute(ACCOUNT, "a&b=c")
    request = transport.sent[0]
    address = urlsplit(request.url)
    assert (request.method, address.netloc) == ("GET", "openid.wechat.example")
    assert address.path == "/sns/oauth2/access_token"
    assert dict(parse_qsl(address.query)) == {
        "appid": ACCOUNT.settings["appid"],
        "secret": APP_SECRET,
        "code": "a&b=c",
        "grant_type": "authorization_code",
    }
    assert result == PayerAnswer(outcome=Outcome.DONE, payer_id="oThrowaway-77_")


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (40029, Outcome.REFUSED),
        (40163, Outcome.REFUSED),
        (41008, Outcome.REFUSED),
        (40013, Outcome.REFUSED),
        (40125, Outcome.REFUSED),
        (-1, Outcome.NOT_EXECUTED),
        (45011, Outcome.NOT_EXECUTED),
        (99999, Outcome.UNKNOWN),
        ("40029", Outcome.UNKNOWN),
        ([40029], Outcome.UNKNOWN),
    ],
)
def test_an_error_is_one_whatever_stands_beside_it(error: object, outcome: Outcome) -> None:
    result = _exchange(_said(errcode=error, errmsg="no", openid="oThrowaway0077"))
    assert (result.outcome, result.payer_id) == (outcome, "")
    assert result.code


@pytest.mark.parametrize("openid", ["", None, 7, "a b", "x" * 129, "支付", "a\n"])
def test_an_odd_openid_is_none(openid: object) -> None:
    assert _exchange(_said(openid=openid)).outcome is Outcome.UNKNOWN


@pytest.mark.parametrize(
    ("step", "outcome"),
    [
        (NotSent(), Outcome.NOT_EXECUTED),
        (NoAnswer(), Outcome.UNKNOWN),
        (_said(500, openid="oThrowaway0077"), Outcome.UNKNOWN),
        (HttpResponse(status=200, headers={}, body=b"<html>"), Outcome.UNKNOWN),
        (HttpResponse(status=200, headers={}, body=b"[]"), Outcome.UNKNOWN),
    ],
)
def test_without_an_answer_nobody_is_known(
    step: HttpResponse | NotSent | NoAnswer, outcome: Outcome
) -> None:
    result = _exchange(step)
    assert (result.outcome, result.payer_id) == (outcome, "")


def test_without_the_app_s_secret_nobody_is_asked() -> None:
    transport = ScriptedTransport()
    account = replace(ACCOUNT, secrets={"private_key": "x", "apiv3_key": "y"})
    result = identification.strategy(transport, StandingClock()).execute(account, "code")
    assert (result.outcome, result.code) == (Outcome.REFUSED, "no_app_secret")
    assert transport.sent == []
