"""What operators decided, as dictionaries that a test may change at any time."""

from dataclasses import dataclass, field, replace

from paycenter.domain.errors import TryAgain
from paycenter.domain.ladder import DEFAULT_NOTIFY_LADDER, DEFAULT_QUERY_LADDER, Ladder
from paycenter.domain.order import DEFAULT_LIFE_SECONDS
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
    notifying: Ladder = DEFAULT_NOTIFY_LADDER
    timeout: int = DEFAULT_LIFE_SECONDS

    def line(self, line_id: str) -> BusinessLine | None:
        """Return the line, or None."""
        return self.lines.get(line_id)

    def account(self, account_id: str) -> Account | None:
        """Return the account version, or None."""
        return self.accounts.get(account_id)

    def live_account(self, channel: str) -> Account | None:
        """Return the version for new payments, or None."""
        return self.accounts.get(self.live.get(channel, ""))

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
