"""Asynchronous notices as Alipay sends them, signed with the key of the simulated Alipay (its document, section 6).

Signed by the simulator's own code, which shares nothing with what verifies them.
"""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA1, HashAlgorithm
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from sandbox.alipay import signing
from tools.events.envelopes import FORM, Http
from tools.seed.story import ACCOUNT, CHANNEL

_KEYS: Final = Path(signing.__file__).resolve().parents[1] / "keys"
PLATFORM_KEY: Final = "alipay_platform_private.pem"
# A real key, but not the one that may sign notices.
OTHER_KEY: Final = "alipay_app_private.pem"
APP_ID: Final = "2021000000000001"
SELLER_ID: Final = "2088000000000001"
_ROUTE: Final = "POST /v1/callbacks/{channel}/{account}"


def fields(payment_no: str, trade_no: str, changes: Mapping[str, str]) -> dict[str, str]:
    """Return the fields of a notice that 128.00 were paid; `changes` replace and add."""
    amount = "128.00"
    bill = [{"amount": amount, "fundChannel": "ALIPAYACCOUNT"}]
    return {
        "notify_time": "2026-01-01 08:00:01",
        "notify_type": "trade_status_sync",
        "notify_id": f"2026010100222080000{trade_no[-12:]}",
        "app_id": APP_ID,
        "auth_app_id": APP_ID,
        "charset": "utf-8",
        "version": "1.0",
        "trade_no": trade_no,
        "out_trade_no": payment_no,
        "buyer_id": "2088100000000001",
        "buyer_logon_id": "pay***@example.com",
        "seller_id": SELLER_ID,
        "seller_email": "seller@example.com",
        "trade_status": "TRADE_SUCCESS",
        "total_amount": amount,
        "receipt_amount": amount,
        "invoice_amount": amount,
        "buyer_pay_amount": amount,
        "point_amount": "0.00",
        "subject": "Scenic area, adult ticket",
        "gmt_create": "2026-01-01 07:59:30",
        "gmt_payment": "2026-01-01 08:00:00",
        "fund_bill_list": json.dumps(bill, separators=(",", ":")),
        **changes,
    }


def signed(
    about: Mapping[str, str],
    *,
    key: str = PLATFORM_KEY,
    digest: HashAlgorithm | None = None,
    sign_type: str = "RSA2",
) -> dict[str, str]:
    """Return the fields with `sign_type` and `sign` added."""
    signature = signing.sign(_key(key), signing.notice_text(about), digest)
    return {**about, "sign_type": sign_type, "sign": signature}


def sha1() -> HashAlgorithm:
    """Return the algorithm of the retired `RSA` signatures."""
    return SHA1()  # noqa: S303 - what an attacker would use


def post(
    form: Mapping[str, str] | str,
    *,
    account: str = ACCOUNT,
    channel: str = CHANNEL,
    headers: Mapping[str, str] | None = None,
    media_type: str = f"{FORM}; charset=utf-8",
) -> Http:
    """Return the request that brings a notice, given as its fields or as its raw body."""
    return Http(
        route=_ROUTE,
        parameters={"channel": channel, "account": account},
        headers={"user-agent": "Mozilla/4.0", **(headers or {})},
        body=form if isinstance(form, str) else urlencode(form),
        media_type=media_type,
    )


@cache
def _key(name: str) -> RSAPrivateKey:
    key = load_pem_private_key((_KEYS / name).read_bytes(), password=None)
    if not isinstance(key, RSAPrivateKey):
        raise TypeError(f"{name} is not an RSA key")
    return key
