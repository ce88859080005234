"""The two ciphers of API v3: AES-256-GCM under the APIv3 key for resources, RSA-OAEP for sensitive fields.

Any failure is `Unopened`: what does not open is never read as something else.
"""

import base64
from collections.abc import Mapping
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA1

from paychannels import rsa
from paychannels.wechatpay import documents

ALGORITHM: Final = "AEAD_AES_256_GCM"
_KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_TAG_BYTES: Final = 16


class Unopened(ValueError):
    """Sealed text that does not open under this key; the message holds nothing of either."""


def open_resource(apiv3_key: str, resource: Mapping[str, object]) -> bytes:
    """Open the `resource` of a notice or the `encrypt_certificate` of a download; raises Unopened."""
    if resource.get("algorithm") != ALGORITHM:
        raise Unopened("another algorithm")
    return open_sealed(
        apiv3_key,
        documents.text(resource, "nonce"),
        documents.text(resource, "associated_data"),
        documents.text(resource, "ciphertext"),
    )


def open_sealed(apiv3_key: str, nonce: str, associated_data: str, ciphertext: str) -> bytes:
    """Open base64 text with its tag at the end; additional data may be empty. Raises Unopened."""
    try:
        key, number, more = (text.encode() for text in (apiv3_key, nonce, associated_data))
        sealed = base64.b64decode(ciphertext, validate=True)
    except ValueError:
        raise Unopened("not base64") from None
    # The library takes keys and nonces of other lengths, too.
    if len(key) != _KEY_BYTES or len(number) != _NONCE_BYTES or len(sealed) < _TAG_BYTES:
        raise Unopened("a key, a nonce or a ciphertext of another length")
    try:
        return AESGCM(key).decrypt(number, sealed, more)
    except InvalidTag:
        raise Unopened("the tag does not fit") from None


def open_field(private_key: str, ciphertext: str) -> str:
    """Open a sensitive field that was sealed for the merchant's key: OAEP with SHA-1, base64. Raises Unopened."""
    padding = OAEP(mgf=MGF1(algorithm=SHA1()), algorithm=SHA1(), label=None)  # noqa: S303 - API v3 prescribes it
    try:
        return (
            rsa.read_private(private_key)
            .decrypt(base64.b64decode(ciphertext, validate=True), padding)
            .decode()
        )
    except ValueError:
        raise Unopened("does not open under this key") from None
