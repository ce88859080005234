"""What UnionPay signs and has signed (ACP 5.1.0): sorted `name=value`, hashed, and the hash's hex text signed.

The method is the account's: 01 RSA with SHA-256, 11 and 12 a hash (SHA-256, SM3) over the text and a shared key.
"""

import hashlib
from collections.abc import Mapping
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA256, SM3, Hash, HashAlgorithm

from paycenter.ports.channel import Account
from paychannels import rsa
from paychannels.unionpay.merchant import merchant_of

VERSION: Final = "5.1.0"
CERTIFICATE: Final = "01"
_KEYED: Final[Mapping[str, type[HashAlgorithm]]] = {"11": SHA256, "12": SM3}


def signed(params: Mapping[str, str], account: Account) -> dict[str, str]:
    """Return the fields to send: trimmed, without blank ones, with `certId` and `signature`.

    The same parameters give the same fields. Raises rsa.UnreadableKey where the account's own key can't be read.
    """
    sent = {
        name: value.strip()
        for name, value in params.items()
        if value.strip() and name != "signature"
    }
    method = account.settings["sign_method"]
    if method != CERTIFICATE:
        return {**sent, "signature": keyed(text(sent), method, account.secrets["secure_key"])}
    merchant = merchant_of(account.settings, account.secrets)
    sent["certId"] = merchant.cert_id
    return {**sent, "signature": rsa.sign(merchant.private_key, digest(text(sent)))}


def text(fields: Mapping[str, str]) -> str:
    """Return the text to sign: all fields but `signature`, raw values, sorted by name (upper case first)."""
    return "&".join(f"{name}={fields[name]}" for name in sorted(fields) if name != "signature")


def digest(signed_text: str) -> bytes:
    """Return what RSA signs: the text's SHA-256 in lower-case hex, as ASCII. RSA's own hash comes on top of it."""
    return hashlib.sha256(signed_text.encode()).hexdigest().encode()


def keyed(signed_text: str, method: str, secure_key: str) -> str:
    """Return the signature of methods 11 and 12: a hash over the text and the hash of the shared key, in hex."""
    algorithm = _KEYED[method]
    return _hex(algorithm, f"{signed_text}&{_hex(algorithm, secure_key)}")


def _hex(algorithm: type[HashAlgorithm], data: str) -> str:
    summing = Hash(algorithm())
    summing.update(data.encode())
    return summing.finalize().hex()
