"""What the order table promises, of the fake and of DynamoDB. Holds I06, I08, I10, I16, I36; A16, A17, A19, S-26."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from threading import Barrier

import pytest

from paycenter.domain import delivery, ids, lifecycle
from paycenter.domain.errors import SlowDown, TryAgain
from paycenter.domain.order import Evidence, Order
from paycenter.domain.settlement import money_verified
from paycenter.domain.states import DeliveryEvent, OrderState, PaymentState
from paycenter.ports.store import Conflict, Guard
from paycenter.usecases.update import update
from tests.contract.conftest import Orders
from tests.fakes.clock import START
from tests.fakes.samples import a_payment, receipt_for
from tests.fakes.store import somebody_else_writes

EVIDENCE = Evidence(source="callback", digest="d" * 64, account="bogus-main~1")
NO_GUARD = Guard()


def started(order: Order) -> Order:
    payment = a_payment(order, len(order.payments) + 1)
    return lifecycle.start_payment(order, payment, START)


def paid(order: Order) -> Order:
    number = next(n for n, p in order.payments.items() if p.state is not PaymentState.SUCCEEDED)
    return money_verified(order, receipt_for(order.payments[number]), EVIDENCE, START)


def test_a_new_order_is_stored_and_read_back_as_it_was(orders: Orders, order: Order) -> None:
    assert orders.get(order.id) is None
    assert orders.create(order) is None
    assert orders.get(order.id) == order


def test_a_second_create_answers_what_is_stored_and_changes_nothing(
    orders: Orders, order: Order
) -> None:
    orders.create(order)
    assert orders.create(replace(order, amount=1, secret="Z" * 26)) == order
    assert orders.get(order.id) == order


def test_a_create_never_takes_the_place_of_an_order_that_has_moved_on(
    orders: Orders, order: Order
) -> None:
    orders.create(order)
    orders.save(started(order), NO_GUARD)
    assert orders.create(order) == started(order)


def test_an_order_with_everything_in_it_survives(orders: Orders, order: Order) -> None:
    orders.create(order)
    for change in (started, started, paid, paid):
        after = change(orders.get(order.id) or order)
        orders.save(after, NO_GUARD)
        assert orders.get(order.id) == after
    assert len(after.exceptions) == len(after.refunds) == 1


def test_the_next_version_replaces_the_stored_one(orders: Orders, order: Order) -> None:
    orders.create(order)
    after = started(order)
    orders.save(after, NO_GUARD)
    assert orders.get(order.id) == after


@pytest.mark.parametrize("versions", [-1, 0, 2, 7])
def test_any_other_version_conflicts_and_brings_what_is_stored(
    versions: int, orders: Orders, order: Order
) -> None:
    stored = replace(order, version=5)
    orders.create(stored)
    with pytest.raises(Conflict) as conflict:
        orders.save(replace(stored, version=5 + versions, attach="new"), NO_GUARD)
    assert conflict.value.current == stored
    assert orders.get(order.id) == stored


def test_the_same_save_again_conflicts_with_itself(orders: Orders, order: Order) -> None:
    orders.create(order)
    after = started(order)
    orders.save(after, NO_GUARD)
    with pytest.raises(Conflict) as conflict:
        orders.save(after, NO_GUARD)
    assert conflict.value.current == after


def test_an_order_that_is_not_there_can_not_be_saved(orders: Orders, order: Order) -> None:
    with pytest.raises(TryAgain):
        orders.save(started(order), NO_GUARD)
    assert orders.get(order.id) is None


@pytest.mark.parametrize(
    ("stored", "at", "holds"),
    [
        ({}, 0, True),
        ({"state": OrderState.PAYING}, 0, True),
        ({}, 1799, True),
        ({}, 1800, False),
        ({}, 99_999, False),
        ({"closing": True}, 0, False),
        ({"state": OrderState.CLOSED}, 0, False),
        ({"state": OrderState.PAID, "winner": "P01"}, 0, False),
    ],
)
def test_a_payable_order_is_open_not_closing_and_before_its_deadline(
    stored: dict[str, object], at: int, *, holds: bool, orders: Orders, order: Order
) -> None:
    before = replace(order, **stored)  # type: ignore[arg-type]  # fields of the order
    orders.create(before)
    after = somebody_else_writes(before)
    guard = Guard(payable_at=order.created_at + at)
    if holds:
        orders.save(after, guard)
    else:
        with pytest.raises(Conflict) as conflict:
            orders.save(after, guard)
        assert conflict.value.current == before
    assert orders.get(order.id) == (after if holds else before)


def test_an_order_that_has_a_winner_gets_no_second_one(orders: Orders, order: Order) -> None:
    orders.create(order)
    one = started(order)
    orders.save(one, Guard(payable_at=START))
    won = paid(one)
    orders.save(won, Guard(no_winner=True))
    with pytest.raises(Conflict) as conflict:
        orders.save(somebody_else_writes(won), Guard(no_winner=True))
    assert conflict.value.current == won


def test_both_guards_hold_at_once(orders: Orders, order: Order) -> None:
    orders.create(order)
    both = Guard(payable_at=START, no_winner=True)
    after = somebody_else_writes(order)
    orders.save(after, both)
    with pytest.raises(Conflict):
        orders.save(somebody_else_writes(after), replace(both, payable_at=order.expires_at))


def test_of_ten_threads_that_create_one_order_one_is_first_and_all_get_the_same(
    orders: Orders, order: Order
) -> None:
    together = Barrier(10, timeout=20)

    def create(number: int) -> Order | None:
        mine = replace(order, secret=f"{number:026d}")
        together.wait()
        return orders.create(mine)

    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(create, range(10)))
    assert answers.count(None) == 1
    stored = orders.get(order.id)
    assert stored is not None
    assert stored.secret == f"{answers.index(None):026d}"
    assert {answer.secret for answer in answers if answer} == {stored.secret}


def test_of_ten_threads_that_save_the_next_version_one_wins_and_nine_learn_of_it(
    orders: Orders, order: Order
) -> None:
    orders.create(order)
    together = Barrier(10, timeout=20)

    def save(number: int) -> Order | None:
        mine = replace(somebody_else_writes(order), attach=str(number))
        together.wait()
        try:
            orders.save(mine, NO_GUARD)
        except Conflict as conflict:
            return conflict.current
        return None

    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(save, range(10)))
    assert answers.count(None) == 1
    winner = orders.get(order.id)
    assert winner is not None
    assert winner.attach == str(answers.index(None))
    assert all(answer == winner for answer in answers if answer)


def test_of_ten_payments_that_all_succeed_at_once_one_wins_the_order(
    orders: Orders, order: Order
) -> None:
    """The whole loop of the use cases, over the store alone: read, decide, save, decide again."""
    open_order = order
    orders.create(order)
    for _ in range(10):
        open_order = started(open_order)
        orders.save(open_order, NO_GUARD)
    together = Barrier(10, timeout=20)

    def pay(number: str) -> None:
        together.wait()
        receipt = receipt_for(open_order.payments[number])
        for _ in range(10):
            stored = orders.get(order.id)
            assert stored is not None
            # Eight conflicts in a row are told as an error, and a channel repeats.
            with suppress(SlowDown):
                update(orders, stored, lambda o: money_verified(o, receipt, EVIDENCE, START), START)
                return

    with ThreadPoolExecutor(10) as pool:
        list(pool.map(pay, open_order.payments))
    stored = orders.get(order.id)
    assert stored is not None
    assert (stored.state, len(stored.exceptions), len(stored.refunds)) == ("PAID", 9, 9)
    assert stored.version == 1 + 10 + 10


def test_what_is_empty_is_not_stored(orders: Orders, order: Order) -> None:
    orders.create(order)
    item = orders.raw(order.id)
    assert item is not None
    assert not {"winner", "closing", "outbox", "close_due_at"} & set(item)


def test_what_is_owed_is_found_and_what_is_settled_is_not(orders: Orders, order: Order) -> None:
    # Long ago, so that no order of another test is older.
    mine = replace(order, created_at=0, expires_at=100)
    orders.create(mine)
    assert orders.owed_before(220, 1000) == []
    assert orders.owed_before(221, 1000) == [order.id]
    closed = lifecycle.close(mine, 150)
    orders.save(closed, NO_GUARD)
    assert orders.owed_before(270, 1000) == []
    assert orders.owed_before(271, 1000) == [order.id]
    (event,) = closed.events.values()
    orders.save(delivery.move(closed, event, DeliveryEvent.ACKNOWLEDGED, 300), NO_GUARD)
    assert orders.owed_before(10_000, 1000) == []
    item = orders.raw(order.id)
    assert item is not None
    assert not {"owed_at", "owed_shard"} & set(item)


def test_a_limit_bounds_what_is_found_from_all_shards(orders: Orders, order: Order) -> None:
    mine = {ids.order_id("contract", f"{order.id}-{n}") for n in range(30)}
    for order_id in mine:
        orders.create(replace(order, id=order_id, created_at=0, expires_at=100))
    assert set(orders.owed_before(221, 1000)) == mine
    for limit in (1, 7, 29):
        found = orders.owed_before(221, limit)
        assert len(found) == len(set(found)) == limit
        assert set(found) <= mine
