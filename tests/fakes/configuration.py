"""What operators decided, as dictionaries that a test may change at any time; the schedule's account book as well."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from paycenter.domain.errors import TryAgain
from paycenter.domain.health import Health
from paycenter.domain.ladder import DEFAULT_NOTIFY_LADDER, DEFAULT_QUERY_LADDER, Ladder
from paycenter.domain.order import DEFAULT_LIFE_SECONDS
from paycenter.ports.accounts import ChannelAccounts
from paycenter.ports.channel import Account
from paycenter.ports.configuration import BusinessLine
from tests.fakes.clock import FrozenClock
from tests.fakes.wire import Wire


@dataclass
class InMemoryConfiguration:
    """Lines and accounts by id; `live` names the account versions of new payments by channel, the first one is taken.

    All other account versions are retired.
    """

    lines: dict[str, BusinessLine] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)
    live: dict[str, tuple[str, ...]] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    ladder: Ladder = DEFAULT_QUERY_LADDER
    notifying: Ladder = DEFAULT_NOTIFY_LADDER
    timeout: int = DEFAULT_LIFE_SECONDS
    health: dict[str, dict[str, Health]] = field(default_factory=dict)
    clock: FrozenClock = field(default_factory=FrozenClock)
    wire: Wire = field(default_factory=Wire)

    def line(self, line_id: str) -> BusinessLine | None:
        """Return the line, or None."""
        return self.lines.get(line_id)

    def account(self, account_id: str) -> Account | None:
        """Return the account version, or None."""
        return self.accounts.get(account_id)

    def live_account(self, channel: str) -> Account | None:
        """Return the first version that is not down, or None."""
        fit = self._fit(channel)
        return self.accounts[fit[0]] if fit else None

    def takes_payments(self, channel: str) -> bool:
        """Tell whether there is one."""
        return bool(self._fit(channel))

    def is_live(self, channel: str, account_id: str) -> bool:
        """Tell whether it is named as live."""
        return account_id in self.live.get(channel, ())

    def query_ladder(self, line_id: str, channel: str) -> Ladder:
        """Return the ladder."""
        assert line_id in self.lines, channel
        return self.ladder

    def notify_ladder(self, line_id: str) -> Ladder:
        """Return the ladder; a line that was removed has the system's."""
        assert line_id
        return self.notifying

    def order_timeout(self, line_id: str) -> int:
        """Return how long an order may be paid."""
        assert line_id in self.lines
        return self.timeout

    def endpoint_gone(self, line_id: str, url: str) -> None:
        """Remember it where the line still has this address."""
        line = self.lines[line_id]
        if line.notify_url == url:
            self.lines[line_id] = replace(line, gone_url=url)

    def secret(self, name: str) -> str:
        """Return a secret; raises TryAgain for an unknown one."""
        if name not in self.secrets:
            raise TryAgain("no such secret")
        return self.secrets[name]

    def of_channel(self, channel: str) -> ChannelAccounts:
        """Return the channel's versions, with what is known of the live ones."""
        live = self.live.get(channel, ())
        known = self.health.get(channel, {})
        of_channel = [one.id for one in self.accounts.values() if one.channel == channel]
        return ChannelAccounts(
            live={account_id: known.get(account_id, Health()) for account_id in live},
            retired=tuple(account_id for account_id in of_channel if account_id not in live),
        )

    def keep_health(self, channel: str, health: Mapping[str, Health]) -> None:
        """Replace what is known."""
        self.wire.run(
            "accounts.keep_health", channel, lambda: self.health.update({channel: dict(health)})
        )

    def keep_material(self, account_id: str, material: Mapping[str, str]) -> None:
        """Replace an account's public keys."""
        account = replace(self.accounts[account_id], material=dict(material))
        self.wire.run(
            "accounts.keep_material",
            account_id,
            lambda: self.accounts.update({account_id: account}),
        )

    def _fit(self, channel: str) -> list[str]:
        now = self.clock.now()
        known = self.health.get(channel, {})
        return [
            account_id
            for account_id in self.live.get(channel, ())
            if account_id in self.accounts and not known.get(account_id, Health()).is_down(now)
        ]
