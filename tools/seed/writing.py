"""Writes seeded orders over whatever became of them, and takes away what the cases may have left behind."""

from collections.abc import Collection
from contextlib import closing

from paycenter.adapters.aws import client
from paycenter.domain import ids
from tools.events.expectation import Expectation, event_files, expectation_of
from tools.seed.channel import SimulatedChannel
from tools.seed.orders import SEEDS
from tools.seed.story import Seed
from tools.seed.system import System


def seed(system: System, numbers: Collection[str] = ()) -> int:
    """Put the orders with these numbers, or all, into their seeded state; returns how many orders then stand.

    Orders that a case creates, and exceptions that a case raises, are removed. Safe to repeat. Raises LookupError
    for a number that no event names.
    """
    cases = [expectation_of(path) for path in event_files()]
    named = {number: seed.order_id for number, seed in SEEDS.items()}
    for case in cases:
        named |= _named_by(case)
    unknown = set(numbers) - named.keys()
    if unknown:
        raise LookupError(f"no event names an order {', '.join(sorted(unknown))}")
    wanted = set(numbers) or set(named)
    touching = [case for case in cases if not numbers or wanted & case.state.keys()]
    return _write(system, {number: named[number] for number in wanted}, touching)


def reset(system: System, case: Expectation) -> None:
    """Put the orders of one case into their seeded state and remove the exceptions that it raises."""
    _write(system, _named_by(case), [case])


def _named_by(case: Expectation) -> dict[str, str]:
    return {number: ids.order_id(expected.line, number) for number, expected in case.state.items()}


def _write(system: System, orders: dict[str, str], cases: Collection[Expectation]) -> int:
    for number, order_id in orders.items():
        if number not in SEEDS:
            _remove(system.environment["ORDERS_TABLE"], order_id)
    for exception_id in {identity for case in cases for identity in case.exceptions}:
        _remove(system.environment["EXCEPTIONS_TABLE"], exception_id)
    seeds = [SEEDS[number] for number in sorted(orders) if number in SEEDS]
    put(system, seeds)
    return len(seeds)


def put(system: System, seeds: Collection[Seed]) -> None:
    """Write orders over whatever stands under their numbers, and let the channel know what it is to know."""
    ports = system.adapters
    orders = [(seeded, seeded.order(ports.clock.now())) for seeded in seeds]
    if any(seeded.deeds for seeded in seeds):
        with closing(SimulatedChannel(ports)) as channel:
            for seeded, order in orders:
                channel.tell(seeded, order)
    for seeded, order in orders:
        _remove(system.environment["ORDERS_TABLE"], seeded.order_id)
        ports.orders.create(order)


def _remove(table: str, key: str) -> None:
    client("dynamodb").delete_item(TableName=table, Key={"id": {"S": key}})
