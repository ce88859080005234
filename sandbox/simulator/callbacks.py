"""Telling the merchant: callbacks with the channel's own ladder of repeats, every attempt recorded."""

import asyncio
import uuid
from dataclasses import dataclass, field, replace
from enum import StrEnum

import httpx

from sandbox.business_clock import Clock, beijing_text, rfc3339_text
from sandbox.simulator.agenda import Agenda
from sandbox.simulator.arming import Arming
from sandbox.simulator.channel import Channel, Message, Note
from sandbox.simulator.faults import Noticing
from sandbox.simulator.trades import Event, Refund, State, Trade

SHOWN_ANSWER_LIMIT = 300
HELD_LIMIT_SECONDS = 600.0


class Outcome(StrEnum):
    """What came of one attempt."""

    ACKNOWLEDGED = "acknowledged"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt: its number from 1 on, business time, what the merchant answered, and the fault in it if any."""

    number: int
    at: float
    outcome: Outcome
    http_status: int | None
    answer: str
    fault: str

    def view(self) -> dict[str, object]:
        """For the control interface."""
        return {
            "number": self.number,
            "at": rfc3339_text(self.at),
            "outcome": self.outcome.value,
            "http_status": self.http_status,
            "answer": self.answer,
            "fault": self.fault,
        }


@dataclass(slots=True)
class Notice:
    """One thing to tell, as it was when it happened: its id stays the same over all repeats."""

    notice_id: str
    event: Event
    trade: Trade
    refund: Refund | None
    status: str
    attempts: list[Attempt] = field(default_factory=list)
    sends: int = 0
    next_at: float | None = None
    held: bool = False

    @property
    def address(self) -> str:
        """Where it goes: a refund has an address of its own; empty for nobody."""
        return self.refund.order.notify_url if self.refund else self.trade.order.notify_url

    @property
    def acknowledged(self) -> bool:
        """Whether the merchant has accepted it at least once."""
        return any(attempt.outcome is Outcome.ACKNOWLEDGED for attempt in self.attempts)

    def note(self, now: float, how: Noticing) -> Note:
        """Return what this attempt says, with the fault's amount and number in it."""
        order, refund = self.trade.order, self.refund
        if how.wrong_amount:
            order = replace(order, amount_fen=_wrong(order.amount_fen))
            refund = refund and _of_wrong_amount(refund)
        if how.wrong_number:
            order = replace(order, number=_unknown_number(order.number))
        known = self.trade.odd() if how.odd_status else self.trade
        trade = replace(known, order=order)
        about = (self.notice_id, self.event, trade, refund, now)
        return Note(*about, how.seal, how.wrong_merchant, how.twist)

    def view(self) -> dict[str, object]:
        """For the control interface."""
        return {
            "notify_id": self.notice_id,
            "event": self.event.value,
            "trade_status": self.status,
            "refund_no": self.refund.number if self.refund else None,
            "acknowledged": self.acknowledged,
            "next_at": None if self.next_at is None else rfc3339_text(self.next_at),
            "attempts": [attempt.view() for attempt in self.attempts],
        }


class Callbacks:
    """Sends the callbacks of all trades."""

    def __init__(
        self,
        clock: Clock,
        agenda: Agenda,
        faults: Arming,
        channel: Channel,
        client: httpx.AsyncClient,
    ) -> None:
        self._clock = clock
        self._agenda = agenda
        self._faults = faults
        self._channel = channel
        self._client = client
        self._notices: dict[str, list[Notice]] = {}

    def of(self, number: str) -> list[Notice]:
        """Return the notices of a trade, oldest first."""
        return list(self._notices.get(number, []))

    def on_event(self, trade: Trade, event: Event, refund: Refund | None) -> None:
        """Something happened to a trade: start the ladder, if this channel tells of it and there is an address."""
        if event not in self._channel.tells:
            return
        notice = self._new(trade.snapshot(), event, replace(refund) if refund else None)
        if notice.address:
            self._notices.setdefault(trade.number, []).append(notice)
            self._plan(notice, self._clock.now())

    async def send_odd(self, trade: Trade, fault: str) -> Notice:
        """Send one callback of a payment at once, with that fault in it and no repeats; KeyError if it has none.

        It claims success whatever the trade's state is: a forger does not ask the ledger.
        """
        how = self._faults.rows[fault].noticing
        if how is None:
            raise KeyError(fault)
        paid_at = trade.paid_at or self._clock.now()
        claimed = replace(
            trade.snapshot(), state=State.PAID, paid_fen=trade.order.amount_fen, paid_at=paid_at
        )
        notice = self._new(claimed, Event.PAID, None)
        self._notices.setdefault(trade.number, []).append(notice)
        notice.sends = 1
        await self._send(notice, fault, how)
        return notice

    def _new(self, trade: Trade, event: Event, refund: Refund | None) -> Notice:
        day = beijing_text(self._clock.now())[:10].replace("-", "")
        status = self._channel.status(trade)
        return Notice(f"{day}{uuid.uuid4().hex[:24]}", event, trade, refund, status)

    def _plan(self, notice: Notice, due: float) -> None:
        notice.next_at = due
        self._agenda.at(due, lambda: self._attempt(notice))

    def _plan_late(self, notice: Notice, due: float) -> None:
        """Plan an attempt that has been held back already: it goes as it is, once."""
        notice.next_at, notice.held = due, True
        self._agenda.at(due, lambda: self._release(notice))

    async def _attempt(self, notice: Notice) -> None:
        fault, how = self._faults.noticing(notice.trade.number)
        if how.delay_s or how.after_next:
            wait = HELD_LIMIT_SECONDS if how.after_next else how.delay_s
            self._plan_late(notice, self._clock.now() + wait)
            return
        await self._send_and_repeat(notice, fault, how)
        await self._release_held(notice.trade.number)

    async def _release(self, notice: Notice) -> None:
        if notice.held:
            notice.held = False
            await self._send_and_repeat(notice, "", Noticing())

    async def _release_held(self, number: str) -> None:
        for notice in self.of(number):
            await self._release(notice)

    async def _send_and_repeat(self, notice: Notice, fault: str, how: Noticing) -> None:
        notice.sends, notice.next_at = notice.sends + 1, None
        await self._send(notice, fault, how)
        schedule = self._channel.repeat_schedule(notice.trade)
        if not notice.acknowledged and notice.sends <= len(schedule):
            self._plan(notice, self._clock.now() + schedule[notice.sends - 1])

    async def _send(self, notice: Notice, fault: str, how: Noticing) -> None:
        now = self._clock.now()
        if how.lost:
            notice.attempts.append(Attempt(notice.sends, now, Outcome.LOST, None, "", fault))
            return
        message = self._channel.notice(notice.note(now, how))
        posts = (self._post(notice.address, message) for _ in range(how.copies))
        answers = await asyncio.gather(*posts)
        notice.attempts += [Attempt(notice.sends, now, *answer, fault) for answer in answers]

    async def _post(self, url: str, message: Message) -> tuple[Outcome, int | None, str]:
        address = f"{url}{'&' if '?' in url else '?'}{message.query}" if message.query else url
        try:
            answer = await self._client.post(
                address, content=message.body, headers=dict(message.headers)
            )
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return Outcome.UNREACHABLE, None, type(error).__name__
        accepted = self._channel.acknowledges(answer)
        outcome = Outcome.ACKNOWLEDGED if accepted else Outcome.REFUSED
        return outcome, answer.status_code, answer.text[:SHOWN_ANSWER_LIMIT]


def _unknown_number(number: str) -> str:
    # Still well formed: the number of an order that could exist and does not.
    return ("B" if number.startswith("A") else "A") + number[1:]


def _wrong(amount_fen: int) -> int:
    return amount_fen - 1 or 2


def _of_wrong_amount(refund: Refund) -> Refund:
    order = refund.order
    return replace(refund, order=replace(order, amount_fen=_wrong(order.amount_fen)))
