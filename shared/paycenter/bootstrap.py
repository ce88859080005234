"""The composition root: the only module that knows both the ports and what stands behind them."""

from dataclasses import dataclass
from functools import cache, cached_property

from paycenter.adapters.accounts import DynamoAccounts
from paycenter.adapters.addresses import parse_networks
from paycenter.adapters.breakers import Breakers, WatchedChannels
from paycenter.adapters.clock import ScaledClock, SystemRandomness
from paycenter.adapters.configuration import AwsConfiguration
from paycenter.adapters.dynamodb import (
    DynamoExceptions,
    DynamoMovements,
    DynamoOrders,
    DynamoOwedIndex,
)
from paycenter.adapters.telemetry import LogTelemetry
from paycenter.adapters.timers import AwsTimers
from paycenter.ports.accounts import AccountBook
from paycenter.ports.channels import Channels
from paycenter.ports.clock import Clock, Randomness
from paycenter.ports.configuration import Configuration
from paycenter.ports.delivery import BusinessLineClient
from paycenter.ports.store import ExceptionStore, MovementStore, OrderStore, OwedIndex
from paycenter.ports.telemetry import Telemetry
from paycenter.ports.timers import Timers
from paycenter.settings import Settings, settings


@dataclass(frozen=True)
class Adapters:
    """What a use case receives; each part is made when it is first used, from what the function's environment has."""

    settings: Settings

    @cached_property
    def clock(self) -> Clock:
        """Return business time."""
        return self._scaled_clock

    @cached_property
    def _scaled_clock(self) -> ScaledClock:
        return ScaledClock(
            self.settings.number("CLOCK_RATE", 1), self.settings.number("CLOCK_ANCHOR", 0)
        )

    @cached_property
    def randomness(self) -> Randomness:
        """Return the operating system's bits."""
        return SystemRandomness()

    @cached_property
    def orders(self) -> OrderStore:
        """Return the orders."""
        return DynamoOrders(self.settings.text("ORDERS_TABLE"))

    @cached_property
    def owed(self) -> OwedIndex:
        """Return the index of what is owed."""
        return DynamoOwedIndex(self.settings.text("ORDERS_TABLE"))

    @cached_property
    def exceptions(self) -> ExceptionStore:
        """Return the exceptions."""
        return DynamoExceptions(self.settings.text("EXCEPTIONS_TABLE"))

    @cached_property
    def movements(self) -> MovementStore:
        """Return the movements."""
        return DynamoMovements(self.settings.text("MOVEMENTS_TABLE"))

    @cached_property
    def configuration(self) -> Configuration:
        """Return business lines, accounts, ladders and secrets."""
        return AwsConfiguration(
            self.settings.text("CONFIG_TABLE"),
            self.settings.text("PARAMETER_PREFIX"),
            self._breakers,
        )

    @cached_property
    def _breakers(self) -> Breakers:
        return Breakers(self.clock)

    @cached_property
    def accounts(self) -> AccountBook:
        """Return what the schedule knows of channel accounts."""
        return DynamoAccounts(self.settings.text("CONFIG_TABLE"))

    @cached_property
    def timers(self) -> Timers:
        """Return delayed work."""
        machine = self.settings.environment.get("WAIT_MACHINE_ARN", "")
        return AwsTimers(self._scaled_clock, self.settings.queues, machine)

    @cached_property
    def telemetry(self) -> Telemetry:
        """Return logs and metrics."""
        return LogTelemetry()

    @cached_property
    def channels(self) -> Channels:
        """Return the channels; only functions with the channels' layer ask for them."""
        from paycenter.adapters.http import ChannelTransport  # noqa: PLC0415 - nor is HTTP needed everywhere
        from paychannels.registry import Registry  # noqa: PLC0415 - the layer is not attached everywhere

        return WatchedChannels(Registry(ChannelTransport(), self.clock), self._breakers)

    @cached_property
    def business_lines(self) -> BusinessLineClient:
        """Return the client that notifies business lines."""
        from paycenter.adapters.http import PinnedClient  # noqa: PLC0415 - HTTP is not needed everywhere

        return PinnedClient(parse_networks(self.settings.private_networks))

    @property
    def public_url(self) -> str:
        """Return our own address."""
        return self.settings.public_url


@cache
def adapters() -> Adapters:
    """Return the container's adapters."""
    return Adapters(settings())
