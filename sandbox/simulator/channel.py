"""What a simulator brings beside the kit: its names, its words and its wire."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

import httpx
from starlette.requests import Request
from starlette.routing import Route

from sandbox.simulator.faults import GENERIC, Fault, Operation, Seal
from sandbox.simulator.refusals import Reason
from sandbox.simulator.trades import Event, Order, Refund, Trade

if TYPE_CHECKING:
    from sandbox.simulator.world import World


@dataclass(frozen=True, slots=True)
class Note:
    """What one attempt of a callback is to say, faults already in it.

    ``trade`` and ``refund`` (for refund events) are as they were at the event, but for a fault's wrong amount or
    number. ``wrong_merchant`` asks for another merchant's identity, ``seal`` for another signature, ``twist`` is a word
    of the channel's own fault rows. ``notice_id`` stays the same over all repeats, ``now`` does not.
    """

    notice_id: str
    event: Event
    trade: Trade
    refund: Refund | None
    now: float
    seal: Seal
    wrong_merchant: bool
    twist: str


@dataclass(frozen=True, slots=True)
class Message:
    """A callback on the wire: the body, its headers, and what is added to the address' query."""

    body: bytes
    headers: Mapping[str, str]
    query: str = ""


@dataclass(frozen=True, slots=True)
class WayBack:
    """Where a payer's browser goes afterwards: by address, or with ``fields`` as a form posted across sites."""

    address: str
    fields: Mapping[str, str] = field(default_factory=dict)


class Channel(ABC):
    """One simulated channel. It holds its merchant and its keys, never a trade: those are the ledger's."""

    name: ClassVar[str]
    title: ClassVar[str]
    colour: ClassVar[str]
    operations: ClassVar[Mapping[str, Operation]]
    tells: ClassVar[frozenset[Event]]
    faults: ClassVar[Sequence[Fault]] = ()
    lacks: ClassVar[frozenset[str]] = frozenset()
    callback_limit_seconds: ClassVar[float] = 10.0

    @abstractmethod
    def routes(self, world: "World") -> list[Route]:
        """Return the channel's own addresses; ``/``, ``/pay``, ``/qr`` and ``/sandbox`` are the kit's."""

    @abstractmethod
    def merchant_name(self) -> str:
        """Return whom the payer's page names as the payee."""

    @abstractmethod
    def status(self, trade: Trade) -> str:
        """Return the channel's word for where a trade stands."""

    @abstractmethod
    def explain(self, reason: Reason) -> tuple[str, str]:
        """Return the channel's code and a sentence for a refusal of the ledger."""

    @abstractmethod
    def trade_no(self, count: int, now: float) -> str:
        """Return the channel's own number of its ``count``-th trade."""

    @abstractmethod
    def refund_no(self, count: int, now: float) -> str:
        """Return the channel's own number of its ``count``-th refund."""

    @abstractmethod
    def notice(self, note: Note) -> Message:
        """Return one attempt of a callback, signed."""

    @abstractmethod
    def acknowledges(self, answer: httpx.Response) -> bool:
        """Tell whether the merchant's answer ends the repeats."""

    @abstractmethod
    def repeat_schedule(self, trade: Trade) -> Sequence[float]:
        """Return the business seconds from each attempt of a callback to the next; after the last there is silence."""

    @abstractmethod
    def rotate_keys(self) -> Mapping[str, str]:
        """Sign with another key from now on; return what is public about it (its id, its public key as PEM).

        Two keys by turns are enough: whoever rotates on the panel can go back.
        """

    def same_order(self, known: Order, repeated: Order) -> bool:
        """Tell whether an order under a known number is that order again: amount and subject, unless overridden."""
        return (known.amount_fen, known.subject) == (repeated.amount_fen, repeated.subject)

    def way_back(self, trade: Trade, now: float, request: Request) -> WayBack | None:  # noqa: ARG002 - for those that need them
        """Return where the payer goes after paying: the order's ``return_url`` as it is, unless overridden."""
        return WayBack(trade.order.return_url) if trade.order.return_url else None

    @classmethod
    def rows(cls) -> Mapping[str, Fault]:
        """Return all faults of this channel by name: the kit's but for ``lacks``, then its own (same name: instead)."""
        generic = {row.name: row for row in GENERIC if row.name not in cls.lacks}
        return generic | {row.name: row for row in cls.faults}
