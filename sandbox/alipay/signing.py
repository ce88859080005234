"""RSA2 as Alipay defines it, written for the simulator alone (channel document, sections 2, 3 and 6)."""

import base64
import binascii
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import (
    RSAPrivateKey,
    RSAPublicKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, HashAlgorithm
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

APP_PUBLIC_KEY_FILE = "alipay_app_public.pem"
PLATFORM_PRIVATE_KEY_FILE = "alipay_platform_private.pem"


class Keys:
    """The keys that the simulator holds: the app's public key, its own private key, and one that nobody trusts."""

    def __init__(self, app: RSAPublicKey, platform: RSAPrivateKey) -> None:
        self.app = app
        self.platform = platform

    @cached_property
    def stranger(self) -> RSAPrivateKey:
        """A key that nobody trusts, for forgeries; made when first needed, which takes a moment."""
        return generate_private_key(public_exponent=65537, key_size=2048)

    @classmethod
    def load(cls, folder: Path) -> "Keys":
        """Read both PEM files of a folder; OSError, ValueError or TypeError when one is missing or of another kind."""
        app = load_pem_public_key((folder / APP_PUBLIC_KEY_FILE).read_bytes())
        platform = load_pem_private_key(
            (folder / PLATFORM_PRIVATE_KEY_FILE).read_bytes(), password=None
        )
        if not isinstance(app, RSAPublicKey) or not isinstance(platform, RSAPrivateKey):
            raise TypeError(f"{folder} must hold RSA keys")
        return cls(app, platform)


def joined(fields: Mapping[str, str], without: Iterable[str]) -> str:
    """``name=value`` joined with ``&``, sorted by name in byte order, leaving out the names in ``without``."""
    left_out = frozenset(without)
    names = sorted((name for name in fields if name not in left_out), key=str.encode)
    return "&".join(f"{name}={fields[name]}" for name in names)


def request_text(params: Mapping[str, str]) -> str:
    """Return the signed text of a v2 request: empty parameters are not part of it, ``sign_type`` is (section 2)."""
    return joined({name: value for name, value in params.items() if value}, without=["sign"])


def notice_text(fields: Mapping[str, str]) -> str:
    """Return the signed text of a notice or a return address: without ``sign`` and ``sign_type`` (section 6)."""
    return joined(fields, without=["sign", "sign_type"])


def sign(key: RSAPrivateKey, text: str, digest: HashAlgorithm | None = None) -> str:
    """Base64 of the RSASSA-PKCS1-v1_5 signature over the text's UTF-8 bytes; SHA-256 unless told (a fault may)."""
    signature = key.sign(text.encode(), padding.PKCS1v15(), digest or SHA256())
    return base64.b64encode(signature).decode("ascii")


def signed_by(key: RSAPublicKey, text: str, signature: str) -> bool:
    """Whether the base64 signature is RSA2 by that key over the text; never raises."""
    try:
        key.verify(
            base64.b64decode(signature, validate=True), text.encode(), padding.PKCS1v15(), SHA256()
        )
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


DIGESTS: Mapping[str, type[HashAlgorithm]] = {"SHA256": SHA256, "SHA1": SHA1}
