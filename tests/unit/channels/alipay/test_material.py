"""Fetching the certificate that Alipay has begun to sign with. Holds C18, S-25: nothing is believed for being new."""

import base64
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from paycenter.ports.channel import Account, MaterialAnswer, Outcome
from paycenter.ports.transport import HttpResponse, NoAnswer, NotSent
from paychannels.alipay import certificates, material
from tests.unit.channels.alipay.otherside import (
    CERTIFICATES,
    PLATFORM_SERIAL,
    SIDES,
    account,
)
from tests.unit.channels.scripted import ScriptedTransport, StandingClock

METHOD = "alipay.open.app.alipaycert.download"
SIDE = SIDES["v2 certificate"]
NEXT = CERTIFICATES["platform_next_cert"]
NEXT_SERIAL = certificates.serial(NEXT)
POSING = CERTIFICATES["stranger_cert"]
type Step = HttpResponse | NotSent | NoAnswer


def _content(certificate: str) -> dict[str, object]:
    return {"alipay_cert_content": base64.b64encode(certificate.encode()).decode()}


def _answer(
    fields: Mapping[str, object], *, key: str = "alipay.platform_next", serial: str = NEXT_SERIAL
) -> HttpResponse:
    return SIDE.says(METHOD, fields, key=key, serial=serial)


OLD = _answer({}, key="alipay.platform", serial=PLATFORM_SERIAL)
ROTATED = _answer({})


def _fetch(*script: Step, of: Account = SIDE.account) -> tuple[MaterialAnswer, ScriptedTransport]:
    transport = ScriptedTransport([*script])
    return material.strategy(transport, StandingClock()).execute(of), transport


@pytest.mark.parametrize("mode", SIDES)
def test_only_certificate_mode_needs_any(mode: str) -> None:
    strategy = material.strategy(ScriptedTransport(), StandingClock())
    assert strategy.needed(SIDES[mode].account) is SIDES[mode].certified


def test_while_nothing_is_new_nothing_changes() -> None:
    known = replace(SIDE.account, material={NEXT_SERIAL: NEXT})
    for of in (SIDE.account, known):
        said, transport = _fetch(OLD, of=of)
        assert said == MaterialAnswer(outcome=Outcome.DONE, material=of.material)
        assert SIDE.content(transport.sent[0]) == {"alipay_cert_sn": PLATFORM_SERIAL}
        assert len(transport.sent) == 1


@pytest.mark.parametrize("of", [SIDE.account, account(v3=True, certified=True)])
def test_a_new_certificate_is_fetched_by_its_name_and_kept(of: Account) -> None:
    said, transport = _fetch(ROTATED, _answer(_content(NEXT)), of=of)
    assert said == MaterialAnswer(outcome=Outcome.DONE, material={NEXT_SERIAL: NEXT})
    assert SIDE.content(transport.sent[1]) == {"alipay_cert_sn": NEXT_SERIAL}


def test_a_certificate_comes_encrypted_to_who_encrypts() -> None:
    side = SIDES["v2 certificate aes"]
    answer = side.says(METHOD, _content(NEXT), key="alipay.platform_next", serial=NEXT_SERIAL)
    said, _ = _fetch(answer, answer, of=side.account)
    assert said.material == {NEXT_SERIAL: NEXT}


def test_a_repeat_keeps_what_was_fetched() -> None:
    known = replace(SIDE.account, material={NEXT_SERIAL: NEXT})
    said, _ = _fetch(ROTATED, of=known)
    assert said == MaterialAnswer(outcome=Outcome.DONE, material={NEXT_SERIAL: NEXT})


def test_no_more_are_kept_than_an_account_needs() -> None:
    old = {str(number): CERTIFICATES["platform_cert"] for number in range(9)}
    said, _ = _fetch(ROTATED, _answer(_content(NEXT)), of=replace(SIDE.account, material=old))
    assert list(said.material) == ["6", "7", "8", NEXT_SERIAL]


def _begun_in(year: int) -> str:
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "old")])
    begun = datetime(year, 1, 1, tzinfo=UTC)
    builder = x509.CertificateBuilder(
        name, name, key.public_key(), 1, begun, datetime(2040, 1, 1, tzinfo=UTC)
    )
    return builder.sign(key, SHA256()).public_bytes(Encoding.PEM).decode()


def test_the_newest_are_kept_whatever_order_they_are_stored_in() -> None:
    known = {str(year): _begun_in(year) for year in (2025, 2020, 2023, 2021, 2022)}
    said, _ = _fetch(ROTATED, _answer(_content(NEXT)), of=replace(SIDE.account, material=known))
    assert said.material.keys() == {"2022", "2023", "2025", NEXT_SERIAL}


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        # A merchant's own certificate leads to the same roots.
        (
            _answer(_content(POSING), key="alipay.stranger", serial=certificates.serial(POSING)),
            "certificate_not_trusted",
        ),
        # Under the new name comes another certificate.
        (_answer(_content(POSING)), "certificate_not_trusted"),
        # The new certificate has not signed what brought it.
        (_answer(_content(NEXT), key="alipay.platform"), "certificate_not_trusted"),
        (_answer(_content(NEXT), key="alipay.stranger"), "certificate_not_trusted"),
        (
            _answer(_content(NEXT), key="alipay.platform", serial=PLATFORM_SERIAL[::-1]),
            "certificate_not_trusted",
        ),
        (_answer(_content("x")), "unreadable_certificate"),
        (_answer({"alipay_cert_content": NEXT}), "unreadable_certificate"),
        (_answer({"alipay_cert_content": 7}), "unreadable_certificate"),
        (_answer({}), "unreadable_certificate"),
        (HttpResponse(status=200, headers={}, body=b"<html>"), "unreadable_certificate"),
        (HttpResponse(status=200, headers={}, body=b"[" * 100_000), "unreadable_certificate"),
        (NoAnswer(), "no_answer"),
    ],
)
def test_what_is_not_alipay_s_is_not_kept(answer: Step, code: str) -> None:
    serial = NEXT_SERIAL
    if code == "certificate_not_trusted" and isinstance(answer, HttpResponse):
        serial = answer.body.split(b'"alipay_cert_sn":"')[1][:32].decode()
    said, _ = _fetch(_answer({}, serial=serial), answer)
    assert said == MaterialAnswer(outcome=Outcome.UNKNOWN, code=code)


def test_a_certificate_of_another_chain_is_not_kept() -> None:
    elsewhere = replace(
        SIDE.account,
        settings={
            **SIDE.account.settings,
            "alipay_root_certificates": CERTIFICATES["root_rsa2"],
        },
    )
    said, _ = _fetch(ROTATED, _answer(_content(NEXT)), of=elsewhere)
    assert said.code == "certificate_not_trusted"


@pytest.mark.parametrize(
    ("step", "outcome", "code"),
    [
        (NotSent(), Outcome.NOT_EXECUTED, "not_sent"),
        (NoAnswer(), Outcome.UNKNOWN, "no_answer"),
        (
            HttpResponse(status=200, headers={}, body=b"<html>"),
            Outcome.UNKNOWN,
            "unreadable_answer",
        ),
        (SIDES["v2 key"].says(METHOD, {}), Outcome.UNKNOWN, "unreadable_answer"),
    ],
)
def test_without_an_answer_nothing_changes(step: Step, outcome: Outcome, code: str) -> None:
    said, transport = _fetch(step)
    assert said == MaterialAnswer(outcome=outcome, code=code)
    assert len(transport.sent) == 1
