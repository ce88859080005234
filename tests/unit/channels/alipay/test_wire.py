"""What comes back in OpenAPI v2, sorted into the four outcomes; only what is signed says anything."""

import json

import pytest

from paycenter.ports.channel import Account, Outcome
from paycenter.ports.transport import HttpResponse
from paychannels.alipay import wire
from paychannels.alipay.calls import Call
from paychannels.alipay.gateway import Gateway
from paychannels.alipay.wire import classify
from paychannels.flow import Reply
from paychannels.rsa import UnreadableKey
from tests.unit.channels.scripted import (
    ACCOUNT,
    ScriptedTransport,
    StandingClock,
    answer,
    platform_sign,
)

QUERY = "alipay.trade.query"
MEMBER = "alipay_trade_query_response"
CALL = Call(method=QUERY, content={})


def _response(body: str, status: int = 200) -> HttpResponse:
    return HttpResponse(status=status, headers={}, body=body.encode(errors="surrogatepass"))


def read(response: HttpResponse) -> Reply:
    return wire.read(ACCOUNT, CALL, response)


@pytest.mark.parametrize(
    ("code", "sub_code", "outcome"),
    [
        ("10000", "", Outcome.DONE),
        ("10003", "", Outcome.UNKNOWN),
        ("20000", "isp.unknow-error", Outcome.UNKNOWN),
        ("20000", "", Outcome.UNKNOWN),
        ("20001", "aop.invalid-auth-token", Outcome.REFUSED),
        ("40001", "isv.missing-method", Outcome.REFUSED),
        ("40002", "isv.invalid-signature", Outcome.REFUSED),
        ("40003", "isv.something", Outcome.REFUSED),
        ("40004", "ACQ.TRADE_NOT_EXIST", Outcome.REFUSED),
        ("40004", "TRADE_NOT_EXIST", Outcome.REFUSED),
        ("40004", "ACQ.SYSTEM_ERROR", Outcome.UNKNOWN),
        ("40004", "AQC.SYSTEM_ERROR", Outcome.UNKNOWN),
        ("40004", "aop.unknow-error", Outcome.UNKNOWN),
        ("40004", "", Outcome.UNKNOWN),
        ("40006", "isv.insufficient-isv-permissions", Outcome.REFUSED),
        ("40005", "isv.app-call-limited", Outcome.NOT_EXECUTED),
        ("40002", "isp.method-call-limited", Outcome.NOT_EXECUTED),
        ("99999", "ACQ.ANYTHING", Outcome.UNKNOWN),
        ("", "", Outcome.UNKNOWN),
    ],
)
def test_codes_have_one_outcome(code: str, sub_code: str, outcome: Outcome) -> None:
    assert classify(code, sub_code) is outcome


@pytest.mark.parametrize("status", [201, 204, 301, 302, 400, 403, 429, 500, 502, 504])
def test_another_status_is_unknown_even_when_signed(status: int) -> None:
    reply = read(answer(QUERY, status=status, code="40004", sub_code="ACQ.TRADE_NOT_EXIST"))
    assert (reply.outcome, reply.fields, reply.code) == (Outcome.UNKNOWN, None, f"http_{status}")


_TEXT = '{"code":"10000"}'
_SIGN = platform_sign(_TEXT)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "null",
        "[]",
        "{}",
        "<html>系统繁忙</html>",
        f'{{"{MEMBER}":{_TEXT}}}',
        f'{{"{MEMBER}":{_TEXT},"sign":""}}',
        f'{{"{MEMBER}":{_TEXT},"sign":null}}',
        f'{{"{MEMBER}":{_TEXT},"sign":7}}',
        f'{{"{MEMBER}":{_TEXT},"sign":"{_SIGN}"',
        f'{{"{MEMBER}":{_TEXT},"sign":"{_SIGN}"}} more',
        f'{{"{MEMBER}":{_TEXT},"sign":"{_SIGN}",}}',
        f'{{"{MEMBER}":{_TEXT} "sign":"{_SIGN}"}}',
        f'{{"{MEMBER}":{_TEXT},"{MEMBER}":{_TEXT},"sign":"{_SIGN}"}}',
        f'{{"{MEMBER}":{_TEXT},"sign":"{_SIGN}","sign":"{_SIGN}"}}',
        f'{{"{MEMBER}":{_TEXT},"error_response":{_TEXT},"sign":"{_SIGN}"}}',
        f'{{"other_response":{_TEXT},"sign":"{_SIGN}"}}',
        f'{{"{MEMBER}": {{"code": "10000"}},"sign":"{_SIGN}"}}',
        f'{{"{MEMBER}":{_TEXT},"sign":"{platform_sign(_TEXT, "alipay.stranger")}"}}',
        f'{{"{MEMBER}":NaN,"sign":"{platform_sign("NaN")}"}}',
        f'{{{MEMBER}:{_TEXT},"sign":"{_SIGN}"}}',
        f'{{7:{_TEXT},"sign":"{_SIGN}"}}',
        "[" * 100_000,
        f'{{"{MEMBER}":' + "[" * 100_000,
        '{"a":' + "9" * 5000 + "}",
        '{"error_response":{"code":"40002","sub_code":"isv.invalid-signature"}}',
        "\ud800",
    ],
)
def test_what_is_not_signed_by_alipay_has_no_fields(body: str) -> None:
    reply = read(_response(body))
    assert (reply.outcome, reply.fields, reply.code) == (Outcome.UNKNOWN, None, "unverified")


@pytest.mark.parametrize("text", ['"cipher"', '"{}"', "[10000]", "10000", "null", "{}x", '""'])
def test_a_signed_answer_that_is_no_object_is_unknown(text: str) -> None:
    # Encrypted text is not expected here: this account does not encrypt.
    reply = read(_response(f'{{"{MEMBER}":{text},"sign":"{platform_sign(text)}"}}'))
    assert (reply.outcome, reply.fields) == (Outcome.UNKNOWN, None)


def test_the_reason_that_nobody_signed_is_shown_to_people() -> None:
    body = json.dumps({"error_response": {"code": "40002", "sub_code": "isv.invalid-signature"}})
    assert read(_response(body)).detail == "unsigned: isv.invalid-signature"


def test_a_signed_error_response_is_an_answer() -> None:
    text = '{"code":"40002","msg":"Invalid Arguments","sub_code":"isv.invalid-app-id","sub_msg":"无效"}'
    reply = read(
        _response(f'{{"error_response":{text},"sign":"{platform_sign(text)}"}}'),
    )
    assert (reply.outcome, reply.code, reply.detail) == (
        Outcome.REFUSED,
        "isv.invalid-app-id",
        "无效",
    )


@pytest.mark.parametrize(
    "text",
    [
        '{"a":"}","b":"{\\"","code":"10000"}',
        '{"code" : "10000" , "nested":{"x":[1,{"y":"]}"}]}}',
        '{"code":"10000","backslash":"\\\\"}',
    ],
)
def test_the_signed_text_is_cut_where_its_value_ends(text: str) -> None:
    body = f'\n{{ "sign" : "{platform_sign(text)}" , "{MEMBER}" : {text} }}\n'
    reply = read(_response(body))
    assert reply.outcome is Outcome.DONE
    assert reply.fields == json.loads(text)


def test_slashes_signed_unescaped_are_accepted_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    sent = '{"code":"10000","url":"https:\\/\\/x\\\\\\/y"}'
    signed = '{"code":"10000","url":"https://x\\\\/y"}'
    reply = read(_response(f'{{"{MEMBER}":{sent},"sign":"{platform_sign(signed)}"}}'))
    assert reply.fields == {"code": "10000", "url": "https://x\\/y"}
    assert "slashes" in caplog.text


def test_words_for_people_are_short_and_printable() -> None:
    reply = read(
        answer(QUERY, code="40004", sub_code="ACQ.\nX", sub_msg="a\x1b[31m\n" + "长" * 500),
    )
    assert reply.code == "unreadable_code"
    assert reply.detail.startswith("a[31m长")
    assert len(reply.detail) == 200


def test_the_digest_names_the_raw_answer() -> None:
    replies = [read(_response(body)) for body in ("a", "a", "b")]
    assert replies[0].digest == replies[1].digest != replies[2].digest
    assert len(replies[0].digest) == 64


def test_an_account_without_a_readable_key_sends_nothing() -> None:
    transport = ScriptedTransport()
    broken = Account(
        id="a~1", channel="alipay", settings=ACCOUNT.settings, secrets={"private_key": "AAAA"}
    )
    with pytest.raises(UnreadableKey):
        Gateway(transport, StandingClock()).call_channel(broken, CALL)
    assert transport.sent == []
