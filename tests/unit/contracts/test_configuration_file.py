"""The file that operators write, and how each mistake in it is refused. Holds S-32 (its part), I27's ladder."""

import base64
import copy
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import ValidationError

from paycenter.contracts.configuration import ConfigurationFile, check_webhook_secret
from paycenter.domain.order import LatePolicy

GOOD: dict[str, Any] = {
    "lines": {
        "tickets": {
            "name": "Tickets",
            "name_zh": "门票",
            "notify_url": "https://tickets.example.com/hook",
            "return_origins": ["https://tickets.example.com"],
            "late_policy": "refund",
            "cashier": [["bogus", "page"]],
            "keys": [{"sha256": "ab" * 32, "scopes": ["pay", "read"]}],
            "webhook_secrets": [{"env": "TICKETS_SECRET"}],
        }
    },
    "accounts": {
        "main~1": {
            "channel": "bogus",
            "settings": {"a": "b"},
            "secrets": {"key": {"file": "k.pem"}},
        }
    },
}


def test_a_whole_file_is_read() -> None:
    file = ConfigurationFile.model_validate(GOOD)
    line = file.lines["tickets"]
    assert (line.late_policy, line.cashier) == (LatePolicy.REFUND, (("bogus", "page"),))
    assert (file.accounts["main~1"].live, file.accounts["main~1"].weight) == (True, 1)
    assert file.ladders.all_parameters() == {}


def test_an_empty_file_configures_nothing() -> None:
    assert ConfigurationFile.model_validate({}).lines == {}


def test_a_ladder_may_be_levels_as_numbers_or_texts_and_durations() -> None:
    ladders = {"query_init_level": 1, "query_count": 2, "query_delay_levels": "2,1h"}
    file = ConfigurationFile.model_validate({"ladders": ladders})
    assert file.ladders.all_parameters() == {
        "query_init_level": "1",
        "query_count": "2",
        "query_delay_levels": "2,1h",
    }


def test_channels_and_lines_may_have_ladders_of_their_own() -> None:
    three = {"query_init_level": 1, "query_count": 1, "query_delay_levels": "2"}
    ladders = {
        "notify_delay_levels": "1,2",
        "channels": {"bogus": three},
        "lines": {"tickets": {"order_timeout": "15m", "notify_delay_levels": "30s"}},
    }
    file = ConfigurationFile.model_validate({"ladders": ladders})
    assert file.ladders.all_parameters() == {
        "notify_delay_levels": "1,2",
        "channels/bogus/query_init_level": "1",
        "channels/bogus/query_count": "1",
        "channels/bogus/query_delay_levels": "2",
        "lines/tickets/order_timeout": "15m",
        "lines/tickets/notify_delay_levels": "30s",
    }


def line(**changes: Any) -> Callable[[dict[str, Any]], None]:  # noqa: ANN401 - any value of any type
    return lambda file: file["lines"]["tickets"].update(changes)


def account(**changes: Any) -> Callable[[dict[str, Any]], None]:  # noqa: ANN401 - any value of any type
    return lambda file: file["accounts"]["main~1"].update(changes)


def ladder(**changes: Any) -> Callable[[dict[str, Any]], None]:  # noqa: ANN401 - any value of any type
    return lambda file: file.update(ladders=changes)


KEY = {"sha256": "ab" * 32, "scopes": ["pay"]}
MISTAKES: list[Callable[[dict[str, Any]], None]] = [
    lambda file: file.update(more=1),
    lambda file: file["lines"].update({"Tickets": GOOD["lines"]["tickets"]}),
    lambda file: file["lines"].update({"1tickets": GOOD["lines"]["tickets"]}),
    lambda file: file["lines"].update({"x" * 33: GOOD["lines"]["tickets"]}),
    lambda file: file["accounts"].update({"main": GOOD["accounts"]["main~1"]}),
    lambda file: file["accounts"].update({"main~x": GOOD["accounts"]["main~1"]}),
    lambda file: file["lines"]["tickets"].pop("notify_url"),
    line(more=1),
    line(name=""),
    line(late_policy="keep"),
    line(late_policy=None),
    line(cashier=[]),
    line(cashier=[["bogus"]]),
    line(cashier=[["Bogus", "page"]]),
    line(return_origins=["tickets.example.com"]),
    line(return_origins=["https://tickets.example.com/"]),
    line(return_origins=["https://user@tickets.example.com"]),
    line(return_origins=["javascript:alert(1)"]),
    line(return_origins=["https://TICKETS.example.com"]),
    line(keys=[]),
    line(keys=[KEY] * 3),
    line(keys=[{**KEY, "sha256": "AB" * 32}]),
    line(keys=[{**KEY, "sha256": "ab" * 31}]),
    line(keys=[{**KEY, "scopes": []}]),
    line(keys=[{**KEY, "scopes": ["admin"]}]),
    line(keys=[{**KEY, "key": "tickets.the-key-itself"}]),
    line(webhook_secrets=[]),
    line(webhook_secrets=[{"env": "A"}] * 3),
    line(webhook_secrets=[{}]),
    line(webhook_secrets=[{"env": "A", "file": "b"}]),
    account(weight=0),
    account(weight=101),
    account(channel="Bogus"),
    account(settings={"a": 1}),
    account(secrets={"key": "in plain text"}),
    ladder(query_init_level="19"),
    ladder(query_init_level="0"),
    ladder(query_count="5"),
    ladder(query_delay_levels="2,3"),
    ladder(query_delay_levels="2,3,4,5,14,0s"),
    ladder(query_delay_levels=""),
    ladder(query_init_level="soon"),
]


@pytest.mark.parametrize("mistake", MISTAKES)
def test_each_mistake_is_refused(mistake: Callable[[dict[str, Any]], None]) -> None:
    file = copy.deepcopy(GOOD)
    mistake(file)
    assert file != GOOD
    with pytest.raises(ValidationError):
        ConfigurationFile.model_validate(file)


@pytest.mark.parametrize("size", [24, 32, 64])
def test_a_webhook_secret_is_24_to_64_bytes(size: int) -> None:
    assert check_webhook_secret("whsec_" + base64.b64encode(bytes(size)).decode()) is None


@pytest.mark.parametrize(
    "secret",
    [
        "",
        "whsec_",
        "whsec_" + base64.b64encode(bytes(23)).decode(),
        "whsec_" + base64.b64encode(bytes(65)).decode(),
        base64.b64encode(bytes(32)).decode(),
        "WHSEC_" + base64.b64encode(bytes(32)).decode(),
        "whsec_not base64 at all not base64 at all",
        "whsec_" + base64.b64encode(bytes(32)).decode()[:-1],
        "whsec_ключ",
    ],
)
def test_what_is_no_webhook_secret_is_said_to_be_none(secret: str) -> None:
    problem = check_webhook_secret(secret)
    assert problem is not None
    assert "24 to 64 random bytes" in problem
