"""WeChat's platform certificates: X.509 in PEM, of which the key, the serial number and the validity count.

Only accounts in certificate mode load this module: reading X.509 costs the start of a container 40 ms.
"""

import re
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import load_pem_x509_certificate

from paychannels import rsa

_SERIAL: Final = re.compile(r"[0-9A-F]{1,40}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """What counts of a certificate; `public_key` as PEM, moments in seconds since 1970 UTC."""

    serial: int
    public_key: str
    valid_from: int
    valid_until: int

    def valid_at(self, now: int) -> bool:
        """Tell whether it is valid at this moment."""
        return self.valid_from <= now <= self.valid_until

    def is_named(self, serial_no: str) -> bool:
        """Tell whether this text is its serial number: upper-case hexadecimal digits."""
        return _SERIAL.fullmatch(serial_no) is not None and int(serial_no, 16) == self.serial


def read(pem: str) -> Certificate:
    """Read a certificate; raises UnreadableKey."""
    try:
        certificate = load_pem_x509_certificate(pem.encode())
        key = certificate.public_key()
    except ValueError:
        raise rsa.UnreadableKey("not a certificate") from None
    if not isinstance(key, RSAPublicKey):
        raise rsa.UnreadableKey("a certificate, but not of an RSA key")
    return Certificate(
        serial=certificate.serial_number,
        public_key=key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode(),
        valid_from=int(certificate.not_valid_before_utc.timestamp()),
        valid_until=int(certificate.not_valid_after_utc.timestamp()),
    )


_certificates: Final = rsa.KeyCache(read)


def key_at(pem: str, now: int) -> str | None:
    """Return the public key of a certificate that is valid at this moment, else None; raises UnreadableKey."""
    certificate = _certificates.get(pem)
    return certificate.public_key if certificate.valid_at(now) else None
