"""Answers of UnionPay: read as they come, believed only when UnionPay itself signed them."""

import hashlib
from dataclasses import replace

import pytest

from paycenter.ports.channel import Account, Outcome
from paycenter.ports.transport import HttpResponse
from paychannels.flow import Reply
from paychannels.rsa import UnreadableKey
from paychannels.unionpay import codes, messages, signing, wire
from paychannels.unionpay.gateway import Gateway, read
from tests.unit.channels.scripted import NOW, ScriptedTransport, StandingClock
from tests.unit.channels.unionpay.acquirer import (
    ACCOUNT,
    CERTIFICATES,
    MONEY,
    PAYMENT,
    SECRETS,
    SETTINGS,
    answer,
    joined,
    plain,
    signature,
    told,
)

CALL = wire.payment_query(ACCOUNT, PAYMENT)
TEST_PLATFORM = replace(ACCOUNT, settings={**SETTINGS, "environment": "test"})


def _read(response: HttpResponse, account: Account = ACCOUNT, now: int = NOW) -> Reply:
    return read(response, account, CALL, now)


def _body(text: str) -> HttpResponse:
    return HttpResponse(status=200, headers={}, body=text.encode(errors="surrogatepass"))


OURS = ["10", "11", "13", "14", "31", "32", "43"]
STATES = ["33", "35", "36", "38", "45"]
CARDS = ["30", *(str(code) for code in range(61, 81))]


@pytest.mark.parametrize("code", [*OURS, *STATES, *CARDS])
def test_documented_refusals_are_definite(code: str) -> None:
    assert codes.outcome(code) is Outcome.REFUSED


def test_no_other_code_is_definite() -> None:
    assert {*OURS, *STATES, *CARDS} == codes.REFUSED
    # Of what became of a transaction: these five are failures too.
    assert {*codes.REFUSED, "01", "02", "06", "39", "60"} == codes.FAILED


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        ("00", Outcome.DONE),
        ("A6", Outcome.DONE),
        *((code, Outcome.NOT_EXECUTED) for code in ("02", "06", "37", "39")),
        *((code, Outcome.UNKNOWN) for code in ("01", "03", "04", "05", "12", "34", "60", "42")),
        *((code, Outcome.UNKNOWN) for code in ("98", "99", "ZZ", "0", "", "000", "a6", "００")),
    ],
)
def test_every_other_code_is_sorted_and_an_unknown_one_is_unknown(
    code: str, outcome: Outcome
) -> None:
    assert codes.outcome(code) is outcome


def test_an_answer_is_read_as_it_came() -> None:
    fields = told(reserved="{a=1&b={c=2&d=3}&e=4}", list="[x=1&y=2]", respMsg="a+b=c %41", **MONEY)
    reply = _read(plain(fields))
    assert (reply.outcome, reply.code, reply.fields) == (Outcome.DONE, "00", fields)
    assert "\r\n" in fields["signPubKeyCert"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "respCode",
        "=00",
        "a=1&&b=2",
        "a=1&",
        "a=1&a=2",
        "a=1&a=1",
        "a={1&b=2",
        "\udc80=1",
        "&".join(f"f{number}=1" for number in range(101)),
        "<html>系统繁忙</html>",
        '{"respCode":"00"}',
    ],
)
def test_what_is_no_answer_is_unreadable(text: str) -> None:
    if not text.startswith("a={1"):
        with pytest.raises(messages.Unreadable):
            messages.answer(text.encode(errors="surrogatepass"))
    reply = _read(_body(text))
    assert (reply.outcome, reply.fields, reply.code) == (Outcome.UNKNOWN, None, "unverified")


@pytest.mark.parametrize("status", [201, 204, 301, 302, 400, 403, 429, 500, 502, 504])
def test_another_status_is_unknown_even_when_signed(status: int) -> None:
    reply = _read(plain(told(), status=status))
    assert (reply.outcome, reply.fields, reply.code) == (Outcome.UNKNOWN, None, f"http_{status}")


GOOD = told(**MONEY)
UNSIGNED = {name: value for name, value in GOOD.items() if name != "signature"}
FORGED = {
    "tampered": {**GOOD, "respCode": "A6"},
    "a field more": {**GOOD, "extra": "1"},
    "a field less": {name: value for name, value in GOOD.items() if name != "txnAmt"},
    "no signature": UNSIGNED,
    "empty signature": {**UNSIGNED, "signature": ""},
    "odd signature": {**UNSIGNED, "signature": "签名"},
    "signed by a stranger": {**UNSIGNED, "signature": signature(UNSIGNED, "stranger")},
    "no certificate": told(signPubKeyCert="-", **MONEY),
    "no readable certificate": told(signPubKeyCert="-----BEGIN CERTIFICATE-----", **MONEY),
    "two certificates": told(
        signPubKeyCert=CERTIFICATES["unionpay.platform_cert_prod"]["pem"] * 2, **MONEY
    ),
    "another member": told(certificate="member_cert", key="other_member", **MONEY),
    "the merchant": told(certificate="merchant_cert", key="merchant", **MONEY),
    "expired": told(certificate="platform_cert_expired", **MONEY),
    "not yet valid": told(certificate="platform_cert_future", **MONEY),
    "for encryption": told(certificate="encrypt_cert", **MONEY),
    "test platform": told(certificate="platform_cert", **MONEY),
    "SHA-1 chain": told(certificate="platform_cert_sha1", **MONEY),
    "copied names": told(certificate="forged_same_issuer_name", key="stranger", **MONEY),
    "issued by a member": told(certificate="forged_by_member_leaf", key="stranger", **MONEY),
    "self-signed": told(certificate="forged_self_signed", key="stranger", **MONEY),
    "the middle one itself": told(certificate="middle", key="middle", **MONEY),
    "version 5.0.0": told(version="5.0.0", **MONEY),
    "no version": told(version="-", **MONEY),
    "method 11": told(signMethod="11", **MONEY),
    "method 02": told(signMethod="02", **MONEY),
    "no method": told(signMethod="-", **MONEY),
}
STILL_NOT_IN_TEST = FORGED.keys() - {"test platform", "SHA-1 chain"}


@pytest.mark.parametrize("fields", FORGED.values(), ids=FORGED.keys())
def test_what_unionpay_did_not_sign_has_no_fields(fields: dict[str, str]) -> None:
    reply = _read(plain(fields))
    assert (reply.outcome, reply.fields, reply.code) == (Outcome.UNKNOWN, None, "unverified")


@pytest.mark.parametrize("what", sorted(STILL_NOT_IN_TEST))
def test_the_test_environment_lowers_nothing_else(what: str) -> None:
    assert _read(plain(FORGED[what]), TEST_PLATFORM).fields is None


@pytest.mark.parametrize(
    "certificate", ["platform_cert", "platform_cert_sha1", "platform_cert_prod"]
)
def test_the_test_environment_takes_its_own_name_and_the_old_hash(certificate: str) -> None:
    assert _read(plain(told(certificate=certificate)), TEST_PLATFORM).outcome is Outcome.DONE


@pytest.mark.parametrize("secure_key", ["", "Q1w2E3r4T5y6U7i8"])
@pytest.mark.parametrize(("method", "algorithm"), [("11", "sha256"), ("12", "sm3")])
def test_a_keyed_hash_never_stands_in_for_a_certificate(
    method: str, algorithm: str, secure_key: str
) -> None:
    fields = {**UNSIGNED, "signMethod": method}
    fields["signature"] = signing.keyed(joined(fields), method, secure_key)
    assert _read(plain(fields)).fields is None
    keyed = replace(
        ACCOUNT,
        settings={**SETTINGS, "sign_method": method},
        secrets={"secure_key": SECRETS["unionpay.secure_key"]},
    )
    # With the account's own method and key it holds: the method is the account's.
    assert (_read(plain(fields), keyed).fields is not None) is bool(secure_key)
    assert _read(plain(GOOD), keyed).fields is None
    if algorithm == "sha256":
        inner = hashlib.sha256(secure_key.encode()).hexdigest()
        expected = hashlib.sha256(f"{joined(fields)}&{inner}".encode()).hexdigest()
        assert fields["signature"] == expected


def test_a_rotated_certificate_is_believed_at_once() -> None:
    assert _read(answer()).outcome is Outcome.DONE
    rotated = answer(certificate="platform_cert_next", key="platform_next")
    assert _read(rotated).outcome is Outcome.DONE


def test_a_remembered_certificate_still_ends() -> None:
    # 2055 and 2023: the same certificate, believed a moment ago.
    assert _read(answer()).outcome is Outcome.DONE
    late = _read(answer(), now=NOW + 29 * 366 * 86400)
    assert (late.fields, late.detail) == (None, "the certificate is not valid now, it says 00")
    assert _read(answer(), now=NOW - 3 * 366 * 86400).fields is None


def test_other_anchors_believe_nothing() -> None:
    foreign = {
        **SETTINGS,
        "middle_certificate": CERTIFICATES["unionpay.foreign_middle"]["pem"],
        "root_certificate": CERTIFICATES["unionpay.foreign_middle"]["pem"],
    }
    for account in (
        replace(ACCOUNT, settings=foreign),
        replace(ACCOUNT, settings={**foreign, "root_certificate": SETTINGS["root_certificate"]}),
        # The right middle one, but a root that never issued it.
        replace(ACCOUNT, settings={**SETTINGS, "root_certificate": foreign["root_certificate"]}),
        replace(ACCOUNT, settings={**SETTINGS, "middle_certificate": ""}),
    ):
        assert _read(answer(), account).fields is None


@pytest.mark.parametrize(
    "changes",
    [
        {"orderId": "OTHER"},
        {"orderId": PAYMENT.payment_no.lower()},
        {"orderId": "-"},
        {"merId": "777290058110098"},
        {"txnTime": "20260301080001"},
        {"txnType": "04"},
    ],
)
def test_an_answer_to_another_question_is_unknown(changes: dict[str, str]) -> None:
    reply = _read(answer(**changes))
    assert (reply.outcome, reply.fields, reply.code) == (Outcome.UNKNOWN, None, "other_transaction")


def test_empty_values_may_be_signed_or_left_out() -> None:
    with_empty = {**UNSIGNED, "reserved": ""}
    for fields in (
        {**with_empty, "signature": GOOD["signature"]},
        {**with_empty, "signature": signature(with_empty)},
    ):
        assert _read(plain(fields)).outcome is Outcome.DONE


def test_the_reason_that_nobody_signed_is_shown_to_people() -> None:
    unsigned = _read(_body("respCode=11&respMsg=验签失败"))
    assert unsigned.detail == "signMethod is not the account's, it says 11"
    member = _read(plain(FORGED["another member"]))
    assert member.detail == "the certificate is not UnionPay's own, it says 00"
    assert _read(_body("<html>")).detail == "the answer is not name=value"


def test_words_for_people_are_short_and_printable() -> None:
    reply = _read(answer(respCode="x\n", respMsg="a\x1b[31m\n" + "长" * 500 + "]"))
    assert reply.code == "unreadable_code"
    assert reply.detail.startswith("a[31m长")
    assert len(reply.detail) == 200


def test_the_digest_names_the_raw_answer() -> None:
    replies = [_read(_body(body)) for body in ("a", "a", "b")]
    assert replies[0].digest == replies[1].digest != replies[2].digest
    assert len(replies[0].digest) == 64


@pytest.mark.parametrize(
    ("settings", "secrets"),
    [
        ({}, {"private_key": "AAAA"}),
        ({"key_form": "pkcs12"}, {"pkcs12": "AAAA", "pkcs12_password": "000000"}),
        (
            {"key_form": "pkcs12"},
            {"pkcs12": SECRETS["unionpay.merchant_pfx_base64"], "pkcs12_password": "000001"},
        ),
    ],
)
def test_an_account_without_a_readable_key_sends_nothing(
    settings: dict[str, str], secrets: dict[str, str]
) -> None:
    transport = ScriptedTransport()
    broken = replace(ACCOUNT, settings={**SETTINGS, **settings}, secrets=secrets)
    with pytest.raises(UnreadableKey):
        Gateway(transport, StandingClock()).call_channel(broken, CALL)
    assert transport.sent == []
