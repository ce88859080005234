"""Takes WeChat's notices: JSON, signed in the headers, whose content is sealed under the APIv3 key."""

import hashlib
from typing import Any, Final, cast

from paycenter.ports.channel import (
    Account,
    Acknowledgement,
    CallbackFact,
    CallbackRefused,
    Callbacks,
    FactKind,
    RawCallback,
    RefundFact,
    VerifiedCallback,
)
from paycenter.ports.clock import Clock
from paychannels.wechatpay import (
    ciphers,
    documents,
    moments,
    refunds,
    transactions,
    verification,
)

_PAYMENT: Final = "TRANSACTION.SUCCESS"
_REFUNDS: Final = frozenset({"REFUND.SUCCESS", "REFUND.CLOSED", "REFUND.ABNORMAL"})


def strategy(clock: Clock) -> Callbacks:
    """Return WeChat's callbacks; they call nobody, and a notice has its window of time."""
    return WechatCallbacks(clock)


class WechatCallbacks:
    """Notices of payments and refunds; other kinds are taken and change nothing."""

    def __init__(self, clock: Clock) -> None:
        """Take the clock that the window of time is measured by."""
        self._clock = clock

    def verify(self, account: Account, raw: RawCallback) -> VerifiedCallback:
        """Check the signature, then open what the notice carries; raises CallbackRefused."""
        keys = verification.known_keys(account)
        try:
            verification.verify(raw.headers, raw.body, keys, self._clock.now())
        except verification.Unverified as doubt:
            raise CallbackRefused(str(doubt), probe=doubt.probe) from None
        try:
            notice = documents.read_object(raw.body)
            sealed = documents.part(notice, "resource")
            resource = documents.read_object(
                ciphers.open_resource(account.secrets["apiv3_key"], sealed)
            )
        except ValueError as error:
            reason = str(error) if isinstance(error, ciphers.Unopened) else "not a notice"
            raise CallbackRefused(reason) from None
        return VerifiedCallback(
            fields={**notice, "resource": resource}, digest=hashlib.sha256(raw.body).hexdigest()
        )

    def translate(self, account: Account, verified: VerifiedCallback) -> CallbackFact:
        """Say what the notice says; raises CallbackRefused for unreadable amounts, numbers and moments."""
        fields = verified.fields
        resource = cast("dict[str, Any]", fields["resource"])
        event = documents.text(fields, "event_type")
        try:
            if event == _PAYMENT:
                return _payment(account, resource, documents.text(fields, "create_time"))
            if event in _REFUNDS:
                return _refund(account, resource)
        except ValueError as error:
            raise CallbackRefused(str(error)) from None
        return CallbackFact(kind=FactKind.NOTHING, payment_no="")

    def acknowledge(self, *, accepted: bool) -> Acknowledgement:
        """Return success, after which WeChat stops repeating, or failure."""
        status, said = (
            (200, {"code": "SUCCESS"})
            if accepted
            else (400, {"code": "FAIL", "message": "refused"})
        )
        return Acknowledgement(
            status=status, media_type="application/json", body=documents.write(said)
        )


def _payment(account: Account, resource: dict[str, Any], told_at: str) -> CallbackFact:
    # WeChat tells payments that succeeded and no others; any other state here changes nothing.
    paid = documents.text(resource, "trade_state") == transactions.PAID
    moment = moments.first(documents.text(resource, "success_time"), told_at)
    if paid and moment is None:
        message = "no moment of payment"
        raise ValueError(message)
    return CallbackFact(
        kind=FactKind.PAID if paid else FactKind.NOTHING,
        payment_no=documents.text(resource, "out_trade_no"),
        stranger=transactions.strangers(account, resource, "mchid", "appid"),
        receipt=transactions.receipt(resource, moment or 0) if paid else None,
        channel_transaction_no=documents.text(resource, "transaction_id"),
    )


def _refund(account: Account, resource: dict[str, Any]) -> CallbackFact:
    # A notice of a refund names no app id.
    word = documents.text(resource, "refund_status")
    receipt = transactions.receipt(resource, 0)
    return CallbackFact(
        kind=FactKind.REFUND,
        payment_no=receipt.payment_no,
        stranger=transactions.strangers(account, resource, "mchid"),
        receipt=receipt,
        channel_transaction_no=receipt.channel_transaction_no,
        refund=RefundFact(
            refund_no=documents.text(resource, "out_refund_no"),
            status=refunds.status(word),
            amount=documents.fen(documents.part(resource, "amount"), "refund"),
            channel_refund_no=transactions.number(resource, "refund_id"),
            refunded_at=transactions.paid_at(resource) or 0,
            stuck=word == refunds.STUCK,
        ),
    )
