"""The download of the platform certificates: what is believed first, and what is not."""

import json
from dataclasses import replace
from typing import Any

import pytest

from paycenter.ports.channel import Account, MaterialAnswer, Outcome
from paycenter.ports.transport import HttpResponse, NoAnswer, NotSent
from paychannels import rsa
from paychannels.wechatpay import certificates, material
from tests.unit.channels.scripted import NOW, ScriptedTransport, StandingClock
from tests.unit.channels.wechatpay.counterpart import (
    ACCOUNT,
    APIV3_KEY,
    CERTIFICATE_A,
    CERTIFICATE_ACCOUNT,
    CERTIFICATE_B,
    PLATFORM_PUBLIC,
    SERIAL_A,
    SERIAL_B,
    answer,
    authorized,
    failure,
    seal,
)

NEW = replace(CERTIFICATE_ACCOUNT, material={})
MIGRATING = replace(ACCOUNT, settings={**ACCOUNT.settings, "mode": "migrating"})
# Before the second certificate ends.
JANUARY = 1_769_212_800
BY_A: Any = {"key": "wechat.platform_a", "serial": SERIAL_A}


def _item(
    serial: str, pem: str, *, apiv3_key: str = APIV3_KEY, **changes: object
) -> dict[str, Any]:
    return {
        "serial_no": serial,
        "effective_time": "2025-01-01T08:00:00+08:00",
        "expire_time": "2050-01-01T08:00:00+08:00",
        "encrypt_certificate": seal(pem.encode(), "certificate", apiv3_key),
        **changes,
    }


ONE = _item(SERIAL_A, CERTIFICATE_A)
TWO = _item(SERIAL_B, CERTIFICATE_B)


def _fetch(
    step: HttpResponse | NotSent | NoAnswer, account: Account = NEW, now: int = NOW
) -> MaterialAnswer:
    strategy = material.strategy(ScriptedTransport([step]), StandingClock(now))
    return strategy.execute(account)


def test_only_accounts_with_certificates_fetch_any() -> None:
    strategy = material.strategy(ScriptedTransport(), StandingClock())
    assert strategy.needed(NEW)
    assert strategy.needed(MIGRATING)
    assert not strategy.needed(ACCOUNT)


def test_the_list_is_asked_for_and_believed_by_the_certificate_in_it() -> None:
    transport = ScriptedTransport([answer({"data": [ONE]}, **BY_A)])
    result = material.strategy(transport, StandingClock()).execute(NEW)
    assert result == MaterialAnswer(outcome=Outcome.DONE, material={SERIAL_A: CERTIFICATE_A})
    assert transport.sent[0].url == "https://wechat.example/v3/certificates"
    authorized(transport.sent[0])


def test_both_certificates_of_a_change_are_taken_by_either() -> None:
    both = {SERIAL_A: CERTIFICATE_A, SERIAL_B: CERTIFICATE_B}
    for key, serial in (("wechat.platform_a", SERIAL_A), ("wechat.platform_b", SERIAL_B)):
        response = answer({"data": [ONE, TWO]}, key=key, serial=serial, now=JANUARY)
        assert _fetch(response, now=JANUARY).material == both


def test_what_the_list_no_longer_has_is_not_kept() -> None:
    account = replace(NEW, material={SERIAL_B: CERTIFICATE_B})
    response = answer({"data": [ONE]}, now=JANUARY, **BY_A)
    assert _fetch(response, account, JANUARY).material == {SERIAL_A: CERTIFICATE_A}
    by_the_old = answer({"data": [ONE]}, key="wechat.platform_b", serial=SERIAL_B, now=JANUARY)
    assert _fetch(by_the_old, account, JANUARY).outcome is Outcome.UNKNOWN


def test_a_certificate_that_has_ended_is_left_out() -> None:
    assert _fetch(answer({"data": [ONE, TWO]}, **BY_A)).material == {SERIAL_A: CERTIFICATE_A}
    said = _item(SERIAL_B, CERTIFICATE_B, expire_time="2026-01-20T08:00:00+08:00")
    response = answer({"data": [ONE, said]}, now=JANUARY, **BY_A)
    assert _fetch(response, now=JANUARY).material == {SERIAL_A: CERTIFICATE_A}


def test_a_migrating_account_believes_its_public_key_too() -> None:
    assert _fetch(answer({"data": [ONE]}), MIGRATING).outcome is Outcome.DONE
    assert _fetch(answer({"data": [ONE]}), NEW).outcome is Outcome.UNKNOWN


@pytest.mark.parametrize(
    "response",
    [
        answer({"data": [ONE]}, key="wechat.stranger", serial=SERIAL_A),
        answer({"data": [ONE]}, key="wechat.platform_b", serial=SERIAL_B),
        answer({"data": [ONE]}, now=NOW - 301, **BY_A),
        answer({"data": [TWO]}, key="wechat.platform_b", serial=SERIAL_B),
        answer({"data": []}, **BY_A),
        answer({"data": None}, **BY_A),
        answer({"data": [7]}, **BY_A),
        answer({"data": [{}]}, **BY_A),
        answer({"data": [ONE] * 11}, **BY_A),
        answer([], **BY_A),
        answer({"data": [_item(SERIAL_B, CERTIFICATE_A)]}, **BY_A),
        answer({"data": [ONE, _item(SERIAL_B, CERTIFICATE_A)]}, **BY_A),
        answer({"data": [_item(SERIAL_A.lower(), CERTIFICATE_A)]}, **BY_A),
        answer({"data": [_item(SERIAL_A, PLATFORM_PUBLIC)]}, **BY_A),
        answer({"data": [_item(SERIAL_A, "")]}, **BY_A),
        answer(
            {
                "data": [
                    _item(SERIAL_A, CERTIFICATE_A, apiv3_key="AnotherThrowawayKeyOf32Bytes0078")
                ]
            },
            **BY_A,
        ),
        replace(answer({"data": [ONE]}, **BY_A), headers={}),
        replace(answer({"data": [ONE]}, **BY_A), body=json.dumps({"data": [ONE]}).encode() + b" "),
    ],
)
def test_no_other_list_is_believed(response: HttpResponse) -> None:
    result = _fetch(response)
    assert (result.outcome, result.material) == (Outcome.UNKNOWN, {})
    assert result.code == "unverified"


@pytest.mark.parametrize(
    ("step", "outcome"),
    [
        (NotSent(), Outcome.NOT_EXECUTED),
        (NoAnswer(), Outcome.UNKNOWN),
        (HttpResponse(status=500, headers={}, body=b"<html>"), Outcome.UNKNOWN),
        (HttpResponse(status=429, headers={}, body=b""), Outcome.NOT_EXECUTED),
        # A merchant that has a public key from the beginning has no certificates.
        (failure("RESOURCE_NOT_EXISTS", 404), Outcome.UNKNOWN),
    ],
)
def test_without_a_list_nothing_is_fetched(
    step: HttpResponse | NotSent | NoAnswer, outcome: Outcome
) -> None:
    result = _fetch(step)
    assert (result.outcome, result.material) == (outcome, {})


def test_a_signed_refusal_is_believed_where_its_key_is_known() -> None:
    assert _fetch(failure("RESOURCE_NOT_EXISTS", 404), MIGRATING).outcome is Outcome.REFUSED


@pytest.mark.parametrize("pem", ["", "x", PLATFORM_PUBLIC, CERTIFICATE_A[:300]])
def test_what_is_no_certificate_is_refused(pem: str) -> None:
    with pytest.raises(rsa.UnreadableKey):
        certificates.read(pem)


def test_a_serial_number_may_begin_with_a_zero() -> None:
    certificate = certificates.read(CERTIFICATE_B)
    assert SERIAL_B.startswith("0")
    assert certificate.is_named(SERIAL_B)
    assert certificate.is_named(SERIAL_B.lstrip("0"))
    assert not any(certificate.is_named(text) for text in ("", "0x1", SERIAL_A, SERIAL_B + "0"))
