"""Checks an Alipay account's keys, certificates and gateway before it is used, thoroughly and therefore slowly."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from paychannels import accounts, rsa
from paychannels.alipay import certificates, credentials, encryption
from paychannels.alipay.manifest import MANIFEST

type _Fields = Mapping[str, str]

# Alipay's test environment signs under a root that the bundle which it hands out lacks.
_TEST_GATEWAY: Final = MANIFEST.addresses["test"]["gateway"]


def check_account(settings: _Fields, secrets: _Fields, *, plain_http: bool = False) -> list[str]:
    """Say what is wrong with an account that has all its fields; empty means usable, no sentence holds a secret."""
    problems = accounts.address_problems("gateway", settings["gateway"], plain_http=plain_http)
    private = _read(
        "private_key", secrets["private_key"], partial(rsa.read_private, validate=True), problems
    )
    own = private.public_key() if private else None
    if settings["sign_mode"] == credentials.CERTIFICATE:
        problems += _certificate_problems(settings, own)
    else:
        problems += _public_key_problems(secrets["alipay_public_key"], own)
    if settings["encryption"] == "aes":
        problems += _encryption_problems(secrets["encryption_key"])
    return problems


def _public_key_problems(text: str, own: RSAPublicKey | None) -> list[str]:
    problems: list[str] = []
    public = _read("alipay_public_key", text, rsa.read_public, problems)
    if public and own and _same(public, own):
        problems.append(
            "alipay_public_key: this is the application's own public key;"
            " Alipay shows its own when that one is uploaded"
        )
    return problems


def _certificate_problems(settings: _Fields, own: RSAPublicKey | None) -> list[str]:
    problems: list[str] = []
    app = _read("app_certificate", settings["app_certificate"], _key_of, problems)
    platform = _read("alipay_certificate", settings["alipay_certificate"], _key_of, problems)
    problems += _root_problems(settings["alipay_root_certificates"])
    if app and own and not _same(app, own):
        problems.append("app_certificate: does not belong to private_key")
    if platform and own and _same(platform, own):
        problems.append("alipay_certificate: this is the application's own certificate")
    return problems or _chain_problems(settings)


def _root_problems(bundle: str) -> list[str]:
    try:
        serial = certificates.root_serial(bundle)
    except rsa.UnreadableKey as error:
        return [f"alipay_root_certificates: {error}"]
    return [] if serial else ["alipay_root_certificates: none of them is signed with RSA"]


def _chain_problems(settings: _Fields) -> list[str]:
    if settings["gateway"] == _TEST_GATEWAY or certificates.chains(
        settings["alipay_certificate"], settings["alipay_root_certificates"]
    ):
        return []
    said = "does not lead to alipay_root_certificates; its file also holds what lies between"
    return [f"alipay_certificate: {said}"]


def _encryption_problems(key: str) -> list[str]:
    try:
        size = encryption.key_bytes(key)
    except ValueError:
        return ["encryption_key: not base64"]
    wanted = encryption.KEY_BYTES
    return [] if size == wanted else [f"encryption_key: must be {wanted} bytes long"]


def _key_of(text: str) -> RSAPublicKey:
    return rsa.read_public(certificates.identity(text).public_key)


def _same(one: RSAPublicKey, other: RSAPublicKey) -> bool:
    return one.public_numbers() == other.public_numbers()


def _read[Key: rsa.Key](
    name: str, text: str, read: Callable[[str], Key], problems: list[str]
) -> Key | None:
    try:
        key = read(text)
    except rsa.UnreadableKey as error:
        problems.append(f"{name}: {error}")
        return None
    if key.key_size < rsa.MINIMUM_BITS:
        problems.append(f"{name}: shorter than {rsa.MINIMUM_BITS} bits")
    return key
