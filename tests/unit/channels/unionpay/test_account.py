"""What an operator is told of a UnionPay account before it is saved."""

import pytest

from paychannels import registry
from paychannels.unionpay.manifest import ADDRESSES
from paychannels.unionpay.merchant import merchant_of
from tests.unit.channels.unionpay.acquirer import (
    ACCOUNT,
    CERTIFICATES,
    DOCUMENT,
    PKCS12_ACCOUNT,
    SECRETS,
    SETTINGS,
)

PEM_SECRETS = dict(ACCOUNT.secrets)
FILE_SETTINGS, FILE_SECRETS = dict(PKCS12_ACCOUNT.settings), dict(PKCS12_ACCOUNT.secrets)
KEYED_SETTINGS = {
    name: value
    for name, value in {**SETTINGS, "sign_method": "11"}.items()
    if not name.endswith("_certificate") and name not in {"key_form", "cert_id"}
}


def _check(settings: dict[str, str], secrets: dict[str, str]) -> list[str]:
    return registry.check_account("unionpay", settings, secrets)


def _with(fields: dict[str, str], changes: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in {**fields, **changes}.items() if value != "-"}


@pytest.mark.parametrize(
    ("settings", "secrets"),
    [
        (SETTINGS, PEM_SECRETS),
        (FILE_SETTINGS, FILE_SECRETS),
        (
            FILE_SETTINGS,
            {**FILE_SECRETS, "pkcs12": SECRETS["unionpay.merchant_3des_pfx_base64"]},
        ),
        (KEYED_SETTINGS, {"secure_key": "Q1w2E3r4T5y6U7i8"}),
        # Nobody vouches for a root, so its own old hash does no harm.
        (
            {**SETTINGS, "root_certificate": CERTIFICATES["unionpay.root_sha1"]["pem"]},
            PEM_SECRETS,
        ),
        (
            {
                "mer_id": SETTINGS["mer_id"],
                **ADDRESSES["production"],
                "root_certificate": SETTINGS["root_certificate"],
                "middle_certificate": SETTINGS["middle_certificate"],
            },
            FILE_SECRETS,
        ),
        (
            {
                "mer_id": SETTINGS["mer_id"],
                "environment": "test",
                **ADDRESSES["test"],
                "root_certificate": SETTINGS["root_certificate"],
                "middle_certificate": SETTINGS["middle_certificate"],
            },
            FILE_SECRETS,
        ),
    ],
    ids=["pem", "RC2", "3DES", "shared key", "old root", "production by default", "test platform"],
)
def test_a_good_account_has_no_problems(settings: dict[str, str], secrets: dict[str, str]) -> None:
    assert _check(settings, secrets) == []


@pytest.mark.parametrize("name", ["merchant_pfx_base64", "merchant_3des_pfx_base64"])
def test_old_files_open_and_hold_key_and_serial_number(name: str) -> None:
    secrets = {**FILE_SECRETS, "pkcs12": "\n".join(SECRETS[f"unionpay.{name}"].partition("A"))}
    merchant = merchant_of(FILE_SETTINGS, secrets)
    assert merchant.cert_id == CERTIFICATES["unionpay.merchant_cert"]["serial_decimal"]
    assert merchant.private_key not in repr(merchant)


SHA1_ONLY_IN_TEST = CERTIFICATES["unionpay.platform_cert_sha1"]["pem"]


@pytest.mark.parametrize(
    ("settings", "secrets", "problem"),
    [
        ({"mer_id": "12"}, {}, "mer_id: not the form"),
        ({"mer_id": "７77290058110099"}, {}, "mer_id: not the form"),
        ({"environment": "sandbox"}, {}, "environment: must be one of"),
        ({"same_day_refund": "maybe"}, {}, "same_day_refund: must be one of"),
        ({"cert_id": "-"}, {}, "cert_id: missing"),
        ({"cert_id": "4F"}, {}, "cert_id: not the form"),
        ({}, {"pkcs12": "AAAA"}, "pkcs12: unionpay has no such field with these settings"),
        ({}, {"private_key": "AAAA"}, "private_key: not an RSA private key"),
        ({}, {"secure_key": "x"}, "secure_key: unionpay has no such field with these settings"),
        ({"gateway": "https://gateway.example/api"}, {}, "gateway: not the form"),
        ({"gateway": "http://gateway.example/"}, {}, "gateway: must begin with https://"),
        ({"file_gateway": "https://user@file.example/"}, {}, "file_gateway: must be a plain"),
        ({"gateway": ADDRESSES["test"]["gateway"]}, {}, "gateway: belongs to the environment test"),
        (
            {
                "environment": "test",
                **ADDRESSES["test"],
                "gateway": ADDRESSES["production"]["gateway"],
            },
            {},
            "gateway: belongs to the environment production",
        ),
        ({"root_certificate": "-----BEGIN"}, {}, "root_certificate: not the form"),
        (
            {"root_certificate": SETTINGS["root_certificate"] * 2},
            {},
            "root_certificate: not one certificate",
        ),
        (
            {"root_certificate": SETTINGS["middle_certificate"]},
            {},
            "root_certificate: the certificate names another issuer",
        ),
        (
            {"middle_certificate": SETTINGS["root_certificate"].replace("MII", "AAA", 1)},
            {},
            "middle_certificate: not a readable certificate",
        ),
        (
            {"middle_certificate": CERTIFICATES["unionpay.foreign_middle"]["pem"]},
            {},
            "middle_certificate: the certificate names another issuer",
        ),
        (
            {"middle_certificate": SHA1_ONLY_IN_TEST},
            {},
            "middle_certificate: the certificate is signed with a hash",
        ),
        ({"front_path": "?a=b"}, {}, "front_path: not the form"),
    ],
)
def test_a_bad_account_is_told_what_is_wrong(
    settings: dict[str, str], secrets: dict[str, str], problem: str
) -> None:
    problems = _check(_with(SETTINGS, settings), _with(PEM_SECRETS, secrets))
    assert len(problems) == 1
    assert problems[0].startswith(problem)


def test_a_method_that_is_none_is_named() -> None:
    problems = _check({**SETTINGS, "sign_method": "02"}, PEM_SECRETS)
    assert "sign_method: must be one of 01, 11, 12" in problems


@pytest.mark.parametrize(
    ("secrets", "problem"),
    [
        ({"pkcs12": "AAAA"}, "pkcs12: not a PKCS#12 file"),
        ({"pkcs12": "no base64!"}, "pkcs12: not a PKCS#12 file"),
        ({"pkcs12_password": "wrong"}, "pkcs12: not a PKCS#12 file"),
        ({"pkcs12_password": "-"}, "pkcs12_password: missing"),
        ({"private_key": "x"}, "private_key: unionpay has no such field"),
    ],
)
def test_a_bad_file_is_told_what_is_wrong(secrets: dict[str, str], problem: str) -> None:
    problems = _check(FILE_SETTINGS, _with(FILE_SECRETS, secrets))
    assert len(problems) == 1
    assert problems[0].startswith(problem)


def test_a_short_key_is_refused() -> None:
    from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key  # noqa: PLC0415 - used once
    from cryptography.hazmat.primitives.serialization import (  # noqa: PLC0415 - used once
        Encoding,
        NoEncryption,
        PrivateFormat,
    )

    key = generate_private_key(65537, 1024)
    short = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    assert _check(dict(SETTINGS), {"private_key": short}) == ["private_key: shorter than 2048 bits"]


def test_a_damaged_private_key_is_found_although_run_time_trusts_it() -> None:
    lines = DOCUMENT["keys"]["unionpay.merchant"]["private_pkcs8_pem"].splitlines()
    lines[14] = lines[14][::-1]
    assert _check(dict(SETTINGS), {"private_key": "\n".join(lines)}) == [
        "private_key: not an RSA private key"
    ]
