"""What the schedule finds out about channel accounts: who is down, and the channels' public keys."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from paycenter.domain.health import Health


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelAccounts:
    """The account versions of a channel: those that take new payments, with their health, and those that only verify."""

    live: Mapping[str, Health]
    retired: tuple[str, ...] = ()


class AccountBook(Protocol):
    """Reads past every cache and writes what `Configuration` then reads within its cache time."""

    def of_channel(self, channel: str) -> ChannelAccounts:
        """Return a channel's account versions as they are stored now; none for a channel without accounts."""

    def keep_health(self, channel: str, health: Mapping[str, Health]) -> None:
        """Replace what is known of the health of a channel's accounts; a repeat writes the same again."""

    def keep_material(self, account_id: str, material: Mapping[str, str]) -> None:
        """Replace an account's public keys and certificates; a repeat writes the same again."""
