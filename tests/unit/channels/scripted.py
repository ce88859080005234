"""The other side of the wire for tests: a clock that stands, a transport that follows a script, Alipay's own signature.

Alipay's side signs with cryptography directly and joins its texts by hand, so that an error of ours can't agree with
itself.
"""

import base64
import json
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, HashAlgorithm
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from paycenter.ports.channel import Account, PaymentRequest, RawCallback
from paycenter.ports.transport import HttpRequest, HttpResponse, NoAnswer, NotSent

VECTORS: Final = Path(__file__).parent / "vectors"
KEYS: Final = json.loads((VECTORS / "keys.json").read_text(encoding="utf-8"))["keys"]
APP_PRIVATE: Final[str] = KEYS["alipay.app"]["private_pkcs8_pem"]
APP_PUBLIC: Final[str] = KEYS["alipay.app"]["public_pem"]
PLATFORM_PUBLIC: Final[str] = KEYS["alipay.platform"]["public_pem"]

# 2026-03-01 08:00:00 in Beijing.
NOW: Final = 1_772_323_200
GATEWAY: Final = "https://gateway.example/gateway.do"
ACCOUNT: Final = Account(
    id="alipay-main~1",
    channel="alipay",
    settings={"app_id": "2021000000000077", "seller_id": "2088000000000077", "gateway": GATEWAY},
    secrets={"private_key": APP_PRIVATE, "alipay_public_key": PLATFORM_PUBLIC},
)
PAYMENT: Final = PaymentRequest(
    payment_no="ABCDEFGHIJKLMNOPQRSTUVWXYZP01",
    product="page",
    amount=12800,
    currency="CNY",
    subject="Two tickets 门票",
    created_at=NOW,
    deadline=NOW + 1795,
    notify_url="https://pay.example/v1/callbacks/alipay/alipay-main~1",
    return_url="https://pay.example/cashier/TOKEN/return",
)


@dataclass(frozen=True, slots=True)
class StandingClock:
    """Business time that does not pass."""

    seconds: int = NOW
    rate: int = 1

    def now(self) -> int:
        return self.seconds

    def now_ms(self) -> int:
        return self.seconds * 1000


@dataclass(slots=True)
class ScriptedTransport:
    """Answers with what the script says, in order, and remembers what was sent."""

    script: list[HttpResponse | NotSent | NoAnswer] = field(default_factory=list)
    sent: list[HttpRequest] = field(default_factory=list)

    def send(self, request: HttpRequest) -> HttpResponse:
        self.sent.append(request)
        step = self.script.pop(0)
        if isinstance(step, Exception):
            raise step
        return step


@cache
def _platform_key(name: str) -> RSAPrivateKey:
    private = load_pem_private_key(KEYS[name]["private_pkcs8_pem"].encode(), None)
    assert isinstance(private, RSAPrivateKey)
    return private


def platform_sign(
    text: str, key: str = "alipay.platform", algorithm: HashAlgorithm | None = None
) -> str:
    signature = _platform_key(key).sign(text.encode(), PKCS1v15(), algorithm or SHA256())
    return base64.b64encode(signature).decode()


def answer(
    method: str, *, status: int = 200, key: str = "alipay.platform", **fields: object
) -> HttpResponse:
    """Alipay's signed answer to a method."""
    text = json.dumps(fields, ensure_ascii=False).replace("/", "\\/")
    member = method.replace(".", "_") + "_response"
    body = f'{{"{member}":{text},"sign":"{platform_sign(text, key)}"}}'
    return HttpResponse(
        status=status, headers={"content-type": "text/html;charset=utf-8"}, body=body.encode()
    )


def failure(method: str, sub_code: str, code: str = "40004") -> HttpResponse:
    """Alipay's signed refusal."""
    return answer(method, code=code, msg="Business Failed", sub_code=sub_code, sub_msg="业务失败")


def parameters_of(request: HttpRequest) -> dict[str, str]:
    """What a request carries, address and body together; a name that is there twice fails."""
    pairs = parse_qsl(urlsplit(request.url).query) + parse_qsl(request.body.decode())
    assert len(dict(pairs)) == len(pairs)
    return dict(pairs)


def notice(
    *, key: str = "alipay.platform", sha1: bool = False, sign_type: str = "RSA2", **changes: str
) -> RawCallback:
    """A signed notice of a payment, with some fields changed; a field set to "-" is left out."""
    fields = {
        "app_id": ACCOUNT.settings["app_id"],
        "seller_id": ACCOUNT.settings["seller_id"],
        "notify_type": "trade_status_sync",
        "notify_time": "2026-03-01 08:01:01",
        "out_trade_no": PAYMENT.payment_no,
        "trade_no": "2026030122001400000000000077",
        "trade_status": "TRADE_SUCCESS",
        "total_amount": "128.00",
        "gmt_payment": "2026-03-01 08:01:00",
        "subject": "门票 + 导览",
        **changes,
    }
    fields = {name: value for name, value in fields.items() if value != "-"}
    text = "&".join(f"{name}={fields[name]}" for name in sorted(fields))
    sign = platform_sign(text, key, SHA1() if sha1 else None)
    return raw({**fields, "sign_type": sign_type, "sign": sign})


def raw(fields: dict[str, str]) -> RawCallback:
    """A form as it is posted."""
    return RawCallback(
        headers={"content-type": "application/x-www-form-urlencoded; charset=utf-8"},
        body=urlencode(fields).encode(),
    )
