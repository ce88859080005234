"""A merchant of the simulated UnionPay: signs and verifies with code of its own, in a time that the test turns."""

import base64
import hashlib
import re
from functools import cache
from pathlib import Path
from urllib.parse import parse_qsl

import httpx
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import pkcs12

import sandbox
from sandbox.unionpay.channel import UnionPay
from sandbox.unionpay.keys import Keys
from sandbox.unionpay.merchant import Merchant
from tests.unit.sandbox.simulator_bench import NOTIFY_URL, NUMBER, RETURN_URL, SimulatorBench

KEYS_FOLDER = Path(sandbox.__path__[0]) / "keys"
MER_ID = "777290058110001"
# Noon of the first day of 2026, when the bench begins.
TXN_TIME = "20260101120000"
REFUND_NO = "ABCDEFGHIJKLMNOPQRSTUVWXYZR001"
API = "/gateway/api"

_SHA256_PREFIX = bytes.fromhex("3031300d060960864801650304020105000420")


@cache
def merchant() -> tuple[RSAPrivateKey, str]:
    """The merchant's key and its certId, out of the file that PayCenter opens too."""
    packed = base64.b64decode((KEYS_FOLDER / "unionpay_merchant_pfx.txt").read_text())
    key, certificate, _ = pkcs12.load_key_and_certificates(packed, b"sandbox-pkcs12")
    assert isinstance(key, RSAPrivateKey)
    assert certificate is not None
    return key, str(certificate.serial_number)


def text_of(fields: dict[str, str]) -> str:
    return "&".join(f"{name}={fields[name]}" for name in sorted(fields) if name != "signature")


def hashed(text: str) -> bytes:
    return hashlib.sha256(text.encode()).hexdigest().encode()


def holds(fields: dict[str, str]) -> bool:
    """Whether the certificate in the message signed it: RSA with SHA-256 by arithmetic alone, over the hash's hex."""
    key = x509.load_pem_x509_certificate(fields["signPubKeyCert"].encode()).public_key()
    assert isinstance(key, RSAPublicKey)
    numbers, size = key.public_numbers(), key.key_size // 8
    signature = int.from_bytes(base64.b64decode(fields["signature"]))
    opened = pow(signature, numbers.e, numbers.n).to_bytes(size)
    digest = hashlib.sha256(hashed(text_of(fields))).digest()
    tail = b"\x00" + _SHA256_PREFIX + digest
    return opened == b"\x00\x01" + b"\xff" * (size - len(tail) - 2) + tail


def split(text: str) -> dict[str, str]:
    """Take an answer apart: an & in a group is part of the value."""
    parts = re.split(r"&(?![^{]*\})", text)
    return {name: value for name, _, value in (part.partition("=") for part in parts)}


def purchase(number: str = NUMBER, **changes: str) -> dict[str, str]:
    """A gateway payment of 128 yuan that ends in half an hour; a change to the empty text leaves a field out."""
    fields = {
        "version": "5.1.0",
        "encoding": "UTF-8",
        "signMethod": "01",
        "txnType": "01",
        "txnSubType": "01",
        "bizType": "000201",
        "channelType": "07",
        "accessType": "0",
        "merId": MER_ID,
        "orderId": number,
        "txnTime": TXN_TIME,
        "txnAmt": "12800",
        "currencyCode": "156",
        "frontUrl": RETURN_URL,
        "backUrl": NOTIFY_URL,
        "payTimeout": "20260101123000",
        "riskRateInfo": "{commodityName=云岭山成人票 adult}",
        **changes,
    }
    return {name: value for name, value in fields.items() if value}


def qr(number: str = NUMBER, **changes: str) -> dict[str, str]:
    return purchase(
        number,
        **{
            "txnSubType": "07",
            "bizType": "000000",
            "channelType": "08",
            "frontUrl": "",
            **changes,
        },
    )


class UnionBench(SimulatorBench):
    """A merchant of the simulated UnionPay."""

    accepted = httpx.Response(200, text="ok")

    def __init__(self) -> None:
        super().__init__(UnionPay(Merchant(), Keys.load(KEYS_FOLDER)))

    @property
    def notices(self) -> list[dict[str, str]]:
        """The notices that came: their fields, and under the empty name where they were sent."""
        return [
            dict(parse_qsl(request.content.decode(), keep_blank_values=True))
            | {"": str(request.url)}
            for request in self.received
        ]

    def told(self) -> dict[str, str]:
        """Bring what is due now, and return the last notice."""
        self.pass_time(0)
        return self.notices[-1]

    def sign(self, fields: dict[str, str]) -> dict[str, str]:
        key, cert_id = merchant()
        fields = {"certId": cert_id, **fields}
        signature = key.sign(hashed(text_of(fields)), padding.PKCS1v15(), hashes.SHA256())
        return {"signature": base64.b64encode(signature).decode(), **fields}

    def send(self, path: str, fields: dict[str, str]) -> httpx.Response:
        return self.post(path, data=fields)

    def call(self, address: str, fields: dict[str, str]) -> dict[str, str]:
        """A server's call: the answer's fields, after its signature was checked."""
        path = address if address.startswith("/") else f"{API}/{address}.do"
        answer = self.send(path, self.sign(fields))
        assert answer.status_code == 200
        said = split(answer.text)
        assert holds(said), said
        return said

    def open_page(self, **changes: str) -> httpx.Response:
        """The payer's browser posts the signed form."""
        return self.send(f"{API}/frontTransReq.do", self.sign(purchase(**changes)))

    def query(self, number: str = NUMBER, **changes: str) -> dict[str, str]:
        common = ("version", "encoding", "signMethod", "bizType", "accessType", "merId", "txnTime")
        fields = {name: value for name, value in purchase(number).items() if name in common}
        own = {"txnType": "00", "txnSubType": "00", "orderId": number, **changes}
        return self.call("queryTrans", fields | own)

    def state(self, number: str = NUMBER) -> str:
        said = self.query(number)
        return said.get("origRespCode") or f"query {said['respCode']}"

    def refund(self, amount: str = "350", **changes: str) -> dict[str, str]:
        fields = purchase(
            REFUND_NO,
            **{
                "txnType": "04",
                "txnSubType": "00",
                "txnAmt": amount,
                "txnTime": "20260101120500",
                "origQryId": str(self.view()["trade_no"]),
                "frontUrl": "",
                "payTimeout": "",
                "riskRateInfo": "",
                **changes,
            },
        )
        return self.call("backTransReq", fields)

    def refund_state(self, number: str = REFUND_NO) -> str:
        said = self.query(number, txnTime="20260101120500")
        return said.get("origRespCode") or f"query {said['respCode']}"
