"""Telling the merchant: notices with Alipay's own ladder of repeats, every attempt recorded."""

import asyncio
import uuid
from dataclasses import dataclass, field
from enum import StrEnum
from http import HTTPStatus

import httpx

from sandbox.alipay.agenda import Agenda
from sandbox.alipay.arming import Faults
from sandbox.alipay.faults import KINDS, Noticing
from sandbox.alipay.notices import facts, paid_facts
from sandbox.alipay.signatory import Signatory
from sandbox.alipay.trades import Event, Trade
from sandbox.business_clock import Clock, beijing_text, rfc3339_text

# Section 6: at once, then after 4 min, 10 min, 10 min, 1 h, 2 h, 6 h, 15 h; eight sends in about 25 hours.
LADDER_SECONDS = (240, 600, 600, 3_600, 7_200, 21_600, 54_000)
ACKNOWLEDGEMENT = b"success"
SHOWN_ANSWER_LIMIT = 300
CONTENT_TYPE = "application/x-www-form-urlencoded; charset=utf-8"


class Outcome(StrEnum):
    """What came of one attempt."""

    ACKNOWLEDGED = "acknowledged"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt: its number (1 to 8), business time, what the merchant answered, and the fault in it if any."""

    number: int
    at: float
    outcome: Outcome
    http_status: int | None
    answer: str
    fault: str

    def view(self) -> dict[str, object]:
        """For the control interface."""
        outcome = {
            "number": self.number,
            "at": rfc3339_text(self.at),
            "outcome": self.outcome.value,
        }
        return {
            **outcome,
            "http_status": self.http_status,
            "answer": self.answer,
            "fault": self.fault,
        }


@dataclass(slots=True)
class Notice:
    """One thing to tell: its id stays the same over all repeats."""

    notify_id: str
    trade: Trade
    about: dict[str, str]
    event: str
    attempts: list[Attempt] = field(default_factory=list)
    sends: int = 0
    next_at: float | None = None

    @property
    def acknowledged(self) -> bool:
        """Whether the merchant has answered ``success`` at least once."""
        return any(attempt.outcome is Outcome.ACKNOWLEDGED for attempt in self.attempts)

    def view(self) -> dict[str, object]:
        """For the control interface."""
        next_at = None if self.next_at is None else rfc3339_text(self.next_at)
        about = {
            "notify_id": self.notify_id,
            "event": self.event,
            "trade_status": self.about["trade_status"],
        }
        state = {"acknowledged": self.acknowledged, "next_at": next_at}
        return {**about, **state, "attempts": [attempt.view() for attempt in self.attempts]}


class Callbacks:
    """Sends the notices of all trades."""

    def __init__(
        self,
        clock: Clock,
        agenda: Agenda,
        faults: Faults,
        signatory: Signatory,
        client: httpx.AsyncClient,
    ) -> None:
        self._clock = clock
        self._agenda = agenda
        self._faults = faults
        self._signatory = signatory
        self._client = client
        self._notices: dict[str, list[Notice]] = {}

    def of(self, number: str) -> list[Notice]:
        """Return the notices of a trade, oldest first."""
        return list(self._notices.get(number, []))

    def on_event(self, trade: Trade, event: Event) -> None:
        """Something happened to a trade: start the ladder, if the merchant gave an address."""
        if trade.notify_url:
            notice = self._new(trade, event, facts(trade, event))
            self._plan(notice, self._clock.now())

    async def send_odd(self, trade: Trade, fault: str) -> Notice:
        """Send one notice of a payment at once, with that fault in it and no repeats; KeyError if it has none.

        It claims success whatever the trade's state is: a forger does not ask the ledger.
        """
        how = KINDS[fault].noticing
        if how is None:
            raise KeyError(fault)
        about = facts(trade, Event.PAID) | paid_facts(trade, trade.paid_at or self._clock.now())
        notice = self._new(trade, Event.PAID, about | {"trade_status": "TRADE_SUCCESS"})
        notice.sends = 1
        await self._send(notice, fault, how)
        return notice

    def _new(self, trade: Trade, event: Event, about: dict[str, str]) -> Notice:
        day = beijing_text(self._clock.now())[:10].replace("-", "")
        notice = Notice(f"{day}{uuid.uuid4().hex[:24]}", trade, about, event.value)
        self._notices.setdefault(trade.number, []).append(notice)
        return notice

    def _plan(self, notice: Notice, due: float, *, delayed: bool = False) -> None:
        notice.next_at = due
        self._agenda.at(due, lambda: self._attempt(notice, delayed=delayed))

    async def _attempt(self, notice: Notice, *, delayed: bool) -> None:
        fault, how = ("", Noticing()) if delayed else self._faults.noticing(notice.trade.number)
        if how.delay_s:
            self._plan(notice, self._clock.now() + how.delay_s, delayed=True)
            return
        notice.sends, notice.next_at = notice.sends + 1, None
        await self._send(notice, fault, how)
        if not notice.acknowledged and notice.sends <= len(LADDER_SECONDS):
            self._plan(notice, self._clock.now() + LADDER_SECONDS[notice.sends - 1])

    async def _send(self, notice: Notice, fault: str, how: Noticing) -> None:
        now = self._clock.now()
        if how.lost:
            notice.attempts.append(Attempt(notice.sends, now, Outcome.LOST, None, "", fault))
            return
        trade = notice.trade
        body = self._signatory.notice_body(trade, notice.about, notice.notify_id, now, how)
        answers = await asyncio.gather(
            *(self._post(trade.notify_url, body) for _ in range(how.copies))
        )
        notice.attempts += [Attempt(notice.sends, now, *answer, fault) for answer in answers]

    async def _post(self, url: str, body: str) -> tuple[Outcome, int | None, str]:
        try:
            answer = await self._client.post(
                url, content=body, headers={"content-type": CONTENT_TYPE}
            )
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return Outcome.UNREACHABLE, None, type(error).__name__
        # Exactly these seven bytes with 200; a redirect, a quote or a newline is a failure (section 6).
        acknowledged = answer.status_code == HTTPStatus.OK and answer.content == ACKNOWLEDGEMENT
        outcome = Outcome.ACKNOWLEDGED if acknowledged else Outcome.REFUSED
        return outcome, answer.status_code, answer.text[:SHOWN_ANSWER_LIMIT]
