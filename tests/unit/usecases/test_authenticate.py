"""Who calls. Holds S-13 (a key opens its own line only), S-35."""

import hashlib

import pytest

from paycenter.domain.errors import ScopeMissing, Unauthenticated
from paycenter.ports.configuration import ApiKey
from paycenter.usecases.authenticate import authenticate
from tests.fakes.configuration import InMemoryConfiguration
from tests.fakes.samples import AUTHORIZATION, KEY, a_line


def key(text: str, *scopes: str) -> ApiKey:
    return ApiKey(sha256=hashlib.sha256(text.encode()).hexdigest(), scopes=frozenset(scopes))


@pytest.fixture
def configuration() -> InMemoryConfiguration:
    return InMemoryConfiguration(lines={"tickets": a_line(), "hotel": a_line("hotel")})


def test_a_key_names_its_line(configuration: InMemoryConfiguration) -> None:
    assert authenticate(AUTHORIZATION, "pay", configuration).id == "tickets"


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        KEY,
        f"bearer {KEY}",
        f"Basic {KEY}",
        f"Bearer  {KEY}",
        f"Bearer {KEY} ",
        f"Bearer {KEY}\n",
        f"Bearer {KEY}x",
        f"Bearer {KEY[:-1]}",
        "Bearer tickets.",
        "Bearer tickets.short",
        "Bearer nobody.a-key-of-the-tickets-line",
        "Bearer Tickets.a-key-of-the-tickets-line",
        "Bearer ../tickets.a-key-of-the-tickets-line",
        "Bearer tickets.ключ-линии-билетов-линии",
        "Bearer tickets." + "x" * 129,
        # The right secret, under the name of a line that has it too but whose hash is of another whole key.
        "Bearer hotel.a-key-of-the-tickets-line",
    ],
)
def test_anything_else_is_nobody_in_the_same_words(
    authorization: str, configuration: InMemoryConfiguration
) -> None:
    with pytest.raises(Unauthenticated) as refusal:
        authenticate(authorization, "pay", configuration)
    assert str(refusal.value) == "Send your key as 'Authorization: Bearer <line>.<secret>'."


def test_a_disabled_line_is_nobody(configuration: InMemoryConfiguration) -> None:
    configuration.lines["tickets"] = a_line(disabled=True)
    with pytest.raises(Unauthenticated):
        authenticate(AUTHORIZATION, "pay", configuration)


def test_two_keys_live_at_once_each_with_its_own_scopes() -> None:
    old, new = "tickets.the-old-key-of-this-line", "tickets.the-new-key-of-this-line"
    line = a_line(keys=(key(old, "read"), key(new, "pay", "read")))
    configuration = InMemoryConfiguration(lines={"tickets": line})
    for text in (old, new):
        assert authenticate(f"Bearer {text}", "read", configuration) is line
    assert authenticate(f"Bearer {new}", "pay", configuration) is line
    with pytest.raises(ScopeMissing, match="lacks the scope 'pay'"):
        authenticate(f"Bearer {old}", "pay", configuration)


def test_a_line_without_keys_is_nobody() -> None:
    configuration = InMemoryConfiguration(lines={"tickets": a_line(keys=())})
    with pytest.raises(Unauthenticated):
        authenticate(AUTHORIZATION, "pay", configuration)
