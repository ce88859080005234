"""The append-only log in an order's item: each movement is an entry, and replaying the entries gives the item's states.

A movement reads `<seconds> <version> <subject> <old>><new> <cause> [<source> <digest> <account>]`; the subject is `O` for
the order, `P01` for a payment, `R001` or `P01D` for a refund, `old` is empty for what is new. What moves nothing leaves a
remark: `<seconds> <version> <words>`.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from paycenter.domain import ids
from paycenter.domain.order import Evidence, Order, Payment, Refund
from paycenter.domain.states import OrderState, PaymentState, RefundState

ORDER_SUBJECT: Final = "O"
ENTRY_BYTES: Final = 120
# Movements are never dropped: ten payments and fifty refunds bound them. Remarks are, the oldest first.
MOST_REMARKS: Final = 60
_DIGEST_CHARACTERS: Final = 16
_MOVEMENT: Final = re.compile(
    r"(\d+) (\d+) (O|P\d\dD?|R\d{3}) ([A-Z]*)>([A-Z]+) ?(.*)", re.ASCII | re.DOTALL
)

_PAYMENT: Final = re.compile(r"P\d\d", re.ASCII)


def logged(
    before: Order, after: Order, now: int, what: str, evidence: Evidence | None = None
) -> Order:
    """Return `after` with the entries that its one write adds: its movements, or `what` as a remark, or nothing."""
    proof = (
        f" {evidence.source} {evidence.digest[:_DIGEST_CHARACTERS]} {evidence.account}"
        if evidence
        else ""
    )
    moved = list(_movements(before, after, what))
    words = moved or ([what] if what else [])
    if not words:
        return after
    # What moved stands first: a long code or account may lose its end, never a state or an amount.
    entries = (
        f"{now} {after.version} {text}{proof}".encode()[:ENTRY_BYTES].decode(errors="ignore")
        for text in words
    )
    return replace(after, log=_bounded((*before.log, *entries)))


def _bounded(log: tuple[str, ...]) -> tuple[str, ...]:
    remarks = [number for number, entry in enumerate(log) if not _MOVEMENT.match(entry)]
    dropped = set(remarks[: max(0, len(remarks) - MOST_REMARKS)])
    return tuple(entry for number, entry in enumerate(log) if number not in dropped)


def _movements(before: Order, after: Order, what: str) -> Iterator[str]:
    for number, payment in after.payments.items():
        was = before.payments.get(number)
        if was is None:
            cause = f"{payment.channel} {payment.product} {payment.amount}"
            yield f"{_subject(number)} >{payment.state} {cause}"
        elif was.state is not payment.state:
            yield f"{_subject(number)} {was.state}>{payment.state} {what}"
    for number, refund in after.refunds.items():
        known = before.refunds.get(number)
        if known is None:
            of = f"{refund.amount} of {_subject(refund.payment_no)}"
            yield f"{_subject(number)} >{refund.state} {of} {what}"
        elif known.state is not refund.state:
            yield f"{_subject(number)} {known.state}>{refund.state} {what}"
    if before.state is not after.state:
        yield f"{ORDER_SUBJECT} {before.state}>{after.state} {what}"


def _subject(number: str) -> str:
    return number[ids.ORDER_ID_LENGTH :]


def first_entry(now: int) -> str:
    """Return the entry of an order's creation."""
    return f"{now} 1 {ORDER_SUBJECT} >{OrderState.CREATED} created"


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """One entry that moved something."""

    at: int
    version: int
    subject: str
    old: str
    new: str
    cause: str


def movements(log: tuple[str, ...]) -> Iterator[Movement]:
    """Return the movements of a log, oldest first."""
    for entry in log:
        match = _MOVEMENT.fullmatch(entry)
        if match is not None:
            at, version, subject, old, new, cause = match.groups()
            yield Movement(
                at=int(at), version=int(version), subject=subject, old=old, new=new, cause=cause
            )


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a log says of an order: states and amounts by subject."""

    order: str = ""
    payments: Mapping[str, tuple[str, int]] = field(default_factory=dict)
    refunds: Mapping[str, tuple[str, int, str]] = field(default_factory=dict)


def replay(log: tuple[str, ...]) -> Replayed:
    """Carry out the movements of a log; raises ValueError, with the entry, where one does not follow from the others."""
    order, payments, refunds = "", dict[str, tuple[str, int]](), dict[str, tuple[str, int, str]]()
    version = 0
    for move in movements(log):
        if move.version < version:
            message = f"version {move.version} after {version}"
            raise ValueError(message)
        version = move.version
        if move.subject == ORDER_SUBJECT:
            _follows(move, order)
            order = move.new
        elif _PAYMENT.fullmatch(move.subject):
            state, amount = payments.get(move.subject, ("", 0))
            _follows(move, state)
            payments[move.subject] = (move.new, amount or int(move.cause.rpartition(" ")[2]))
        else:
            known = refunds.get(move.subject, ("", 0, ""))
            _follows(move, known[0])
            refunds[move.subject] = (move.new, *(known[1:] if known[0] else _of(move)))
    return Replayed(order, payments, refunds)


def _of(move: Movement) -> tuple[int, str]:
    amount, _, rest = move.cause.partition(" of ")
    return int(amount), rest.partition(" ")[0]


def _follows(move: Movement, state: str) -> None:
    if move.old != state:
        message = f"{move.subject} moves from {move.old or 'nothing'}, and is {state or 'nothing'}"
        raise ValueError(message)


def differences(order: Order) -> list[str]:
    """Say where an order is not what its own log says; empty means that it is."""
    try:
        told = replay(order.log)
    except ValueError as error:
        return [f"the log contradicts itself: {error}"]
    problems = []
    if told.order != order.state:
        problems.append(f"the order is {order.state}, its log says {told.order or 'nothing'}")
    stored = {_subject(n): _seen_payment(p) for n, p in order.payments.items()}
    problems += _compared("payment", stored, told.payments)
    given = {_subject(n): _seen_refund(r) for n, r in order.refunds.items()}
    problems += _compared("refund", given, told.refunds)
    return problems + [line for p in order.payments.values() for line in _balance(order, p)]


def _compared(what: str, stored: Mapping[str, object], told: Mapping[str, object]) -> list[str]:
    return [
        f"{what} {name}: stored {stored.get(name)}, logged {told.get(name)}"
        for name in sorted(stored.keys() | told.keys())
        if stored.get(name) != told.get(name)
    ]


def _seen_payment(payment: Payment) -> tuple[str, int]:
    return payment.state.value, payment.amount


def _seen_refund(refund: Refund) -> tuple[str, int, str]:
    return refund.state.value, refund.amount, _subject(refund.payment_no)


def _balance(order: Order, payment: Payment) -> Iterator[str]:
    """Compare what was paid with what may still be given back plus what was, or is being, given back."""
    given = sum(
        refund.amount
        for refund in order.refunds.values()
        if refund.payment_no == payment.payment_no and refund.state is not RefundState.FAILED
    )
    paid = payment.amount if payment.state is PaymentState.SUCCEEDED else 0
    if payment.refundable + given != paid:
        name = _subject(payment.payment_no)
        yield f"payment {name}: {paid} paid, {given} given back, {payment.refundable} refundable"
