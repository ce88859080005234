"""The texts that Alipay signs and has signed in OpenAPI v2 (`sign_type` RSA2): requests and notices.

The algorithm is RSA with SHA-256 whatever a message says of itself.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from paychannels import rsa

SIGN_TYPE: Final = "RSA2"


def signed(params: Mapping[str, str], private_key: str) -> dict[str, str]:
    """Return the parameters to send: without empty ones, with `sign`. Nothing may change them afterwards."""
    sent = {name: value for name, value in params.items() if value and name != "sign"}
    return {**sent, "sign": rsa.sign(private_key, request_text(sent).encode())}


def request_text(params: Mapping[str, str]) -> str:
    """Return the text to sign of a request: all but `sign` and empty ones, raw values, sorted by name."""
    return _joined({name: value for name, value in params.items() if value and name != "sign"})


def notice_text(fields: Mapping[str, str], public_keys: Sequence[str]) -> str | None:
    """Return the text of a notice over which its `sign` holds under one of the keys, or None where there is none.

    Most of Alipay's SDKs keep fields with an empty value in the text, Java's leaves them out; either is accepted.
    """
    unsigned = {name: value for name, value in fields.items() if name not in {"sign", "sign_type"}}
    filled = {name: value for name, value in unsigned.items() if value}
    for text in dict.fromkeys((_joined(unsigned), _joined(filled))):
        for key in public_keys:
            if rsa.verify(key, text.encode(), fields.get("sign", "")):
                return text
    return None


def _joined(params: Mapping[str, str]) -> str:
    return "&".join(f"{name}={params[name]}" for name in sorted(params))
