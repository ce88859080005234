"""What the tables of exceptions and movements promise, of the fakes and of DynamoDB. Holds I11, I22; C07, C08."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import count
from threading import Barrier

import pytest

from paycenter.domain.order import ExceptionKind
from paycenter.ports.store import ExceptionRecord, Movement
from tests.contract.conftest import Movements, Records
from tests.fakes.clock import START

_numbers = count(1)


@pytest.fixture
def record() -> ExceptionRecord:
    transaction = f"T-contract-{next(_numbers)}"
    return ExceptionRecord(
        exception_id=f"bogus|main|UNKNOWN_ORDER|{transaction}",
        kind=ExceptionKind.UNKNOWN_ORDER,
        channel="bogus",
        account="main~1",
        order_id="",
        line="",
        payment_no="somebody-else's",
        amount=1,
        currency="CNY",
        channel_transaction_no=transaction,
        resolution="hold",
        raised_at=START,
    )


def test_an_exception_is_new_once(records: Records, record: ExceptionRecord) -> None:
    assert records.raise_once(record)
    assert not records.raise_once(record)
    assert records.stored(record.exception_id) == {"amount": 1, "detail": ""}


def test_a_repeat_overwrites_nothing(records: Records, record: ExceptionRecord) -> None:
    records.raise_once(record)
    assert not records.raise_once(replace(record, amount=2, detail="later"))
    assert records.stored(record.exception_id) == {"amount": 1, "detail": ""}


def test_other_money_is_another_exception(records: Records, record: ExceptionRecord) -> None:
    records.raise_once(record)
    assert records.raise_once(replace(record, exception_id=record.exception_id + "-2"))


def test_an_exception_without_an_amount_is_one_too(
    records: Records, record: ExceptionRecord
) -> None:
    assert records.raise_once(replace(record, amount=0, currency=""))
    assert records.stored(record.exception_id) == {"amount": 0, "detail": ""}


def test_of_ten_threads_that_raise_it_one_is_told_that_it_is_new(
    records: Records, record: ExceptionRecord
) -> None:
    together = Barrier(10, timeout=20)

    def raise_it(number: int) -> bool:
        together.wait()
        return records.raise_once(replace(record, amount=number))

    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(raise_it, range(10)))
    assert answers.count(True) == 1
    stored = records.stored(record.exception_id)
    assert stored is not None
    assert stored["amount"] == answers.index(True)


def a_movement(number: str, day: str = "2026-11-18", account: str = "") -> Movement:
    return Movement(
        account=account or f"contract-{next(_numbers)}~1",
        day=day,
        number=number,
        order_id=number[:26],
        amount=12800,
        currency="CNY",
        channel_transaction_no=f"T-{number}",
        settled_at=START,
    )


def test_movements_are_found_by_account_and_day(movements: Movements) -> None:
    first = a_movement("ONE0000000000000000000000AP01")
    others = [
        replace(first, number="TWO0000000000000000000000AP01"),
        replace(first, number="SIX0000000000000000000000AP01", day="2026-11-19"),
    ]
    movements.put([first, *others])
    assert movements.numbers(first.account, "2026-11-18") == [
        ("ONE0000000000000000000000AP01", 12800),
        ("TWO0000000000000000000000AP01", 12800),
    ]
    assert len(movements.numbers(first.account, "2026-11-19")) == 1
    assert movements.numbers("nobody~1", "2026-11-18") == []


def test_the_same_movement_again_is_the_same_row(movements: Movements) -> None:
    row = a_movement("ONE0000000000000000000000AP01")
    movements.put([row])
    movements.put([row, row])
    assert movements.numbers(row.account, row.day) == [(row.number, 12800)]


def test_no_movements_are_no_trouble(movements: Movements) -> None:
    movements.put([])
