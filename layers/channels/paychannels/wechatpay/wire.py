"""Requests to API v3 as they go over the wire; here our words become WeChat's."""

from typing import Final
from urllib.parse import quote, urlencode

from paycenter.ports.channel import Account, PaymentRequest, RefundRequest
from paychannels.subjects import channel_subject
from paychannels.wechatpay import moments

CERTIFICATES: Final = "/v3/certificates"
REFUNDS: Final = "/v3/refund/domestic/refunds"
_TRANSACTIONS: Final = "/v3/pay/transactions"
_MAXIMUM_REASON: Final = 80
_SYSTEMS: Final = {"ios": "iOS", "android": "Android"}


def create_target(kind: str) -> str:
    """Return where a transaction of this kind is made."""
    return f"{_TRANSACTIONS}/{kind}"


def query_target(account: Account, payment: PaymentRequest) -> str:
    """Return where a transaction is asked for by our number."""
    merchant = urlencode({"mchid": account.settings["mchid"]})
    return f"{_payment_target(payment)}?{merchant}"


def close_target(payment: PaymentRequest) -> str:
    """Return where a transaction is closed."""
    return f"{_payment_target(payment)}/close"


def refund_target(refund: RefundRequest) -> str:
    """Return where a refund is asked for by our number."""
    return f"{REFUNDS}/{_encoded(refund.refund_no)}"


def transaction(account: Account, payment: PaymentRequest) -> dict[str, object]:
    """Return what describes a payment; the same payment gives the same members, for WeChat compares repeats.

    `time_expire` is the last moment to pay, absolute, and honoured on the first call alone.
    """
    return {
        "appid": account.settings["appid"],
        "mchid": account.settings["mchid"],
        "description": channel_subject(payment.subject, payment.payment_no),
        "out_trade_no": payment.payment_no,
        "time_expire": moments.to_text(payment.deadline),
        "notify_url": payment.notify_url,
        "amount": {"total": payment.amount, "currency": payment.currency},
    }


def payer(payment: PaymentRequest) -> dict[str, object]:
    """Return who pays, for JSAPI."""
    return {"payer": {"openid": payment.payer.payer_id}}


def scene(payment: PaymentRequest) -> dict[str, object]:
    """Return where the payer is, for H5."""
    kind = _SYSTEMS.get(payment.payer.system, "Wap")
    return {
        "scene_info": {
            "payer_client_ip": payment.payer.client_address,
            "h5_info": {"type": kind},
        }
    }


def merchant(account: Account) -> dict[str, object]:
    """Return what a close says."""
    return {"mchid": account.settings["mchid"]}


def refund(request: RefundRequest) -> dict[str, object]:
    """Return what describes a refund; the payment goes by our number, which is there at every repeat."""
    reason = channel_subject(request.reason, "")[:_MAXIMUM_REASON].rstrip()
    return {
        "out_trade_no": request.payment_no,
        "out_refund_no": request.refund_no,
        **({"reason": reason} if reason else {}),
        "notify_url": request.notify_url,
        "amount": {
            "refund": request.amount,
            "total": request.total,
            "currency": request.currency,
        },
    }


def _payment_target(payment: PaymentRequest) -> str:
    return f"{_TRANSACTIONS}/out-trade-no/{_encoded(payment.payment_no)}"


def _encoded(number: str) -> str:
    return quote(number, safe="")
