"""All ports in one hand, as the composition root gives them to a use case and the fakes imitate them."""

from typing import Protocol

from paycenter.ports.accounts import AccountBook
from paycenter.ports.channels import Channels
from paycenter.ports.clock import Clock, Randomness
from paycenter.ports.configuration import Configuration
from paycenter.ports.delivery import BusinessLineClient
from paycenter.ports.store import ExceptionStore, MovementStore, OrderStore, OwedIndex
from paycenter.ports.telemetry import Telemetry
from paycenter.ports.timers import Timers


class Ports(Protocol):
    """What a use case may ask for; a function's environment decides which of them are really there."""

    @property
    def clock(self) -> Clock:
        """Return business time."""

    @property
    def randomness(self) -> Randomness:
        """Return unguessable bits."""

    @property
    def orders(self) -> OrderStore:
        """Return the orders."""

    @property
    def owed(self) -> OwedIndex:
        """Return the index of what is owed."""

    @property
    def exceptions(self) -> ExceptionStore:
        """Return the exceptions."""

    @property
    def movements(self) -> MovementStore:
        """Return the movements."""

    @property
    def configuration(self) -> Configuration:
        """Return what operators decide."""

    @property
    def accounts(self) -> AccountBook:
        """Return what the schedule knows of channel accounts."""

    @property
    def timers(self) -> Timers:
        """Return delayed work."""

    @property
    def telemetry(self) -> Telemetry:
        """Return logs and metrics."""

    @property
    def channels(self) -> Channels:
        """Return the channels."""

    @property
    def business_lines(self) -> BusinessLineClient:
        """Return the client that notifies business lines."""

    @property
    def public_url(self) -> str:
        """Return our own address, without a slash at the end."""
