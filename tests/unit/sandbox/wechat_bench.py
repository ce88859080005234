"""A merchant of the simulated WeChat Pay: signs, verifies and opens with code of its own, in a time that the test turns."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import httpx
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

import sandbox
from sandbox.wechatpay.channel import WechatPay
from sandbox.wechatpay.merchant import Merchant
from sandbox.wechatpay.signing import Certified, Keys
from tests.unit.sandbox.simulator_bench import NOTIFY_URL, NUMBER, SimulatorBench

KEYS_FOLDER = Path(sandbox.__path__[0]) / "keys"
MCHID, APPID = "1900000001", "wx0000000000000001"
APIV3_KEY = "sandbox-apiv3-key-of-32-bytes-01"
OPENID = "oSandboxPayer_00000000000001"
PUBLIC_KEY_ID = "PUB_KEY_ID_0119000000012026010100000001"
REFUND_NO = "ABCDEFGHIJKLMNOPQRSTUVWXYZR001"
TRANSACTIONS, REFUNDS = "/v3/pay/transactions", "/v3/refund/domestic/refunds"
MORE: dict[str, dict[str, Any]] = {
    "native": {},
    "app": {},
    "jsapi": {"payer": {"openid": OPENID}},
    "h5": {"scene_info": {"payer_client_ip": "203.0.113.7", "h5_info": {"type": "Wap"}}},
}


@cache
def _private() -> RSAPrivateKey:
    key = load_pem_private_key((KEYS_FOLDER / "wechatpay_merchant_private.pem").read_bytes(), None)
    assert isinstance(key, RSAPrivateKey)
    return key


@cache
def merchant_serial() -> str:
    pem = (KEYS_FOLDER / "wechatpay_merchant_cert.pem").read_bytes()
    return f"{x509.load_pem_x509_certificate(pem).serial_number:040X}"


@cache
def _known() -> dict[str, RSAPublicKey]:
    public = load_pem_public_key((KEYS_FOLDER / "wechatpay_platform_public.pem").read_bytes())
    certificate = x509.load_pem_x509_certificate(
        (KEYS_FOLDER / "wechatpay_platform_cert.pem").read_bytes()
    )
    certified = certificate.public_key()
    assert isinstance(public, RSAPublicKey)
    assert isinstance(certified, RSAPublicKey)
    return {PUBLIC_KEY_ID: public, f"{certificate.serial_number:040X}": certified}


@cache
def _held() -> tuple[x509.Certificate, RSAPrivateKey, Certified]:
    # Read once: checking a private key takes a moment.
    keys = Keys.load(KEYS_FOLDER)
    certificate = x509.load_pem_x509_certificate(
        (KEYS_FOLDER / "wechatpay_merchant_cert.pem").read_bytes()
    )
    return certificate, keys.public.key, keys.certified[0]


def platform_serial() -> str:
    """The serial of the certificate in use."""
    return next(serial for serial in _known() if serial != PUBLIC_KEY_ID)


@dataclass(frozen=True, slots=True)
class Told:
    """A notice that holds: its frame, and what was sealed in it."""

    serial: str
    frame: dict[str, Any]
    content: dict[str, Any]


def order(kind: str = "native", /, **changes: object) -> dict[str, Any]:
    """An order that can be paid for 30 minutes after noon; None leaves a member out."""
    content = {
        "appid": APPID,
        "mchid": MCHID,
        "description": "云岭山成人票 adult",
        "out_trade_no": NUMBER,
        "time_expire": "2026-01-01T12:30:00+08:00",
        "notify_url": NOTIFY_URL,
        "amount": {"total": 12800, "currency": "CNY"},
        **MORE[kind],
        **changes,
    }
    return {name: value for name, value in content.items() if value is not None}


def refund(number: str = REFUND_NO, fen: int = 300, **changes: object) -> dict[str, Any]:
    """A refund of three yuan."""
    content = {
        "out_trade_no": NUMBER,
        "out_refund_no": number,
        "reason": "rain",
        "notify_url": f"{NOTIFY_URL}/refund",
        "amount": {"refund": fen, "total": 12800, "currency": "CNY"},
        **changes,
    }
    return {name: value for name, value in content.items() if value is not None}


class WechatBench(SimulatorBench):
    """A merchant in public-key mode, unless a test says otherwise."""

    accepted = httpx.Response(200, json={"code": "SUCCESS"})

    def __init__(self) -> None:
        super().__init__(WechatPay(Merchant(), Keys(*_held())))
        self.serial = PUBLIC_KEY_ID
        self.known = dict(_known())

    def authorization(
        self, method: str, target: str, body: bytes = b"", changes: Mapping[str, str] | None = None
    ) -> str:
        parts = {
            "mchid": MCHID,
            "serial_no": merchant_serial(),
            "nonce_str": "0123456789ABCDEF",
            "timestamp": f"{self.clock.moment:.0f}",
            **(changes or {}),
        }
        text = f"{method}\n{target}\n{parts['timestamp']}\n{parts['nonce_str']}\n".encode()
        signature = _private().sign(text + body + b"\n", PKCS1v15(), SHA256())
        parts = {"signature": base64.b64encode(signature).decode(), **parts}
        return "WECHATPAY2-SHA256-RSA2048 " + ",".join(f'{n}="{v}"' for n, v in parts.items())

    def ask(
        self,
        method: str,
        target: str,
        content: object = None,
        *,
        authorization: str = "",
        **headers: str,
    ) -> httpx.Response:
        """One signed request; the answer is not looked at."""
        body = b"" if content is None else json.dumps(content, ensure_ascii=False).encode()
        sent = {
            "authorization": authorization or self.authorization(method, target, body),
            "accept": "application/json",
            "content-type": "application/json",
            "user-agent": "bench",
            **({"wechatpay-serial": self.serial} if self.serial else {}),
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        if method == "POST":
            return self.post(target, content=body, headers=sent)
        return self.get(target, headers=sent)

    def call(self, method: str, target: str, content: object = None) -> dict[str, Any]:
        """A call whose answer must hold under the key that was asked for: its fields, and its status."""
        answer = self.ask(method, target, content)
        assert answer.headers["wechatpay-serial"] == (self.serial or platform_serial())
        self.check(answer.headers, answer.content)
        fields: dict[str, Any] = answer.json() if answer.content else {}
        return {"status_code": answer.status_code, **fields}

    def check(self, headers: httpx.Headers, body: bytes) -> str:
        """Fail where a message is not WeChat's; return the serial of the key."""
        serial = headers["wechatpay-serial"]
        text = f"{headers['wechatpay-timestamp']}\n{headers['wechatpay-nonce']}\n".encode()
        signature = base64.b64decode(headers["wechatpay-signature"])
        self.known[serial].verify(signature, text + body + b"\n", PKCS1v15(), SHA256())
        assert headers["wechatpay-signature-type"] == "WECHATPAY2-SHA256-RSA2048"
        assert headers["wechatpay-timestamp"] == f"{self.clock.moment:.0f}"
        return serial

    def create(self, kind: str = "native", **changes: object) -> dict[str, Any]:
        return self.call("POST", f"{TRANSACTIONS}/{kind}", order(kind, **changes))

    def query(self, number: str = NUMBER) -> dict[str, Any]:
        return self.call("GET", f"{TRANSACTIONS}/out-trade-no/{number}?mchid={MCHID}")

    def close_order(self, number: str = NUMBER) -> dict[str, Any]:
        target = f"{TRANSACTIONS}/out-trade-no/{number}/close"
        return self.call("POST", target, {"mchid": MCHID})

    def refund(self, number: str = REFUND_NO, fen: int = 300, **changes: object) -> dict[str, Any]:
        return self.call("POST", REFUNDS, refund(number, fen, **changes))

    def refund_status(self, number: str = REFUND_NO) -> str:
        answer = self.call("GET", f"{REFUNDS}/{number}")
        return str(answer.get("status") or answer["code"])

    def pay_native(self) -> None:
        """Create by a code, scan it and pay."""
        assert self.pay(self.scanned(self.create()["code_url"])).status_code == 303
        self.pass_time(0)

    def scanned(self, code_url: str) -> str:
        """The page that scanning a code opens."""
        scheme, _, code = code_url.partition("?pr=")
        assert scheme == "weixin://wxpay/bizpayurl"
        return f"/qr/{code}"

    def told(self) -> list[Told]:
        """Every notice so far that holds, opened."""
        return [self.open(request) for request in self.received]

    def open(self, request: httpx.Request, key: str = APIV3_KEY) -> Told:
        """Open one notice; fails where it is not WeChat's."""
        self.clock_check(request)
        frame = json.loads(request.content)
        sealed = frame["resource"]
        plain = AESGCM(key.encode()).decrypt(
            sealed["nonce"].encode(),
            base64.b64decode(sealed["ciphertext"]),
            sealed["associated_data"].encode(),
        )
        return Told(request.headers["wechatpay-serial"], frame, json.loads(plain))

    def clock_check(self, request: httpx.Request) -> None:
        """Fail where a notice is not signed by a key that is known."""
        headers = request.headers
        text = f"{headers['wechatpay-timestamp']}\n{headers['wechatpay-nonce']}\n".encode()
        self.known[headers["wechatpay-serial"]].verify(
            base64.b64decode(headers["wechatpay-signature"]),
            text + request.content + b"\n",
            PKCS1v15(),
            SHA256(),
        )

    def signed(self, *texts: str) -> str:
        """The merchant's signature over lines."""
        text = "".join(f"{one}\n" for one in texts).encode()
        return base64.b64encode(_private().sign(text, PKCS1v15(), SHA256())).decode()
