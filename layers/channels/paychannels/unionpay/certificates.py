"""UnionPay's certificates: the one that travels in a message counts only if the configured ones issued it.

Every member of UnionPay holds a certificate of the same issuer, so the chain alone proves nothing: the subject must be
UnionPay itself.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

if TYPE_CHECKING:
    # At run time it is loaded by the first certificate: a payment that is only signed never waits for it.
    from cryptography.x509 import Certificate

UNIONPAY: Final = "中国银联股份有限公司"
# The name that UnionPay's test platform signs under; in production it is nobody's.
TEST_PLATFORM: Final = "00040000:SIGN"
_ONE_PEM: Final = re.compile(
    r"\s*-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----\s*", re.ASCII
)
_HASHES: Final = frozenset({"sha256", "sha384", "sha512"})
_MAXIMUM_CERTIFICATES: Final = 32


class Untrusted(ValueError):
    """A certificate that is not to be believed, or none at all; the text says why and holds nothing of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchors:
    """What an account trusts: two certificates as PEM text; `test` for UnionPay's test platform."""

    middle: str
    root: str
    test: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """Whoever signed a message, once the chain and the name held; seconds since 1970 UTC."""

    public_key: str
    valid_from: int
    valid_until: int


@lru_cache(maxsize=_MAXIMUM_CERTIFICATES)
def signer(pem: str, anchors: Anchors) -> Signer:
    """Return who a certificate in a message stands for; raises Untrusted, and only what is trusted is remembered.

    UnionPay changes its certificate whenever it likes, so it is never pinned. The caller compares the validity with
    its clock, each time.
    """
    certificate, middle = read(pem), read(anchors.middle)
    check_issued(middle, read(anchors.root), sha1=anchors.test)
    check_issued(certificate, middle, sha1=anchors.test)
    names = {UNIONPAY, TEST_PLATFORM} if anchors.test else {UNIONPAY}
    if _member_name(certificate) not in names:
        raise Untrusted("the certificate is not UnionPay's own")
    public_key = certificate.public_key().public_bytes(
        Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
    )
    both = (certificate, middle)
    return Signer(
        public_key=public_key.decode(),
        valid_from=max(int(one.not_valid_before_utc.timestamp()) for one in both),
        valid_until=min(int(one.not_valid_after_utc.timestamp()) for one in both),
    )


def read(pem: str) -> "Certificate":
    """Read exactly one certificate with an RSA key from PEM text; raises Untrusted."""
    from cryptography.x509 import load_pem_x509_certificate  # noqa: PLC0415 - see the top of the module

    if _ONE_PEM.fullmatch(pem) is None:
        raise Untrusted("not one certificate in PEM form")
    try:
        certificate = load_pem_x509_certificate(pem.encode())
        key = certificate.public_key()
    except (ValueError, UnsupportedAlgorithm):
        raise Untrusted("not a readable certificate") from None
    if not isinstance(key, RSAPublicKey):
        raise Untrusted("not a certificate of an RSA key")
    return certificate


def check_issued(certificate: "Certificate", issuer: "Certificate", *, sha1: bool) -> None:
    """Raise Untrusted unless the issuer's key signed the certificate; a name alone can be copied.

    `sha1` also allows that old hash: some published certificates of the test platform have it.
    """
    # `verify_directly_issued_by` of x509 knows no SHA-1, whatever it is asked.
    algorithm, key = certificate.signature_hash_algorithm, issuer.public_key()
    if algorithm is None or algorithm.name not in (_HASHES | {"sha1"} if sha1 else _HASHES):
        raise Untrusted("the certificate is signed with a hash that does not count")
    if certificate.issuer != issuer.subject or not isinstance(key, RSAPublicKey):
        raise Untrusted("the certificate names another issuer than the configured one")
    try:
        key.verify(certificate.signature, certificate.tbs_certificate_bytes, PKCS1v15(), algorithm)
    except (InvalidSignature, UnsupportedAlgorithm):
        raise Untrusted("the certificate was not issued by the configured one") from None


def _member_name(certificate: "Certificate") -> str:
    from cryptography.x509.oid import NameOID  # noqa: PLC0415 - see the top of the module

    # `041@Z2026@<name>@00000001`: kind, batch, member, number.
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    parts = str(names[0].value).split("@") if len(names) == 1 else []
    return parts[2] if len(parts) > 2 else ""  # noqa: PLR2004 - the third part
