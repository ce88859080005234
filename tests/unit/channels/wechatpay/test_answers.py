"""What comes back from WeChat, sorted into the four outcomes; only what is signed says anything."""

import json
from dataclasses import replace

import pytest

from paycenter.ports.channel import Account, Outcome
from paycenter.ports.transport import HttpResponse
from paychannels.flow import Reply
from paychannels.rsa import UnreadableKey
from paychannels.wechatpay import answers, documents, verification
from paychannels.wechatpay.gateway import Gateway
from tests.unit.channels.scripted import NOW, ScriptedTransport, StandingClock
from tests.unit.channels.wechatpay.counterpart import (
    ACCOUNT,
    CERTIFICATE_A,
    CERTIFICATE_ACCOUNT,
    CERTIFICATE_B,
    SERIAL_A,
    SERIAL_B,
    answer,
    failure,
    nothing,
    signed,
)


def _read(response: HttpResponse, account: Account = ACCOUNT, now: int = NOW) -> Reply:
    return answers.read(response, verification.known_keys(account), now)


@pytest.mark.parametrize(
    ("status", "code", "finer", "outcome"),
    [
        *[
            (status, code, "", Outcome.REFUSED)
            for status in (400, 401, 403, 404, 500)
            for code in (
                "PARAM_ERROR",
                "INVALID_REQUEST",
                "APPID_MCHID_NOT_MATCH",
                "MCH_NOT_EXISTS",
                "SIGN_ERROR",
                "NO_AUTH",
                "RULE_LIMIT",
                "ACCOUNT_ERROR",
                "REQUEST_BLOCKED",
                "USER_ACCOUNT_ABNORMAL",
                "OPENID_MISMATCH",
                "INVALID_TRANSACTIONID",
                "ORDER_NOT_EXIST",
                "RESOURCE_NOT_EXISTS",
            )
        ],
        *[
            (status, code, "", Outcome.UNKNOWN)
            for status in (400, 403, 500, 502)
            for code in (
                "ORDER_PAID",
                "OUT_TRADE_NO_USED",
                "ORDER_CLOSED",
                "TRADE_ERROR",
                "SYSTEM_ERROR",
                "BANK_ERROR",
                "USERPAYING",
                "NEVER_HEARD_OF",
                "",
            )
        ],
        *[(400, "INVALID_REQUEST", finer, Outcome.UNKNOWN) for finer in answers._CONFLICTS],
        (400, "INVALID_REQUEST", "268443699", Outcome.REFUSED),
        (429, "FREQUENCY_LIMITED", "", Outcome.NOT_EXECUTED),
        (400, "FREQUENCY_LIMITED", "", Outcome.NOT_EXECUTED),
        (429, "SOMETHING", "", Outcome.NOT_EXECUTED),
        (429, "PARAM_ERROR", "", Outcome.REFUSED),
        (403, "NOT_ENOUGH", "", Outcome.NOT_EXECUTED),
    ],
)
def test_codes_have_one_outcome_whatever_the_status(
    status: int, code: str, finer: str, outcome: Outcome
) -> None:
    assert answers.classify(status, code, finer) is outcome
    reply = _read(failure(code, status, finer=finer))
    assert reply.outcome is outcome
    assert reply.fields is not None


def test_a_signed_error_is_an_answer() -> None:
    reply = _read(failure("PARAM_ERROR"))
    assert (reply.code, reply.detail) == ("PARAM_ERROR", "不行")


@pytest.mark.parametrize("code", ["", "lower", "A\nB", "X" * 65, "A-B"])
def test_an_odd_code_is_not_passed_on(code: str) -> None:
    assert _read(failure(code)).code == "unreadable_code"


def test_words_for_people_are_short_and_printable() -> None:
    response = answer({"code": "X", "message": "a\x1b[31m\n" + "长" * 500}, status=400)
    assert len(_read(response).detail) == 200
    assert _read(response).detail.startswith("a[31m长")


@pytest.mark.parametrize("status", [201, 202, 206])
def test_accepted_is_not_done(status: int) -> None:
    reply = _read(answer({"code": "USERPAYING"}, status=status))
    assert (reply.outcome, reply.fields, reply.code) == (Outcome.UNKNOWN, None, "USERPAYING")


@pytest.mark.parametrize("body", ["", "null", "[]", "7", '"x"', "<html>", '{"a":1,"a":2}', '{"a":NaN}', "{" * 5000, "[" * 100_000, '{"a":' + "9" * 5000 + "}", '{"a":1} x', "\ufeff{}"])  # fmt: skip
@pytest.mark.parametrize("status", [200, 400])
def test_a_signed_answer_that_is_no_object_is_unknown(body: str, status: int) -> None:
    content = body.encode()
    reply = _read(HttpResponse(status=status, headers=signed(content), body=content))
    assert (reply.outcome, reply.fields) == (Outcome.UNKNOWN, None)
    assert reply.code == "unreadable_answer"


def test_an_empty_answer_is_signed_too() -> None:
    assert _read(nothing()).fields == {}
    assert _read(replace(nothing(), headers={})).fields is None
    assert _read(replace(nothing(), body=b" ")).fields is None


SIGNED = answer({"trade_state": "SUCCESS"})


@pytest.mark.parametrize(
    "response",
    [
        answer({}, timestamp="-"),
        answer({}, nonce="-"),
        answer({}, serial="-"),
        answer({}, signature="-"),
        answer({}, timestamp=""),
        answer({}, nonce=""),
        answer({}, serial=""),
        answer({}, signature=""),
        answer({}, key="wechat.stranger"),
        answer({}, serial="PUB_KEY_ID_1"),
        answer({}, serial=SERIAL_A),
        answer({}, signature="AAAA"),
        answer({}, signature="not base64"),
        answer({}, signature="签名"),
        answer({}, signature="WECHATPAY/SIGNTEST/" + "A" * 300),
        answer({}, nonce="other"),
        answer({}, nonce="随机"),
        answer({}, nonce="\ud800"),
        answer({}, signature_type="WECHATPAY2-SHA1-RSA2048"),
        answer({}, signature_type=""),
        answer({}, timestamp=f"{NOW}.0"),
        answer({}, timestamp=f"+{NOW}"),
        answer({}, timestamp=f" {NOW}"),
        answer({}, timestamp="１７７２３２３２００"),
        answer({}, timestamp="9" * 40),
        answer({}, now=NOW - 300),
        answer({}, now=NOW + 300),
        replace(SIGNED, body=SIGNED.body + b" "),
        replace(SIGNED, body=SIGNED.body.replace(b"SUCCESS", b"NOTPAY_")),
    ],
)
def test_what_wechat_did_not_sign_has_no_fields(response: HttpResponse) -> None:
    reply = _read(response)
    assert (reply.outcome, reply.fields, reply.code) == (Outcome.UNKNOWN, None, "unverified")


@pytest.mark.parametrize("distance", [-299, 0, 299])
def test_the_window_is_five_minutes_both_ways(distance: int) -> None:
    assert _read(answer({}, now=NOW + distance)).outcome is Outcome.DONE


def test_header_names_have_no_case_and_the_type_may_be_missing() -> None:
    shouted = {name.upper(): value for name, value in signed(b"{}").items()}
    assert _read(HttpResponse(status=200, headers=shouted, body=b"{}")).outcome is Outcome.DONE
    assert _read(answer({}, signature_type="-")).outcome is Outcome.DONE


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (400, Outcome.UNKNOWN),
        (401, Outcome.UNKNOWN),
        (403, Outcome.UNKNOWN),
        (404, Outcome.UNKNOWN),
        (429, Outcome.NOT_EXECUTED),
        (500, Outcome.UNKNOWN),
        (502, Outcome.UNKNOWN),
        (301, Outcome.UNKNOWN),
    ],
)
def test_an_unsigned_error_decides_nothing_and_shows_its_claim(
    status: int, outcome: Outcome
) -> None:
    body = json.dumps({"code": "SIGN_ERROR", "message": "x"}).encode()
    reply = _read(HttpResponse(status=status, headers={}, body=body))
    assert (reply.outcome, reply.fields, reply.code) == (outcome, None, f"http_{status}")
    assert reply.detail == "unsigned: SIGN_ERROR"


# The second certificate ends on the first of February.
JANUARY = 1_769_212_800


def test_certificates_and_the_public_key_hold_side_by_side() -> None:
    account = replace(ACCOUNT, material={SERIAL_A: CERTIFICATE_A, SERIAL_B: CERTIFICATE_B})
    for key, serial in (("platform_a", SERIAL_A), ("platform_b", SERIAL_B)):
        response = answer({}, key=f"wechat.{key}", serial=serial, now=JANUARY)
        assert _read(response, account, JANUARY).outcome is Outcome.DONE
    assert _read(answer({}), account).outcome is Outcome.DONE
    crossed = answer({}, key="wechat.platform_b", serial=SERIAL_A, now=JANUARY)
    assert _read(crossed, account, JANUARY).outcome is Outcome.UNKNOWN


def test_a_certificate_that_has_ended_proves_nothing() -> None:
    account = replace(CERTIFICATE_ACCOUNT, material={SERIAL_B: CERTIFICATE_B})
    late = answer({}, key="wechat.platform_b", serial=SERIAL_B)
    assert _read(late, account).detail == "a certificate that is not valid now"


def test_without_certificates_nothing_is_believed() -> None:
    account = replace(CERTIFICATE_ACCOUNT, material={})
    response = answer({}, key="wechat.platform_a", serial=SERIAL_A)
    assert _read(response, account).outcome is Outcome.UNKNOWN


def test_the_digest_names_the_raw_answer() -> None:
    replies = [_read(answer(fields)) for fields in ({}, {}, {"a": 1})]
    assert replies[0].digest == replies[1].digest != replies[2].digest
    assert len(replies[0].digest) == 64


def test_an_account_without_a_readable_key_sends_nothing() -> None:
    transport = ScriptedTransport()
    broken = replace(ACCOUNT, secrets={"private_key": "AAAA"})
    with pytest.raises(UnreadableKey):
        Gateway(transport, StandingClock()).call_channel(broken, "GET", "/v3/certificates")
    assert transport.sent == []


@pytest.mark.parametrize("value", ["12", 1.0, 1.5, -1, True, False, None, [1]])
def test_an_amount_is_a_json_integer(value: object) -> None:
    with pytest.raises(ValueError, match="total is not an amount"):
        documents.fen({"total": value}, "total")
    assert documents.fen({"total": 0}, "total") == 0
