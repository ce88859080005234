"""Who signs: UnionPay under the certificate of the day, or, by a fault, somebody under a certificate that should not count."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.x509 import Certificate, Name

from sandbox.simulator import rsa
from sandbox.simulator.certificates import (
    Authority,
    name,
    pem_of,
    read_certificate,
    root,
)
from sandbox.simulator.faults import Seal

OWN_NAME = "中国银联股份有限公司"
# What UnionPay's test platform signs under; in production it is nobody's.
TEST_NAME = "00040000:SIGN"
MEMBER_NAME = "N700000000000001"
YEAR_SECONDS = 365 * 86_400


@dataclass(frozen=True, slots=True)
class Signer:
    """A key with the certificate that is sent along."""

    key: RSAPrivateKey
    certificate: Certificate

    @property
    def serial(self) -> str:
        """``certId``: the serial number in decimal."""
        return str(self.certificate.serial_number)

    @property
    def pem(self) -> str:
        """``signPubKeyCert``: with the line breaks that UnionPay writes."""
        return pem_of(self.certificate).replace("\n", "\r\n")


class Keys:
    """The merchant's certificate, UnionPay's own signers (two, by turns), and those that only faults use."""

    def __init__(self, merchant: Certificate, middle: Authority, platform: Signer) -> None:
        self.merchant = merchant
        self.platform = platform
        self._middle = middle
        self._spare: Signer | None = None
        self._odd: dict[str, Signer] = {}

    @classmethod
    def load(cls, folder: Path) -> "Keys":
        """Read the files of a folder; OSError, ValueError or TypeError when one is missing or of another kind."""
        platform = Authority.read(
            folder / "unionpay_platform_cert.pem", folder / "unionpay_platform_private.pem"
        )
        middle = Authority.read(
            folder / "unionpay_middle_cert.pem", folder / "unionpay_middle_private.pem"
        )
        merchant = read_certificate(folder / "unionpay_merchant_cert.pem")
        if not isinstance(merchant.public_key(), RSAPublicKey):
            raise TypeError("the merchant's certificate must be of an RSA key")
        return cls(merchant, middle, Signer(platform.key, platform.certificate))

    @property
    def merchant_key(self) -> RSAPublicKey:
        """What the merchant's signatures must hold under."""
        key = self.merchant.public_key()
        if not isinstance(key, RSAPublicKey):
            raise TypeError("the merchant's certificate must be of an RSA key")
        return key

    def rotate(self) -> Signer:
        """Sign under the other certificate from now on, the second time under the first again."""
        self.platform, self._spare = self._spare or self._issued(OWN_NAME), self.platform
        return self.platform

    def sealing(self, seal: Seal, twist: str = "") -> Signer | None:
        """Return who signs this message; None for what goes unsigned."""
        if seal is Seal.NONE:
            return None
        kind = "forged_names" if seal is Seal.STRANGER else twist
        makers = self._makers
        if kind not in makers:
            return self.platform
        if kind not in self._odd:
            self._odd[kind] = makers[kind]()
        return self._odd[kind]

    @cached_property
    def _makers(self) -> Mapping[str, Callable[[], Signer]]:
        return {
            "member": lambda: self._issued(MEMBER_NAME),
            "test_name": lambda: self._issued(TEST_NAME),
            "expired": lambda: self._issued(OWN_NAME, expired=True),
            "forged_names": self._forged,
            "self_signed": self._self_signed,
        }

    def _issued(self, member: str, *, expired: bool = False) -> Signer:
        key, (since, until) = rsa.new_key(), self._validity
        until = since + YEAR_SECONDS if expired else until
        certificate = self._middle.issue(_subject(member), key.public_key(), since, until)
        return Signer(key, certificate)

    def _forged(self) -> Signer:
        """Return somebody whose issuer has the true one's name and not its key."""
        stranger, (since, until) = rsa.strangers_key(), self._validity
        copied = root(self._middle.certificate.subject, stranger, since, until)
        certificate = copied.issue(_subject(OWN_NAME), stranger.public_key(), since, until)
        return Signer(stranger, certificate)

    def _self_signed(self) -> Signer:
        stranger = rsa.strangers_key()
        return Signer(stranger, root(_subject(OWN_NAME), stranger, *self._validity).certificate)

    @property
    def _validity(self) -> tuple[float, float]:
        own = self.platform.certificate
        return own.not_valid_before_utc.timestamp(), own.not_valid_after_utc.timestamp()


def _subject(member: str) -> Name:
    return name(("C", "CN"), ("O", "Sandbox OCA"), ("CN", f"041@Z2026@{member}@00000003"))
