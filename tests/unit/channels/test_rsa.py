"""Keys in all the forms in which operators paste them, and signatures that must not hold."""

import base64
import textwrap

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from paychannels import rsa
from tests.unit.channels.scripted import APP_PRIVATE, APP_PUBLIC, KEYS

DATA = "门票 & more".encode()


def _private() -> RSAPrivateKey:
    key = load_pem_private_key(APP_PRIVATE.encode(), None)
    assert isinstance(key, RSAPrivateKey)
    return key


def _public() -> RSAPublicKey:
    key = load_pem_public_key(APP_PUBLIC.encode())
    assert isinstance(key, RSAPublicKey)
    return key


def _private_forms() -> list[str]:
    formats = (PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL)
    ders = [_private().private_bytes(Encoding.DER, form, NoEncryption()) for form in formats]
    pems = [
        _private().private_bytes(Encoding.PEM, form, NoEncryption()).decode() for form in formats
    ]
    bare = [base64.b64encode(der).decode() for der in ders]
    wrapped = ["\r\n".join(textwrap.wrap(line, 64)) + "\n" for line in bare]
    on_one_line = [pem.replace("\n", "") for pem in pems]
    return [*pems, *bare, *wrapped, *on_one_line]


def _public_forms() -> list[str]:
    formats = (PublicFormat.SubjectPublicKeyInfo, PublicFormat.PKCS1)
    pems = [_public().public_bytes(Encoding.PEM, form).decode() for form in formats]
    bare = [
        base64.b64encode(_public().public_bytes(Encoding.DER, form)).decode() for form in formats
    ]
    return [*pems, *bare]


@pytest.mark.parametrize("form", _private_forms())
@pytest.mark.parametrize("validate", [True, False])
def test_a_private_key_reads_in_every_form(form: str, validate: bool) -> None:  # noqa: FBT001 - a parameter of the test
    assert (
        rsa.read_private(form, validate=validate).private_numbers() == _private().private_numbers()
    )


@pytest.mark.parametrize("form", _public_forms())
def test_a_public_key_reads_in_every_form(form: str) -> None:
    assert rsa.read_public(form).public_numbers() == _public().public_numbers()


def _elliptic(*, public: bool) -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    if public:
        form = PublicFormat.SubjectPublicKeyInfo
        return key.public_key().public_bytes(Encoding.PEM, form).decode()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.mark.parametrize(
    "text", ["", "abc", "密钥", "AAAA", APP_PUBLIC, APP_PRIVATE[:900], _elliptic(public=False)]
)
def test_what_is_no_private_key_is_refused_without_showing_it(text: str) -> None:
    with pytest.raises(rsa.UnreadableKey) as refused:
        rsa.read_private(text)
    assert str(refused.value) in {"not an RSA private key", "a private key, but not an RSA one"}
    assert refused.value.__suppress_context__ or refused.value.__context__ is None


@pytest.mark.parametrize("text", ["", "abc", "密钥", "AAAA", APP_PRIVATE, _elliptic(public=True)])
def test_what_is_no_public_key_is_refused(text: str) -> None:
    with pytest.raises(rsa.UnreadableKey):
        rsa.read_public(text)


def test_a_signature_is_deterministic_and_holds_over_its_bytes_alone() -> None:
    signature = rsa.sign(APP_PRIVATE, DATA)
    assert signature == rsa.sign(APP_PRIVATE, DATA)
    assert rsa.verify(APP_PUBLIC, DATA, signature)
    assert not rsa.verify(APP_PUBLIC, DATA + b" ", signature)
    assert not rsa.verify(KEYS["alipay.stranger"]["public_pem"], DATA, signature)


@pytest.mark.parametrize("odd", ["", "=", "AAAA", "签名", "not base64!", "QUJD\n", "A" * 344])
def test_an_odd_signature_is_false_and_raises_nothing(odd: str) -> None:
    assert rsa.verify(APP_PUBLIC, DATA, odd) is False


def test_the_cache_reads_a_key_once_and_stays_small() -> None:
    read: list[str] = []

    def remember(text: str) -> int:
        read.append(text)
        return len(text)

    cache = rsa.KeyCache[int](remember)
    assert [cache.get("a key"), cache.get("a key")] == [5, 5]
    assert read == ["a key"]
    for number in range(200):
        cache.get(f"key {number}")
    assert len(cache._keys) == 32
    cache.get("a key")
    assert read.count("a key") == 2
    assert not any(b"key" in name for name in cache._keys)
