"""What the schedule keeps of accounts is what containers read, whatever operators write in between."""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Final, Protocol

import pytest

from paycenter.adapters.accounts import DynamoAccounts
from paycenter.adapters.breakers import Breakers
from paycenter.adapters.configuration import AwsConfiguration
from paycenter.domain.errors import TryAgain
from paycenter.domain.health import Health
from paycenter.ports.accounts import AccountBook
from paycenter.ports.configuration import Configuration
from tests.emulated import EmulatedStack
from tests.fakes.clock import START, FrozenClock
from tests.fakes.configuration import InMemoryConfiguration
from tests.fakes.samples import an_account
from tools.configure.plan import Plan, Target
from tools.configure.stage import write

BOTH: Final = ["fake", pytest.param("aws", marks=pytest.mark.emulator)]
DOWN: Final = Health(3, START + 300)
_numbers = count(1)


class Accounts(Protocol):
    """One channel with two live accounts and a retired one; `save` is what `make config` does."""

    channel: str

    @property
    def book(self) -> AccountBook:
        """Return the account book."""

    def containers(self) -> Configuration:
        """Return the configuration as a container that is new reads it."""

    def save(self) -> None:
        """Write the accounts as operators have them."""


@dataclass
class FakeAccounts:
    """The fake."""

    channel: str = "bogus"
    stored: InMemoryConfiguration = field(default_factory=InMemoryConfiguration)

    @property
    def book(self) -> InMemoryConfiguration:
        """Return the account book."""
        return self.stored

    def containers(self) -> InMemoryConfiguration:
        """Return the same: it keeps no cache."""
        return self.stored

    def save(self) -> None:
        """Write."""
        for name in ("one~1", "two~1", "old~1"):
            known = self.stored.accounts.get(name)
            self.stored.accounts[name] = known or an_account(name, self.channel)
        self.stored.live[self.channel] = ("one~1", "two~1")


@dataclass
class RealAccounts:
    """The real adapters over the emulated table, and the program behind `make config`."""

    table: str
    channel: str

    @property
    def book(self) -> DynamoAccounts:
        """Return the account book."""
        return DynamoAccounts(self.table)

    def containers(self) -> AwsConfiguration:
        """Return a new container's configuration."""
        return AwsConfiguration(self.table, "/paycenter/contract", Breakers(FrozenClock()))

    def save(self) -> None:
        """Write, as the program does when nobody fetches keys."""
        accounts: dict[str, dict[str, Any]] = {
            name: {"channel": self.channel, "settings": {}, "secrets": {}}
            for name in ("one~1", "two~1", "old~1")
        }
        live = [{"account": name, "weight": 1} for name in ("one~1", "two~1")]
        channels: dict[str, dict[str, list[Any]]] = {
            self.channel: {"live": live, "retired": ["old~1"]}
        }
        target = Target(
            stage="local", prefix="/paycenter/contract", table=self.table, private_networks=""
        )
        write(Plan(accounts=accounts, channels=channels), target)


@pytest.fixture(params=BOTH)
def make(request: pytest.FixtureRequest) -> Callable[[], Accounts]:
    """Return what makes a channel that nobody else has."""
    if request.param == "fake":
        return FakeAccounts
    stack: EmulatedStack = request.getfixturevalue("emulated")
    return lambda: RealAccounts(stack.ids["ConfigTable"], f"contract{next(_numbers)}")


@pytest.fixture
def accounts(make: Callable[[], Accounts]) -> Accounts:
    made = make()
    made.save()
    return made


def test_live_versions_are_healthy_until_it_is_said_otherwise(accounts: Accounts) -> None:
    found = accounts.book.of_channel(accounts.channel)
    assert found.live == {"one~1": Health(), "two~1": Health()}
    assert found.retired == ("old~1",)
    assert accounts.containers().takes_payments(accounts.channel)


def test_a_channel_without_accounts_has_none(make: Callable[[], Accounts]) -> None:
    nobody = make()
    found = nobody.book.of_channel("nobody")
    assert (dict(found.live), tuple(found.retired)) == ({}, ())
    assert not nobody.containers().takes_payments("nobody")


def test_who_is_down_gets_no_new_payment(accounts: Accounts) -> None:
    health = {"one~1": DOWN, "two~1": Health(1, 0)}
    accounts.book.keep_health(accounts.channel, health)
    assert accounts.book.of_channel(accounts.channel).live == health
    container = accounts.containers()
    drawn = [container.live_account(accounts.channel) for _ in range(20)]
    assert {account.id for account in drawn if account} == {"two~1"}
    accounts.book.keep_health(accounts.channel, {"one~1": DOWN, "two~1": DOWN})
    assert accounts.containers().live_account(accounts.channel) is None
    assert not accounts.containers().takes_payments(accounts.channel)


def test_what_operators_save_leaves_health_as_it_is(accounts: Accounts) -> None:
    health = {"one~1": DOWN, "two~1": Health()}
    accounts.book.keep_health(accounts.channel, health)
    accounts.save()
    assert accounts.book.of_channel(accounts.channel).live == health


def test_public_keys_come_with_their_account(accounts: Accounts) -> None:
    accounts.book.keep_material("one~1", {"5157F09E": "-----BEGIN CERTIFICATE"})
    account = accounts.containers().account("one~1")
    assert account is not None
    assert account.material == {"5157F09E": "-----BEGIN CERTIFICATE"}
    other = accounts.containers().account("two~1")
    assert other is not None
    assert other.material == {}


@pytest.mark.emulator
def test_an_item_that_was_taken_away_is_not_made_anew(emulated: EmulatedStack) -> None:
    book = DynamoAccounts(emulated.ids["ConfigTable"])
    with pytest.raises(TryAgain):
        book.keep_health("nobody", {"one~1": DOWN})
    with pytest.raises(TryAgain):
        book.keep_material("nobody~1", {})
    assert dict(book.of_channel("nobody").live) == {}
