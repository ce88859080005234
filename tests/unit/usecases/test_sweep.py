"""The sweep finds what was lost, and nothing else. Holds I23, I29; A07, A19, A22."""

import pytest

from paycenter.domain.jobs import JobKind
from paycenter.domain.order import OWED_GRACE_SECONDS
from paycenter.domain.states import EventState, OrderState
from paycenter.ports.channel import Outcome, QueryAnswer
from paycenter.ports.delivery import DeliveryAnswer
from paycenter.usecases.expire import run_expiry
from paycenter.usecases.notify import run_notification
from paycenter.usecases.sweep import sweep
from tests.fakes.acting import called_back, expiry_of, now_stored, ordered, paying_order
from tests.fakes.clock import START
from tests.fakes.ports import FakePorts


def test_nothing_is_swept_where_everything_is_in_time(ports: FakePorts) -> None:
    order = ordered(ports)
    ports.timers.requests.clear()
    ports.clock.forward_to(order.expires_at + OWED_GRACE_SECONDS)
    assert sweep(ports) == 0
    assert ports.timers.sent == []
    assert ports.telemetry.counts["Swept"] == 0


def test_an_order_whose_timer_was_lost_is_closed_through_the_sweep(ports: FakePorts) -> None:
    order = ordered(ports)
    ports.timers.requests.clear()
    ports.clock.forward_to(order.expires_at + OWED_GRACE_SECONDS + 1)
    assert sweep(ports) == 1
    (job,) = ports.timers.sent
    assert (job.kind, job.order_id, job.due_at) == (JobKind.EXPIRE, order.id, ports.clock.now())
    assert run_expiry(job, ports) == "CLOSED"
    assert ports.telemetry.counts["Swept"] == 1


def test_a_postponed_close_whose_timer_was_lost_is_found_under_its_own_attempt(
    ports: FakePorts,
) -> None:
    answer = paying_order(ports, "qr")
    ports.clock.forward_to(answer.order.expires_at)
    ports.bogus.query_answers = [QueryAnswer(outcome=Outcome.UNKNOWN)] * 2
    run_expiry(expiry_of(answer.order), ports)
    ports.timers.requests.clear()
    ports.clock.forward(5 + OWED_GRACE_SECONDS)
    assert sweep(ports) == 0
    ports.clock.forward(1)
    assert sweep(ports) == 1
    (job,) = ports.timers.sent
    assert job.attempt == 1
    assert run_expiry(job, ports) == "postponed by 10 s"


def test_an_event_whose_message_was_lost_is_told_through_the_sweep(ports: FakePorts) -> None:
    number = paying_order(ports, "qr").payment.payment_no
    ports.bogus.payer_pays(number)
    called_back(ports, ports.bogus, number)
    ports.timers.requests.clear()
    ports.clock.forward(OWED_GRACE_SECONDS + 1)
    sweep(ports)
    (job,) = ports.timers.sent
    assert (job.kind, job.attempt) == (JobKind.NOTIFY, 0)
    assert run_notification(job, ports) == "ACKNOWLEDGED"
    ports.clock.forward(3600)
    assert sweep(ports) == 0


def test_a_lost_retry_is_found_under_its_own_attempt(ports: FakePorts) -> None:
    number = paying_order(ports, "qr").payment.payment_no
    ports.bogus.payer_pays(number)
    called_back(ports, ports.bogus, number)
    ports.business_lines.answers = [DeliveryAnswer(status=500)]
    ports.clock.forward(OWED_GRACE_SECONDS + 1)
    sweep(ports)
    run_notification(ports.timers.sent[-1], ports)
    ports.timers.requests.clear()
    ports.clock.forward(15 + OWED_GRACE_SECONDS + 1)
    sweep(ports)
    (job,) = ports.timers.sent
    assert job.attempt == 1
    assert run_notification(job, ports) == "ACKNOWLEDGED"
    order = next(iter(ports.orders.stored.values()))
    assert order.events[f"{order.id}E01"].state is EventState.DELIVERED


def test_a_closed_order_that_nobody_was_told_of_owes_both_no_more(ports: FakePorts) -> None:
    order = ordered(ports)
    ports.clock.forward_to(order.expires_at)
    run_expiry(expiry_of(order), ports)
    ports.timers.requests.clear()
    ports.clock.forward(OWED_GRACE_SECONDS + 1)
    sweep(ports)
    assert [job.kind for job in ports.timers.sent] == [JobKind.NOTIFY]
    assert now_stored(ports, order).state is OrderState.CLOSED


def test_each_queue_gets_one_request(ports: FakePorts) -> None:
    orders = [ordered(ports, f"A-{n}", expires_in=120) for n in range(5)]
    ports.clock.forward_to(START + 120)
    for order in orders[:2]:
        run_expiry(expiry_of(order), ports)
    ports.timers.requests.clear()
    ports.clock.forward(OWED_GRACE_SECONDS + 1)
    assert sweep(ports) == 5
    assert sorted((request[0].kind, len(request)) for request in ports.timers.requests) == [
        (JobKind.EXPIRE, 3),
        (JobKind.NOTIFY, 2),
    ]


def test_an_index_that_lags_behind_sends_nothing_for_what_is_settled(
    ports: FakePorts, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = ordered(ports)
    ports.clock.forward_to(order.expires_at + OWED_GRACE_SECONDS + 1)
    stale = [*ports.orders.owed_before(ports.clock.now(), 10), "GONE"]
    run_expiry(expiry_of(order), ports)
    ports.timers.requests.clear()
    monkeypatch.setattr(ports.orders, "owed_before", lambda *_: stale)
    assert sweep(ports) == 0
    assert ports.timers.sent == []
