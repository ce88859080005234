"""An account is checked before it is saved: every mode, each key and certificate, and nothing secret in a sentence."""

import base64
from collections.abc import Mapping

import pytest

from paychannels import registry
from tests.unit.channels.alipay.otherside import AES_KEY, CERTIFICATES, ROOTS, SIDES, account
from tests.unit.channels.scripted import ACCOUNT, APP_PUBLIC, KEYS

PLATFORM, ISSUING = CERTIFICATES["platform_cert"], CERTIFICATES["issuing_ca"]
WHOLE = account(v3=True, certified=True, encrypted=True)


def _broken(text: str) -> str:
    lines = text.splitlines()
    return "\n".join([lines[0] if "BEGIN" in lines[0] else lines[1], "AAAA", lines[-1]])


def _with(fields: Mapping[str, str], changes: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in {**fields, **changes}.items() if value != "-"}


@pytest.mark.parametrize("mode", SIDES)
def test_an_account_of_any_mode_has_no_problems(mode: str) -> None:
    of = SIDES[mode].account
    assert registry.check_account("alipay", of.settings, of.secrets) == []


def test_what_is_left_out_is_v2_by_key_in_plain() -> None:
    assert not {"protocol", "sign_mode", "encryption"} & ACCOUNT.settings.keys()
    completed = registry.completed_settings("alipay", ACCOUNT.settings)
    assert completed == {
        **ACCOUNT.settings,
        "protocol": "v2",
        "sign_mode": "public_key",
        "encryption": "none",
    }


@pytest.mark.parametrize(
    ("settings", "secrets", "problem"),
    [
        ({"app_certificate": "-"}, {}, "app_certificate: missing"),
        ({"alipay_certificate": "-"}, {}, "alipay_certificate: missing"),
        ({"alipay_root_certificates": "-"}, {}, "alipay_root_certificates: missing"),
        ({"app_certificate": APP_PUBLIC}, {}, "app_certificate: not the form"),
        ({"alipay_certificate": "MIIB"}, {}, "alipay_certificate: not the form"),
        ({}, {"encryption_key": "-"}, "encryption_key: missing"),
        ({}, {"encryption_key": "AAAA"}, "encryption_key: must be 16 bytes long"),
        ({}, {"encryption_key": "?" * 24}, "encryption_key: not base64"),
        ({}, {"app_auth_token": "a b"}, "app_auth_token: not the form"),
        (
            {},
            {"alipay_public_key": KEYS["alipay.platform"]["public_pem"]},
            "alipay_public_key: alipay has no such field with these settings",
        ),
        (
            {"app_certificate": CERTIFICATES["platform_cert"]},
            {},
            "app_certificate: does not belong to private_key",
        ),
        (
            {"alipay_certificate": CERTIFICATES["app_cert"] + ISSUING},
            {},
            "alipay_certificate: this is the application's own certificate",
        ),
        (
            {"alipay_certificate": PLATFORM},
            {},
            "alipay_certificate: does not lead to alipay_root_certificates",
        ),
        (
            {"alipay_root_certificates": CERTIFICATES["root_rsa2"]},
            {},
            "alipay_certificate: does not lead to alipay_root_certificates",
        ),
        (
            {"alipay_root_certificates": CERTIFICATES["root_ec"]},
            {},
            "alipay_root_certificates: none of them is signed with RSA",
        ),
        (
            {"alipay_certificate": CERTIFICATES["root_ec"]},
            {},
            "alipay_certificate: a certificate, but not one that RSA signed",
        ),
        (
            {"app_certificate": _broken(CERTIFICATES["app_cert"])},
            {},
            "app_certificate: not a certificate",
        ),
        (
            {"alipay_root_certificates": _broken(ROOTS)},
            {},
            "alipay_root_certificates: not a certificate",
        ),
    ],
)
def test_a_bad_account_is_told_what_is_wrong(
    settings: dict[str, str], secrets: dict[str, str], problem: str
) -> None:
    problems = registry.check_account(
        "alipay", _with(WHOLE.settings, settings), _with(WHOLE.secrets, secrets)
    )
    assert len(problems) == 1
    assert problems[0].startswith(problem)


def test_the_chain_is_not_asked_for_in_alipay_s_own_test_environment() -> None:
    # Its root is missing from the bundle that it hands out.
    test = registry.manifest("alipay").addresses["test"]["gateway"]
    settings = {**WHOLE.settings, "alipay_certificate": PLATFORM}
    assert registry.check_account("alipay", settings, WHOLE.secrets)
    assert registry.check_account("alipay", {**settings, "gateway": test}, WHOLE.secrets) == []


@pytest.mark.parametrize(
    ("name", "value"), [("protocol", "v4"), ("sign_mode", "sm2"), ("encryption", "AES")]
)
def test_a_mode_is_one_of_those_that_there_are(name: str, value: str) -> None:
    problems = registry.check_account("alipay", {**WHOLE.settings, name: value}, WHOLE.secrets)
    assert [line for line in problems if line.startswith(f"{name}: must be one of")]


def test_fields_of_another_mode_are_refused() -> None:
    plain = account()
    settings = {**plain.settings, "app_certificate": CERTIFICATES["app_cert"]}
    secrets = {**plain.secrets, "encryption_key": AES_KEY}
    assert registry.check_account("alipay", settings, secrets) == [
        "app_certificate: alipay has no such field with these settings",
        "encryption_key: alipay has no such field with these settings",
    ]


def test_a_service_provider_s_token_is_no_must() -> None:
    secrets = {**WHOLE.secrets, "app_auth_token": "202603BB77X01"}
    assert registry.check_account("alipay", WHOLE.settings, secrets) == []


def test_no_sentence_holds_a_key() -> None:
    key = base64.b64encode(b"not sixteen bytes").decode()
    secrets = {**WHOLE.secrets, "encryption_key": key, "private_key": "AAAA" + APP_PUBLIC}
    said = " ".join(registry.check_account("alipay", WHOLE.settings, secrets))
    assert said
    assert key not in said
    assert APP_PUBLIC.splitlines()[1] not in said
