"""UnionPay's signature and its two ways to write a message (sections 2 and 3), written for the simulator alone."""

import hashlib
from collections.abc import Mapping
from urllib.parse import urlencode

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from sandbox.simulator import rsa
from sandbox.simulator.wire import sorted_text
from sandbox.unionpay.keys import Signer

VERSION = "5.1.0"
FORM_TYPE = "application/x-www-form-urlencoded;charset=UTF-8"
PLAIN_TYPE = "text/html;charset=UTF-8"


def signed(fields: Mapping[str, str], signer: Signer | None, twist: str = "") -> dict[str, str]:
    """Return the fields with certificate and signature, without either where nobody signs; blank ones are dropped.

    Two twists downgrade: ``keyed`` signs by a hash with an empty key, ``old_version`` says 5.0.0.
    """
    filled = {name: value for name, value in fields.items() if value}
    if signer is None:
        return filled
    filled |= {"certId": signer.serial, "signPubKeyCert": signer.pem}
    if twist == "keyed":
        filled["signMethod"] = "11"
        return {**filled, "signature": _hex(f"{_text(filled)}&{_hex('')}")}
    if twist == "old_version":
        filled["version"] = "5.0.0"
    return {**filled, "signature": rsa.sign(signer.key, _digest(filled))}


def signed_by(key: RSAPublicKey, fields: Mapping[str, str]) -> bool:
    """Whether the fields' ``signature`` is that key's over all the others; never raises."""
    return rsa.signed_by(key, _digest(fields), fields.get("signature", ""))


def plain(fields: Mapping[str, str]) -> bytes:
    """Return an answer: names and values as they are, nothing encoded."""
    return "&".join(f"{name}={value}" for name, value in fields.items()).encode()


def encoded(fields: Mapping[str, str]) -> bytes:
    """Return a form."""
    return urlencode(fields).encode()


def _digest(fields: Mapping[str, str]) -> bytes:
    return _hex(_text(fields)).encode()


def _text(fields: Mapping[str, str]) -> str:
    return sorted_text(fields, ["signature"])


def _hex(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
