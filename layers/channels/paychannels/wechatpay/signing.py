"""What we sign for WeChat (API v3, `WECHATPAY2-SHA256-RSA2048`): requests, and what evokes the payer's app.

Both are lines of text, each ended by a line feed, the last one too, under the merchant's private key.
"""

import hashlib
from typing import Final

from paycenter.ports.channel import Account
from paychannels import rsa

SCHEME: Final = "WECHATPAY2-SHA256-RSA2048"
_NONCE_CHARACTERS: Final = 32


def authorization(
    account: Account, method: str, target: str, body: bytes, timestamp: int, nonce: str
) -> str:
    """Return the Authorization header of a request; `target` is its path and query exactly as they are sent."""
    text = request_text(method, target, body, timestamp, nonce)
    parts = {
        "mchid": account.settings["mchid"],
        "serial_no": account.settings["merchant_serial"],
        "timestamp": str(timestamp),
        "nonce_str": nonce,
        "signature": rsa.sign(account.secrets["private_key"], text),
    }
    return f"{SCHEME} " + ",".join(f'{name}="{value}"' for name, value in parts.items())


def request_text(method: str, target: str, body: bytes, timestamp: int, nonce: str) -> bytes:
    """Return the bytes to sign of a request."""
    return lines(method, target, str(timestamp), nonce) + body + b"\n"


def jsapi_parameters(
    account: Account, prepay_id: str, timestamp: int, nonce: str
) -> dict[str, str]:
    """Return what WeChat's script bridge, or a mini program, is given to pay a prepayment."""
    package = f"prepay_id={prepay_id}"
    appid = account.settings["appid"]
    text = lines(appid, str(timestamp), nonce, package)
    return {
        "appId": appid,
        "timeStamp": str(timestamp),
        "nonceStr": nonce,
        "package": package,
        "signType": "RSA",
        "paySign": rsa.sign(account.secrets["private_key"], text),
    }


def app_parameters(account: Account, prepay_id: str, timestamp: int, nonce: str) -> dict[str, str]:
    """Return what WeChat's SDK in an app is given to pay a prepayment."""
    appid = account.settings["appid"]
    text = lines(appid, str(timestamp), nonce, prepay_id)
    return {
        "appid": appid,
        "partnerid": account.settings["mchid"],
        "prepayid": prepay_id,
        "package": "Sign=WXPay",
        "noncestr": nonce,
        "timestamp": str(timestamp),
        "sign": rsa.sign(account.secrets["private_key"], text),
    }


def nonce(now_ms: int, *parts: bytes) -> str:
    """Return a text that is another one in every millisecond and for everything else that is signed.

    It needs to be unique, not secret; so it comes from the moment and the content, and a run can be repeated.
    """
    whole = hashlib.sha256(str(now_ms).encode())
    for piece in parts:
        whole.update(hashlib.sha256(piece).digest())
    return whole.hexdigest()[:_NONCE_CHARACTERS].upper()


def lines(*texts: str) -> bytes:
    """Return lines as they are signed."""
    return "".join(f"{line}\n" for line in texts).encode()
