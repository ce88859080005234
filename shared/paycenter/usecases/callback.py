"""`POST /v1/callbacks/{channel}/{account}`: verify, bind, one conditional write, acknowledge last."""

import re
from dataclasses import replace
from typing import Final

from paycenter.domain import ids
from paycenter.domain.errors import NotFound
from paycenter.domain.order import Evidence, ExceptionKind, Order, Refund
from paycenter.domain.settlement import Receipt, fits
from paycenter.domain.states import PaymentState
from paycenter.ports.channel import (
    Account,
    Acknowledgement,
    CallbackFact,
    CallbackRefused,
    FactKind,
    Outcome,
    RawCallback,
    RefundAnswer,
    RefundFact,
    VerifiedCallback,
)
from paycenter.ports.everything import Ports
from paycenter.usecases import confirm, money
from paycenter.usecases.refund import believe, hint

_ACCOUNT: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,40}~[0-9]{1,4}", re.ASCII)


def take_callback(channel: str, account_id: str, raw: RawCallback, ports: Ports) -> Acknowledgement:
    """Return what to answer the channel: yes only after the truth it told is durable.

    Not verified: no write, no outgoing call. Verified but not ours: an exception, once, and no. Verified and about no
    payment at all: nothing to change, and yes. Raises NotFound for an address that we never gave out.
    """
    account = _account(channel, account_id, ports)
    callbacks = ports.channels.callbacks(channel)
    try:
        verified = callbacks.verify(account, raw)
        fact = callbacks.translate(account, verified)
    except CallbackRefused as refusal:
        ports.telemetry.count("CallbackProbes" if refusal.probe else "CallbacksRefused")
        ports.telemetry.note("callback refused", account=account.id, reason=str(refusal))
        return callbacks.acknowledge(accepted=False)
    return callbacks.acknowledge(accepted=_take(fact, verified, account, ports))


def refusal(channel: str, ports: Ports) -> Acknowledgement | None:
    """Return the channel's own form of no, or None where there is no such channel."""
    return (
        ports.channels.callbacks(channel).acknowledge(accepted=False)
        if ports.channels.known(channel)
        else None
    )


def _account(channel: str, account_id: str, ports: Ports) -> Account:
    if not ports.channels.known(channel) or not _ACCOUNT.fullmatch(account_id):
        raise NotFound
    account = ports.configuration.account(account_id)
    if account is None or account.channel != channel:
        raise NotFound
    return account


def _take(fact: CallbackFact, verified: VerifiedCallback, account: Account, ports: Ports) -> bool:
    if fact.kind is FactKind.NOTHING and not fact.payment_no and not fact.stranger:
        return True
    order_id = ids.order_of(fact.payment_no or _refund_no(fact))
    order = ports.orders.get(order_id) if order_id else None
    fact = _with_payment(fact, order)
    mismatch = binding(fact, order, account.id)
    if mismatch is not None:
        now = ports.clock.now()
        record = money.exception_record(
            mismatch, account.channel, account.id, _receipt(fact), order, now
        )
        money.raise_exception(record, ports)
        return False
    if order is not None:
        _book(
            order,
            fact,
            Evidence(source="callback", digest=verified.digest, account=account.id),
            ports,
        )
    return True


def _refund_no(fact: CallbackFact) -> str:
    return fact.refund.refund_no if fact.refund else ""


def _with_payment(fact: CallbackFact, order: Order | None) -> CallbackFact:
    """Fill in the payment of a callback that names its refund alone; unchanged where we know no such refund."""
    refund = order.refunds.get(_refund_no(fact)) if order else None
    if fact.payment_no or refund is None:
        return fact
    return replace(fact, payment_no=refund.payment_no)


def binding(fact: CallbackFact, order: Order | None, account_id: str) -> ExceptionKind | None:
    """Compare a verified callback with the payment it names; None where everything matches.

    A valid signature is not enough: account version, app id or merchant number, number, amount and currency must all
    be those of the stored payment, and a success must state them. Where the moment is part of a payment's identity,
    the same number with another moment is another payment. A refund that the callback names must be the stored one too.
    """
    payment = order.payments.get(fact.payment_no) if order else None
    if payment is None:
        return ExceptionKind.UNKNOWN_ORDER
    if fact.kind is not FactKind.REFUND and fact.created_at not in {None, payment.created_at}:
        return ExceptionKind.UNKNOWN_ORDER
    if fact.stranger or payment.account != account_id:
        return ExceptionKind.ACCOUNT_MISMATCH
    if fact.kind is FactKind.REFUND and order is not None:
        odd = _refund_binding(fact, order.refunds.get(_refund_no(fact)))
        if odd is not None:
            return odd
    if fact.receipt is None:
        return ExceptionKind.AMOUNT_MISMATCH if fact.kind is FactKind.PAID else None
    return None if fits(payment, fact.receipt) else ExceptionKind.AMOUNT_MISMATCH


def _refund_binding(fact: CallbackFact, refund: Refund | None) -> ExceptionKind | None:
    # A refund that was made elsewhere, at the channel's own console, is the bill's to find.
    if refund is None or fact.refund is None:
        return None
    if refund.payment_no != fact.payment_no or fact.created_at not in {None, refund.created_at}:
        return ExceptionKind.UNKNOWN_ORDER
    amount_fits = fact.refund.amount in {None, refund.amount}
    return None if amount_fits else ExceptionKind.AMOUNT_MISMATCH


def _book(order: Order, fact: CallbackFact, evidence: Evidence, ports: Ports) -> None:
    if fact.kind is FactKind.PAID and fact.receipt is not None:
        payment = order.payments[fact.payment_no]
        if payment.state is not PaymentState.SUCCEEDED:
            confirm.prepare(payment, ports)
        money.book(order, fact.receipt, evidence, ports)
    elif fact.kind is FactKind.CLOSED:
        money.end(order, fact.payment_no, evidence, ports)
    elif fact.kind is FactKind.REFUND and fact.refund is not None:
        _book_refund(order, fact.refund, evidence, ports)


def _book_refund(order: Order, told: RefundFact, evidence: Evidence, ports: Ports) -> None:
    refund = order.refunds.get(told.refund_no)
    if refund is None:
        return
    if told.status is None:
        hint(order, refund, ports)
        return
    answer = RefundAnswer(
        outcome=Outcome.DONE,
        status=told.status,
        amount=told.amount,
        channel_refund_no=told.channel_refund_no,
        refunded_at=told.refunded_at,
        stuck=told.stuck,
    )
    believe(order, refund, answer, evidence, ports)


def _receipt(fact: CallbackFact) -> Receipt:
    # An exception without an amount is still one: a closed notice for an order that we do not have.
    return fact.receipt or Receipt(
        payment_no=fact.payment_no,
        amount=0,
        currency="",
        channel_transaction_no=fact.channel_transaction_no,
        paid_at=0,
    )
