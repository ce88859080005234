"""Configuration from AWS: cached a minute, misses too, bounded. Holds A13, A30, S-25, S-32."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from boto3.dynamodb.types import TypeSerializer

from paycenter.adapters import configuration as module
from paycenter.adapters.breakers import Breakers
from paycenter.adapters.configuration import AwsConfiguration
from paycenter.domain.errors import TryAgain
from paycenter.domain.health import COOL_DOWN_SECONDS, FAILURES_TO_OPEN
from paycenter.domain.ladder import DEFAULT_NOTIFY_LADDER, DEFAULT_QUERY_LADDER, Ladder
from paycenter.domain.order import LatePolicy
from paycenter.ports.channel import Outcome
from tests.fakes.clock import START, FrozenClock
from tests.unit.adapters.stub import aws_error

LINE: dict[str, Any] = {
    "name": "Tickets",
    "name_zh": "门票",
    "notify_url": "https://tickets.example.com/hook",
    "return_origins": ["https://tickets.example.com"],
    "late_policy": "hold",
    "cashier": [["bogus", "page"], ["bogus", "qr"]],
    "keys": [{"sha256": "ab" * 32, "scopes": ["pay", "read"]}],
    "webhook_secrets": ["/paycenter/test/line/tickets/webhook/1"],
}
ACCOUNT: dict[str, Any] = {
    "channel": "bogus",
    "settings": {"merchant": "1"},
    "secrets": {
        "key": "/paycenter/test/account/main/key",
        "other": "/paycenter/test/account/main/other",
    },
}


class Aws:
    """The two services that hold configuration, and what was asked of them."""

    def __init__(self) -> None:
        self.items: dict[str, dict[str, Any]] = {"line#tickets": LINE, "account#main~1": ACCOUNT}
        self.parameters = {
            "/paycenter/test/account/main/key": "k",
            "/paycenter/test/account/main/other": "o",
            "/paycenter/test/line/tickets/webhook/1": "whsec_x",
        }
        self.reads: list[object] = []
        self.error: Exception | None = None

    def get_item(self, *, TableName: str, Key: dict[str, Any]) -> dict[str, Any]:  # noqa: N803 - boto3's own
        assert TableName == "config"
        key = Key["id"]["S"]
        self._asked(key)
        item = self.items.get(key)
        if item is None:
            return {}
        return {"Item": {name: TypeSerializer().serialize(value) for name, value in item.items()}}

    def get_parameters(self, *, Names: list[str], WithDecryption: bool) -> dict[str, Any]:  # noqa: N803 - boto3's own
        self._asked(tuple(Names))
        assert WithDecryption
        assert 1 <= len(Names) <= 10
        found = [name for name in Names if name in self.parameters]
        return {"Parameters": [{"Name": n, "Value": self.parameters[n]} for n in found]}

    def _asked(self, what: object) -> None:
        self.reads.append(what)
        if self.error:
            raise self.error


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Aws:
    stub = Aws()
    monkeypatch.setattr(module, "client", lambda _service: stub)
    return stub


@pytest.fixture
def forward(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Return what lets seconds pass."""
    now = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])

    def pass_by(seconds: float) -> None:
        now[0] += seconds

    return pass_by


@pytest.fixture
def configuration(aws: Aws, forward: Callable[[float], None]) -> AwsConfiguration:
    assert not aws.reads
    forward(0)
    return new_container()


def new_container() -> AwsConfiguration:
    """Return the adapter of a container that has read nothing yet."""
    return AwsConfiguration("config", "/paycenter/test", Breakers(FrozenClock()))


def test_a_line_is_read_as_it_was_written(configuration: AwsConfiguration) -> None:
    line = configuration.line("tickets")
    assert line is not None
    assert (line.id, line.name, line.name_zh) == ("tickets", "Tickets", "门票")
    assert line.late_policy is LatePolicy.HOLD
    assert line.cashier == (("bogus", "page"), ("bogus", "qr"))
    assert line.keys[0].scopes == frozenset({"pay", "read"})
    assert line.webhook_secrets == ("/paycenter/test/line/tickets/webhook/1",)
    assert line.disabled is False


def test_a_line_may_be_disabled(aws: Aws, configuration: AwsConfiguration) -> None:
    aws.items["line#tickets"] = {**LINE, "disabled": True}
    line = configuration.line("tickets")
    assert line is not None
    assert line.disabled


def test_an_account_comes_with_its_secrets_and_shows_none_of_them(
    configuration: AwsConfiguration,
) -> None:
    account = configuration.account("main~1")
    assert account is not None
    assert (account.channel, account.settings, account.secrets) == (
        "bogus",
        {"merchant": "1"},
        {"key": "k", "other": "o"},
    )
    assert "secrets" not in repr(account)


def test_an_account_without_secrets_asks_for_none(
    aws: Aws, configuration: AwsConfiguration
) -> None:
    aws.items["account#main~1"] = {**ACCOUNT, "secrets": {}}
    account = configuration.account("main~1")
    assert account is not None
    assert account.secrets == {}
    assert aws.reads == ["account#main~1"]


def test_a_secret_that_can_not_be_read_is_told_without_its_name(
    aws: Aws, configuration: AwsConfiguration
) -> None:
    del aws.parameters["/paycenter/test/account/main/key"]
    with pytest.raises(TryAgain, match="tell the operator") as refusal:
        configuration.account("main~1")
    assert "main" not in str(refusal.value)
    with pytest.raises(TryAgain, match="tell the operator"):
        configuration.secret("/paycenter/test/nothing")


def test_what_was_read_is_kept_for_sixty_seconds(
    aws: Aws, forward: Callable[[float], None], configuration: AwsConfiguration
) -> None:
    for _ in range(3):
        configuration.line("tickets")
        forward(19)
    assert aws.reads == ["line#tickets"]
    forward(3)
    aws.items["line#tickets"] = {**LINE, "name": "New"}
    line = configuration.line("tickets")
    assert line is not None
    assert line.name == "New"
    assert len(aws.reads) == 2


def test_that_nothing_is_there_is_kept_too(
    aws: Aws, forward: Callable[[float], None], configuration: AwsConfiguration
) -> None:
    for _ in range(100):
        assert configuration.line("nobody") is None
        assert configuration.account("nobody~1") is None
    assert aws.reads == ["line#nobody", "account#nobody~1"]
    forward(61)
    aws.items["line#nobody"] = LINE
    assert configuration.line("nobody") is not None


def test_an_error_is_not_kept(aws: Aws, configuration: AwsConfiguration) -> None:
    aws.error = aws_error("ThrottlingException")
    for _ in range(2):
        with pytest.raises(TryAgain):
            configuration.line("tickets")
        with pytest.raises(TryAgain):
            configuration.secret("/paycenter/test/line/tickets/webhook/1")
    aws.error = None
    assert configuration.line("tickets") is not None
    assert configuration.secret("/paycenter/test/line/tickets/webhook/1") == "whsec_x"


def test_a_stranger_who_asks_for_any_name_does_not_fill_the_memory(
    configuration: AwsConfiguration,
) -> None:
    for number in range(2_000):
        configuration.line(f"guess-{number}")
        assert len(configuration.cache.entries) <= 500


def test_the_live_account_is_drawn_by_weight_and_a_weight_of_nothing_is_none(
    aws: Aws, configuration: AwsConfiguration
) -> None:
    assert configuration.live_account("bogus") is None
    aws.items["channel#bogus"] = {"live": []}
    other = new_container()
    assert other.live_account("bogus") is None
    aws.items["account#spare~1"] = ACCOUNT
    aws.items["channel#bogus"] = {
        "live": [{"account": "main~1", "weight": 3}, {"account": "spare~1", "weight": 1}]
    }
    third = new_container()
    drawn = [account.id for _ in range(400) if (account := third.live_account("bogus"))]
    assert 220 < drawn.count("main~1") < 380
    assert set(drawn) == {"main~1", "spare~1"}


def test_an_account_comes_with_the_public_keys_that_were_fetched_for_it(
    aws: Aws, configuration: AwsConfiguration
) -> None:
    aws.items["account#main~1"] = {**ACCOUNT, "material": {"5157F09E": "-----BEGIN CERTIFICATE"}}
    account = configuration.account("main~1")
    assert account is not None
    assert account.material == {"5157F09E": "-----BEGIN CERTIFICATE"}


def two_live(aws: Aws, **down_until: int) -> None:
    """Store two live versions, `one` with nine tenths of the weight, and until when each is down."""
    aws.items["account#one~1"] = aws.items["account#two~1"] = ACCOUNT
    aws.items["channel#bogus"] = {
        "live": [{"account": "one~1", "weight": 90}, {"account": "two~1", "weight": 10}],
        "health": {
            f"{name}~1": {"failures": 3, "down_until": moment}
            for name, moment in down_until.items()
        },
    }


def drawn(configuration: AwsConfiguration) -> set[str]:
    """Return whom a hundred payments would go to."""
    found = [configuration.live_account("bogus") for _ in range(100)]
    return {account.id if account else "nobody" for account in found}


@pytest.mark.parametrize(
    ("down_until", "who"),
    [
        ({}, {"one~1", "two~1"}),
        ({"one": START + 1}, {"two~1"}),
        ({"one": START}, {"one~1", "two~1"}),
        ({"one": START + 1, "two": START + 1}, {"nobody"}),
        ({"one": START + 1, "gone": START + 1}, {"two~1"}),
    ],
    ids=str,
)
def test_an_account_that_is_down_gets_no_new_payment_and_the_next_one_gets_all(
    down_until: dict[str, int], who: set[str], aws: Aws, configuration: AwsConfiguration
) -> None:
    two_live(aws, **down_until)
    assert drawn(configuration) == who
    assert configuration.takes_payments("bogus") is (who != {"nobody"})
    # Down means no new payment: what is under way goes on.
    assert configuration.account("one~1") is not None


def test_an_account_whose_breaker_is_open_is_let_alone_for_the_cool_down(
    aws: Aws, configuration: AwsConfiguration
) -> None:
    two_live(aws)
    clock = configuration.breakers.clock
    assert isinstance(clock, FrozenClock)
    for _ in range(FAILURES_TO_OPEN):
        assert configuration.takes_payments("bogus")
        configuration.breakers.note("one~1", Outcome.UNKNOWN)
    assert drawn(configuration) == {"two~1"}
    for _ in range(FAILURES_TO_OPEN):
        configuration.breakers.note("two~1", Outcome.NOT_EXECUTED)
    assert drawn(configuration) == {"nobody"}
    assert not configuration.takes_payments("bogus")
    clock.forward(COOL_DOWN_SECONDS)
    assert drawn(configuration) == {"one~1", "two~1"}


def test_whether_a_channel_takes_payments_is_one_read_a_minute_and_of_no_secret(
    aws: Aws, configuration: AwsConfiguration
) -> None:
    two_live(aws)
    for _ in range(10):
        assert configuration.takes_payments("bogus")
        assert not configuration.takes_payments("nobody")
    assert aws.reads == ["channel#bogus", "channel#nobody"]


def test_health_costs_a_payment_no_read_of_its_own(
    aws: Aws, configuration: AwsConfiguration
) -> None:
    two_live(aws, one=START + 1)
    configuration.live_account("bogus")
    assert [read for read in aws.reads if isinstance(read, str)] == [
        "channel#bogus",
        "account#two~1",
    ]


def test_the_ladder_is_the_seed_s_until_all_three_parameters_are_there(
    aws: Aws, forward: Callable[[float], None], configuration: AwsConfiguration
) -> None:
    assert configuration.query_ladder("tickets", "bogus") == DEFAULT_QUERY_LADDER
    aws.parameters |= {
        "/paycenter/test/ladder/query_init_level": "1",
        "/paycenter/test/ladder/query_count": "2",
    }
    forward(61)
    assert configuration.query_ladder("tickets", "bogus") == DEFAULT_QUERY_LADDER
    aws.parameters["/paycenter/test/ladder/query_delay_levels"] = "2,1h"
    forward(61)
    assert configuration.query_ladder("tickets", "bogus") == Ladder((1, 5, 3600))
    assert json.dumps(aws.reads).count("ladder/query_count") == 3


def test_a_ladder_that_does_not_fit_stops_no_payment(
    aws: Aws, configuration: AwsConfiguration
) -> None:
    aws.parameters |= {
        "/paycenter/test/ladder/query_init_level": "99",
        "/paycenter/test/ladder/query_count": "1",
        "/paycenter/test/ladder/query_delay_levels": "2",
    }
    assert configuration.query_ladder("tickets", "bogus") == DEFAULT_QUERY_LADDER


def test_the_nearest_level_that_is_complete_counts(
    aws: Aws, configuration: AwsConfiguration
) -> None:
    def three(folder: str, first: str) -> dict[str, str]:
        names = ("query_init_level", "query_count", "query_delay_levels")
        texts = (first, "1", "5s")
        return {
            f"/paycenter/test/ladder/{folder}{name}": text
            for name, text in zip(names, texts, strict=True)
        }

    aws.parameters |= three("", "1s") | three("channels/bogus/", "2s") | three("lines/hotel/", "3s")
    del aws.parameters["/paycenter/test/ladder/lines/hotel/query_count"]
    aws.parameters |= three("lines/tickets/", "4s")
    assert configuration.query_ladder("tickets", "bogus").delays[0] == 4
    assert configuration.query_ladder("hotel", "bogus").delays[0] == 2
    assert configuration.query_ladder("hotel", "rival").delays[0] == 1


def test_notifications_and_orders_have_their_line_s_patience(
    aws: Aws, configuration: AwsConfiguration, forward: Callable[[float], None]
) -> None:
    assert configuration.notify_ladder("tickets") == DEFAULT_NOTIFY_LADDER
    assert configuration.order_timeout("tickets") == 1800
    aws.parameters |= {
        "/paycenter/test/ladder/notify_delay_levels": "1,2",
        "/paycenter/test/ladder/lines/tickets/order_timeout": "15m",
        "/paycenter/test/ladder/order_timeout": "25h",
    }
    forward(61)
    assert configuration.notify_ladder("tickets").delays == (1, 5)
    assert configuration.order_timeout("tickets") == 900
    assert configuration.order_timeout("hotel") == 1800, "what does not fit stops no order"


def test_an_account_that_is_down_is_live_and_a_retired_one_is_not(
    aws: Aws, configuration: AwsConfiguration
) -> None:
    two_live(aws, one=START + 60)
    assert configuration.is_live("bogus", "one~1")
    assert not configuration.is_live("bogus", "one~0")
    assert not configuration.is_live("rival", "one~1")
    assert set(aws.reads) == {"channel#bogus", "channel#rival"}
