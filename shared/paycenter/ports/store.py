"""The system of record: orders, one item each, and the exceptions that belong to no order."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Protocol

from paycenter.domain.order import ExceptionKind, Order


class Conflict(Exception):
    """The stored order is not the one that the decision was made on; decide again on `current`."""

    def __init__(self, current: Order) -> None:
        """Carry what is stored now, so that no second read is needed."""
        super().__init__(current.id)
        self.current = current


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """Conditions of a write beside the version.

    `payable_at`: the stored order is open, not closing, and its deadline lies after this moment.
    `no_winner`: no payment has won the stored order. `refundable`: of this payment at least this amount may be given
    back, and the refund of this number is not there yet.
    """

    payable_at: int | None = None
    no_winner: bool = False
    refundable: tuple[str, int, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExceptionRecord:
    """An exception as it is kept for people: money that does not fit, with what is known about it."""

    exception_id: str
    kind: ExceptionKind
    channel: str
    account: str
    order_id: str
    line: str
    payment_no: str
    amount: int
    currency: str
    channel_transaction_no: str
    resolution: str
    raised_at: int
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """One settled payment or refund: account version, Beijing day, our number, amount and the channel's number.

    `amount` is positive; `refund` tells which way it went.
    """

    account: str
    day: str
    number: str
    order_id: str
    amount: int
    currency: str
    channel_transaction_no: str
    settled_at: int
    refund: bool = False


class OrderStore(Protocol):
    """Orders, read consistently, written under conditions."""

    def create(self, order: Order) -> Order | None:
        """Store a new order; return None, or the stored one where the id is taken, changing nothing."""

    def get(self, order_id: str) -> Order | None:
        """Return the order as it is stored now, or None."""

    def get_many(self, order_ids: Collection[str]) -> Mapping[str, Order]:
        """Return those of at most a hundred orders that are stored now, by id, in one call; the others are absent."""

    def save(self, order: Order, guard: Guard) -> None:
        """Replace the stored order by its next version.

        Raises Conflict, changing nothing, unless the stored version is one less and the guard holds. A repeat after
        an unknown answer conflicts with itself: the caller decides again on what is stored and finds nothing to do.
        """


class OwedIndex(Protocol):
    """The sparse index of what is owed."""

    def owed_before(self, moment: int, limit: int) -> list[str]:
        """Return ids of at most `limit` orders whose `owed_at` lies before `moment`, from all shards."""

    def dead_since(self, line: str, moment: int, limit: int) -> list[str]:
        """Return ids of at most `limit` orders with an event given up at `moment` or later, oldest first.

        An order that owes something else is found once that is done; another line's may be among them.
        """


class ExceptionStore(Protocol):
    """Exceptions, one record each under a deterministic id."""

    def raise_once(self, record: ExceptionRecord) -> bool:
        """Store the record unless it is there; return whether it is new. A repeat adds and changes nothing."""


class MovementStore(Protocol):
    """Settled money by account and day."""

    def put(self, movements: list[Movement]) -> None:
        """Store the movements; a repeat writes the same again."""
