"""The list price of a million payments, from what was counted and a population of payers.

Population: 80 % pay at a moment spread evenly over 3 to 30 s, 5 % evenly until the deadline of 30 minutes, 15 % never.
Each pays, or does not, through the channel's own page: the cashier page, the choice, the return and the result are one
call each, and the page does not poll while the payer is away. Prices are list prices of us-east-1 on demand, in USD a
million; what they assume beside the counts stands here, and is not measured.
"""

from dataclasses import dataclass
from typing import Final

from tools.counts.row import Row

_CALLS_API: Final = 1.00
_INVOCATIONS: Final = 0.20
_GIGABYTE_SECONDS: Final = 13.3334
_WRITE_UNITS: Final = 0.625
_READ_UNITS: Final = 0.125
_QUEUE_REQUESTS: Final = 0.40
_TRANSITIONS: Final = 25.0
_LOG_GIGABYTE: Final = 0.53

_DEADLINE_S: Final = 1800
_NEVER: Final = 0.15
_PAID: Final = 1 - _NEVER
# Assumed: 512 MB; 12 ms an invocation, 120 ms one that asks a channel, ten messages at the same time; a line of 0.35 kB.
_GIGABYTES: Final = 0.5
_SECONDS: Final = 0.012
_ASKING_SECONDS: Final = 0.120
_LOG_KILOBYTES: Final = 0.35
_BATCH: Final = 10
_LIMIT_USD: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """What was counted of a paid order's life."""

    write_units: float
    publish_sends: float


def open_at(seconds: float) -> float:
    """Return the share of payments that are not settled so many seconds after their start."""
    early = 0.80 * min(1.0, max(0.0, (30 - seconds) / 27))
    late = 0.05 * min(1.0, max(0.0, (_DEADLINE_S - seconds) / (_DEADLINE_S - 30)))
    return early + late + _NEVER


def price_rows(counted: Counted) -> list[Row]:
    """Return the row of the price; its parts are printed beside it."""
    parts = _parts(counted)
    for what, usd in parts.items():
        print(f"    {what:<58}{usd:>8.2f} USD")
    return [Row("list price of a million payments, USD", sum(parts.values()), _LIMIT_USD)]


def _parts(counted: Counted) -> dict[str, float]:
    # Rungs fire whether or not the payment is settled; the next stage is sent only where it is not.
    rungs = 3 + 3 * open_at(25) + open_at(715)
    timers = 1 + open_at(900) + open_at(715)  # the deadline's hop and wait; the last rung's hop
    messages = rungs + timers + 1
    sends = 2 + open_at(25) + 2 * open_at(715) + open_at(900) + counted.publish_sends
    calls = 3 + 3 * _PAID  # order, cashier page, choice; callback, return, result
    invocations = calls + messages / _BATCH + counted.publish_sends
    reads = calls - 1 + messages
    # A stage's hand-over and the close of what nobody pays are writes that a quick payment does not have.
    writes = counted.write_units + 2 * open_at(25) + 2 * open_at(715) + 3 * _NEVER
    seconds = invocations * _SECONDS + rungs / _BATCH * _ASKING_SECONDS
    return {
        "HTTP API": calls * _CALLS_API,
        "Lambda": invocations * _INVOCATIONS + seconds * _GIGABYTES * _GIGABYTE_SECONDS,
        "DynamoDB": writes * _WRITE_UNITS + reads * _READ_UNITS,
        "SQS": (sends + 2 * messages / _BATCH) * _QUEUE_REQUESTS,
        "Step Functions": 2 * open_at(900) * _TRANSITIONS,
        "CloudWatch Logs": (calls + messages + counted.publish_sends)
        * _LOG_KILOBYTES
        * _LOG_GIGABYTE,
    }
