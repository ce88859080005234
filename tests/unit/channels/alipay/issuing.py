"""Certificates made on the spot, for chains that no file holds."""

import base64
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

type Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


def rsa_key() -> rsa.RSAPrivateKey:
    """Return a new key, small because it protects nothing."""
    return rsa.generate_private_key(65537, 1024)


def elliptic_key() -> ec.EllipticCurvePrivateKey:
    """Return a new key of another kind."""
    return ec.generate_private_key(ec.SECP256R1())


def certificate(
    subject: str, key: Key, issuer: str, signer: rsa.RSAPrivateKey, *, authority: bool = False
) -> str:
    """Return a certificate as PEM."""
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .issuer_name(_name(issuer))
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2050, 1, 1, tzinfo=UTC))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
    )
    return builder.sign(signer, SHA256()).public_bytes(Encoding.PEM).decode()


def framed(der: bytes) -> str:
    """Return bytes between the lines of a certificate."""
    body = base64.b64encode(der).decode()
    return f"-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n"


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])
