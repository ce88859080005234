"""Alipay's side of the wire in each of its modes: two dialects, two ways to sign, with and without encryption.

It signs and encrypts with cryptography directly and joins its texts by hand, so that an error of ours can't agree with
itself.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

from paycenter.ports.channel import Account, RefundRequest
from paycenter.ports.transport import HttpRequest, HttpResponse
from tests.unit.channels.scripted import ACCOUNT, NOW, PAYMENT, VECTORS, platform_sign

_KEYS: Final = json.loads((VECTORS / "keys.json").read_text(encoding="utf-8"))
_SERIALS: Final = {
    case["id"]: case["expect"]["sn"]
    for case in json.loads((VECTORS / "alipay_certificates.json").read_text("utf-8"))["cases"]
}
CERTIFICATES: Final[Mapping[str, str]] = {
    name.removeprefix("alipay."): certificate["pem"]
    for name, certificate in _KEYS["certificates"].items()
    if name.startswith("alipay.")
}
ROOTS: Final[str] = _KEYS["bundles"]["alipay.root_bundle"]
APP_SERIAL: Final[str] = _SERIALS["app_cert"]
PLATFORM_SERIAL: Final[str] = _SERIALS["platform_cert"]
ROOT_SERIAL: Final[str] = _SERIALS["root_bundle"]
AES_KEY: Final[str] = _KEYS["secrets"]["alipay.aes_key"]
ORIGIN: Final = "https://gateway.example"
TRADE_NO: Final = "2026030122001400000000000077"
REFUND: Final = RefundRequest(
    refund_no="ABCDEFGHIJKLMNOPQRSTUVWXYZR001",
    payment_no=PAYMENT.payment_no,
    product="page",
    amount=350,
    total=PAYMENT.amount,
    currency="CNY",
    reason="退票",
    created_at=NOW + 600,
    payment_created_at=NOW,
    channel_transaction_no=TRADE_NO,
    notify_url="https://pay.example/v1/callbacks/alipay/alipay-main~1",
)
_CERTIFICATE_MODE: Final = {
    "sign_mode": "certificate",
    "app_certificate": CERTIFICATES["app_cert"],
    # As Alipay hands it out: its own certificate, then the one that issued it.
    "alipay_certificate": CERTIFICATES["platform_cert"] + CERTIFICATES["issuing_ca"],
    "alipay_root_certificates": ROOTS,
}


def account(*, v3: bool = False, certified: bool = False, encrypted: bool = False) -> Account:
    """Return an account of a mode, its settings complete."""
    settings = {"protocol": "v3" if v3 else "v2", "encryption": "aes" if encrypted else "none"}
    secrets = dict(ACCOUNT.secrets)
    if certified:
        settings |= _CERTIFICATE_MODE
        del secrets["alipay_public_key"]
    else:
        settings["sign_mode"] = "public_key"
    if encrypted:
        secrets["encryption_key"] = AES_KEY
    return replace(ACCOUNT, settings={**ACCOUNT.settings, **settings}, secrets=secrets)


@dataclass(frozen=True)
class Side:
    """Alipay as one account sees it."""

    v3: bool
    certified: bool
    encrypted: bool

    @property
    def account(self) -> Account:
        return account(v3=self.v3, certified=self.certified, encrypted=self.encrypted)

    def says(
        self,
        method: str,
        fields: Mapping[str, object],
        *,
        key: str = "alipay.platform",
        serial: str = PLATFORM_SERIAL,
    ) -> HttpResponse:
        """Return the answer of a call that was carried out."""
        if self.v3:
            return self._in_v3(200, fields, key, serial)
        return self._in_v2(method, {"code": "10000", "msg": "Success", **fields}, key, serial)

    def refuses(self, method: str, word: str, **fields: object) -> HttpResponse:
        """Return the answer of a call that failed for a reason of the business."""
        if self.v3:
            return self._in_v3(400, {"code": word, "message": "业务失败", **fields})
        said = {"code": "40004", "msg": "Business Failed", "sub_code": f"ACQ.{word}", **fields}
        return self._in_v2(method, said)

    def content(self, request: HttpRequest) -> dict[str, Any]:
        """Return what a request asks, whatever the form."""
        if not self.v3:
            pairs = parse_qsl(urlsplit(request.url).query) + parse_qsl(request.body.decode())
            assert len(dict(pairs)) == len(pairs)
            text = dict(pairs)["biz_content"]
        elif request.method == "GET":
            assert request.body == b""
            return dict(parse_qsl(urlsplit(request.url).query))
        else:
            text = request.body.decode()
        value = json.loads(unsealed(text) if self.encrypted else text)
        assert isinstance(value, dict)
        return value

    def _in_v2(
        self,
        method: str,
        fields: Mapping[str, object],
        key: str = "alipay.platform",
        serial: str = PLATFORM_SERIAL,
    ) -> HttpResponse:
        text = json.dumps(fields, ensure_ascii=False).replace("/", "\\/")
        if self.encrypted:
            text = f'"{sealed(text)}"'
        named = f'"alipay_cert_sn":"{serial}",' if self.certified else ""
        member = method.replace(".", "_") + "_response"
        body = f'{{"{member}":{text},{named}"sign":"{platform_sign(text, key)}"}}'
        return HttpResponse(
            status=200, headers={"content-type": "text/html;charset=utf-8"}, body=body.encode()
        )

    def _in_v3(
        self,
        status: int,
        fields: Mapping[str, object],
        key: str = "alipay.platform",
        serial: str = PLATFORM_SERIAL,
    ) -> HttpResponse:
        text = json.dumps(fields, ensure_ascii=False)
        return in_v3(
            status,
            sealed(text) if self.encrypted else text,
            key=key,
            serial=serial if self.certified else "",
        )


def in_v3(
    status: int, body: str, *, key: str = "alipay.platform", serial: str = ""
) -> HttpResponse:
    """Return an answer of OpenAPI v3, signed in its headers."""
    headers = {
        "content-type": "application/json",
        "alipay-timestamp": "1772323201456",
        "alipay-nonce": "a-nonce",
        "alipay-trace-id": "0a77",
        "alipay-signature": platform_sign(f"1772323201456\na-nonce\n{body}\n", key),
    }
    named = {"alipay-sn": serial} if serial else {}
    return HttpResponse(status=status, headers={**headers, **named}, body=body.encode())


def sealed(text: str) -> str:
    """Return the base64 of AES-128-CBC over the text, padded by hand."""
    data = text.encode()
    missing = 16 - len(data) % 16
    encryptor = _cipher().encryptor()
    return base64.b64encode(
        encryptor.update(data + bytes([missing]) * missing) + encryptor.finalize()
    ).decode()


def unsealed(text: str) -> str:
    """Return what `sealed` was given."""
    decryptor = _cipher().decryptor()
    data = decryptor.update(base64.b64decode(text)) + decryptor.finalize()
    return data[: -data[-1]].decode()


def _cipher() -> Cipher[CBC]:
    return Cipher(AES(base64.b64decode(AES_KEY)), CBC(bytes(16)))


SIDES: Final = {
    " ".join(
        [
            "v3" if v3 else "v2",
            "certificate" if certified else "key",
            *(["aes"] if encrypted else []),
        ]
    ): Side(v3, certified, encrypted)
    for v3 in (False, True)
    for certified in (False, True)
    for encrypted in (False, True)
}
