"""Ladders of delays as data: the active query's, the notification's, and how a stage of one is sent.

RocketMQ's eighteen levels are accepted as the field writes them; plain durations are too.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

from paycenter.domain.order import MAXIMUM_LIFE_SECONDS, MINIMUM_LIFE_SECONDS

ROCKETMQ_LEVELS: Final = (
    1,
    5,
    10,
    30,
    60,
    120,
    180,
    240,
    300,
    360,
    420,
    480,
    540,
    600,
    1200,
    1800,
    3600,
    7200,
)
MAXIMUM_RUNGS: Final = 64
MAXIMUM_DELAY_SECONDS: Final = 366 * 86400
_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_DURATION: Final = re.compile(r"([0-9]{1,9})([smhd])", re.ASCII)
_LEVEL: Final = re.compile(r"[0-9]{1,2}", re.ASCII)
STAGE_RUNGS: Final = 3


@dataclass(frozen=True, slots=True)
class Ladder:
    """Delays in whole seconds, each counted from the one before."""

    delays: tuple[int, ...]

    def moments(self, start: int) -> tuple[int, ...]:
        """Return the business seconds at which the rungs fall when the ladder starts at `start`."""
        return tuple(start + offset for offset in accumulate(self.delays))


def parse_delay(text: str) -> int:
    """Read one rung in seconds: a RocketMQ level ("3" is 10 s) or a duration ("10s", "20m", "3h", "1d").

    Raises ValueError with a sentence for an unknown level, an unknown unit, no delay at all or more than a year.
    """
    if _LEVEL.fullmatch(text):
        level = int(text)
        if not 1 <= level <= len(ROCKETMQ_LEVELS):
            message = (
                f"level {level} does not exist; RocketMQ has levels 1 to {len(ROCKETMQ_LEVELS)}"
            )
            raise ValueError(message)
        return ROCKETMQ_LEVELS[level - 1]
    match = _DURATION.fullmatch(text)
    if match is None:
        message = f"{text!r} is neither a level (1 to 18) nor a duration such as 10s, 20m, 3h or 1d"
        raise ValueError(message)
    seconds = int(match[1]) * _UNITS[match[2]]
    if seconds < 1:
        # Two rungs at one moment would both carry the rest of their ladder.
        message = f"{text!r} is no delay; the shortest is one second"
        raise ValueError(message)
    if seconds > MAXIMUM_DELAY_SECONDS:
        message = f"{text!r} is more than a year"
        raise ValueError(message)
    return seconds


def parse_ladder(rungs: Iterable[str]) -> Ladder:
    """Read a ladder rung by rung; raises ValueError for a bad rung, none at all, or too many."""
    delays = tuple(parse_delay(rung.strip()) for rung in rungs)
    if not 1 <= len(delays) <= MAXIMUM_RUNGS:
        message = f"a ladder has 1 to {MAXIMUM_RUNGS} rungs, not {len(delays)}"
        raise ValueError(message)
    return Ladder(delays)


def query_ladder(query_init_level: str, query_count: str, query_delay_levels: str) -> Ladder:
    """Build the active query's ladder from the seed's three parameters.

    The first rung is `query_init_level`; then come `query_count` more, one for each of the comma-separated
    `query_delay_levels`. Raises ValueError where count and list do not fit.
    """
    later = query_delay_levels.split(",")
    if not re.fullmatch(r"[0-9]{1,3}", query_count, re.ASCII) or int(query_count) != len(later):
        message = f"query_count is {query_count!r} but query_delay_levels has {len(later)} entries; make them equal"
        raise ValueError(message)
    return parse_ladder([query_init_level, *later])


def notify_ladder(notify_delay_levels: str) -> Ladder:
    """Build a notification's ladder from its comma-separated rungs, levels or durations; raises ValueError."""
    return parse_ladder(notify_delay_levels.split(","))


def order_timeout(text: str) -> int:
    """Read how long an order may be paid, in seconds: a level or a duration; raises ValueError outside 2 min to 24 h."""
    seconds = parse_delay(text)
    if not MINIMUM_LIFE_SECONDS <= seconds <= MAXIMUM_LIFE_SECONDS:
        message = f"{text!r} is no life for an order; it may have 2m to 24h"
        raise ValueError(message)
    return seconds


def stages(moments: Sequence[int]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Split the moments of a ladder into the stage that is sent now, in one batch, and the rest.

    Three first: four of five payments are settled by then, and the rest of their ladder is never sent.
    """
    return tuple(moments[:STAGE_RUNGS]), tuple(moments[STAGE_RUNGS:])


DEFAULT_QUERY_LADDER: Final = query_ladder("3", "6", "2,3,4,5,14,15")
DEFAULT_NOTIFY_LADDER: Final = parse_ladder(
    [
        "15s",
        "15s",
        "30s",
        "3m",
        "10m",
        "20m",
        "30m",
        "30m",
        "30m",
        "1h",
        "3h",
        "3h",
        "3h",
        "6h",
        "6h",
    ]
    + ["6h"] * 8
    + ["3h"]
)
