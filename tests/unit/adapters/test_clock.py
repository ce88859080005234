"""Business time and chance. Holds S-12 (unguessable bits); the sandbox's rate."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as some

from paycenter.adapters.clock import ScaledClock, SystemRandomness
from tests.fakes.clock import START


@pytest.fixture
def real(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return the real time, to be changed by a test."""
    moments = [float(START)]
    monkeypatch.setattr(time, "time", lambda: moments[0])
    return moments


def test_at_rate_one_business_time_is_real_time(real: list[float]) -> None:
    real[0] = START + 0.75
    assert ScaledClock().now() == START
    assert ScaledClock().now_ms() == START * 1000 + 750


def test_at_rate_sixty_a_second_is_a_minute(real: list[float]) -> None:
    clock = ScaledClock(60, START)
    assert clock.now() == START
    real[0] += 1.5
    assert clock.now() == START + 90
    assert clock.now_ms() == (START + 90) * 1000


@given(
    some.integers(min_value=1, max_value=1000),
    some.integers(min_value=0, max_value=START),
    some.integers(min_value=START, max_value=START + 10**8),
)
def test_the_real_instant_of_a_moment_is_when_business_time_reaches_it(
    rate: int, anchor: int, moment: int
) -> None:
    clock = ScaledClock(rate, anchor)
    reached = anchor + (clock.real(moment) - anchor) * rate
    assert abs(reached - moment) < 1e-3 * rate


def test_secrets_are_26_characters_and_never_repeat() -> None:
    secrets = {SystemRandomness().secret() for _ in range(1000)}
    assert len(secrets) == 1000
    assert all(re.fullmatch(r"[A-Z2-7]{26}", secret) for secret in secrets)


def test_all_128_bits_vary() -> None:
    # 25 characters carry 5 bits each, the last one carries 3: no character stands still.
    secrets = [SystemRandomness().secret() for _ in range(500)]
    for place in range(26):
        assert len({secret[place] for secret in secrets}) >= (8 if place == 25 else 30)
