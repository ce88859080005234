"""What comes back in OpenAPI v3, sorted into the four outcomes; only what is signed says anything."""

import pytest

from paycenter.ports.channel import Outcome
from paycenter.ports.transport import HttpResponse
from paychannels.alipay import rest
from paychannels.alipay.calls import Call
from paychannels.flow import Reply
from tests.unit.channels.alipay.otherside import SIDES, in_v3

CALL = Call(method="alipay.trade.query", content={})
PLAIN, SEALED = SIDES["v3 key"].account, SIDES["v3 key aes"].account


def _read(response: HttpResponse) -> Reply:
    return rest.read(PLAIN, CALL, response)


@pytest.mark.parametrize(
    ("status", "code", "outcome"),
    [
        (200, "", Outcome.DONE),
        (201, "", Outcome.UNKNOWN),
        (202, "", Outcome.UNKNOWN),
        (204, "", Outcome.UNKNOWN),
        (302, "", Outcome.UNKNOWN),
        (400, "TRADE_NOT_EXIST", Outcome.REFUSED),
        (400, "invalid-parameter", Outcome.REFUSED),
        (400, "SYSTEM_ERROR", Outcome.UNKNOWN),
        (400, "", Outcome.UNKNOWN),
        (401, "invalid-signature", Outcome.REFUSED),
        (403, "insufficient-isv-permissions", Outcome.REFUSED),
        (404, "api-not-exist", Outcome.REFUSED),
        (409, "CONFLICT", Outcome.UNKNOWN),
        (429, "app-call-limited", Outcome.NOT_EXECUTED),
        (429, "", Outcome.NOT_EXECUTED),
        (403, "method-call-limited", Outcome.NOT_EXECUTED),
        (500, "SYSTEM_ERROR", Outcome.UNKNOWN),
        (500, "TRADE_NOT_EXIST", Outcome.UNKNOWN),
        (503, "", Outcome.UNKNOWN),
    ],
)
def test_statuses_and_codes_have_one_outcome(status: int, code: str, outcome: Outcome) -> None:
    assert rest.classify(status, code) is outcome
    said = f'{{"code":"{code}","message":"无效\\u0007"}}' if code else "{}"
    reply = _read(in_v3(status, said))
    assert reply.outcome is outcome
    assert reply.code == (code or f"http_{status}")
    assert reply.detail == ("无效" if code else "")
    assert len(reply.digest) == 64


@pytest.mark.parametrize("status", [200, 400, 401, 404, 429, 500])
def test_what_is_not_signed_decides_nothing_whatever_its_status(status: int) -> None:
    body = b'{"code":"TRADE_NOT_EXIST","message":"x"}'
    reply = _read(HttpResponse(status=status, headers={}, body=body))
    assert (reply.outcome, reply.fields) == (Outcome.UNKNOWN, None)
    assert reply.code == ("unverified" if status == 200 else f"http_{status}")
    assert reply.detail == "unsigned: TRADE_NOT_EXIST"


@pytest.mark.parametrize(
    "body",
    ["", "null", "[]", '"{}"', "{", "{}{}", '{"a":NaN}', '{"a":1,"a":2}', "[" * 100_000, "AAAA"],
)
def test_a_signed_answer_that_is_no_object_is_unknown(body: str) -> None:
    reply = _read(in_v3(200, body))
    assert (reply.outcome, reply.fields, reply.code) == (
        Outcome.UNKNOWN,
        None,
        "unreadable_answer",
    )


@pytest.mark.parametrize("body", ["AAAA", "A" * 43 + "=", "not base64", "￼"])
def test_what_can_not_be_decrypted_is_unknown(body: str) -> None:
    reply = rest.read(SEALED, CALL, in_v3(200, body))
    assert (reply.outcome, reply.fields) == (Outcome.UNKNOWN, None)


def test_bytes_that_are_no_text_are_unknown() -> None:
    response = in_v3(200, "{}")
    broken = HttpResponse(status=200, headers=response.headers, body=b"\xff")
    assert _read(broken).outcome is Outcome.UNKNOWN


def test_an_error_in_plain_is_an_answer_to_who_encrypts() -> None:
    reply = rest.read(SEALED, CALL, in_v3(400, '{"code":"TRADE_NOT_EXIST"}'))
    assert (reply.outcome, reply.code) == (Outcome.REFUSED, "TRADE_NOT_EXIST")


@pytest.mark.parametrize("value", ["", "a\nb", "a b", "日", "x" * 129])
def test_a_signed_header_that_is_odd_is_not_believed(value: str) -> None:
    # A line break in a header could shift what is signed from one line to the next.
    good = in_v3(200, "{}")
    for name in ("alipay-timestamp", "alipay-nonce"):
        response = HttpResponse(status=200, headers={**good.headers, name: value}, body=good.body)
        assert not rest.verified(PLAIN, response)
