"""A simulated channel's own books: the truth that tests compare PayCenter with."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from sandbox.business_clock import Clock
from sandbox.simulator.agenda import Agenda
from sandbox.simulator.refusals import Reason, Refusal
from sandbox.simulator.trades import Event, Listener, Order, Refund, RefundOrder, State, Trade


class Numbering(Protocol):
    """What the books ask their channel: its own numbers, and when a repeated order is the same."""

    def trade_no(self, count: int, now: float) -> str:
        """Return the channel's own number of its ``count``-th trade."""
        ...

    def refund_no(self, count: int, now: float) -> str:
        """Return the channel's own number of its ``count``-th refund."""
        ...

    def same_order(self, known: Order, repeated: Order) -> bool:
        """Tell whether an order under a known number is that order again."""
        ...


@dataclass(slots=True)
class Code:
    """A code that was handed out; no trade exists until somebody opens it."""

    token: str
    order: Order
    created_at: float


@dataclass(frozen=True, slots=True)
class Movement:
    """Money that moved: a payment (no refund) or a settled refund, as a bill lists it."""

    at: float
    trade: Trade
    refund: Refund | None


class Ledger:
    """Trades by the merchant's number. Every move tells the listeners; refused moves change nothing."""

    def __init__(self, clock: Clock, agenda: Agenda, numbering: Numbering) -> None:
        self._clock = clock
        self._agenda = agenda
        self._numbering = numbering
        self._refund_count = 0
        self.trades: dict[str, Trade] = {}
        self.codes: dict[str, Code] = {}
        self.listeners: list[Listener] = []

    def prepare(self, order: Order) -> Code:
        """Return a code for an order; the same order gets the same code again, another is refused as ``open`` does."""
        self._refuse_other_order(order)
        code = self.codes.get(order.number)
        if code is None:
            code = self.codes[order.number] = Code(new_token(), order, self._clock.now())
        code.order = order
        return code

    def open(self, order: Order) -> Trade:
        """Return the trade of an order, new or the same again; Refusal OPEN_PAID, OPEN_CLOSED or OPEN_OTHER_ORDER."""
        self._refuse_other_order(order)
        trade = self.trades.get(order.number)
        if trade is None:
            now = self._clock.now()
            channel_no = self._numbering.trade_no(len(self.trades) + 1, now)
            trade = self.trades[order.number] = Trade(order, channel_no, new_token(), now)
            self._agenda.at(order.expires_at, lambda: self._expire_later(trade))
        # A page signed afresh may carry another way back; the trade itself stays what it was.
        return_url = order.return_url or trade.order.return_url
        trade.order = replace(trade.order, return_url=return_url)
        return trade

    def scan(self, token: str) -> Trade | None:
        """Open the trade of a code; None for an unknown code, Refusal OPEN_EXPIRED when it comes too late."""
        codes = self.codes.values()
        code = next((one for one in codes if secrets.compare_digest(one.token, token)), None)
        if code is None:
            return None
        known = self.trades.get(code.order.number)
        if known is None and code.order.expires_at <= self._clock.now():
            raise Refusal(Reason.OPEN_EXPIRED)
        return self._expired(known) if known else self.open(code.order)

    def by_token(self, token: str) -> Trade | None:
        """Return the trade of a payer page's address."""
        trade = self._first(lambda one: secrets.compare_digest(one.token, token))
        return None if trade is None else self._expired(trade)

    def find(self, number: str, channel_no: str = "") -> Trade:
        """Return the trade by the channel's number, which wins, or by the merchant's; Refusal UNKNOWN."""
        if channel_no:
            trade = self._first(lambda one: one.channel_no == channel_no)
        else:
            trade = self.trades.get(number)
        if trade is None:
            raise Refusal(Reason.UNKNOWN)
        return self._expired(trade)

    def find_refund(self, number: str) -> tuple[Trade, Refund]:
        """Return a refund and its trade by the merchant's refund number alone; Refusal UNKNOWN."""
        for trade in self.trades.values():
            if number in trade.refunds:
                return trade, trade.refunds[number]
        raise Refusal(Reason.UNKNOWN)

    def pay(self, trade: Trade, *, although_closed: bool = False) -> None:
        """Book the payer's money; Refusal PAY_PAID when paid already, PAY_CLOSED when closed and not forced."""
        self._expired(trade)
        if trade.paid_fen:
            raise Refusal(Reason.PAY_PAID)
        if trade.state is State.CLOSED and not although_closed:
            raise Refusal(Reason.PAY_CLOSED)
        trade.paid_fen, trade.paid_at = trade.order.amount_fen, self._clock.now()
        trade.state = State.PAID
        self._tell(trade, Event.PAID)

    def close(self, trade: Trade) -> None:
        """Close an unpaid trade; Refusal CLOSE_PAID or CLOSE_CLOSED."""
        if trade.paid_fen:
            raise Refusal(Reason.CLOSE_PAID)
        if trade.state is State.CLOSED:
            raise Refusal(Reason.CLOSE_CLOSED)
        self._close_at(trade, self._clock.now())

    def refund(
        self,
        trade: Trade,
        order: RefundOrder,
        *,
        delay_seconds: float = 0,
        failure: str = "",
        retries_failed: bool = False,
    ) -> tuple[Refund, bool]:
        """Give money back once per number, now or later, or let it fail then; the flag says whether this call did it.

        Refusal REFUND_UNPAID, REFUND_TOO_MUCH (beyond what is left) or REFUND_OTHER_AMOUNT (a known number with
        another amount). With ``retries_failed`` a failed number may be tried anew; else it stays failed.
        """
        known = trade.refunds.get(order.number)
        if known is not None and not (known.failure and retries_failed):
            if known.amount_fen != order.amount_fen:
                raise Refusal(Reason.REFUND_OTHER_AMOUNT)
            return known, False
        if not trade.paid_fen:
            raise Refusal(Reason.REFUND_UNPAID)
        if order.amount_fen > trade.paid_fen - trade.reserved_fen:
            raise Refusal(Reason.REFUND_TOO_MUCH)
        refund = trade.refunds[order.number] = self._new_refund(order, delay_seconds)
        if delay_seconds:
            self._agenda.at(refund.settles_at, lambda: self._settle_later(trade, refund, failure))
        else:
            self._settle(trade, refund, failure)
        return refund, refund.settled

    def movements(self, since: float, until: float) -> list[Movement]:
        """Return the money that moved from ``since`` on and before ``until``, oldest first; what a bill is made of."""
        moved: list[Movement] = []
        for trade in self.trades.values():
            if trade.paid_at is not None:
                moved.append(Movement(trade.paid_at, trade, None))
            settled = [refund for refund in trade.refunds.values() if refund.settled]
            moved += [Movement(refund.settles_at, trade, refund) for refund in settled]
        return sorted((one for one in moved if since <= one.at < until), key=lambda one: one.at)

    def _refuse_other_order(self, order: Order) -> None:
        trade = self.trades.get(order.number)
        if trade is not None and trade.paid_fen:
            raise Refusal(Reason.OPEN_PAID)
        if trade is not None and self._expired(trade).state is State.CLOSED:
            raise Refusal(Reason.OPEN_CLOSED)
        known = trade or self.codes.get(order.number)
        if known is not None and not self._numbering.same_order(known.order, order):
            raise Refusal(Reason.OPEN_OTHER_ORDER)

    def _first(self, wanted: Callable[[Trade], bool]) -> Trade | None:
        return next((one for one in self.trades.values() if wanted(one)), None)

    def _expired(self, trade: Trade) -> Trade:
        """Close a trade whose deadline has come, whoever looks first: a reader or the agenda."""
        if trade.order.expires_at <= self._clock.now() and trade.state is State.WAITING:
            self._close_at(trade, trade.order.expires_at)
        return trade

    async def _expire_later(self, trade: Trade) -> None:
        self._expired(trade)

    def _close_at(self, trade: Trade, moment: float) -> None:
        trade.state, trade.closed_at = State.CLOSED, moment
        self._tell(trade, Event.CLOSED)

    def _new_refund(self, order: RefundOrder, delay_seconds: float) -> Refund:
        self._refund_count += 1
        now = self._clock.now()
        channel_no = self._numbering.refund_no(self._refund_count, now)
        return Refund(order, channel_no, now, now + delay_seconds)

    async def _settle_later(self, trade: Trade, refund: Refund, failure: str) -> None:
        self._settle(trade, refund, failure)

    def _settle(self, trade: Trade, refund: Refund, failure: str) -> None:
        refund.settled, refund.failure = not failure, failure
        self._tell(trade, Event.REFUND_FAILED if failure else Event.REFUNDED, refund)

    def _tell(self, trade: Trade, event: Event, refund: Refund | None = None) -> None:
        for listener in self.listeners:
            listener(trade, event, refund)


def new_token() -> str:
    """Return an unguessable name for a page."""
    return secrets.token_urlsafe(12)
