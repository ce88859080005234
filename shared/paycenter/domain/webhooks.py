"""Standard Webhooks 1.0: the headers that let a business line check that a notification is ours and fresh."""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from typing import Final

_PREFIX: Final = "whsec_"


def signed_headers(
    secrets: Sequence[str], webhook_id: str, timestamp: int, body: bytes
) -> dict[str, str]:
    """Return the three headers of one attempt.

    `secrets` are `whsec_` texts, newest first; each gives one signature, so that a rotation needs no moment at which
    both sides change. `timestamp` is the attempt's, in seconds.
    """
    signed = f"{webhook_id}.{timestamp}.".encode() + body
    signatures = (
        base64.b64encode(hmac.digest(_key(secret), signed, hashlib.sha256)).decode()
        for secret in secrets
    )
    return {
        "webhook-id": webhook_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(f"v1,{signature}" for signature in signatures),
        "content-type": "application/json",
    }


def _key(secret: str) -> bytes:
    return base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
