"""Who signs and how: the merchant's requests, WeChat's answers and notices (channel document, sections 1 to 3)."""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

from sandbox.simulator import certificates, rsa
from sandbox.simulator.faults import Seal

MERCHANT_CERTIFICATE_FILE = "wechatpay_merchant_cert.pem"
PUBLIC_KEY_MODE_FILE = "wechatpay_platform_private.pem"
CERTIFICATE_FILE = "wechatpay_platform_cert.pem"
CERTIFICATE_KEY_FILE = "wechatpay_platform_cert_private.pem"
PUBLIC_KEY_IDS = (
    "PUB_KEY_ID_0119000000012026010100000001",
    "PUB_KEY_ID_0119000000012026010100000002",
)

SCHEME = "WECHATPAY2-SHA256-RSA2048"
PROBE = "WECHATPAY/SIGNTEST/"
_PARAMETER = re.compile(r'([a-z_]+)="([^"]*)"')


@dataclass(frozen=True, slots=True)
class Signer:
    """A key with the id that ``Wechatpay-Serial`` names it by."""

    serial: str
    key: RSAPrivateKey


@dataclass(frozen=True, slots=True)
class Certified:
    """A signer of certificate mode, and its certificate."""

    signer: Signer
    certificate: x509.Certificate


class Keys:
    """What the simulator holds: the merchant's certificate, and two pairs of its own keys, one pair in use.

    Each pair is a public key with its id and a certificate: which of the two signs is the merchant's choice.
    """

    def __init__(
        self, merchant: x509.Certificate, public: RSAPrivateKey, certified: Certified
    ) -> None:
        self.merchant_key = _rsa(merchant)
        self.merchant_serial = serial_of(merchant)
        self._public = [Signer(PUBLIC_KEY_IDS[0], public)]
        self._certified = [certified]

    @classmethod
    def load(cls, folder: Path) -> "Keys":
        """Read the PEM files of a folder; OSError, ValueError or TypeError when one is missing or of another kind."""
        certificate = certificates.read_certificate(folder / CERTIFICATE_FILE)
        signer = Signer(serial_of(certificate), rsa.read_private_key(folder / CERTIFICATE_KEY_FILE))
        return cls(
            certificates.read_certificate(folder / MERCHANT_CERTIFICATE_FILE),
            rsa.read_private_key(folder / PUBLIC_KEY_MODE_FILE),
            Certified(signer, certificate),
        )

    @property
    def public(self) -> Signer:
        """The key of public-key mode that is in use."""
        return self._public[0]

    @property
    def certified(self) -> tuple[Certified, Certified]:
        """The certificate in use and the next one, which is listed before it signs."""
        if len(self._certified) == 1:
            self._certified.append(_next_to(self._certified[0].certificate))
        first, second = self._certified
        return first, second

    def rotate(self) -> None:
        """Sign with the other pair from now on, the second time with the first again."""
        if len(self._public) == 1:
            self._public.append(Signer(PUBLIC_KEY_IDS[1], rsa.new_key()))
        self._certified = list(reversed(self.certified))
        self._public.reverse()

    def asked_for(self, serial: str) -> Signer:
        """Return who answers a request that names this serial: the public key where it names one of that kind."""
        return self.public if serial.startswith("PUB_KEY_ID_") else self.certified[0].signer


@dataclass(frozen=True, slots=True)
class Oddity:
    """What is wrong with the headers of one message although its key is right."""

    offset_s: int = 0
    probe: bool = False
    unknown_serial: bool = False


def headers(
    body: bytes, now: float, signer: Signer, seal: Seal, oddity: Oddity | None = None
) -> dict[str, str]:
    """Return the ``Wechatpay-`` headers over a body, none of them where nobody signs (section 3)."""
    if seal is Seal.NONE:
        return {}
    odd = oddity or Oddity()
    timestamp, nonce = f"{int(now) + odd.offset_s}", secrets.token_hex(16).upper()
    key = rsa.strangers_key() if seal is Seal.STRANGER else signer.key
    signature = rsa.sign(key, f"{timestamp}\n{nonce}\n".encode() + body + b"\n")
    return {
        "Wechatpay-Timestamp": timestamp,
        "Wechatpay-Nonce": nonce,
        "Wechatpay-Signature": PROBE + signature[len(PROBE) :] if odd.probe else signature,
        "Wechatpay-Signature-Type": SCHEME,
        "Wechatpay-Serial": "F" * 40 if odd.unknown_serial else signer.serial,
    }


def authorization_of(header: str) -> Mapping[str, str]:
    """Return the parts of an Authorization header; ValueError when it is none of this scheme."""
    scheme, _, text = header.partition(" ")
    parts = [_PARAMETER.fullmatch(part.strip()) for part in text.split(",")]
    found = {match[1]: match[2] for match in parts if match}
    if scheme != SCHEME or len(found) != len(parts):
        raise ValueError(f"not an Authorization of {SCHEME}")
    return found


def lines(*texts: str) -> bytes:
    """Return lines as they are signed, each with its line feed."""
    return "".join(f"{line}\n" for line in texts).encode()


def serial_of(certificate: x509.Certificate) -> str:
    """Return a serial number as WeChat writes it: 40 hexadecimal digits in upper case."""
    return f"{certificate.serial_number:040X}"


def _rsa(certificate: x509.Certificate) -> RSAPublicKey:
    key = certificate.public_key()
    if not isinstance(key, RSAPublicKey):
        raise TypeError("the merchant's certificate must be of an RSA key")
    return key


def _next_to(certificate: x509.Certificate) -> Certified:
    key = rsa.new_key()
    since, until = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    issued = certificates.root(
        certificate.subject, key, since.timestamp(), until.timestamp()
    ).certificate
    return Certified(Signer(serial_of(issued), key), issued)
