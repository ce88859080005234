"""Requests to Alipay's gateway as they go over the wire; here our words become Alipay's (OpenAPI v2)."""

import json
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode

from paycenter.domain.money import to_decimal_text
from paycenter.ports.channel import Account, FormAction, PaymentRequest
from paycenter.ports.transport import HttpRequest
from paychannels import beijing
from paychannels.alipay.signing import SIGN_TYPE
from paychannels.subjects import channel_subject

PAGE_PAY: Final = "alipay.trade.page.pay"
WAP_PAY: Final = "alipay.trade.wap.pay"
PRECREATE: Final = "alipay.trade.precreate"
QUERY: Final = "alipay.trade.query"
CLOSE: Final = "alipay.trade.close"

_FORM_TYPE: Final = "application/x-www-form-urlencoded;charset=utf-8"


def parameters(
    account: Account,
    method: str,
    biz_content: str,
    now: int,
    *,
    notify_url: str = "",
    return_url: str = "",
) -> dict[str, str]:
    """Return the parameters of a request, not yet signed; `now` in seconds since 1970 UTC."""
    return {
        "app_id": account.settings["app_id"],
        "method": method,
        "format": "JSON",
        "charset": "utf-8",
        "sign_type": SIGN_TYPE,
        "timestamp": beijing.to_text(now),
        "version": "1.0",
        "notify_url": notify_url,
        "return_url": return_url,
        "biz_content": biz_content,
    }


def trade(payment: PaymentRequest, product_code: str, **more: str) -> str:
    """Return the `biz_content` that describes a payment; the same payment gives the same text.

    `time_expire` is absolute, so that our deadline holds whenever the payer arrives.
    """
    return _json(
        {
            "out_trade_no": payment.payment_no,
            "total_amount": to_decimal_text(payment.amount, payment.currency),
            "subject": channel_subject(payment.subject, payment.payment_no),
            "product_code": product_code,
            "time_expire": beijing.to_text(payment.deadline),
            **more,
        }
    )


def reference(payment: PaymentRequest) -> str:
    """Return the `biz_content` that names a payment by our number."""
    return _json({"out_trade_no": payment.payment_no})


def form(gateway: str, signed: Mapping[str, str]) -> FormAction:
    """Return the form that a browser posts: split as Alipay's SDKs do, `biz_content` in the body, the rest before.

    The gateway decodes the body with the `charset` that it finds in the address.
    """
    address, fields = _split(gateway, signed)
    return FormAction(url=address, fields=fields)


def post(gateway: str, signed: Mapping[str, str]) -> HttpRequest:
    """Return the request from server to server, split like the form."""
    address, fields = _split(gateway, signed)
    return HttpRequest(
        method="POST",
        url=address,
        headers={"content-type": _FORM_TYPE},
        body=urlencode(fields).encode(),
    )


def _split(gateway: str, signed: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    common = {name: value for name, value in signed.items() if name != "biz_content"}
    return f"{gateway}?{urlencode(common)}", {"biz_content": signed["biz_content"]}


def _json(fields: Mapping[str, str]) -> str:
    filled = {name: value for name, value in fields.items() if value}
    return json.dumps(filled, ensure_ascii=False, separators=(",", ":"))
