"""`POST /v1/callbacks/{channel}/{account}`: verify, bind, one conditional write, acknowledge last."""

import re
from typing import Final

from paycenter.domain import ids
from paycenter.domain.errors import NotFound
from paycenter.domain.order import Evidence, ExceptionKind, Order
from paycenter.domain.settlement import Receipt, fits
from paycenter.ports.channel import (
    Account,
    Acknowledgement,
    CallbackFact,
    CallbackRefused,
    FactKind,
    RawCallback,
    VerifiedCallback,
)
from paycenter.ports.everything import Ports
from paycenter.usecases import money

_ACCOUNT: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,40}~[0-9]{1,4}", re.ASCII)


def take_callback(channel: str, account_id: str, raw: RawCallback, ports: Ports) -> Acknowledgement:
    """Return what to answer the channel: yes only after the truth it told is durable.

    Not verified: no write, no outgoing call. Verified but not ours: an exception, once, and no. Raises NotFound for
    an address that we never gave out.
    """
    account = _account(channel, account_id, ports)
    callbacks = ports.channels.callbacks(channel)
    try:
        verified = callbacks.verify(account, raw)
        fact = callbacks.translate(account, verified)
    except CallbackRefused as refusal:
        ports.telemetry.count("CallbacksRefused")
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
    order_id = ids.order_of(fact.payment_no)
    order = ports.orders.get(order_id) if order_id else None
    mismatch = binding(fact, order, account.id)
    if mismatch is not None:
        money.raise_exception(mismatch, account.channel, account.id, _receipt(fact), order, ports)
        return False
    if order is not None:
        _book(
            order,
            fact,
            Evidence(source="callback", digest=verified.digest, account=account.id),
            ports,
        )
    return True


def binding(fact: CallbackFact, order: Order | None, account_id: str) -> ExceptionKind | None:
    """Compare a verified callback with the payment it names; None where everything matches.

    A valid signature is not enough: account version, app id or merchant number, number, amount and currency must all
    be those of the stored payment, and a success must state them.
    """
    payment = order.payments.get(fact.payment_no) if order else None
    if payment is None:
        return ExceptionKind.UNKNOWN_ORDER
    if fact.stranger or payment.account != account_id:
        return ExceptionKind.ACCOUNT_MISMATCH
    if fact.receipt is None:
        return ExceptionKind.AMOUNT_MISMATCH if fact.kind is FactKind.PAID else None
    return None if fits(payment, fact.receipt) else ExceptionKind.AMOUNT_MISMATCH


def _book(order: Order, fact: CallbackFact, evidence: Evidence, ports: Ports) -> None:
    if fact.kind is FactKind.PAID and fact.receipt is not None:
        money.book(order, fact.receipt, evidence, ports)
    elif fact.kind is FactKind.CLOSED:
        money.end(order, fact.payment_no, evidence, ports)


def _receipt(fact: CallbackFact) -> Receipt:
    # An exception without an amount is still one: a closed notice for an order that we do not have.
    return fact.receipt or Receipt(
        payment_no=fact.payment_no,
        amount=0,
        currency="",
        channel_transaction_no=fact.channel_transaction_no,
        paid_at=0,
    )
