"""All fakes in one hand, over one wire and one clock."""

from dataclasses import dataclass, field

from paycenter.ports.everything import Ports
from tests.fakes.business_line import ScriptedBusinessLine
from tests.fakes.channel import BogusChannel, ScriptedChannels
from tests.fakes.clock import FixedRandomness, FrozenClock
from tests.fakes.configuration import InMemoryConfiguration
from tests.fakes.samples import PUBLIC_URL, WEBHOOK_SECRET, a_line, a_manifest, an_account
from tests.fakes.store import InMemoryExceptions, InMemoryMovements, InMemoryOrders
from tests.fakes.telemetry import RecordingTelemetry
from tests.fakes.timers import RecordingTimers
from tests.fakes.wire import Wire


@dataclass(kw_only=True)
class FakePorts:
    """What a use case receives in a test."""

    clock: FrozenClock
    wire: Wire
    orders: InMemoryOrders
    exceptions: InMemoryExceptions
    movements: InMemoryMovements
    timers: RecordingTimers
    channels: ScriptedChannels
    business_lines: ScriptedBusinessLine
    configuration: InMemoryConfiguration
    telemetry: RecordingTelemetry = field(default_factory=RecordingTelemetry)
    randomness: FixedRandomness = field(default_factory=FixedRandomness)
    public_url: str = PUBLIC_URL

    @property
    def owed(self) -> InMemoryOrders:
        """Return the index, which is the order table's own."""
        return self.orders

    @property
    def accounts(self) -> InMemoryConfiguration:
        """Return the account book, which lies in the configuration."""
        return self.configuration

    @property
    def bogus(self) -> BogusChannel:
        """Return the channel that most tests pay through."""
        return self.channels.all["bogus"]

    @property
    def rival(self) -> BogusChannel:
        """Return the other one."""
        return self.channels.all["rival"]


def fake_ports() -> FakePorts:
    """Return a world with one business line, two channels and nothing in it."""
    clock, wire = FrozenClock(), Wire()
    channels = ScriptedChannels(
        {name: BogusChannel(a_manifest(name), clock, wire) for name in ("bogus", "rival")}
    )
    accounts = [
        an_account(),
        an_account("bogus-main~2"),
        an_account("rival-main~1", "rival"),
    ]
    return FakePorts(
        clock=clock,
        wire=wire,
        orders=InMemoryOrders(wire),
        exceptions=InMemoryExceptions(wire),
        movements=InMemoryMovements(wire),
        timers=RecordingTimers(clock, wire),
        channels=channels,
        business_lines=ScriptedBusinessLine(wire),
        configuration=InMemoryConfiguration(
            lines={"tickets": a_line(), "hotel": a_line("hotel", keys=())},
            accounts={account.id: account for account in accounts},
            live={"bogus": ("bogus-main~1",), "rival": ("rival-main~1",)},
            secrets={"/paycenter/test/tickets": WEBHOOK_SECRET},
            clock=clock,
            wire=wire,
        ),
    )


def _holds_to_the_ports(fakes: FakePorts) -> Ports:
    # Read by mypy: a fake that does not have the shape of its port fails the type check.
    return fakes
