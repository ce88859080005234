"""RSA with SHA-256 and PKCS#1 v1.5, the one signature of all channels, over keys that are loaded once per container.

Loading a private key with its mathematical validation costs 45 ms, without it almost nothing; so it is validated when
an account is configured (`read_private(..., validate=True)`) and trusted afterwards.
"""

import base64
import hashlib
import re
from collections.abc import Callable
from typing import Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_private_key, load_der_public_key

type Key = RSAPrivateKey | RSAPublicKey

MINIMUM_BITS: Final = 2048
# Accounts per container are few; what is more than this is loaded again.
_MAXIMUM_KEYS: Final = 32
_PEM_FRAME: Final = re.compile(r"-----(?:BEGIN|END) [A-Z ]+-----")
_UNREADABLE: Final = (ValueError, TypeError, UnsupportedAlgorithm)


class UnreadableKey(ValueError):
    """A configured key that is none; the message never holds any of it."""


class KeyCache[K]:
    """Keys that were read before, by the digest of their text; bounded, the oldest leaves first."""

    def __init__(self, read: Callable[[str], K]) -> None:
        """Take the function that reads a key from its text."""
        self._read = read
        self._keys: dict[bytes, K] = {}

    def get(self, text: str) -> K:
        """Return the key of this text, read at most once while it stays in the cache; raises UnreadableKey."""
        digest = hashlib.sha256(text.encode(errors="replace")).digest()
        if digest not in self._keys:
            key = self._read(text)
            while len(self._keys) >= _MAXIMUM_KEYS:
                self._keys.pop(next(iter(self._keys)), None)
            self._keys[digest] = key
        return self._keys[digest]


def read_private(text: str, *, validate: bool = False) -> RSAPrivateKey:
    """Read a private key: PKCS#1 or PKCS#8, as PEM or as bare base64. Raises UnreadableKey."""
    try:
        key = load_der_private_key(_der(text), None, unsafe_skip_rsa_key_validation=not validate)
    except _UNREADABLE:
        # Without its cause: nothing of a private key may reach a log.
        raise UnreadableKey("not an RSA private key") from None
    if not isinstance(key, RSAPrivateKey):
        raise UnreadableKey("a private key, but not an RSA one")
    return key


def read_public(text: str) -> RSAPublicKey:
    """Read a public key: SPKI or PKCS#1, as PEM or as bare base64. Raises UnreadableKey."""
    try:
        key = load_der_public_key(_der(text))
    except _UNREADABLE:
        raise UnreadableKey("not an RSA public key") from None
    if not isinstance(key, RSAPublicKey):
        raise UnreadableKey("a public key, but not an RSA one")
    return key


_private_keys: Final = KeyCache(read_private)
_public_keys: Final = KeyCache(read_public)


def sign(private_key: str, data: bytes) -> str:
    """Sign bytes and return base64; the same input gives the same signature. Raises UnreadableKey."""
    return base64.b64encode(
        _private_keys.get(private_key).sign(data, PKCS1v15(), SHA256())
    ).decode()


def verify(public_key: str, data: bytes, signature: str) -> bool:
    """Tell whether the base64 signature holds over the bytes; anything odd about it is False. Raises UnreadableKey."""
    key = _public_keys.get(public_key)
    try:
        key.verify(base64.b64decode(signature, validate=True), data, PKCS1v15(), SHA256())
    except (InvalidSignature, ValueError):
        return False
    return True


def _der(text: str) -> bytes:
    return base64.b64decode("".join(_PEM_FRAME.sub("", text).split()), validate=True)
