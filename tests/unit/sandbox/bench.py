"""A merchant of the simulated Alipay: signs and verifies with code of its own, in a time that the test turns."""

import asyncio
import base64
import hashlib
import json
from collections.abc import Coroutine
from functools import cache
from pathlib import Path
from typing import Any
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
from sandbox.business_clock import beijing_moment, beijing_text
from sandbox.simulator.app import build_app
from sandbox.simulator.world import World

KEYS_FOLDER = Path(sandbox.__path__[0]) / "keys"
NOON = beijing_moment("2026-01-01 12:00:00")
NUMBER = "ABCDEFGHIJKLMNOPQRSTUVWXYZP01"
APP_ID, SELLER_ID = "2021000000000001", "2088000000000001"
NOTIFY_URL, RETURN_URL = "http://pay.example/notify", "http://pay.example/return?kept=1"

QUERY, CLOSE, REFUND = "alipay.trade.query", "alipay.trade.close", "alipay.trade.refund"
REFUND_QUERY = "alipay.trade.fastpay.refund.query"
PAGE, WAP, PRECREATE = "alipay.trade.page.pay", "alipay.trade.wap.pay", "alipay.trade.precreate"
PRODUCTS = {PAGE: "FAST_INSTANT_TRADE_PAY", WAP: "QUICK_WAP_WAY", PRECREATE: "FACE_TO_FACE_PAYMENT"}

_SHA256_PREFIX = bytes.fromhex("3031300d060960864801650304020105000420")


class FakeClock:
    """Business time that stands still until a test turns it."""

    def __init__(self, now: float = NOON) -> None:
        self.moment = now

    def now(self) -> float:
        return self.moment

    def real_seconds(self, business_seconds: float) -> float:
        return business_seconds


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


class Bench:
    """One simulator without a network: requests go straight in, callbacks come straight back."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.key = app_key()
        self.callbacks: list[dict[str, str]] = []
        self.callback_answers: list[httpx.Response | httpx.TransportError] = []
        self._runner = asyncio.Runner()
        client = httpx.AsyncClient(transport=httpx.MockTransport(self._receive))
        self.world = World(self.clock, Alipay(Merchant(), simulator_keys()), client)
        transport = httpx.ASGITransport(build_app(self.world))
        self._browser = httpx.AsyncClient(transport=transport, base_url="http://alipay.example")

    def close(self) -> None:
        self.run(self._browser.aclose())
        self.run(self.world.client.aclose())
        self._runner.close()

    def run[T](self, work: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(work)

    def get(self, path: str, params: dict[str, str] | None = None) -> httpx.Response:
        return self.run(self._browser.get(path, params=params))

    def post(
        self,
        path: str,
        *,
        params: dict[str, str] | None = None,
        data: dict[str, str] | None = None,
        json: object = None,
        content: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:
        return self.run(
            self._browser.post(
                path, params=params, data=data, json=json, content=content, headers=headers
            )
        )

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

    def pay(self, page: httpx.Response | str, password: str = "123456") -> httpx.Response:
        path = page if isinstance(page, str) else page.headers["location"]
        return self.post(path, data={"password": password})

    def status(self, number: str = NUMBER) -> str:
        answer = self.call(QUERY, {"out_trade_no": number})
        return answer.get("trade_status") or answer["sub_code"]

    def pass_time(self, seconds: float) -> None:
        """Turn the clock, doing everything that falls due in its own moment."""
        target, agenda = self.clock.moment + seconds, self.world.agenda
        while agenda.next_due is not None and agenda.next_due <= target:
            self.clock.moment = max(self.clock.moment, agenda.next_due)
            self.run(agenda.run_due())
        self.clock.moment = target

    def arm(
        self, fault: str, number: str = NUMBER, times: int | None = None, method: str = ""
    ) -> None:
        body = {"out_trade_no": number, "fault": fault, "method": method, "times": times}
        assert self.post("/sandbox/faults", json=body).status_code == 200

    def view(self, number: str = NUMBER) -> dict[str, Any]:
        view: dict[str, Any] = self.get(f"/sandbox/trades/{number}").json()
        return view

    def _receive(self, request: httpx.Request) -> httpx.Response:
        fields = dict(parse_qsl(request.content.decode(), keep_blank_values=True))
        self.callbacks.append(fields | {"": str(request.url)})
        answer = self.callback_answers.pop(0) if self.callback_answers else None
        if isinstance(answer, httpx.TransportError):
            raise answer
        return answer or httpx.Response(200, text="success")


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
