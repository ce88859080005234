"""Random histories in two phases: everything breaks, then everything heals and every fen must be accounted for.

Holds I01 (conservation), I05, I07, I08, I09, I22, I23, I29, I34 on whole histories; A01 to A18, C04 to C16. A seed that
fails is printed by its test's name.
"""

import random
from dataclasses import dataclass, field

import pytest

from paycenter.domain.errors import PayCenterError
from paycenter.domain.order import ExceptionKind, LatePolicy
from paycenter.domain.states import EventState, OrderState, PaymentState
from paycenter.ports.channel import ChannelStatus
from paycenter.ports.delivery import DeliveryAnswer
from paycenter.usecases.cashier import came_back
from paycenter.usecases.expire import close_order
from tests.fakes.acting import called_back, now_stored, ordered, started
from tests.fakes.channel import BogusChannel
from tests.fakes.clock import START
from tests.fakes.samples import a_line, a_manifest
from tests.fakes.soundness import assert_sound
from tests.fakes.wire import Fault, Killed
from tests.fakes.world import World

SEEDS = 300
LIFE = 1800


@dataclass
class Chaos:
    """One history: a payer, a business line and two channels that all act at random, over a wire that breaks."""

    seed: int
    chance: random.Random = field(init=False)
    world: World = field(init=False)
    stubborn: bool = field(init=False)
    untold: list[tuple[BogusChannel, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        # One payer in four pays whatever the channel and the clock say.
        self.stubborn = self.seed % 4 == 0
        self.world = World(
            doubling=self.chance.choice([0, 0, 0.2]),
            lateness=self.chance.choice([0, 5, 40]),
            sweeping=True,
            seed=self.seed,
        )
        policy = self.chance.choice(list(LatePolicy))
        self.world.ports.configuration.lines["tickets"] = a_line(late_policy=policy)
        for channel in self.world.ports.channels.all.values():
            channel.manifest = a_manifest(
                channel.manifest.channel, close_after_s=self.chance.choice([0, 300, None])
            )

    def live(self) -> None:
        """Let everything happen for an hour, then heal, and let time pass."""
        ports = self.world.ports
        ordered(ports)
        rate = self.chance.choice([0, 0.02, 0.1])
        ports.wire.before_each = lambda: self._break(rate)
        ports.business_lines.answers = [
            DeliveryAnswer(status=self.chance.choice([0, 204, 500])) for _ in range(6)
        ]
        for _ in range(30):
            self.world.run(ports.clock.now() + self.chance.choice([0, 1, 7, 60, 240, 600]))
            self._act()
        ports.wire.before_each = lambda: None
        ports.wire.faults.clear()
        for channel, number in self.untold:
            # Money of a stubborn payer may come after the last question: its callback alone can tell.
            if self.stubborn or self.chance.random() < 0.5:
                called_back(ports, channel, number)
        self.world.run(max(ports.clock.now(), START + LIFE) + 8 * 3600)

    def _break(self, rate: float) -> None:
        if self.chance.random() < rate:
            wire = self.world.ports.wire
            wire.faults[len(wire.calls)] = self.chance.choice(list(Fault))

    def _act(self) -> None:
        action = self.chance.choice(
            [self._click, self._click, self._pay, self._pay, self._tell, self._return, self._close]
        )
        try:
            action()
        except (Killed, PayCenterError):
            return

    def _click(self) -> None:
        (order,) = self.world.ports.orders.stored.values()
        pairs = self.world.ports.configuration.lines["tickets"].cashier
        started(self.world.ports, order, *self.chance.choice(pairs))

    def _pay(self) -> None:
        now = self.world.ports.clock.now()
        for channel in self.world.ports.channels.all.values():
            for number, request in channel.evoked.items():
                trade = channel.trades.get(number)
                payable = trade is None or trade.status is ChannelStatus.PENDING
                in_time = payable and now < request.deadline
                if (in_time or self.stubborn) and self.chance.random() < 0.5:
                    channel.payer_pays(number)
                    self.untold.append((channel, number))
                    return

    def _tell(self) -> None:
        if self.untold:
            channel, number = self.chance.choice(self.untold)
            answer = called_back(self.world.ports, channel, number)
            # A channel doubles what it told, now and then.
            if answer.status == 200 and self.chance.random() < 0.7:
                self.untold.remove((channel, number))

    def _return(self) -> None:
        (order,) = self.world.ports.orders.stored.values()
        came_back(order, self.world.ports)

    def _close(self) -> None:
        if self.chance.random() < 0.2:
            (order,) = self.world.ports.orders.stored.values()
            close_order(now_stored(self.world.ports, order), self.world.ports)


@pytest.mark.parametrize("seed", range(SEEDS))
def test_after_any_chaos_every_fen_is_accounted_for_and_everybody_was_told(seed: int) -> None:
    chaos = Chaos(seed)
    chaos.live()
    ports = chaos.world.ports
    assert_sound(ports.orders.history)
    (order,) = ports.orders.stored.values()
    assert order.state in {OrderState.PAID, OrderState.CLOSED}
    # A payment that lost, and whose last question nobody answered, is left to the bill: never one of a closed order.
    left = {payment.payment_no for payment in order.live_payments()}
    assert not left or order.state is OrderState.PAID
    paid = {
        number: trade
        for channel in ports.channels.all.values()
        for number, trade in channel.trades.items()
        if trade.status is ChannelStatus.PAID and number not in left
    }
    booked = {n for n, p in order.payments.items() if p.state is PaymentState.SUCCEEDED}
    assert booked == set(paid)
    # I01: what the channels hold is what the winner and the exceptions hold.
    won = order.amount if order.winner else 0
    odd = sum(raised.amount for raised in order.exceptions.values())
    assert won + odd == sum(trade.amount for trade in paid.values())
    rows = ports.movements.rows.values()
    assert {row.number for row in rows if not row.refund} == booked
    # What is owed back went back, once, under one number.
    owed_back = {refund.refund_no: refund.amount for refund in order.refunds.values()}
    assert {row.number: row.amount for row in rows if row.refund} == owed_back
    sent_back = {
        number: given.request.amount
        for channel in ports.channels.all.values()
        for number, given in channel.refunds.items()
    }
    assert sent_back == owed_back
    assert set(order.exceptions) == set(ports.exceptions.records)
    assert all(event.state is not EventState.OWED for event in order.events.values())
    assert all(event.state is not EventState.DEAD for event in order.events.values())
    assert not {raised.kind for raised in order.exceptions.values()} - {
        ExceptionKind.LATE_PAYMENT,
        ExceptionKind.DUPLICATE_PAYMENT,
    }


def test_the_chaos_reaches_what_it_is_there_for() -> None:
    """A generator that only ever finds the quiet path would prove nothing."""
    seen: set[str] = set()
    for seed in range(60):
        chaos = Chaos(seed)
        chaos.live()
        (order,) = chaos.world.ports.orders.stored.values()
        seen |= {order.state.value, *(raised.kind for raised in order.exceptions.values())}
        seen |= {event.state.value for event in order.events.values()}
        seen |= {payment.state.value for payment in order.payments.values()}
    assert {"PAID", "CLOSED", "DUPLICATE_PAYMENT", "LATE_PAYMENT", "DELIVERED"} <= seen
