"""Whether WeChat said it: one routine for answers and notices (API v3, signature in the headers).

WeChat's own SDKs leave the window of time out for notices, and so accept a notice of last year; here it counts for both.
"""

import re
from collections.abc import Mapping
from typing import Final

from paycenter.ports.channel import Account
from paychannels import rsa
from paychannels.wechatpay.signing import SCHEME, lines

WINDOW_S: Final = 300
# WeChat sends some messages with a false signature that begins so, to see that we check.
PROBE: Final = "WECHATPAY/SIGNTEST/"
_HEADERS: Final = ("timestamp", "nonce", "signature", "serial")
_TIMESTAMP: Final = re.compile(r"[0-9]{1,12}", re.ASCII)
_CERTIFICATE: Final = "-----BEGIN CERTIFICATE-----"


class Unverified(Exception):
    """A message that nobody proved to be WeChat's; the reason is for the log. `probe`: WeChat is testing us."""

    def __init__(self, reason: str, *, probe: bool = False) -> None:
        """Take the reason."""
        super().__init__(reason)
        self.probe = probe


def known_keys(account: Account) -> dict[str, str]:
    """Return public keys and certificates by the id that `Wechatpay-Serial` names; both kinds may be in use at once."""
    keys = dict(account.material)
    if "public_key_id" in account.settings:
        keys[account.settings["public_key_id"]] = account.settings["public_key"]
    return keys


def verify(headers: Mapping[str, str], body: bytes, keys: Mapping[str, str], now: int) -> None:
    """Check a message against the keys that we know, at this moment; raises Unverified.

    The algorithm is ours, never the message's, and no key is fetched because of a message.
    """
    lower = {name.lower(): value for name, value in headers.items()}
    timestamp, nonce, signature, serial = (lower.get(f"wechatpay-{name}", "") for name in _HEADERS)
    if not (timestamp and nonce.isascii() and nonce and signature and serial):
        raise Unverified("a header is missing")
    if signature.startswith(PROBE):
        raise Unverified("a probe of our checks", probe=True)
    if lower.get("wechatpay-signature-type", SCHEME) != SCHEME:
        raise Unverified("another algorithm")
    if _TIMESTAMP.fullmatch(timestamp) is None or abs(now - int(timestamp)) >= WINDOW_S:
        raise Unverified("outside the window of time")
    if not rsa.verify(_key(serial, keys, now), lines(timestamp, nonce) + body + b"\n", signature):
        raise Unverified("the signature does not hold")


def _key(serial: str, keys: Mapping[str, str], now: int) -> str:
    if serial not in keys:
        raise Unverified("an unknown serial")
    if _CERTIFICATE not in keys[serial]:
        return keys[serial]
    from paychannels.wechatpay import certificates  # noqa: PLC0415 - slow to load, and not for the public key

    key = certificates.key_at(keys[serial], now)
    if key is None:
        raise Unverified("a certificate that is not valid now")
    return key
