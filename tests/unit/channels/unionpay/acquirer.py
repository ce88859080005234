"""UnionPay's side of the wire for tests: it signs with cryptography directly and joins its texts by hand."""

import base64
import hashlib
import json
from dataclasses import replace
from functools import cache
from typing import Final
from urllib.parse import parse_qsl, urlencode

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

from paycenter.ports.channel import Account, PaymentRequest, RawCallback, RefundRequest
from paycenter.ports.transport import HttpRequest, HttpResponse
from tests.unit.channels.scripted import NOW, VECTORS

DOCUMENT: Final = json.loads((VECTORS / "keys.json").read_text(encoding="utf-8"))
CERTIFICATES: Final = DOCUMENT["certificates"]
SECRETS: Final = DOCUMENT["secrets"]
PLATFORM: Final = "platform_cert_prod"

SETTINGS: Final = {
    "mer_id": "777290058110099",
    "environment": "production",
    "gateway": "https://gateway.example/gateway/api/",
    "file_gateway": "https://file.example/",
    "front_path": "frontTransReq.do",
    "back_path": "backTransReq.do",
    "app_path": "appTransReq.do",
    "query_path": "queryTrans.do",
    "same_day_refund": "refund",
    "sign_method": "01",
    "key_form": "pem",
    "cert_id": CERTIFICATES["unionpay.merchant_cert"]["serial_decimal"],
    "root_certificate": CERTIFICATES["unionpay.root"]["pem"],
    "middle_certificate": CERTIFICATES["unionpay.middle"]["pem"],
}
ACCOUNT: Final = Account(
    id="unionpay-main~1",
    channel="unionpay",
    settings=SETTINGS,
    secrets={"private_key": DOCUMENT["keys"]["unionpay.merchant"]["private_pkcs8_pem"]},
)
PKCS12_ACCOUNT: Final = replace(
    ACCOUNT,
    settings={
        **{name: value for name, value in SETTINGS.items() if name != "cert_id"},
        "key_form": "pkcs12",
    },
    secrets={
        "pkcs12": SECRETS["unionpay.merchant_pfx_base64"],
        "pkcs12_password": SECRETS["unionpay.pfx_password"],
    },
)
PAYMENT: Final = PaymentRequest(
    payment_no="ABCDEFGHIJKLMNOPQRSTUVWXYZP01",
    product="gateway",
    amount=12800,
    currency="CNY",
    subject="Two tickets 门票",
    created_at=NOW,
    deadline=NOW + 1680,
    notify_url="https://pay.example/v1/callbacks/unionpay/unionpay-main~1",
    return_url="https://pay.example/cashier/TOKEN/return",
)
QUERY_ID: Final = "262603010800000000001"
REFUND: Final = RefundRequest(
    refund_no="ABCDEFGHIJKLMNOPQRSTUVWXYZR001",
    payment_no=PAYMENT.payment_no,
    product="gateway",
    amount=350,
    total=12800,
    currency="CNY",
    reason="",
    created_at=NOW + 3600,
    payment_created_at=NOW,
    channel_transaction_no=QUERY_ID,
    notify_url="https://pay.example/v1/callbacks/unionpay/unionpay-main~1",
)
MONEY: Final = {
    "queryId": QUERY_ID,
    "txnAmt": "12800",
    "currencyCode": "156",
    "settleAmt": "12800",
    "settleDate": "0301",
    "traceNo": "000001",
    "traceTime": "0301080105",
}


def joined(fields: dict[str, str]) -> str:
    """The text that is signed."""
    return "&".join(f"{name}={fields[name]}" for name in sorted(fields) if name != "signature")


@cache
def _key(name: str) -> RSAPrivateKey:
    private = load_pem_private_key(
        DOCUMENT["keys"][f"unionpay.{name}"]["private_pkcs8_pem"].encode(), None
    )
    assert isinstance(private, RSAPrivateKey)
    return private


def signature(fields: dict[str, str], key: str = "platform") -> str:
    """UnionPay's signature: RSA over the hex text of the hash."""
    hashed = hashlib.sha256(joined(fields).encode()).hexdigest().encode()
    return base64.b64encode(_key(key).sign(hashed, PKCS1v15(), SHA256())).decode()


def verify_ours(fields: dict[str, str]) -> None:
    """Raise unless the merchant's key signed these fields."""
    public = load_pem_public_key(DOCUMENT["keys"]["unionpay.merchant"]["public_pem"].encode())
    assert isinstance(public, RSAPublicKey)
    hashed = hashlib.sha256(joined(fields).encode()).hexdigest().encode()
    public.verify(base64.b64decode(fields["signature"]), hashed, PKCS1v15(), SHA256())


def told(
    txn_type: str = "00", certificate: str = PLATFORM, key: str = "platform", **changes: str
) -> dict[str, str]:
    """Signed fields of an answer or a notice; a field set to "-" is left out."""
    held = CERTIFICATES[f"unionpay.{certificate}"]
    fields = {
        "version": "5.1.0",
        "encoding": "UTF-8",
        "signMethod": "01",
        "txnType": txn_type,
        "txnSubType": "00",
        "bizType": "000201",
        "accessType": "0",
        "merId": SETTINGS["mer_id"],
        "orderId": PAYMENT.payment_no,
        "txnTime": "20260301080000",
        "respCode": "00",
        "respMsg": "成功[0000000]",
        "certId": held["serial_decimal"],
        "signPubKeyCert": held["pem"].replace("\n", "\r\n"),
        **changes,
    }
    fields = {name: value for name, value in fields.items() if value != "-"}
    return {**fields, "signature": signature(fields, key)}


def told_of_refund(txn_type: str = "00", **changes: str) -> dict[str, str]:
    """The same about the refund."""
    return told(txn_type, **{"orderId": REFUND.refund_no, "txnTime": "20260301090000", **changes})


def plain(fields: dict[str, str], *, status: int = 200) -> HttpResponse:
    """An answer as UnionPay writes it: not encoded."""
    text = "&".join(f"{name}={value}" for name, value in fields.items())
    return HttpResponse(status=status, headers={}, body=text.encode())


def answer(txn_type: str = "00", **changes: str) -> HttpResponse:
    """A signed answer about the payment."""
    return plain(told(txn_type, **changes))


def refund_answer(txn_type: str = "00", **changes: str) -> HttpResponse:
    """A signed answer about the refund."""
    return plain(told_of_refund(txn_type, **changes))


def raw(fields: dict[str, str]) -> RawCallback:
    """A form as it is posted."""
    return RawCallback(
        headers={"content-type": "application/x-www-form-urlencoded;charset=UTF-8"},
        body=urlencode(fields).encode(),
    )


def fields_of(request: HttpRequest) -> dict[str, str]:
    """What a request carries; a name that is there twice fails."""
    pairs = parse_qsl(request.body.decode(), keep_blank_values=True)
    assert len(dict(pairs)) == len(pairs)
    return dict(pairs)
