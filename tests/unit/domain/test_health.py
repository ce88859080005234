"""When an account is left alone, and that it always comes back by itself. Holds C17, I36 for accounts."""

from itertools import pairwise

import pytest

from paycenter.domain.health import (
    COOL_DOWN_SECONDS,
    FAILURES_TO_BE_DOWN,
    FAILURES_TO_OPEN,
    MARK_SECONDS,
    Breaker,
    Health,
)
from tests.fakes.clock import START


def broken(failures: int, now: int = START) -> Breaker:
    breaker = Breaker()
    for _ in range(failures):
        breaker = breaker.after(now, answered=False)
    return breaker


def unhealthy(failures: int, now: int = START, rate: int = 1) -> Health:
    health = Health()
    for _ in range(failures):
        health = health.after(now, answered=False, rate=rate)
    return health


@pytest.mark.parametrize("failures", range(FAILURES_TO_OPEN + 3))
def test_a_breaker_opens_after_a_few_failures_in_a_row(failures: int) -> None:
    assert broken(failures).is_open(START) is (failures >= FAILURES_TO_OPEN)


def test_one_answer_in_between_starts_the_count_anew() -> None:
    breaker = broken(FAILURES_TO_OPEN - 1).after(START, answered=True)
    assert breaker == Breaker()
    assert not breaker.after(START, answered=False).is_open(START)


def test_an_open_breaker_lets_payments_through_again_after_its_cool_down() -> None:
    breaker = broken(FAILURES_TO_OPEN)
    assert breaker.is_open(START + COOL_DOWN_SECONDS - 1)
    assert not breaker.is_open(START + COOL_DOWN_SECONDS)


def test_half_open_it_opens_again_with_the_next_failure_and_closes_with_the_next_answer() -> None:
    half_open = START + COOL_DOWN_SECONDS
    breaker = broken(FAILURES_TO_OPEN)
    assert breaker.after(half_open, answered=False).is_open(half_open + COOL_DOWN_SECONDS - 1)
    closed = breaker.after(half_open, answered=True)
    assert not closed.after(half_open, answered=False).is_open(half_open)


def test_a_clock_that_jumps_back_delays_the_return_by_no_more_than_its_jump() -> None:
    breaker = broken(FAILURES_TO_OPEN)
    assert breaker.is_open(START - 60)
    assert not breaker.is_open(START + COOL_DOWN_SECONDS)


@pytest.mark.parametrize("failures", range(FAILURES_TO_BE_DOWN + 3))
def test_an_account_is_down_after_several_questions_in_a_row_without_an_answer(
    failures: int,
) -> None:
    assert unhealthy(failures).is_down(START) is (failures >= FAILURES_TO_BE_DOWN)


def test_one_answer_is_enough_to_be_up_again() -> None:
    assert unhealthy(9).after(START, answered=True) == Health()


def test_a_schedule_that_stops_keeps_nobody_down_for_ever() -> None:
    health = unhealthy(FAILURES_TO_BE_DOWN)
    assert health.is_down(START + MARK_SECONDS - 1)
    assert not health.is_down(START + MARK_SECONDS)
    # While it runs, each minute renews the mark.
    minutes = [health.after(START + 60 * minute, answered=False) for minute in range(10)]
    assert all(after.down_until - before.down_until == 60 for before, after in pairwise(minutes))


def test_on_a_fast_clock_the_mark_outlasts_the_schedule_s_real_minute() -> None:
    health = unhealthy(FAILURES_TO_BE_DOWN, rate=60)
    assert health.is_down(START + 60 * 60)
