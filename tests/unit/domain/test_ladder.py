"""Ladders: the seed's, RocketMQ's levels, the notification's 75 hours, and a sentence for what is wrong. Holds I27, I30."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from paycenter.domain.ladder import (
    DEFAULT_NOTIFY_LADDER,
    DEFAULT_QUERY_LADDER,
    MAXIMUM_RUNGS,
    ROCKETMQ_LEVELS,
    Ladder,
    parse_delay,
    parse_ladder,
    query_ladder,
    stages,
)


def test_the_seed_s_queries_fall_where_the_field_expects_them() -> None:
    assert DEFAULT_QUERY_LADDER.moments(0) == (10, 15, 25, 55, 115, 715, 1915)
    assert DEFAULT_QUERY_LADDER.moments(1_000_000)[-1] == 1_001_915


def test_rocketmq_has_eighteen_levels() -> None:
    written = "1s 5s 10s 30s 1m 2m 3m 4m 5m 6m 7m 8m 9m 10m 20m 30m 1h 2h"
    assert tuple(parse_delay(delay) for delay in written.split()) == ROCKETMQ_LEVELS
    assert tuple(parse_delay(str(level)) for level in range(1, 19)) == ROCKETMQ_LEVELS


def test_a_notification_is_tried_for_75_hours_and_4_minutes() -> None:
    assert DEFAULT_NOTIFY_LADDER.moments(0)[-1] == 75 * 3600 + 4 * 60
    assert DEFAULT_NOTIFY_LADDER.delays[:10] == (15, 15, 30, 180, 600, 1200, 1800, 1800, 1800, 3600)
    assert len(DEFAULT_NOTIFY_LADDER.delays) == 24


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1", 1),
        ("3", 10),
        ("18", 7200),
        ("03", 10),
        ("10s", 10),
        ("20m", 1200),
        ("3h", 10800),
        ("1d", 86400),
    ],
)
def test_a_rung_is_a_level_or_a_duration(text: str, seconds: int) -> None:
    assert parse_delay(text) == seconds


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("0", "level 0 does not exist; RocketMQ has levels 1 to 18"),
        ("19", "level 19 does not exist"),
        ("0s", "'0s' is no delay; the shortest is one second"),
        ("100", "neither a level"),
        ("10 s", "neither a level"),
        ("10S", "neither a level"),
        ("1w", "neither a level"),
        ("-5s", "neither a level"),
        ("1.5h", "neither a level"),
        ("３", "neither a level"),
        ("٣s", "neither a level"),
        ("", "neither a level"),
        ("3\n", "neither a level"),
        ("367d", "'367d' is more than a year"),
        ("999999999h", "is more than a year"),
    ],
)
def test_what_is_no_rung_is_refused_in_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        parse_delay(text)


def test_durations_and_levels_may_stand_in_one_ladder() -> None:
    assert query_ladder("10s", "3", "2, 3 ,1h") == Ladder((10, 5, 10, 3600))


@pytest.mark.parametrize(
    ("count", "levels"),
    [("5", "2,3,4,5,14,15"), ("7", "2,3,4,5,14,15"), ("six", "1"), ("", "1"), ("１", "1")],
)
def test_count_and_list_must_agree(count: str, levels: str) -> None:
    with pytest.raises(ValueError, match="make them equal"):
        query_ladder("3", count, levels)


def test_a_ladder_has_at_least_one_rung_and_not_too_many() -> None:
    with pytest.raises(ValueError, match="a ladder has 1 to 64 rungs, not 0"):
        parse_ladder([])
    with pytest.raises(ValueError, match="not 65"):
        parse_ladder(["1s"] * (MAXIMUM_RUNGS + 1))
    assert len(parse_ladder(["1s"] * MAXIMUM_RUNGS).delays) == MAXIMUM_RUNGS


def test_three_rungs_are_sent_at_once() -> None:
    now, rest = stages(DEFAULT_QUERY_LADDER.moments(0))
    assert now == (10, 15, 25)
    assert stages(rest) == ((55, 115, 715), (1915,))
    assert stages((1915,)) == ((1915,), ())
    assert stages(()) == ((), ())


@given(
    some.lists(some.integers(min_value=1, max_value=86400), min_size=1, max_size=MAXIMUM_RUNGS),
    some.integers(min_value=0, max_value=2**33),
)
def test_stages_send_every_rung_once_in_order(delays: list[int], start: int) -> None:
    moments = Ladder(tuple(delays)).moments(start)
    sent: list[int] = []
    rest = moments
    for _ in range(MAXIMUM_RUNGS):
        now, rest = stages(rest)
        sent += now
    assert tuple(sent) == moments
    assert list(moments) == sorted(set(moments))
    assert moments[-1] - start == sum(delays)
