"""Checking a notification as any customer would: the published library, the sandbox's clock."""

import hmac
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from standardwebhooks import Webhook

# The standard's five minutes. A fast clock also gets ten real seconds: the wire is not faster than usual.
TOLERANCE_SECONDS = 300
WIRE_ALLOWANCE_SECONDS = 10


def why_not(
    secrets: Sequence[str], headers: Mapping[str, str], body: bytes, now: float, rate: float = 1.0
) -> str:
    """Return why a notification is not to be believed, or nothing when it is; ``now`` in business seconds.

    The library's own check reads the real clock, so only its signature is used, over the header's timestamp.
    """
    webhook_id, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not webhook_id or not headers.get("webhook-signature"):
        return "webhook headers are missing"
    if not (timestamp.isascii() and timestamp.isdigit()):
        return "webhook-timestamp is no number of seconds"
    if abs(int(timestamp) - now) > max(TOLERANCE_SECONDS, WIRE_ALLOWANCE_SECONDS * rate):
        return "webhook-timestamp is too far from now"
    try:
        text = body.decode()
        moment = datetime.fromtimestamp(int(timestamp), UTC)
    except (ValueError, OverflowError, OSError):
        return "the body is not UTF-8 or the timestamp no moment"
    expected = [Webhook(secret).sign(webhook_id, moment, text) for secret in secrets]
    given = headers["webhook-signature"].split(" ")
    if any(hmac.compare_digest(a.encode(), b.encode()) for a in expected for b in given):
        return ""
    return "no signature matches"
