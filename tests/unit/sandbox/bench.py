"""A merchant of the simulated Alipay: signs and verifies with code of its own, in a time that the test turns."""

import base64
import hashlib
import json
from functools import cache
from pathlib import Path
from urllib.parse import parse_qsl

import httpx
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

import sandbox
from sandbox.alipay.channel import Alipay
from sandbox.alipay.merchant import Merchant
from sandbox.alipay.signing import Keys
from sandbox.business_clock import beijing_text
from tests.unit.sandbox.simulator_bench import NOTIFY_URL, NUMBER, RETURN_URL, SimulatorBench

KEYS_FOLDER = Path(sandbox.__path__[0]) / "keys"
APP_ID, SELLER_ID = "2021000000000001", "2088000000000001"

QUERY, CLOSE, REFUND = "alipay.trade.query", "alipay.trade.close", "alipay.trade.refund"
REFUND_QUERY = "alipay.trade.fastpay.refund.query"
PAGE, WAP, PRECREATE = "alipay.trade.page.pay", "alipay.trade.wap.pay", "alipay.trade.precreate"
PRODUCTS = {PAGE: "FAST_INSTANT_TRADE_PAY", WAP: "QUICK_WAP_WAY", PRECREATE: "FACE_TO_FACE_PAYMENT"}

_SHA256_PREFIX = bytes.fromhex("3031300d060960864801650304020105000420")


@cache
def app_key() -> RSAPrivateKey:
    key = load_pem_private_key((KEYS_FOLDER / "alipay_app_private.pem").read_bytes(), None)
    assert isinstance(key, RSAPrivateKey)
    return key


@cache
def platform_key() -> RSAPublicKey:
    key = load_pem_public_key((KEYS_FOLDER / "alipay_platform_public.pem").read_bytes())
    assert isinstance(key, RSAPublicKey)
    return key


def simulator_keys() -> Keys:
    return Keys.load(KEYS_FOLDER)


def rsa2_verifies(key: RSAPublicKey, text: str, signature: str) -> bool:
    """RSASSA-PKCS1-v1_5 with SHA-256 by arithmetic alone: no library decides what a signature is."""
    numbers, size = key.public_numbers(), key.key_size // 8
    opened = pow(int.from_bytes(base64.b64decode(signature)), numbers.e, numbers.n).to_bytes(size)
    tail = b"\x00" + _SHA256_PREFIX + hashlib.sha256(text.encode()).digest()
    return opened == b"\x00\x01" + b"\xff" * (size - len(tail) - 2) + tail


def sorted_text(fields: dict[str, str], *left_out: str) -> str:
    kept = sorted(item for item in fields.items() if item[0] not in left_out)
    return "&".join(f"{name}={value}" for name, value in kept)


def order(number: str = NUMBER, **changes: str) -> dict[str, str]:
    """A page order that expires 30 minutes after noon."""
    content = {
        "out_trade_no": number,
        "total_amount": "128.00",
        "subject": "云岭山成人票 adult",
        "product_code": PRODUCTS[PAGE],
        "time_expire": "2026-01-01 12:30:00",
    }
    return {name: value for name, value in (content | changes).items() if value}


class Bench(SimulatorBench):
    """A merchant of the simulated Alipay."""

    def __init__(self) -> None:
        super().__init__(Alipay(Merchant(), simulator_keys()))
        self.key = app_key()

    @property
    def callbacks(self) -> list[dict[str, str]]:
        """The notices that came: their fields, and under the empty name where they were sent."""
        return [
            dict(parse_qsl(request.content.decode(), keep_blank_values=True))
            | {"": str(request.url)}
            for request in self.received
        ]

    def params(self, method: str, content: dict[str, str], /, **changes: str) -> dict[str, str]:
        """Signed parameters; a change to the empty text leaves a parameter out."""
        common = {
            "app_id": APP_ID,
            "method": method,
            "format": "JSON",
            "charset": "utf-8",
            "sign_type": "RSA2",
            "timestamp": beijing_text(self.clock.moment),
            "version": "1.0",
            "notify_url": NOTIFY_URL,
            "return_url": RETURN_URL if method in (PAGE, WAP) else "",
            "biz_content": json.dumps(content, ensure_ascii=False),
        }
        params = {name: value for name, value in (common | changes).items() if value}
        return params | {"sign": self.sign(params)}

    def sign(self, params: dict[str, str], digest: hashes.HashAlgorithm | None = None) -> str:
        text = sorted_text(params, "sign").encode()
        signature = self.key.sign(text, padding.PKCS1v15(), digest or hashes.SHA256())
        return base64.b64encode(signature).decode()

    def send(self, params: dict[str, str]) -> httpx.Response:
        return self.post("/gateway.do", params={"charset": "utf-8"}, data=params)

    def call(self, method: str, content: dict[str, str], /, **changes: str) -> dict[str, str]:
        """A server's call: the answer's fields, after its signature was checked over the raw text."""
        answer = self.send(self.params(method, content, **changes))
        assert answer.headers["content-type"] == "text/html;charset=utf-8"
        return verified_answer(method, answer.text)

    def open_page(self, method: str = PAGE, **changes: str) -> httpx.Response:
        """The payer's browser follows a signed form to the gateway."""
        content = order(**{"product_code": PRODUCTS[method], **changes})
        return self.send(self.params(method, content))

    def status(self, number: str = NUMBER) -> str:
        answer = self.call(QUERY, {"out_trade_no": number})
        return answer.get("trade_status") or answer["sub_code"]


def verified_answer(method: str, raw: str) -> dict[str, str]:
    member = method.replace(".", "_") + "_response"
    start = raw.index("{", 1)
    end = raw.index('},"sign":"') + 1
    assert raw.startswith(f'{{"{member}":')
    assert rsa2_verifies(platform_key(), raw[start:end], json.loads(raw)["sign"])
    fields: dict[str, str] = json.loads(raw)[member]
    return fields


def notice_verifies(fields: dict[str, str], *, without_empty: bool = False) -> bool:
    signed = {
        name: value for name, value in fields.items() if name and (value or not without_empty)
    }
    return rsa2_verifies(platform_key(), sorted_text(signed, "sign", "sign_type"), fields["sign"])
