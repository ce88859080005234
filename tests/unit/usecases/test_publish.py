"""The stream. Holds I11 (movements), I22, I23 (the first sending), I24; A20 to A22."""

from dataclasses import replace

import pytest

from paycenter.domain.errors import TryAgain
from paycenter.domain.jobs import JobKind
from paycenter.domain.states import EventState
from paycenter.usecases.expire import run_expiry
from paycenter.usecases.publish import Change, Published, publish
from tests.fakes.acting import called_back, expiry_of, ordered, paying_order, publish_all, started
from tests.fakes.clock import START
from tests.fakes.ports import FakePorts
from tests.fakes.samples import an_order
from tests.fakes.wire import Fault


def paid_twice(ports: FakePorts) -> None:
    first = paying_order(ports)
    second = started(ports, first.order, "rival", "page")
    for channel, answer in ((ports.bogus, first), (ports.rival, second)):
        channel.payer_pays(answer.payment.payment_no)
        called_back(ports, channel, answer.payment.payment_no)
    ports.wire.forget()
    ports.timers.requests.clear()


def test_each_owed_event_is_sent_once_although_later_images_still_hold_it(
    ports: FakePorts,
) -> None:
    paid_twice(ports)
    publish_all(ports)
    (job,) = ports.timers.sent_of(JobKind.NOTIFY)
    order = next(iter(ports.orders.stored.values()))
    assert (job.event_id, job.attempt, job.due_at) == (f"{order.id}E01", 0, START)


def test_a_batch_of_changes_is_one_request_to_the_queue(ports: FakePorts) -> None:
    orders = [ordered(ports, f"A-{n}", expires_in=120) for n in range(7)]
    ports.clock.forward_to(START + 120)
    for order in orders:
        run_expiry(expiry_of(order), ports)
    ports.timers.requests.clear()
    ports.wire.forget()
    changes = [Change(order, ports.orders.stored[order.id]) for order in orders]
    assert publish(changes, ports).notifications == 7
    assert ports.wire.names() == ["timers.schedule"]
    assert len(ports.timers.requests[0]) == 7


def test_each_settled_payment_is_one_movement_of_its_account_s_beijing_day(
    ports: FakePorts,
) -> None:
    paid_twice(ports)
    publish_all(ports)
    publish_all(ports)
    order = next(iter(ports.orders.stored.values()))
    assert sorted(ports.movements.rows) == [
        # 1,794,960,000 is 2026-11-18 00:00 UTC: eight in the morning in Beijing.
        ("bogus-main~1", "2026-11-18", f"{order.id}P01"),
        ("rival-main~1", "2026-11-18", f"{order.id}P02"),
    ]
    row = ports.movements.rows["bogus-main~1", "2026-11-18", f"{order.id}P01"]
    assert (row.amount, row.currency, row.order_id) == (12800, "CNY", order.id)
    assert row.channel_transaction_no == f"T-{order.id}P01"


@pytest.mark.parametrize(("hour", "day"), [(15, "2026-11-18"), (16, "2026-11-19")])
def test_beijing_s_day_begins_at_16_utc(hour: int, day: str, ports: FakePorts) -> None:
    number = paying_order(ports, expires_in=86400).payment.payment_no
    ports.clock.forward(hour * 3600)
    ports.bogus.payer_pays(number)
    called_back(ports, ports.bogus, number)
    publish_all(ports)
    assert [key[1] for key in ports.movements.rows] == [day]


def test_an_exception_of_an_order_becomes_a_record_for_people(ports: FakePorts) -> None:
    paid_twice(ports)
    publish_all(ports)
    publish_all(ports)
    order = next(iter(ports.orders.stored.values()))
    (record,) = ports.exceptions.records.values()
    assert record.exception_id == f"rival|rival-main|DUPLICATE_PAYMENT|T-{order.id}P02"
    assert (record.order_id, record.line, record.payment_no) == (
        order.id,
        "tickets",
        f"{order.id}P02",
    )
    assert (record.amount, record.currency, record.resolution) == (12800, "CNY", "refund")
    assert (record.channel, record.account) == ("rival", "rival-main~1")


def test_an_event_that_ended_before_the_stream_saw_it_is_not_sent(ports: FakePorts) -> None:
    paid_twice(ports)
    order = next(iter(ports.orders.stored.values()))
    delivered = replace(order.events[f"{order.id}E01"], state=EventState.DELIVERED)
    told = replace(order, events={delivered.event_id: delivered}, refunds={})
    publish([Change(None, told)], ports)
    assert ports.timers.sent == []


def test_a_change_that_owes_nothing_new_calls_nobody(ports: FakePorts) -> None:
    order = an_order()
    nothing = Published(notifications=0, refunds=0, movements=0, exceptions=0)
    assert publish([Change(None, order), Change(order, order)], ports) == nothing
    assert ports.wire.calls == []


@pytest.mark.parametrize("call", [0, 1, 2, 3])
@pytest.mark.parametrize("fault", [Fault.NOT_EXECUTED, Fault.EXECUTED_BUT_TIMED_OUT])
def test_an_error_leaves_as_an_exception_and_the_repeat_loses_and_doubles_nothing(
    call: int, fault: Fault, ports: FakePorts
) -> None:
    paid_twice(ports)
    order = next(iter(ports.orders.stored.values()))
    changes = [Change(None, order)]
    ports.wire.faults[call] = fault
    with pytest.raises(TryAgain):
        publish(changes, ports)
    publish(changes, ports)
    assert {job.event_id for job in ports.timers.sent if job.event_id} == {f"{order.id}E01"}
    assert {job.refund_no for job in ports.timers.sent if job.refund_no} == {f"{order.id}P02D"}
    assert len(ports.movements.rows) == 2
    assert len(ports.exceptions.records) == 1
