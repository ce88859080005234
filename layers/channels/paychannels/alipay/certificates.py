"""The certificates of certificate mode: the serial texts that Alipay makes of them, their keys, and their chain.

Loading x509 costs 35 ms, which key mode need not pay: nothing but certificate mode imports this module.
"""

import base64
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import (
    BasicConstraints,
    Certificate,
    ExtensionNotFound,
    Name,
    RelativeDistinguishedName,
    load_der_x509_certificate,
)

from paychannels import rsa

_BLOCK: Final = re.compile(
    "-----BEGIN CERTIFICATE-----(.+?)-----END CERTIFICATE-----", re.DOTALL | re.ASCII
)
# 1.2.840.113549.1.1, which all algorithms of PKCS#1 begin with, as DER writes it.
_RSA_SIGNED: Final = bytes.fromhex("2a864886f70d0101")
_SEQUENCE: Final = 0x30
_OBJECT_IDENTIFIER: Final = 0x06
_LONG_LENGTH: Final = 0x80
_MAXIMUM_CERTIFICATES: Final = 32
_MAXIMUM_DEPTH: Final = 5


@dataclass(frozen=True, slots=True)
class Identity:
    """What signing and verifying need of a certificate: its serial text, and its key as PEM."""

    serial: str
    public_key: str


def identity(text: str) -> Identity:
    """Return the identity of the first certificate in a text, read once per container; raises UnreadableKey."""
    return _identities.get(text)


def serial(text: str) -> str:
    """Return `app_cert_sn` or `alipay_cert_sn` of the first certificate in a text; raises UnreadableKey."""
    return identity(text).serial


def root_serial(bundle: str) -> str:
    """Return `alipay_root_cert_sn`: the serial texts of all that RSA signed, in order; raises UnreadableKey.

    Empty where the bundle holds none.
    """
    return _root_serials.get(bundle)


def chains(text: str, bundle: str) -> bool:
    """Tell whether the first certificate leads to one of the bundle, over those that follow it in its own text."""
    (current, *between), roots = _some(text), read(bundle)
    for _ in range(_MAXIMUM_DEPTH):
        if _issuer(current, roots):
            return True
        above = _issuer(current, between)
        if above is None:
            return False
        current = above
    return False


def same_subject(one: str, other: str) -> bool:
    """Tell whether the first certificates of two texts were issued to the same name; raises UnreadableKey."""
    return _some(one)[0].subject == _some(other)[0].subject


def read(text: str) -> list[Certificate]:
    """Return those certificates of a PEM text that RSA signed, whatever stands between them; raises UnreadableKey.

    Others (SM2, elliptic curves) don't count, and Alipay's own bundle holds one that cryptography can't even read.
    """
    try:
        blocks = _BLOCK.findall(text)[:_MAXIMUM_CERTIFICATES]
        encoded = [base64.b64decode("".join(block.split()), validate=True) for block in blocks]
        certificates = [load_der_x509_certificate(der) for der in encoded if _rsa_signed(der)]
    except (ValueError, IndexError):
        raise rsa.UnreadableKey("not a certificate") from None
    if not encoded:
        raise rsa.UnreadableKey("not a certificate")
    return certificates


def _rsa_signed(der: bytes) -> bool:
    # Certificate ::= SEQUENCE { what is signed, SEQUENCE { the algorithm's identifier, … }, … }
    inside, _ = _element(der, 0, _SEQUENCE)
    _, algorithm = _element(der, inside, _SEQUENCE)
    identifier, _ = _element(der, algorithm, _SEQUENCE)
    start, end = _element(der, identifier, _OBJECT_IDENTIFIER)
    return der[start:end].startswith(_RSA_SIGNED)


def _element(der: bytes, at: int, tag: int) -> tuple[int, int]:
    """Return where the content of the element at a place begins and ends; raises ValueError or IndexError."""
    if der[at] != tag:
        raise ValueError("another element")
    length, start = der[at + 1], at + 2
    if length >= _LONG_LENGTH:
        count = length - _LONG_LENGTH
        length, start = int.from_bytes(der[start : start + count]), start + count
    return start, start + length


def _some(text: str) -> list[Certificate]:
    certificates = read(text)
    if not certificates:
        raise rsa.UnreadableKey("a certificate, but not one that RSA signed")
    return certificates


def _issuer(certificate: Certificate, candidates: Sequence[Certificate]) -> Certificate | None:
    return next((one for one in candidates if _issued_by(certificate, one)), None)


def _issued_by(certificate: Certificate, issuer: Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
        constraints = issuer.extensions.get_extension_for_class(BasicConstraints)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm, ExtensionNotFound):
        return False
    return constraints.value.ca


def _identity(text: str) -> Identity:
    first = _some(text)[0]
    try:
        key = first.public_key()
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, RSAPublicKey):
        raise rsa.UnreadableKey("a certificate, but not of an RSA key")
    pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return Identity(serial=_serial(first), public_key=pem.decode())


def _root_serial(bundle: str) -> str:
    return "_".join(_serial(certificate) for certificate in read(bundle))


def _serial(certificate: Certificate) -> str:
    text = f"{_name(certificate.issuer)}{certificate.serial_number}"
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _name(name: Name) -> str:
    # The most specific part first, which is the certificate's own order reversed; nothing is escaped.
    return ",".join(_part(part) for part in reversed(name.rdns))


def _part(part: RelativeDistinguishedName) -> str:
    return "+".join(f"{one.rfc4514_attribute_name}={one.value!s}" for one in part)


_identities: Final = rsa.KeyCache(_identity)
_root_serials: Final = rsa.KeyCache(_root_serial)
