"""Standard Webhooks 1.0: the headers that let a business line check that a notification is ours and fresh."""

import base64
import hashlib
import hmac
from collections.abc import Callable, Sequence
from typing import Final

SHARED_PREFIX: Final = "whsec_"
PRIVATE_PREFIX: Final = "whsk_"

# Signs bytes with an ed25519 key of 32 bytes; the standard library has no such signature.
type Ed25519 = Callable[[bytes, bytes], bytes]


def signed_headers(
    secrets: Sequence[str], webhook_id: str, timestamp: int, body: bytes, ed25519: Ed25519
) -> dict[str, str]:
    """Return the three headers of one attempt.

    `secrets` are `whsec_` texts (HMAC-SHA256, `v1`) or `whsk_` texts (ed25519, `v1a`), newest first; each gives one
    signature, so that a rotation needs no moment at which both sides change. `timestamp` is the attempt's, in seconds.
    """
    signed = f"{webhook_id}.{timestamp}.".encode() + body
    return {
        "webhook-id": webhook_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(_signature(secret, signed, ed25519) for secret in secrets),
        "content-type": "application/json",
    }


def _signature(secret: str, signed: bytes, ed25519: Ed25519) -> str:
    if secret.startswith(PRIVATE_PREFIX):
        return f"v1a,{_text(ed25519(_key(secret, PRIVATE_PREFIX), signed))}"
    return f"v1,{_text(hmac.digest(_key(secret, SHARED_PREFIX), signed, hashlib.sha256))}"


def _text(signature: bytes) -> str:
    return base64.b64encode(signature).decode()


def _key(secret: str, prefix: str) -> bytes:
    return base64.b64decode(secret.removeprefix(prefix), validate=True)
