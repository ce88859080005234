"""Everything that one run of a simulator holds, put together in one place."""

import httpx
from starlette.requests import Request

from sandbox.business_clock import Clock
from sandbox.simulator.agenda import Agenda
from sandbox.simulator.arming import Arming, Asked
from sandbox.simulator.callbacks import Callbacks
from sandbox.simulator.calls import Call, Calls
from sandbox.simulator.channel import Channel
from sandbox.simulator.ledger import Ledger
from sandbox.simulator.trades import Event, Refund, Trade


class World:
    """The simulator's state; all of it lives on one event loop, so nothing here needs a lock."""

    def __init__(
        self, clock: Clock, channel: Channel, client: httpx.AsyncClient | None = None
    ) -> None:
        self.clock = clock
        self.channel = channel
        self.agenda = Agenda(clock)
        self.ledger = Ledger(clock, self.agenda, channel)
        self.faults = Arming(channel.rows())
        self.calls = Calls()
        # Callbacks leave straight from here: no proxy of the environment may be asked, and none is followed.
        limit = channel.callback_limit_seconds
        self.client = client or httpx.AsyncClient(timeout=limit, trust_env=False)
        self.callbacks = Callbacks(clock, self.agenda, self.faults, channel, self.client)
        self.ledger.listeners += [self.callbacks.on_event, self._on_close]

    def seen(self, method: str, number: str) -> None:
        """Count a verified call; a new payment number takes over the faults that wait for the next payment."""
        if number:
            self.faults.adopt(number)
        self.calls.count(method, number)

    def call(self, request: Request, method: str, number: str) -> Call:
        """Count a verified call of one of ``Channel.operations`` and say which fault is in it.

        ``number`` is the merchant's number of the payment that it is about; empty for none (a bill, a certificate).
        """
        self.seen(method, number)
        trade = self.ledger.trades.get(number)
        paid = trade is not None and trade.paid_fen > 0
        asked = Asked(method, self.channel.operations[method], paid)
        return Call(self.ledger, request, *self.faults.answering(number, asked))

    def refused(self, code: str) -> None:
        """Count a call that was not let in: unsigned, malformed, unknown."""
        self.calls.refused[code] += 1

    def _on_close(self, trade: Trade, event: Event, _: Refund | None) -> None:
        delay = self.faults.after_close(trade.number) if event is Event.CLOSED else None
        if delay is not None:
            self.agenda.at(self.clock.now() + delay, lambda: self._pay_late(trade))

    async def _pay_late(self, trade: Trade) -> None:
        if not trade.paid_fen:
            self.ledger.pay(trade, although_closed=True)
