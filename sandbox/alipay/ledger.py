"""The simulated Alipay's own books: the truth that tests compare PayCenter with."""

import secrets
from collections import Counter
from dataclasses import dataclass

from sandbox.alipay.agenda import Agenda
from sandbox.alipay.content import Content
from sandbox.alipay.errors import BusinessRefusal
from sandbox.alipay.trades import Event, Listener, Refund, Status, Trade
from sandbox.business_clock import Clock, beijing_text


@dataclass(slots=True)
class Code:
    """A precreated QR code; no trade exists until somebody opens it (section 5.1)."""

    token: str
    method: str
    content: Content
    notify_url: str
    created_at: float


class Ledger:
    """Trades by the merchant's number. Every move tells the listeners; refused moves change nothing."""

    def __init__(self, clock: Clock, agenda: Agenda) -> None:
        self._clock = clock
        self._agenda = agenda
        self.trades: dict[str, Trade] = {}
        self.codes: dict[str, Code] = {}
        self.listeners: list[Listener] = []

    def prepare(self, method: str, content: Content, notify_url: str) -> Code:
        """Return a code for an order; the same order gets the same code again, another is CONTEXT_INCONSISTENT."""
        self._refuse_other_order(content)
        code = self.codes.get(content.out_trade_no)
        if code is None:
            code = Code(_token(), method, content, notify_url, self._clock.now())
            self.codes[content.out_trade_no] = code
        code.content, code.notify_url = content, notify_url
        return code

    def open(self, method: str, content: Content, notify_url: str, return_url: str = "") -> Trade:
        """Open the trade of a payer who has arrived: it comes into being, or is the same one again."""
        self._refuse_other_order(content)
        trade = self.trades.get(content.out_trade_no)
        if trade is None:
            now = self._clock.now()
            trade_no = (
                f"{beijing_text(now)[:10].replace('-', '')}22001400000{len(self.trades) + 1:09d}"
            )
            trade = Trade(trade_no, _token(), method, content, notify_url, return_url, now)
            self.trades[trade.number] = trade
            self._agenda.at(content.expires_at, lambda: self._expire_later(trade))
        # A page signed afresh may carry another way back; the trade itself stays what it was.
        trade.return_url = return_url or trade.return_url
        return trade

    def scan(self, token: str) -> Trade | None:
        """Open the trade of a QR code; None for an unknown code, BusinessRefusal when it can't be paid any more."""
        code = next(
            (code for code in self.codes.values() if secrets.compare_digest(code.token, token)),
            None,
        )
        if code is None:
            return None
        known = self.trades.get(code.content.out_trade_no)
        if known is None and code.content.expires_at <= self._clock.now():
            raise BusinessRefusal("NOW_TIME_AFTER_EXPIRE_TIME_ERROR")
        return (
            self._expired(known) if known else self.open(code.method, code.content, code.notify_url)
        )

    def by_token(self, token: str) -> Trade | None:
        """Return the trade of a payer page's address."""
        return next(
            (
                self._expired(t)
                for t in self.trades.values()
                if secrets.compare_digest(t.token, token)
            ),
            None,
        )

    def find(self, number: str, trade_no: str = "") -> Trade:
        """Return the trade by Alipay's number, which wins, or by the merchant's; BusinessRefusal TRADE_NOT_EXIST."""
        if trade_no:
            trade = next((t for t in self.trades.values() if t.trade_no == trade_no), None)
        else:
            trade = self.trades.get(number)
        if trade is None:
            raise BusinessRefusal("TRADE_NOT_EXIST")
        return self._expired(trade)

    def pay(self, trade: Trade, *, although_closed: bool = False) -> None:
        """Book the payer's money; BusinessRefusal when paid already, or closed and not forced."""
        self._expired(trade)
        if trade.paid_fen:
            raise BusinessRefusal("TRADE_HAS_SUCCESS")
        if trade.status is Status.TRADE_CLOSED and not although_closed:
            raise BusinessRefusal("TRADE_HAS_CLOSE")
        trade.paid_fen, trade.paid_at = trade.content.fen, self._clock.now()
        trade.status = Status.TRADE_SUCCESS
        self._tell(trade, Event.PAID)

    def close(self, trade: Trade) -> None:
        """Close an unpaid trade; BusinessRefusal for one that is paid or closed (section 5.4)."""
        if trade.paid_fen:
            raise BusinessRefusal("TRADE_STATUS_ERROR")
        if trade.status is Status.TRADE_CLOSED:
            raise BusinessRefusal("REASON_TRADE_STATUS_INVALID")
        self._close_at(trade, self._clock.now())

    def refund(
        self, trade: Trade, number: str, fen: int, delay_seconds: float = 0
    ) -> tuple[Refund, bool]:
        """Give money back, now or after a delay; the flag says whether this call did it (section 5.5)."""
        known = trade.refunds.get(number)
        if known is not None:
            if known.fen != fen:
                raise BusinessRefusal("DISCORDANT_REPEAT_REQUEST")
            return known, False
        if not trade.paid_fen:
            raise BusinessRefusal("TRADE_STATUS_ERROR")
        if fen > trade.paid_fen - trade.reserved_fen:
            raise BusinessRefusal("REFUND_AMT_NOT_EQUAL_TOTAL")
        refund = trade.refunds[number] = Refund(number, fen, self._clock.now() + delay_seconds)
        if delay_seconds:
            self._agenda.at(refund.settles_at, lambda: self._settle_later(trade, refund))
        else:
            self._settle(trade, refund)
        return refund, refund.settled

    def sums(self) -> dict[str, object]:
        """Return what went through the books, in fen."""
        paid = sum(trade.paid_fen for trade in self.trades.values())
        refunded = sum(trade.refunded_fen for trade in self.trades.values())
        statuses = Counter(self._expired(trade).status.value for trade in self.trades.values())
        sums = {
            "trades": len(self.trades),
            "paid_fen": paid,
            "refunded_fen": refunded,
            "net_fen": paid - refunded,
        }
        return {**sums, "by_status": dict(statuses)}

    def _refuse_other_order(self, content: Content) -> None:
        """Hold the documented answers to a number used again (section 5.1, Idempotency)."""
        trade = self.trades.get(content.out_trade_no)
        if trade is not None and trade.paid_fen:
            raise BusinessRefusal("TRADE_HAS_SUCCESS")
        if trade is not None and self._expired(trade).status is Status.TRADE_CLOSED:
            raise BusinessRefusal("TRADE_HAS_CLOSE")
        known = trade or self.codes.get(content.out_trade_no)
        if known is not None and not known.content.same_order(content):
            raise BusinessRefusal("CONTEXT_INCONSISTENT")

    def _expired(self, trade: Trade) -> Trade:
        """Close a trade whose deadline has come, whoever looks first: a reader or the agenda."""
        overdue = trade.content.expires_at <= self._clock.now()
        if overdue and trade.status is Status.WAIT_BUYER_PAY:
            self._close_at(trade, trade.content.expires_at)
        return trade

    async def _expire_later(self, trade: Trade) -> None:
        self._expired(trade)

    def _close_at(self, trade: Trade, moment: float) -> None:
        trade.status, trade.closed_at = Status.TRADE_CLOSED, moment
        self._tell(trade, Event.CLOSED)

    async def _settle_later(self, trade: Trade, refund: Refund) -> None:
        self._settle(trade, refund)

    def _settle(self, trade: Trade, refund: Refund) -> None:
        refund.settled, trade.last_settled = True, refund
        if trade.refunded_fen == trade.paid_fen:
            # A fully refunded trade becomes TRADE_CLOSED although it was paid (section 5.3).
            trade.status, trade.closed_at = Status.TRADE_CLOSED, self._clock.now()
        self._tell(trade, Event.REFUNDED)

    def _tell(self, trade: Trade, event: Event) -> None:
        for listener in self.listeners:
            listener(trade, event)


def _token() -> str:
    return secrets.token_urlsafe(12)
