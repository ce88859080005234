"""The channels that are registered, each operation found by channel."""

from typing import Protocol

from paycenter.ports.bills import Bills
from paycenter.ports.channel import (
    Callbacks,
    Close,
    Create,
    Material,
    PayerIdentification,
    Query,
    RefundCreate,
    RefundQuery,
)
from paycenter.ports.manifest import Manifest


class Channels(Protocol):
    """All registered channels; KeyError for one that is not."""

    def names(self) -> tuple[str, ...]:
        """Return the registered channels, without loading them."""

    def known(self, channel: str) -> bool:
        """Tell whether the channel is registered, without loading it."""

    def manifest(self, channel: str) -> Manifest:
        """Return what the channel can do."""

    def create(self, channel: str) -> Create:
        """Return the channel's create."""

    def query(self, channel: str) -> Query:
        """Return the channel's query."""

    def close(self, channel: str) -> Close:
        """Return the channel's close."""

    def refund(self, channel: str) -> RefundCreate:
        """Return the channel's refund."""

    def query_refund(self, channel: str) -> RefundQuery:
        """Return the channel's refund query."""

    def bills(self, channel: str) -> Bills:
        """Return the channel's bills."""

    def callbacks(self, channel: str) -> Callbacks:
        """Return the channel's callbacks."""

    def identification(self, channel: str) -> PayerIdentification:
        """Return how the channel tells who the payer is; KeyError where no product of it needs that."""

    def material(self, channel: str) -> Material | None:
        """Return how the channel's public keys are fetched, or None where they never are."""
