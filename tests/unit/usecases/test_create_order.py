"""`POST /v1/orders`. Holds I16, I39 (its use), the timer before the write (A10, A17); S-11, S-26, S-37."""

from dataclasses import replace
from typing import Any

import pytest

from paycenter.contracts.api import CreateOrderRequest
from paycenter.domain import ids
from paycenter.domain.errors import DifferentBody, Malformed
from paycenter.domain.jobs import JobKind
from paycenter.domain.order import LatePolicy, Order
from paycenter.usecases.create_order import create_order
from paycenter.usecases.present import cashier_url
from tests.fakes.acting import broken_everywhere, ordered, request_of
from tests.fakes.clock import START
from tests.fakes.interleaving import Task, interleavings
from tests.fakes.ports import FakePorts, fake_ports
from tests.fakes.samples import a_line
from tests.fakes.wire import Fault, Wire


def create(ports: FakePorts, request: CreateOrderRequest) -> tuple[Order, bool]:
    return create_order(ports.configuration.lines["tickets"], request, ports)


def test_an_order_is_stored_as_it_was_asked_for(ports: FakePorts) -> None:
    request = request_of(
        expires_in=120,
        attach="a=1",
        return_url="https://tickets.example.com/done?x=1",
        information=[{"label": "日期", "value": "2026-11-24"}],
    )
    order, is_new = create(ports, request)
    assert is_new
    assert ports.orders.stored == {ids.order_id("tickets", "A-1"): order}
    assert (order.state, order.version, order.amount) == ("CREATED", 1, 12800)
    assert (order.created_at, order.expires_at) == (START, START + 120)
    assert (order.line, order.attach, order.information[0].label) == ("tickets", "a=1", "日期")
    assert order.return_url == "https://tickets.example.com/done?x=1"
    assert order.log == (f"{START} 1 O >CREATED created",)


def test_half_an_hour_is_the_usual_life(ports: FakePorts) -> None:
    assert ordered(ports).expires_at == START + 1800


def test_the_timer_leaves_before_the_write_and_nothing_else_is_called(ports: FakePorts) -> None:
    order = ordered(ports)
    assert ports.wire.names() == ["timers.schedule", "orders.create"]
    (job,) = ports.timers.sent
    assert (job.kind, job.order_id, job.due_at) == (JobKind.EXPIRE, order.id, order.expires_at)


def test_an_order_pins_the_late_policy_of_its_time(ports: FakePorts) -> None:
    ports.configuration.lines["tickets"] = a_line(late_policy=LatePolicy.ACCEPT)
    assert ordered(ports).late_policy is LatePolicy.ACCEPT


def test_a_repeat_answers_the_same_order_with_the_same_address(ports: FakePorts) -> None:
    first, _ = create(ports, request_of())
    ports.clock.forward(60)
    again, is_new = create(ports, request_of())
    assert not is_new
    assert again == first
    assert cashier_url(again, "https://x") == cashier_url(first, "https://x")
    assert ports.orders.history == [first]


def test_a_repeat_with_the_default_written_out_is_the_same_request(ports: FakePorts) -> None:
    first, _ = create(ports, request_of())
    spelled, is_new = create(ports, request_of(expires_in=1800, attach="", information=[]))
    assert (spelled, is_new) == (first, False)


DIFFERENT: list[dict[str, Any]] = [
    {"amount": 12801},
    {"subject": "Three tickets"},
    {"attach": "x"},
    {"expires_in": 121},
    {"return_url": "https://tickets.example.com/"},
    {"information": [{"label": "a", "value": "b"}]},
]


@pytest.mark.parametrize("change", DIFFERENT, ids=lambda change: next(iter(change)))
def test_the_same_number_with_another_body_is_refused_and_writes_nothing(
    change: dict[str, Any], ports: FakePorts
) -> None:
    first, _ = create(ports, request_of())
    with pytest.raises(DifferentBody, match="send the same body, or a new out_order_no"):
        create(ports, request_of(**change))
    assert ports.orders.history == [first]


def test_another_line_s_equal_number_is_another_order(ports: FakePorts) -> None:
    ours = ordered(ports)
    theirs, is_new = create_order(ports.configuration.lines["hotel"], request_of(), ports)
    assert is_new
    assert theirs.id != ours.id


@pytest.mark.parametrize(
    "address",
    [
        "//evil.example",
        "https:evil.example",
        "/done",
        "done",
        "\\\\evil.example",
        "https://tickets.example.com\\@evil.example/",
        "https://tickets.example.com@evil.example/",
        "https://evil.example/https://tickets.example.com",
        "https://tickets.example.com.evil.example/",
        "https://tickets.example.com:8443/",
        "https://tickets.example.com:/",
        "https://TICKETS.example.com/",
        "http://tickets.example.com/",
        "https://user@tickets.example.com/",
        "https://tickets.example.com/#fragment",
        "https://[::1/",
        "javascript:alert(1)",
        "data:text/html,x",
        "https://",
    ],
)
def test_a_payer_is_never_led_elsewhere(address: str, ports: FakePorts) -> None:
    with pytest.raises(Malformed) as refusal:
        ordered(ports, return_url=address)
    assert refusal.value.field == "return_url"
    assert ports.wire.calls == []


def test_whatever_breaks_the_repeat_makes_one_order_and_none_is_without_its_timer() -> None:
    for broken in broken_everywhere(lambda _: None, ordered):
        ports = broken.ports
        assert len(ports.orders.history) == 1
        if broken.before_repeat:
            # The order was stored: then its timer had been sent, before anything was repeated.
            assert ports.wire.names()[0] == "timers.schedule"
        if broken.fault is Fault.NOT_EXECUTED:
            assert not broken.answered


def test_two_creates_at_once_make_one_order_under_every_interleaving() -> None:
    worlds: list[FakePorts] = []

    def make() -> tuple[Wire, list[Task]]:
        ports = fake_ports()
        worlds.append(ports)
        return ports.wire, [lambda: create(ports, request_of())] * 2

    count = 0
    for results in interleavings(make):
        count += 1
        answers = [answer for answer in results.values() if isinstance(answer, tuple)]
        assert sorted(is_new for _, is_new in answers) == [False, True]
        assert answers[0][0] == answers[1][0]
        assert len(worlds[-1].orders.history) == 1
    assert count == 6


def test_two_different_bodies_at_once_leave_one_winner_and_one_refusal() -> None:
    worlds: list[FakePorts] = []

    def make() -> tuple[Wire, list[Task]]:
        ports = fake_ports()
        worlds.append(ports)
        tasks: list[Task] = [
            lambda: create(ports, request_of(amount=1)),
            lambda: create(ports, request_of(amount=2)),
        ]
        return ports.wire, tasks

    for results in interleavings(make):
        refused = [result for result in results.values() if isinstance(result, DifferentBody)]
        assert len(refused) == 1
        assert len(worlds[-1].orders.history) == 1


def test_a_write_that_timed_out_is_found_by_the_repeat_as_its_own(ports: FakePorts) -> None:
    ports.wire.faults[1] = Fault.EXECUTED_BUT_TIMED_OUT
    with pytest.raises(Exception, match="injected"):
        ordered(ports)
    (stored,) = ports.orders.stored.values()
    assert create(ports, request_of()) == (stored, False)
    assert replace(stored) == stored
