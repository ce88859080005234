"""What operators decided, as dictionaries that a test may change at any time."""

from dataclasses import dataclass, field

from paycenter.domain.errors import TryAgain
from paycenter.domain.ladder import DEFAULT_QUERY_LADDER, Ladder
from paycenter.ports.channel import Account
from paycenter.ports.configuration import BusinessLine


@dataclass
class InMemoryConfiguration:
    """Lines and accounts by id; `live` names the account version of new payments by channel."""

    lines: dict[str, BusinessLine] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)
    live: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    ladder: Ladder = DEFAULT_QUERY_LADDER

    def line(self, line_id: str) -> BusinessLine | None:
        """Return the line, or None."""
        return self.lines.get(line_id)

    def account(self, account_id: str) -> Account | None:
        """Return the account version, or None."""
        return self.accounts.get(account_id)

    def live_account(self, channel: str) -> Account | None:
        """Return the version for new payments, or None."""
        return self.accounts.get(self.live.get(channel, ""))

    def query_ladder(self) -> Ladder:
        """Return the ladder."""
        return self.ladder

    def secret(self, name: str) -> str:
        """Return a secret; raises TryAgain for an unknown one."""
        if name not in self.secrets:
            raise TryAgain("no such secret")
        return self.secrets[name]
