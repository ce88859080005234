"""Certificates of a run: made here with names, serial numbers and lifetimes as a check wants them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ec import derive_private_key as derive_ec_key
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from tools.oracles.draw import Draw, Key

type Name = Sequence[tuple[str, str]]

_OIDS: Final = {
    "CN": NameOID.COMMON_NAME,
    "OU": NameOID.ORGANIZATIONAL_UNIT_NAME,
    "O": NameOID.ORGANIZATION_NAME,
    "L": NameOID.LOCALITY_NAME,
    "ST": NameOID.STATE_OR_PROVINCE_NAME,
    "C": NameOID.COUNTRY_NAME,
}
_FROM: Final = datetime(2020, 1, 1, tzinfo=UTC)
_UNTIL: Final = datetime(2049, 12, 31, tzinfo=UTC)
_SERIAL_BITS: Final = 127


@dataclass(frozen=True, slots=True)
class Issuer:
    """A certificate with the private key that issues further ones."""

    certificate: x509.Certificate
    key: RSAPrivateKey | EllipticCurvePrivateKey

    @property
    def pem(self) -> str:
        """Return the certificate alone."""
        return pem(self.certificate)


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """When a certificate is valid."""

    begins: datetime = _FROM
    ends: datetime = _UNTIL


def root(draw: Draw, key: Key, name: Name) -> Issuer:
    """Return a certificate that signs itself."""
    return Issuer(_issued(draw, name, key.private, None, Life()), key.private)


def elliptic_root(draw: Draw, name: Name) -> Issuer:
    """Return one that signs itself by an elliptic curve: what a reader of RSA signatures must pass over."""
    key = derive_ec_key(draw.number(2, 2**255), SECP256R1())
    return Issuer(_issued(draw, name, key, None, Life()), key)


def issued(draw: Draw, by: Issuer, key: Key, name: Name, life: Life | None = None) -> Issuer:
    """Return a certificate that another one signs."""
    return Issuer(_issued(draw, name, key.private, by, life or Life()), key.private)


def pem(certificate: x509.Certificate) -> str:
    """Return the certificate's text."""
    return certificate.public_bytes(Encoding.PEM).decode()


def _issued(
    draw: Draw,
    name: Name,
    key: RSAPrivateKey | EllipticCurvePrivateKey,
    by: Issuer | None,
    life: Life,
) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(_OIDS[label], value) for label, value in name])
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by.certificate.subject if by else subject)
        .public_key(key.public_key())
        .serial_number(draw.number(2, 2**_SERIAL_BITS))
        .not_valid_before(life.begins)
        .not_valid_after(life.ends)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(by.key if by else key, SHA256())
    )
