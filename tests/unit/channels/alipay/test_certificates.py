"""Certificate mode: serials, keys, chains, and what is refused as a certificate."""

from dataclasses import replace

import pytest

from paycenter.ports.channel import CallbackRefused, FactKind, RawCallback
from paychannels.alipay import callbacks, certificates, credentials
from paychannels.rsa import UnreadableKey
from tests.unit.channels.alipay import issuing
from tests.unit.channels.alipay.otherside import (
    CERTIFICATES,
    PLATFORM_SERIAL,
    ROOTS,
    account,
)
from tests.unit.channels.scripted import KEYS, StandingClock, notice

CERTIFIED = account(certified=True)
TAKER = callbacks.strategy(StandingClock())
PLATFORM, ISSUING = CERTIFICATES["platform_cert"], CERTIFICATES["issuing_ca"]


def test_the_first_certificate_of_a_text_counts_whatever_stands_around() -> None:
    alone = certificates.serial(PLATFORM)
    for text in (PLATFORM + ISSUING, f"Alipay's\r\n\n{PLATFORM}", PLATFORM.replace("\n", "\r\n")):
        assert certificates.serial(text) == alone


@pytest.mark.parametrize(
    "separator", ["", "\n", "\n\n\n", "# next\n"], ids=["none", "one", "three", "words"]
)
def test_a_bundle_is_split_by_its_frames_alone(separator: str) -> None:
    parts = [CERTIFICATES[name] for name in ("root_rsa", "root_ec", "root_rsa2")]
    assert certificates.root_serial(separator.join(parts)) == certificates.root_serial(ROOTS)


def test_certificates_that_rsa_did_not_sign_do_not_count() -> None:
    assert certificates.root_serial(CERTIFICATES["root_ec"]) == ""


# As one of Alipay's own roots is: readable to where it says that RSA did not sign it, and no further.
UNREADABLE = issuing.framed(
    bytes.fromhex("3012300030100608 2a8648ce3d040303 0500 3000 00 00".replace(" ", ""))
)


def test_a_root_that_can_not_be_read_does_not_count_where_rsa_did_not_sign_it() -> None:
    assert certificates.root_serial(UNREADABLE + ROOTS) == certificates.root_serial(ROOTS)
    assert certificates.chains(PLATFORM + ISSUING, UNREADABLE + ROOTS)


@pytest.mark.parametrize(
    "der",
    [
        "",
        "30",
        "3000",
        "0500",
        "30820000",
        "300230003000",
        # What claims to be signed by RSA must be readable.
        "300f3000300b06092a864886f70d01010b",
    ],
)
def test_a_root_that_is_broken_is_unreadable(der: str) -> None:
    with pytest.raises(UnreadableKey):
        certificates.root_serial(ROOTS + issuing.framed(bytes.fromhex(der)))


@pytest.mark.parametrize("text", ["", "x", "-----BEGIN CERTIFICATE-----", PLATFORM[:400]])
def test_what_is_no_certificate_is_unreadable(text: str) -> None:
    for read in (certificates.serial, certificates.root_serial):
        with pytest.raises(UnreadableKey):
            read(text)


def test_a_certificate_of_another_kind_of_key_is_unreadable() -> None:
    with pytest.raises(UnreadableKey, match="not one that RSA signed"):
        certificates.identity(CERTIFICATES["root_ec"])
    authority, key = issuing.rsa_key(), issuing.elliptic_key()
    with pytest.raises(UnreadableKey, match="not of an RSA key"):
        certificates.identity(issuing.certificate("leaf", key, "root", authority))


def test_authorities_that_vouch_for_each_other_lead_nowhere() -> None:
    one, other, leaf = issuing.rsa_key(), issuing.rsa_key(), issuing.rsa_key()
    text = (
        issuing.certificate("leaf", leaf, "one", one)
        + issuing.certificate("one", one, "other", other, authority=True)
        + issuing.certificate("other", other, "one", one, authority=True)
    )
    assert not certificates.chains(text, ROOTS)


def test_a_chain_leads_to_a_root_over_what_follows() -> None:
    assert certificates.chains(PLATFORM + ISSUING, ROOTS)
    assert certificates.chains(PLATFORM, ROOTS + ISSUING)
    assert certificates.chains(ISSUING, ROOTS)


@pytest.mark.parametrize(
    ("text", "roots"),
    [
        (PLATFORM, ROOTS),
        (PLATFORM + CERTIFICATES["root_rsa"], ROOTS),
        (PLATFORM + ISSUING, CERTIFICATES["root_rsa2"]),
        (PLATFORM + ISSUING, CERTIFICATES["root_ec"]),
        # A certificate of a merchant is no authority.
        (PLATFORM, CERTIFICATES["app_cert"]),
        (CERTIFICATES["unusual_cert"] + ISSUING, ROOTS),
    ],
)
def test_a_chain_that_ends_elsewhere_is_none(text: str, roots: str) -> None:
    assert not certificates.chains(text, roots)


def test_what_key_mode_believes_is_the_one_key_whatever_is_named() -> None:
    by_key = account()
    key = KEYS["alipay.platform"]["public_pem"]
    assert credentials.platform_keys(by_key) == [key]
    assert credentials.platform_key(by_key, "anything") == key
    assert credentials.own_serials(by_key) is None


def test_what_certificate_mode_believes_was_configured_or_fetched() -> None:
    fetched = CERTIFICATES["platform_next_cert"]
    serial = certificates.serial(fetched)
    assert credentials.platform_key(CERTIFIED, serial) is None
    both = replace(CERTIFIED, material={serial: fetched})
    assert credentials.platform_key(both, serial) == certificates.identity(fetched).public_key
    assert credentials.platform_key(both, PLATFORM_SERIAL) is not None
    assert len(credentials.platform_keys(both)) == 2
    assert credentials.platform_key(both, "") is None


@pytest.mark.parametrize("raw", [notice(), notice(alipay_cert_sn=PLATFORM_SERIAL)])
def test_a_notice_is_believed_by_the_certificate(raw: RawCallback) -> None:
    assert TAKER.translate(CERTIFIED, TAKER.verify(CERTIFIED, raw)).kind is FactKind.PAID


def test_a_notice_of_the_next_certificate_is_believed_once_that_was_fetched() -> None:
    fetched = CERTIFICATES["platform_next_cert"]
    serial = certificates.serial(fetched)
    both = replace(CERTIFIED, material={serial: fetched})
    for raw in (
        notice(key="alipay.platform_next"),
        notice(key="alipay.platform_next", alipay_cert_sn=serial),
    ):
        with pytest.raises(CallbackRefused):
            TAKER.verify(CERTIFIED, raw)
        assert TAKER.translate(both, TAKER.verify(both, raw)).kind is FactKind.PAID
    # The one before still counts: both sign for a while.
    assert TAKER.translate(both, TAKER.verify(both, notice())).kind is FactKind.PAID


_NEXT_SERIAL = certificates.serial(CERTIFICATES["platform_next_cert"])


@pytest.mark.parametrize(
    "raw",
    [
        notice(alipay_cert_sn=_NEXT_SERIAL),
        notice(alipay_cert_sn=PLATFORM_SERIAL.upper()),
        notice(key="alipay.stranger"),
        notice(key="alipay.app"),
        notice(key="alipay.stranger", alipay_cert_sn=PLATFORM_SERIAL),
        notice(key="alipay.platform_next", alipay_cert_sn=PLATFORM_SERIAL),
        notice(sha1=True, sign_type="RSA"),
    ],
)
def test_a_notice_of_another_certificate_is_refused(raw: RawCallback) -> None:
    with pytest.raises(CallbackRefused):
        TAKER.verify(CERTIFIED, raw)
