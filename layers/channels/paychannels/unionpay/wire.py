"""Requests to UnionPay as they go over the wire; here our words become UnionPay's (ACP 5.1.0)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from paycenter.ports.channel import Account, FormAction, PaymentRequest, RefundRequest
from paycenter.ports.transport import HttpRequest
from paychannels.subjects import channel_subject
from paychannels.unionpay import moments, signing

# What a transaction is identified by; an answer must repeat it. A number with another moment is another transaction.
IDENTITY: Final = ("txnType", "merId", "orderId", "txnTime")
PURCHASE: Final = "01"
REFUND: Final = "04"
UNDO: Final = "31"
CURRENCY_CODE: Final = "156"
QR: Final = "qr"

_FORM_TYPE: Final = "application/x-www-form-urlencoded;charset=UTF-8"
_QUERY: Final = "00"
_FILE: Final = "76"
_FILE_IDENTITY: Final = ("txnType", "merId", "settleDate")
_FILE_BYTES: Final = 1 << 25
_FILE_SECONDS: Final = 60
_DESKTOP: Final = "07"
_MOBILE: Final = "08"
# They would open or close a group of `riskRateInfo`.
_BRACKETS: Final = str.maketrans("{}[]", "    ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request, not yet signed: where to, which fields, and which of them an answer must repeat.

    A settlement file is longer than any other answer.
    """

    address: str
    params: Mapping[str, str]
    identity: tuple[str, ...] = IDENTITY
    maximum_bytes: int = 1 << 20
    maximum_seconds: int = 8


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
_ASKED_AT: Final[Mapping[str, str]] = {"app": "app_path", QR: "back_path"}


def front_purchase(account: Account, payment: PaymentRequest) -> Call:
    """Return what the payer's browser posts to make a payment; it comes back to `frontUrl` by a post."""
    params = {**_purchase(account, payment), "frontUrl": payment.return_url}
    return Call(address=_address(account, "front_path"), params=params)


def asked_purchase(account: Account, payment: PaymentRequest) -> Call:
    """Return what makes a payment from server to server, for an app or a code."""
    address = _address(account, _ASKED_AT[payment.product])
    return Call(address=address, params=_purchase(account, payment))


def _purchase(account: Account, payment: PaymentRequest) -> dict[str, str]:
    # The same payment gives the same fields. `payTimeout` is the only deadline there is: UnionPay has no close.
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
    }


def payment_query(account: Account, payment: PaymentRequest) -> Call:
    """Return what asks for a payment."""
    business = PRODUCTS[payment.product].business
    return _about(account, business, payment.payment_no, payment.created_at)


def refund(account: Account, wanted: RefundRequest, *, undo: bool) -> Call:
    """Return what gives money back: a refund, or the undo of a whole payment; the same refund gives the same fields."""
    terms = PRODUCTS[wanted.product]
    kind = UNDO if undo else REFUND
    params = {
        **_common(account, kind, "00", terms.business),
        "channelType": terms.device,
        "orderId": wanted.refund_no,
        "txnTime": moments.to_text(wanted.created_at),
        "txnAmt": str(wanted.amount),
        "backUrl": wanted.notify_url,
        "origQryId": wanted.channel_transaction_no,
    }
    currency = {} if undo else {"currencyCode": CURRENCY_CODE}
    return Call(address=_address(account, "back_path"), params={**params, **currency})


def refund_query(account: Account, wanted: RefundRequest) -> Call:
    """Return what asks for a refund, or an undo, by its own number and moment."""
    business = PRODUCTS[wanted.product].business
    return _about(account, business, wanted.refund_no, wanted.created_at)


def file_request(account: Account, settle_date: str, now: int) -> Call:
    """Return what asks for the settlement file of a day (`MMDD`; the field has no year)."""
    params = {
        **_common(account, _FILE, "01", "000000"),
        "settleDate": settle_date,
        "txnTime": moments.to_text(now),
        "fileType": "00",
    }
    return Call(
        address=account.settings["file_gateway"],
        params=params,
        identity=_FILE_IDENTITY,
        maximum_bytes=_FILE_BYTES,
        maximum_seconds=_FILE_SECONDS,
    )


def post(call: Call, signed: Mapping[str, str]) -> HttpRequest:
    """Return the request from server to server; fields are encoded, `+` and `/` of a signature too."""
    return HttpRequest(
        method="POST",
        url=call.address,
        headers={"content-type": _FORM_TYPE},
        body=urlencode(signed).encode(),
        maximum_bytes=call.maximum_bytes,
        maximum_seconds=call.maximum_seconds,
    )


def form(call: Call, signed: Mapping[str, str]) -> FormAction:
    """Return the form that a browser posts; whoever renders it escapes the values."""
    return FormAction(url=call.address, fields=signed)


def _address(account: Account, path: str) -> str:
    return account.settings["gateway"] + account.settings[path]


def _about(account: Account, business: str, number: str, moment: int) -> Call:
    params = {
        **_common(account, _QUERY, "00", business),
        "orderId": number,
        "txnTime": moments.to_text(moment),
    }
    return Call(address=_address(account, "query_path"), params=params)


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
