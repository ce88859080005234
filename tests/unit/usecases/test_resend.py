"""What nobody took is sent again. Holds I23; U01, U08, S-40 for the line's own calls."""

import pytest

from paycenter.domain import ids
from paycenter.domain.errors import NotFound
from paycenter.domain.order import Order
from paycenter.domain.states import EventState
from paycenter.ports.delivery import DeliveryAnswer
from paycenter.usecases.resend import resend_line, resend_order
from tests.fakes.acting import called_back, now_stored, paying_order, publish_all
from tests.fakes.clock import START
from tests.fakes.ports import FakePorts
from tests.fakes.world import World


def dead(world: World, number: str = "A-1") -> Order:
    ports = world.ports
    ports.business_lines.usual = DeliveryAnswer(status=500)
    started = paying_order(ports, "qr", number=number)
    ports.bogus.payer_pays(started.payment.payment_no)
    called_back(ports, ports.bogus, started.payment.payment_no)
    world.run()
    order = now_stored(ports, started.order)
    assert [event.state for event in order.events.values()] == [EventState.DEAD]
    return order


def test_a_dead_event_is_told_when_it_is_sent_again() -> None:
    world = World()
    order = dead(world)
    world.ports.business_lines.usual = DeliveryAnswer(status=204)
    before = len(world.ports.business_lines.received)
    resend_order(order, [], world.ports)
    resend_order(now_stored(world.ports, order), [], world.ports)
    world.run()
    (event,) = now_stored(world.ports, order).events.values()
    assert event.state is EventState.DELIVERED
    posts = world.ports.business_lines.received
    assert len(posts) == before + 1
    assert posts[-1].headers["webhook-id"] == posts[0].headers["webhook-id"]


def test_a_delivered_event_may_be_asked_for_by_name(ports: FakePorts) -> None:
    world = World(ports)
    started = paying_order(ports, "qr")
    ports.bogus.payer_pays(started.payment.payment_no)
    called_back(ports, ports.bogus, started.payment.payment_no)
    world.run()
    order = now_stored(ports, started.order)
    assert resend_order(order, [], ports) is order, "without a name only dead ones"
    resend_order(order, [ids.event_id(order.id, 1)], ports)
    world.run()
    assert len(ports.business_lines.received) == 2


def test_an_event_that_the_order_does_not_have_is_not_found(ports: FakePorts) -> None:
    order = paying_order(ports).order
    with pytest.raises(NotFound):
        resend_order(order, [ids.event_id(order.id, 1)], ports)


def test_all_of_a_line_since_a_moment_are_sent_again() -> None:
    world = World()
    orders = [dead(world, number) for number in ("A-1", "A-2", "A-3")]
    times = sorted(now_stored(world.ports, order).dead_at or 0 for order in orders)
    assert resend_line("hotel", START, world.ports) == 0
    assert resend_line("tickets", times[1], world.ports) == 2
    assert resend_line("tickets", times[1], world.ports) == 0
    assert resend_line("tickets", START, world.ports) == 1
    world.ports.business_lines.usual = DeliveryAnswer(status=204)
    world.run()
    states = {e.state for o in orders for e in now_stored(world.ports, o).events.values()}
    assert states == {EventState.DELIVERED}
    assert publish_all(world.ports)
