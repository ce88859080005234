"""Read, decide, write on a condition, decide again. Holds I08, I36 (order by version, never by clock); A16, A17, S-26."""

from dataclasses import replace

import pytest

from paycenter.domain.errors import SlowDown
from paycenter.domain.order import Order
from paycenter.domain.states import OrderState
from paycenter.ports.store import Guard
from paycenter.usecases.update import guard_of, update
from tests.fakes.clock import START
from tests.fakes.ports import FakePorts
from tests.fakes.samples import a_payment, an_order
from tests.fakes.store import somebody_else_writes
from tests.fakes.wire import Fault

ORDER = an_order()


def closing(order: Order) -> Order:
    return order if order.closing else replace(order, version=order.version + 1, closing=True)


def test_a_decision_is_stored(ports: FakePorts) -> None:
    ports.orders.put(ORDER)
    assert update(ports.orders, ORDER, closing, START) == ports.orders.stored[ORDER.id]
    assert ports.wire.names() == ["orders.save"]


def test_the_same_object_back_writes_nothing(ports: FakePorts) -> None:
    assert update(ports.orders, ORDER, lambda order: order, START) is ORDER
    assert ports.wire.calls == []


@pytest.mark.parametrize("conflicts", range(8))
def test_each_conflict_is_decided_again_on_the_stored_order(
    conflicts: int, ports: FakePorts
) -> None:
    ports.orders.put(ORDER)
    ports.orders.interference = [somebody_else_writes] * conflicts
    seen: list[int] = []

    def decide(order: Order) -> Order:
        seen.append(order.version)
        return closing(order)

    after = update(ports.orders, ORDER, decide, START)
    assert seen == list(range(1, conflicts + 2))
    assert after.version == conflicts + 2


def test_an_eighth_conflict_gives_up_with_nothing_written(ports: FakePorts) -> None:
    ports.orders.put(ORDER)
    ports.orders.interference = [somebody_else_writes] * 8
    with pytest.raises(SlowDown):
        update(ports.orders, ORDER, closing, START)
    assert not ports.orders.stored[ORDER.id].closing


def test_a_write_that_conflicts_with_itself_is_found_done(ports: FakePorts) -> None:
    """The SDK repeats a write that was executed and timed out: the repeat fails on our own version."""
    ports.orders.put(ORDER)
    stored = closing(ORDER)
    ports.orders.put(stored)
    assert update(ports.orders, ORDER, closing, START) is stored
    assert len(ports.orders.history) == 2


def test_an_error_of_the_store_is_the_caller_s(ports: FakePorts) -> None:
    ports.orders.put(ORDER)
    ports.wire.faults[0] = Fault.NOT_EXECUTED
    with pytest.raises(Exception, match="injected"):
        update(ports.orders, ORDER, closing, START)


def test_a_guard_carries_the_conditions_that_the_change_needs() -> None:
    payment = a_payment(ORDER)
    with_payment = replace(ORDER, payments={payment.payment_no: payment})
    won = replace(with_payment, state=OrderState.PAID, winner=payment.payment_no)
    assert guard_of(ORDER, closing(ORDER), START) == Guard()
    assert guard_of(ORDER, with_payment, START) == Guard(payable_at=START)
    assert guard_of(with_payment, won, START) == Guard(no_winner=True)
