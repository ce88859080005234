"""Business lines, channel accounts, ladders and secrets: read through one port, cached, misses too."""

from dataclasses import dataclass
from typing import Protocol

from paycenter.domain.ladder import Ladder
from paycenter.domain.order import LatePolicy
from paycenter.ports.channel import Account


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """One key of a business line: the SHA-256 of the whole key as lower-case hex, and what it may do."""

    sha256: str
    scopes: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class BusinessLine:
    """An internal customer. `cashier` are its (channel, product) pairs in the order in which the payer sees them.

    `webhook_secrets` are names of secrets, newest first; two are live during a rotation. `gone_url` is an address that
    answered 410: nothing is sent there until the line is configured anew.
    """

    id: str
    name: str
    name_zh: str
    notify_url: str
    return_origins: tuple[str, ...]
    late_policy: LatePolicy
    cashier: tuple[tuple[str, str], ...]
    keys: tuple[ApiKey, ...]
    webhook_secrets: tuple[str, ...]
    disabled: bool = False
    gone_url: str = ""

    @property
    def gone(self) -> bool:
        """Tell whether the line's present address has answered that it is gone for ever."""
        return self.gone_url != "" and self.gone_url == self.notify_url


class Configuration(Protocol):
    """What operators decide; a change takes effect within the cache time of 60 s."""

    def line(self, line_id: str) -> BusinessLine | None:
        """Return the business line, or None where there is none."""

    def account(self, account_id: str) -> Account | None:
        """Return an account version (`main~3`) with its secrets, live or retired, or None."""

    def live_account(self, channel: str) -> Account | None:
        """Return an account version for a new payment of a channel, or None where the channel has none now.

        Drawn by weight among those that are live and not taken out because their channel does not answer.
        """

    def takes_payments(self, channel: str) -> bool:
        """Tell whether `live_account` would find one now; reads no secret."""

    def query_ladder(self, line_id: str, channel: str) -> Ladder:
        """Return the active query's ladder: the line's, else the channel's, else the system's."""

    def notify_ladder(self, line_id: str) -> Ladder:
        """Return the ladder by which a line is told: its own, or the system's."""

    def order_timeout(self, line_id: str) -> int:
        """Return how many seconds an order may be paid that does not say so itself: the line's, or the system's."""

    def endpoint_gone(self, line_id: str, url: str) -> None:
        """Remember that a line's address is gone; a repeat, or a line that has another address now, changes nothing."""

    def is_live(self, channel: str, account_id: str) -> bool:
        """Tell whether this account version is one of the channel's live ones, taken out or not; reads no secret."""

    def secret(self, name: str) -> str:
        """Return a secret by its name; raises TryAgain where it can't be read."""
