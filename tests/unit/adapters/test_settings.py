"""A function's environment: every variable missing, empty or wrong is said by name."""

import pytest

from paycenter.domain.jobs import JobKind
from paycenter.settings import Settings, SettingsError

GIVEN = {
    "ORDERS_TABLE": "orders",
    "CLOCK_RATE": "60",
    "PUBLIC_URL": "https://pay.example.com/",
    "QUERY_QUEUE_URL": "https://sqs/query",
    "NOTIFY_QUEUE_URL": "",
    "PRIVATE_NETWORKS": "127.0.0.0/8",
}


def test_what_is_given_is_read() -> None:
    settings = Settings(GIVEN)
    assert settings.text("ORDERS_TABLE") == "orders"
    assert settings.number("CLOCK_RATE", 1) == 60
    assert settings.public_url == "https://pay.example.com"
    assert settings.private_networks == "127.0.0.0/8"
    assert settings.queues == {JobKind.QUERY: "https://sqs/query"}


@pytest.mark.parametrize("environment", [{}, {"ORDERS_TABLE": ""}])
def test_what_is_missing_or_empty_is_named(environment: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match="ORDERS_TABLE is missing or empty"):
        Settings(environment).text("ORDERS_TABLE")


@pytest.mark.parametrize("text", ["0", "-1", "1.5", "x", "１", "1 ", "1e2"])
def test_what_is_no_number_is_named_with_what_it_is(text: str) -> None:
    with pytest.raises(SettingsError, match=r"CLOCK_RATE is .*, not a whole number of at least 1"):
        Settings({"CLOCK_RATE": text}).number("CLOCK_RATE", 1)


def test_no_private_network_is_open_where_none_is_named() -> None:
    assert Settings({}).private_networks == ""


def test_the_environment_is_copied_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORDERS_TABLE", "first")
    settings = Settings.of_process()
    monkeypatch.setenv("ORDERS_TABLE", "second")
    assert settings.text("ORDERS_TABLE") == "first"
