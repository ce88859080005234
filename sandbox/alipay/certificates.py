"""Alipay's certificates: the serial texts it makes of them, and its own, which change with its key (section 1)."""

import hashlib
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from sandbox.simulator.certificates import Authority, read_certificate

APP_FILE = "alipay_app_cert.pem"
PLATFORM_FILE = "alipay_platform_cert.pem"
ROOTS_FILE = "alipay_root_certs.pem"
ROOT_KEY_FILE = "alipay_root_private.pem"
_RSA_SIGNED = "1.2.840.113549.1.1"


class Certificates:
    """What certificate mode needs: the serials that the app must send, and a certificate for each platform key."""

    def __init__(self, folder: Path) -> None:
        """Read the files of a folder; OSError, ValueError or TypeError when one can't be used."""
        self._root = Authority.read(folder / ROOTS_FILE, folder / ROOT_KEY_FILE)
        self._platform = read_certificate(folder / PLATFORM_FILE)
        self._known = {_numbers(self._platform.public_key()): self._platform}
        self.app_serial = serial(read_certificate(folder / APP_FILE))
        self.root_serial = root_serial((folder / ROOTS_FILE).read_bytes())

    def of(self, key: RSAPublicKey) -> x509.Certificate:
        """Return the certificate of a platform key, issued to the configured one's name where it is a new key."""
        known = self._known.get(_numbers(key))
        if known is None:
            since, until = self._platform.not_valid_before_utc, self._platform.not_valid_after_utc
            dates = (since.timestamp(), until.timestamp())
            known = self._root.issue(self._platform.subject, key, *dates)
            self._known[_numbers(key)] = known
        return known

    def find(self, serial_text: str) -> x509.Certificate | None:
        """Return the certificate that an answer named, None where none ever had that serial."""
        return next((one for one in self._known.values() if serial(one) == serial_text), None)


def serial(certificate: x509.Certificate) -> str:
    """MD5 of the issuer, most specific part first, and the serial number in decimal."""
    parts = [part for rdn in reversed(certificate.issuer.rdns) for part in rdn]
    issuer = ",".join(f"{part.rfc4514_attribute_name}={part.value!s}" for part in parts)
    text = f"{issuer}{certificate.serial_number}"
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def root_serial(bundle: bytes) -> str:
    """Return the serials of all certificates of the bundle that RSA signed, in file order, joined with ``_``."""
    certificates = x509.load_pem_x509_certificates(bundle)
    signed = [c for c in certificates if _oid(c).startswith(_RSA_SIGNED)]
    return "_".join(serial(certificate) for certificate in signed)


def _oid(certificate: x509.Certificate) -> str:
    return certificate.signature_algorithm_oid.dotted_string


def _numbers(key: object) -> int:
    return key.public_numbers().n if isinstance(key, RSAPublicKey) else 0
