"""RSA signatures as all channels here use them, RSASSA-PKCS1-v1_5 in base64, and the keys of the PEM files."""

import base64
import binascii
from functools import cache
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import (
    RSAPrivateKey,
    RSAPublicKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.hashes import SHA256, HashAlgorithm
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)


def read_private_key(file: Path) -> RSAPrivateKey:
    """Read a PEM file; OSError, ValueError or TypeError when it is missing or holds another kind."""
    key = load_pem_private_key(file.read_bytes(), password=None)
    if not isinstance(key, RSAPrivateKey):
        raise TypeError(f"{file} must hold an RSA key")
    return key


def read_public_key(file: Path) -> RSAPublicKey:
    """Read a PEM file; OSError, ValueError or TypeError when it is missing or holds another kind."""
    key = load_pem_public_key(file.read_bytes())
    if not isinstance(key, RSAPublicKey):
        raise TypeError(f"{file} must hold an RSA key")
    return key


def new_key() -> RSAPrivateKey:
    """Make a key of 2048 bits, which takes a moment."""
    return generate_private_key(public_exponent=65537, key_size=2048)


@cache
def strangers_key() -> RSAPrivateKey:
    """Return a key that nobody trusts, for forgeries; made when first needed."""
    return new_key()


def public_pem(key: RSAPublicKey) -> str:
    """Return a public key as PEM text."""
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def sign(key: RSAPrivateKey, text: bytes, digest: HashAlgorithm | None = None) -> str:
    """Base64 of the RSASSA-PKCS1-v1_5 signature; SHA-256 unless told (a fault may)."""
    signature = key.sign(text, padding.PKCS1v15(), digest or SHA256())
    return base64.b64encode(signature).decode("ascii")


def signed_by(key: RSAPublicKey, text: bytes, signature: str) -> bool:
    """Whether the base64 signature is RSA with SHA-256 by that key over the text; never raises."""
    try:
        key.verify(base64.b64decode(signature, validate=True), text, padding.PKCS1v15(), SHA256())
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True
