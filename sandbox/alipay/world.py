"""Everything that one run of the simulator holds, put together in one place."""

import httpx

from sandbox.alipay.agenda import Agenda
from sandbox.alipay.arming import Faults
from sandbox.alipay.callbacks import Callbacks
from sandbox.alipay.ledger import Ledger
from sandbox.alipay.notices import Merchant
from sandbox.alipay.signatory import Signatory
from sandbox.alipay.signing import Keys
from sandbox.alipay.trades import Event, Trade
from sandbox.business_clock import Clock

CALLBACK_LIMIT_SECONDS = 10.0


class World:
    """The simulator's state; all of it lives on one event loop, so nothing here needs a lock."""

    def __init__(
        self, clock: Clock, keys: Keys, merchant: Merchant, client: httpx.AsyncClient | None = None
    ) -> None:
        self.clock = clock
        self.keys = keys
        self.merchant = merchant
        self.agenda = Agenda(clock)
        self.ledger = Ledger(clock, self.agenda)
        self.faults = Faults()
        # Callbacks leave straight from here: no proxy of the environment may be asked, and none is followed.
        self.client = client or httpx.AsyncClient(timeout=CALLBACK_LIMIT_SECONDS, trust_env=False)
        self.signatory = Signatory(merchant, keys)
        self.callbacks = Callbacks(clock, self.agenda, self.faults, self.signatory, self.client)
        self.ledger.listeners += [self.callbacks.on_event, self._on_close]

    def _on_close(self, trade: Trade, event: Event) -> None:
        delay = self.faults.after_close(trade.number) if event is Event.CLOSED else None
        if delay is not None:
            self.agenda.at(self.clock.now() + delay, lambda: self._pay_late(trade))

    async def _pay_late(self, trade: Trade) -> None:
        if not trade.paid_fen:
            self.ledger.pay(trade, although_closed=True)
