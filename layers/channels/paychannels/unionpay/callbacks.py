"""Takes UnionPay's notices: forms with UnionPay's certificate inside, sent five times in seven minutes at most."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from paycenter.ports.channel import (
    Account,
    Acknowledgement,
    CallbackFact,
    CallbackRefused,
    Callbacks,
    FactKind,
    RawCallback,
    RefundFact,
    RefundStatus,
    VerifiedCallback,
)
from paycenter.ports.clock import Clock
from paychannels.unionpay import codes, messages, moments, transactions, wire
from paychannels.unionpay.refund_query import status_of
from paychannels.unionpay.verification import NotVerified, verify

_REFUNDS: Final = frozenset({wire.REFUND, wire.UNDO})


def strategy(clock: Clock) -> Callbacks:
    """Return UnionPay's callbacks; they call nobody, and the clock is for the certificate's validity."""
    return UnionpayCallbacks(clock)


@dataclass(frozen=True, slots=True)
class UnionpayCallbacks:
    """Notices of payments, refunds and undos."""

    clock: Clock

    def verify(self, account: Account, raw: RawCallback) -> VerifiedCallback:
        """Check the notice's signature, and that its certificate is UnionPay's own; raises CallbackRefused.

        Fields with an empty value are left out of the result.
        """
        try:
            fields = messages.notice(raw.body)
            verify(fields, account, self.clock.now())
        except (messages.Unreadable, NotVerified) as reason:
            raise CallbackRefused(str(reason)) from None
        filled = {name: value for name, value in fields.items() if value}
        return VerifiedCallback(fields=filled, digest=hashlib.sha256(raw.body).hexdigest())

    def translate(self, account: Account, verified: VerifiedCallback) -> CallbackFact:
        """Say what the notice says; raises CallbackRefused for other kinds of notice and what can't be read."""
        fields = verified.fields
        strangers = () if fields.get("merId") == account.settings["mer_id"] else ("merId",)
        try:
            if fields.get("txnType") == wire.PURCHASE:
                return _payment(fields, strangers)
            if fields.get("txnType") in _REFUNDS:
                return _refund(fields, strangers)
        except ValueError as reason:
            raise CallbackRefused(str(reason)) from None
        raise CallbackRefused("a notice of another kind")

    def acknowledge(self, *, accepted: bool) -> Acknowledgement:
        """Return 200, after which UnionPay stops repeating, or 400."""
        status, body = (200, b"ok") if accepted else (400, b"fail")
        return Acknowledgement(status=status, media_type="text/plain", body=body)


def _payment(fields: Mapping[str, str], strangers: tuple[str, ...]) -> CallbackFact:
    paid = fields.get("respCode") in codes.SUCCEEDED
    # Anything but success leaves the payment open: before its deadline the payer may try another card.
    return CallbackFact(
        kind=FactKind.PAID if paid else FactKind.NOTHING,
        payment_no=fields.get("orderId", ""),
        stranger=strangers,
        receipt=transactions.receipt_of(fields) if paid else None,
        channel_transaction_no=fields.get("queryId", ""),
        created_at=moments.from_text(fields.get("txnTime", "")),
    )


def _refund(fields: Mapping[str, str], strangers: tuple[str, ...]) -> CallbackFact:
    status = status_of(fields.get("respCode", ""))
    succeeded = status is RefundStatus.SUCCEEDED
    return CallbackFact(
        kind=FactKind.REFUND,
        payment_no="",
        stranger=strangers,
        refund=RefundFact(
            refund_no=fields.get("orderId", ""),
            status=status,
            amount=transactions.amount(fields.get("txnAmt", "")),
            channel_refund_no=fields.get("queryId", ""),
            refunded_at=transactions.moment_of(fields) if succeeded else 0,
        ),
        channel_transaction_no=fields.get("origQryId", ""),
        created_at=moments.from_text(fields.get("txnTime", "")),
    )
