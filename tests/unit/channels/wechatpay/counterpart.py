"""WeChat's side of the wire for tests: signs and seals with cryptography directly, joins its texts by hand."""

import base64
import json
from dataclasses import replace
from functools import cache
from typing import Any, Final, TypedDict, Unpack
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    load_pem_private_key,
    load_pem_public_key,
)

from paycenter.ports.channel import Account, Payer, PaymentRequest, RawCallback, RefundRequest
from paycenter.ports.transport import HttpRequest, HttpResponse
from tests.unit.channels.scripted import KEYS, NOW, PAYMENT, VECTORS

_WHOLE: Final = json.loads((VECTORS / "keys.json").read_text(encoding="utf-8"))
MERCHANT_PRIVATE: Final[str] = KEYS["wechat.merchant"]["private_pkcs8_pem"]
MERCHANT_PUBLIC: Final[str] = KEYS["wechat.merchant"]["public_pem"]
PLATFORM_PUBLIC: Final[str] = KEYS["wechat.platform"]["public_pem"]
CERTIFICATES: Final = _WHOLE["certificates"]
APIV3_KEY: Final[str] = _WHOLE["secrets"]["wechat.apiv3_key"]
PUBLIC_KEY_ID: Final = "PUB_KEY_ID_0111111111112026030100000077"
SERIAL_A: Final[str] = CERTIFICATES["wechat.platform_cert_a"]["serial_hex"]
CERTIFICATE_A: Final[str] = CERTIFICATES["wechat.platform_cert_a"]["pem"]
SERIAL_B: Final[str] = CERTIFICATES["wechat.platform_cert_b"]["serial_hex"]
CERTIFICATE_B: Final[str] = CERTIFICATES["wechat.platform_cert_b"]["pem"]
APP_SECRET: Final = "0123456789abcdef0123456789abcdef"
GATEWAY: Final = "https://wechat.example"

ACCOUNT: Final = Account(
    id="wechatpay-main~1",
    channel="wechatpay",
    settings={
        "mchid": "1900000077",
        "appid": "wx0000000000000077",
        "merchant_serial": "77C3D4E5F60718293A4B5C6D7E8F900112233445",
        "gateway": GATEWAY,
        "authorisation_gateway": "https://open.wechat.example",
        "openid_gateway": "https://openid.wechat.example",
        "mode": "public_key",
        "public_key_id": PUBLIC_KEY_ID,
        "public_key": PLATFORM_PUBLIC,
    },
    secrets={
        "private_key": MERCHANT_PRIVATE,
        "apiv3_key": APIV3_KEY,
        "app_secret": APP_SECRET,
    },
)
_WITHOUT_PUBLIC_KEY: Final = {
    name: value for name, value in ACCOUNT.settings.items() if not name.startswith("public_key")
}
CERTIFICATE_ACCOUNT: Final = replace(
    ACCOUNT,
    settings={**_WITHOUT_PUBLIC_KEY, "mode": "certificate"},
    material={SERIAL_A: CERTIFICATE_A},
)
NATIVE: Final[PaymentRequest] = replace(
    PAYMENT,
    product="native",
    notify_url="https://pay.example/v1/callbacks/wechatpay/wechatpay-main~1",
)
JSAPI: Final = replace(NATIVE, product="jsapi", payer=Payer(payer_id="oThrowaway0077"))
H5: Final = replace(NATIVE, product="h5", payer=Payer(client_address="203.0.113.7"))
APP: Final = replace(NATIVE, product="app")
REFUND: Final = RefundRequest(
    refund_no="ABCDEFGHIJKLMNOPQRSTUVWXYZR001",
    payment_no=NATIVE.payment_no,
    product="native",
    amount=300,
    total=12800,
    currency="CNY",
    reason="Rain 下雨",
    created_at=NOW,
    payment_created_at=NOW - 3600,
    channel_transaction_no="4200000000202603010000000077",
    notify_url=NATIVE.notify_url,
)
PAID: Final[dict[str, Any]] = {
    "mchid": ACCOUNT.settings["mchid"],
    "appid": ACCOUNT.settings["appid"],
    "out_trade_no": NATIVE.payment_no,
    "transaction_id": "4200000000202603010000000077",
    "trade_type": "NATIVE",
    "trade_state": "SUCCESS",
    "trade_state_desc": "支付成功",
    "success_time": "2026-03-01T08:05:00+08:00",
    "amount": {"total": 12800, "payer_total": 12300, "currency": "CNY", "payer_currency": "CNY"},
}
REFUNDED: Final[dict[str, Any]] = {
    "refund_id": "50000000002026030100000000077",
    "out_refund_no": REFUND.refund_no,
    "out_trade_no": REFUND.payment_no,
    "transaction_id": "4200000000202603010000000077",
    "channel": "ORIGINAL",
    "user_received_account": "支付用户零钱",
    "create_time": "2026-03-01T08:00:00+08:00",
    "status": "SUCCESS",
    "success_time": "2026-03-01T08:06:00+08:00",
    "amount": {"total": 12800, "refund": 300, "payer_total": 12300, "payer_refund": 288},
}


@cache
def _key(name: str) -> RSAPrivateKey:
    key = load_pem_private_key(KEYS[name]["private_pkcs8_pem"].encode(), None)
    assert isinstance(key, RSAPrivateKey)
    return key


class How(TypedDict, total=False):
    """How a message is signed; a header that is changed to "-" is left out."""

    key: str
    serial: str
    now: int
    timestamp: str
    nonce: str
    signature: str
    signature_type: str


def signed(body: bytes, **how: Unpack[How]) -> dict[str, str]:
    """The headers of a message from WeChat."""
    now = str(how.get("now", NOW))
    text = f"{now}\nA1B2C3\n".encode() + body + b"\n"
    signature = _key(how.get("key", "wechat.platform")).sign(text, PKCS1v15(), SHA256())
    parts = {
        "timestamp": how.get("timestamp", now),
        "nonce": how.get("nonce", "A1B2C3"),
        "serial": how.get("serial", PUBLIC_KEY_ID),
        "signature": how.get("signature", base64.b64encode(signature).decode()),
        "signature-type": how.get("signature_type", "WECHATPAY2-SHA256-RSA2048"),
    }
    return {f"wechatpay-{name}": value for name, value in parts.items() if value != "-"}


def answer(fields: object, *, status: int = 200, **how: Unpack[How]) -> HttpResponse:
    """A signed answer."""
    body = json.dumps(fields, ensure_ascii=False).encode()
    return HttpResponse(status=status, headers=signed(body, **how), body=body)


def failure(code: str, status: int = 400, *, finer: str = "", **how: Unpack[How]) -> HttpResponse:
    """A signed error."""
    response = answer({"code": code, "message": "不行"}, status=status, **how)
    return replace(response, headers={**response.headers, "request-id": f"08AB-{finer}"})


def nothing(**how: Unpack[How]) -> HttpResponse:
    """A signed 204."""
    return HttpResponse(status=204, headers=signed(b"", **how), body=b"")


def seal(plain: bytes, associated_data: str, key: str = APIV3_KEY) -> dict[str, str]:
    """What the APIv3 key seals."""
    sealed = AESGCM(key.encode()).encrypt(b"00112233445f", plain, associated_data.encode())
    return {
        "algorithm": "AEAD_AES_256_GCM",
        "nonce": "00112233445f",
        "associated_data": associated_data,
        "ciphertext": base64.b64encode(sealed).decode(),
    }


def notice(
    content: object,
    event: str = "TRANSACTION.SUCCESS",
    *,
    resource: dict[str, Any] | None = None,
    apiv3_key: str = APIV3_KEY,
    **how: Unpack[How],
) -> RawCallback:
    """A signed notice."""
    plain = json.dumps(content, ensure_ascii=False).encode()
    notice = {
        "id": "aa11",
        "create_time": "2026-03-01T08:05:01+08:00",
        "resource_type": "encrypt-resource",
        "event_type": event,
        "summary": "支付成功",
        "resource": {
            **seal(plain, "transaction", apiv3_key),
            "original_type": "transaction",
            **(resource or {}),
        },
    }
    body = json.dumps(notice).encode()
    return RawCallback(headers=signed(body, **how), body=body)


def authorized(request: HttpRequest) -> dict[str, str]:
    """The parts of a request's Authorization header; fails where the merchant's signature does not hold."""
    scheme, _, rest = request.headers["authorization"].partition(" ")
    assert scheme == "WECHATPAY2-SHA256-RSA2048"
    parts = dict(item.split("=", 1) for item in rest.split(","))
    parts = {name: value.strip('"') for name, value in parts.items()}
    address = urlsplit(request.url)
    target = address.path + (f"?{address.query}" if address.query else "")
    text = f"{request.method}\n{target}\n{parts['timestamp']}\n{parts['nonce_str']}\n"
    holds(parts["signature"], text.encode() + request.body + b"\n")
    return parts


def holds(signature: str, text: bytes) -> None:
    """Fail where the merchant's signature does not hold over the text."""
    key = load_pem_public_key(MERCHANT_PUBLIC.encode())
    assert isinstance(key, RSAPublicKey)
    key.verify(base64.b64decode(signature), text, PKCS1v15(), SHA256())
