"""Requests to UnionPay as they go over the wire; here our words become UnionPay's (ACP 5.1.0)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from paycenter.ports.channel import Account, PaymentRequest, RefundRequest
from paycenter.ports.transport import HttpRequest
from paychannels.subjects import channel_subject
from paychannels.unionpay import moments, signing

# What a transaction is identified by; an answer must repeat it. A number with another moment is another transaction.
IDENTITY: Final = ("txnType", "merId", "orderId", "txnTime")
FILE_IDENTITY: Final = ("txnType", "merId", "settleDate")
PURCHASE: Final = "01"
REFUND: Final = "04"
UNDO: Final = "31"
CURRENCY_CODE: Final = "156"
QR: Final = "qr"

_FORM_TYPE: Final = "application/x-www-form-urlencoded;charset=UTF-8"
_QUERY: Final = "00"
_FILE: Final = "76"
_DESKTOP: Final = "07"
_MOBILE: Final = "08"
# They would open or close a group of `riskRateInfo`.
_BRACKETS: Final = str.maketrans("{}[]", "    ")


@dataclass(frozen=True, slots=True)
class Terms:
    """How UnionPay names a product: `txnSubType`, `bizType`, `channelType`."""

    sub_type: str
    business: str
    device: str


PRODUCTS: Final[Mapping[str, Terms]] = {
    "gateway": Terms("01", "000201", _DESKTOP),
    "wap": Terms("01", "000201", _MOBILE),
    "app": Terms("01", "000201", _MOBILE),
    QR: Terms("07", "000000", _MOBILE),
}


def purchase(account: Account, payment: PaymentRequest, **more: str) -> dict[str, str]:
    """Return what makes a payment, not yet signed; the same payment gives the same fields.

    `payTimeout` is the only deadline there is: UnionPay has no close.
    """
    terms = PRODUCTS[payment.product]
    subject = channel_subject(payment.subject.translate(_BRACKETS), payment.payment_no)
    return {
        **_common(account, PURCHASE, terms.sub_type, terms.business),
        "channelType": terms.device,
        "orderId": payment.payment_no,
        "txnTime": moments.to_text(payment.created_at),
        "txnAmt": str(payment.amount),
        "currencyCode": CURRENCY_CODE,
        "payTimeout": moments.to_text(payment.deadline),
        "backUrl": payment.notify_url,
        "riskRateInfo": f"{{commodityName={subject}}}",
        **more,
    }


def payment_query(account: Account, payment: PaymentRequest) -> dict[str, str]:
    """Return what asks for a payment."""
    business = PRODUCTS[payment.product].business
    return _about(account, business, payment.payment_no, payment.created_at)


def refund(account: Account, wanted: RefundRequest, *, undo: bool) -> dict[str, str]:
    """Return what gives money back: a refund, or the undo of a whole payment; the same refund gives the same fields."""
    terms = PRODUCTS[wanted.product]
    kind = UNDO if undo else REFUND
    fields = {
        **_common(account, kind, "00", terms.business),
        "channelType": terms.device,
        "orderId": wanted.refund_no,
        "txnTime": moments.to_text(wanted.created_at),
        "txnAmt": str(wanted.amount),
        "backUrl": wanted.notify_url,
        "origQryId": wanted.channel_transaction_no,
    }
    return fields if undo else {**fields, "currencyCode": CURRENCY_CODE}


def refund_query(account: Account, wanted: RefundRequest) -> dict[str, str]:
    """Return what asks for a refund, or an undo, by its own number and moment."""
    business = PRODUCTS[wanted.product].business
    return _about(account, business, wanted.refund_no, wanted.created_at)


def file_request(account: Account, settle_date: str, now: int) -> dict[str, str]:
    """Return what asks for the settlement file of a day (`MMDD`; the field has no year)."""
    return {
        **_common(account, _FILE, "01", "000000"),
        "settleDate": settle_date,
        "txnTime": moments.to_text(now),
        "fileType": "00",
    }


def post(address: str, fields: Mapping[str, str]) -> HttpRequest:
    """Return the request from server to server; fields are encoded, `+` and `/` of a signature too."""
    return HttpRequest(
        method="POST",
        url=address,
        headers={"content-type": _FORM_TYPE},
        body=urlencode(fields).encode(),
    )


def address(account: Account, path: str) -> str:
    """Return the address of an operation; `path` names the account's setting that holds its last part."""
    return account.settings["gateway"] + account.settings[path]


def _about(account: Account, business: str, number: str, moment: int) -> dict[str, str]:
    return {
        **_common(account, _QUERY, "00", business),
        "orderId": number,
        "txnTime": moments.to_text(moment),
    }


def _common(account: Account, kind: str, sub_type: str, business: str) -> dict[str, str]:
    return {
        "version": signing.VERSION,
        "encoding": "UTF-8",
        "signMethod": account.settings["sign_method"],
        "txnType": kind,
        "txnSubType": sub_type,
        "bizType": business,
        "accessType": "0",
        "merId": account.settings["mer_id"],
    }
