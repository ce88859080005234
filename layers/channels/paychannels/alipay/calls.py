"""What is asked of Alipay, in its words but in neither dialect: here our words become its fields."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from paycenter.domain.money import to_decimal_text
from paycenter.ports.channel import PaymentRequest, RefundRequest
from paychannels import beijing
from paychannels.subjects import channel_subject

PAGE_PAY: Final = "alipay.trade.page.pay"
WAP_PAY: Final = "alipay.trade.wap.pay"
APP_PAY: Final = "alipay.trade.app.pay"
PRECREATE: Final = "alipay.trade.precreate"
QUERY: Final = "alipay.trade.query"
CLOSE: Final = "alipay.trade.close"
REFUND: Final = "alipay.trade.refund"
QUERY_REFUND: Final = "alipay.trade.fastpay.refund.query"
BILL_ADDRESS: Final = "alipay.data.dataservice.bill.downloadurl.query"
DOWNLOAD_CERTIFICATE: Final = "alipay.open.app.alipaycert.download"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call: the method by its name in OpenAPI v2, its own fields, and where notices go."""

    method: str
    content: Mapping[str, object]
    notify_url: str = ""


def trade(payment: PaymentRequest, method: str, product_code: str, **more: str) -> Call:
    """Return the call that describes a payment; the same payment gives the same content.

    `time_expire` is absolute, so that our deadline holds whenever the payer arrives.
    """
    return Call(
        method=method,
        notify_url=payment.notify_url,
        content={
            "out_trade_no": payment.payment_no,
            "total_amount": to_decimal_text(payment.amount, payment.currency),
            "subject": channel_subject(payment.subject, payment.payment_no),
            "product_code": product_code,
            "time_expire": beijing.to_text(payment.deadline),
            **more,
        },
    )


def reference(payment: PaymentRequest, method: str) -> Call:
    """Return the call about a payment that is named by our number."""
    return Call(method=method, content={"out_trade_no": payment.payment_no})


def refund(request: RefundRequest) -> Call:
    """Return the refund; the same refund gives the same content, which Alipay carries out once."""
    return Call(
        method=REFUND,
        content={
            "out_trade_no": request.payment_no,
            "out_request_no": request.refund_no,
            "refund_amount": to_decimal_text(request.amount, request.currency),
            "refund_reason": channel_subject(request.reason, ""),
        },
    )


def refund_reference(request: RefundRequest) -> Call:
    """Return the query of a refund, asking for the moment too."""
    return Call(
        method=QUERY_REFUND,
        content={
            "out_trade_no": request.payment_no,
            "out_request_no": request.refund_no,
            "query_options": ["gmt_refund_pay"],
        },
    )


def text(content: Mapping[str, object]) -> str:
    """Return the fields as JSON text, empty ones left out."""
    filled = {name: value for name, value in content.items() if value}
    return json.dumps(filled, ensure_ascii=False, separators=(",", ":"))
