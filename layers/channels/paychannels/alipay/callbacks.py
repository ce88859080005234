"""Takes Alipay's asynchronous notices: form posts signed with Alipay's key, answered with `success` or not at all."""

import hashlib
from collections.abc import Mapping
from typing import Final, Never
from urllib.parse import parse_qsl

from paycenter.domain.settlement import Receipt
from paycenter.ports.channel import (
    Account,
    Acknowledgement,
    CallbackFact,
    CallbackRefused,
    Callbacks,
    ChannelStatus,
    FactKind,
    RawCallback,
    RefundFact,
    VerifiedCallback,
)
from paycenter.ports.clock import Clock
from paychannels.alipay import credentials, signing, trades

_TRADE_NOTICE: Final = "trade_status_sync"
_IDENTITY: Final = ("app_id", "seller_id")
_MAXIMUM_FIELDS: Final = 100
_FACTS: Final[Mapping[ChannelStatus, FactKind]] = {
    ChannelStatus.PAID: FactKind.PAID,
    ChannelStatus.CLOSED: FactKind.CLOSED,
}


def strategy(_clock: Clock) -> Callbacks:
    """Return Alipay's callbacks; they call nobody, and no notice has a window of time."""
    return AlipayCallbacks()


class AlipayCallbacks:
    """Asynchronous notices of trades."""

    def verify(self, account: Account, raw: RawCallback) -> VerifiedCallback:
        """Check the notice's signature under a key that the account believes; raises CallbackRefused.

        The algorithm is ours, never the message's; a repeated name is refused, because two readers may differ on it.
        Fields with an empty value are left out of the result.
        """
        fields = _form(raw.body)
        if fields.get("sign_type") != signing.SIGN_TYPE:
            _refuse("sign_type is not RSA2")
        if signing.notice_text(fields, _keys(account, fields)) is None:
            _refuse("signature does not hold")
        filled = {
            name: value
            for name, value in fields.items()
            if value and name not in {"sign", "sign_type"}
        }
        return VerifiedCallback(fields=filled, digest=hashlib.sha256(raw.body).hexdigest())

    def translate(self, account: Account, verified: VerifiedCallback) -> CallbackFact:
        """Say what the notice says; raises CallbackRefused for other kinds of notice and unreadable amounts."""
        fields = verified.fields
        if fields.get("notify_type") != _TRADE_NOTICE:
            _refuse("not a notice about a trade")
        kind = _kind(fields)
        return CallbackFact(
            kind=kind,
            payment_no=fields.get("out_trade_no", ""),
            stranger=tuple(
                name for name in _IDENTITY if fields.get(name) != account.settings[name]
            ),
            receipt=_receipt(fields, kind),
            channel_transaction_no=fields.get("trade_no", ""),
            refund=_refund(fields) if kind is FactKind.REFUND else None,
        )

    def acknowledge(self, *, accepted: bool) -> Acknowledgement:
        """Return `success`, after which Alipay stops repeating, or `failure`."""
        status, body = (200, b"success") if accepted else (400, b"failure")
        return Acknowledgement(status=status, media_type="text/plain", body=body)


def _form(body: bytes) -> dict[str, str]:
    try:
        pairs = parse_qsl(
            body.decode(), keep_blank_values=True, errors="strict", max_num_fields=_MAXIMUM_FIELDS
        )
    except ValueError:
        _refuse("body is not a form in UTF-8")
    fields = dict(pairs)
    if len(fields) != len(pairs):
        _refuse("a field is there twice")
    return fields


def _keys(account: Account, fields: Mapping[str, str]) -> list[str]:
    # In certificate mode a notice may name the certificate; most don't.
    serial = fields.get("alipay_cert_sn", "")
    if not serial:
        return credentials.platform_keys(account)
    key = credentials.platform_key(account, serial)
    if key is None:
        _refuse("signed with a certificate that is not known")
    return [key]


def _refund(fields: Mapping[str, str]) -> RefundFact:
    # A hint alone: `refund_fee` is the sum of all refunds of the trade, and no field tells what became of this one.
    moment = trades.first_moment(fields.get("gmt_refund", ""))
    return RefundFact(refund_no=fields.get("out_biz_no", ""), refunded_at=moment or 0)


def _kind(fields: Mapping[str, str]) -> FactKind:
    # A refund is told as a notice of the trade that it belongs to, with the trade's own status.
    returned = fields.get("refund_fee", "").strip("0.")
    if returned or "gmt_refund" in fields or "out_biz_no" in fields:
        return FactKind.REFUND
    return _FACTS.get(trades.status(fields.get("trade_status", "")), FactKind.NOTHING)


def _receipt(fields: Mapping[str, str], kind: FactKind) -> Receipt:
    moment = trades.first_moment(fields.get("gmt_payment", ""), fields.get("notify_time", ""))
    if moment is None and kind is FactKind.PAID:
        _refuse("no moment of payment")
    try:
        return trades.receipt(
            fields.get("out_trade_no", ""),
            fields.get("total_amount", ""),
            fields.get("trade_no", ""),
            moment or 0,
        )
    except ValueError:
        raise CallbackRefused("amount or trade number is unreadable") from None


def _refuse(reason: str) -> Never:
    raise CallbackRefused(reason)
