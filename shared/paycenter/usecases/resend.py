"""Notifications that ended are sent again, by a line for one of its orders or by an operator for a whole line."""

from collections.abc import Collection
from typing import Final

from paycenter.domain import delivery
from paycenter.domain.errors import NotFound
from paycenter.domain.order import Order
from paycenter.ports.everything import Ports
from paycenter.usecases.update import update

# One call's work; the operator's command repeats until nothing is left.
_LIMIT: Final = 100


def resend_order(order: Order, event_ids: Collection[str], ports: Ports) -> Order:
    """Owe events of an order anew, all of its dead ones where none is named; the stream sends them on.

    Returns the order as it stands afterwards. Raises NotFound for an event that the order does not have. A repeat
    while they are owed changes nothing.
    """
    now = ports.clock.now()
    if not set(event_ids) <= order.events.keys():
        raise NotFound
    return update(
        ports.orders,
        order,
        lambda stored: delivery.send_again(stored, event_ids or delivery.dead_events(stored), now),
        now,
    )


def resend_line(line_id: str, since: int, ports: Ports) -> int:
    """Owe anew what a line was never told since a moment; returns how many orders were touched, at most a hundred.

    0 means that nothing is left. Orders that still owe something else are found once that has ended.
    """
    touched = 0
    for order_id in ports.owed.dead_since(line_id, since, _LIMIT):
        order = ports.orders.get(order_id)
        if order is not None and order.line == line_id:
            dead = delivery.dead_events(order, since)
            touched += resend_order(order, dead, ports) is not order
    return touched
