"""Certificates as simulated channels hold, send and rotate them: read from PEM files, or issued on the spot."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from sandbox.simulator.rsa import read_private_key

_OIDS = {
    "C": NameOID.COUNTRY_NAME,
    "O": NameOID.ORGANIZATION_NAME,
    "OU": NameOID.ORGANIZATIONAL_UNIT_NAME,
    "CN": NameOID.COMMON_NAME,
}


@dataclass(frozen=True, slots=True)
class Authority:
    """A certificate with its private key: it signs what is issued under it, itself where it is a root."""

    certificate: x509.Certificate
    key: RSAPrivateKey

    @classmethod
    def read(cls, certificate: Path, key: Path) -> "Authority":
        """Read both PEM files; OSError, ValueError or TypeError when one can't be used."""
        return cls(read_certificate(certificate), read_private_key(key))

    def issue(
        self, subject: x509.Name, key: RSAPublicKey, since: float, until: float
    ) -> x509.Certificate:
        """Issue a certificate, valid between two moments in business seconds, with a serial number of its own."""
        return _signed(self.certificate.subject, self.key, subject, key, (since, until), ca=False)


def root(subject: x509.Name, key: RSAPrivateKey, since: float, until: float) -> Authority:
    """Make an authority that nobody stands above."""
    certificate = _signed(subject, key, subject, key.public_key(), (since, until), ca=True)
    return Authority(certificate, key)


def name(*parts: tuple[str, str]) -> x509.Name:
    """Return a name of (``C`` | ``O`` | ``OU`` | ``CN``, text) parts, in the order of the certificate."""
    return x509.Name([x509.NameAttribute(_OIDS[label], text) for label, text in parts])


def read_certificate(file: Path) -> x509.Certificate:
    """Read the first certificate of a PEM file; OSError or ValueError when there is none."""
    return x509.load_pem_x509_certificate(file.read_bytes())


def pem_of(certificate: x509.Certificate) -> str:
    """Return a certificate as PEM text."""
    return certificate.public_bytes(Encoding.PEM).decode()


def _signed(
    issuer: x509.Name,
    issuer_key: RSAPrivateKey,
    subject: x509.Name,
    key: RSAPublicKey,
    valid: tuple[float, float],
    *,
    ca: bool,
) -> x509.Certificate:
    since, until = (datetime.fromtimestamp(int(moment), UTC) for moment in valid)
    return (
        x509.CertificateBuilder()
        .issuer_name(issuer)
        .subject_name(subject)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(since)
        .not_valid_after(until)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .sign(issuer_key, SHA256())
    )
