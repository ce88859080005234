"""Read, decide, write under the condition that nothing has changed; otherwise decide again on what is there now."""

from collections.abc import Callable
from typing import Final

from paycenter.domain.errors import SlowDown
from paycenter.domain.order import Order
from paycenter.ports.store import Conflict, Guard, OrderStore

_TRIES: Final = 8


def guard_of(before: Order, after: Order, now: int) -> Guard:
    """Return the conditions that this change needs beside the version: they are part of the write itself."""
    return Guard(
        payable_at=now if len(after.payments) > len(before.payments) else None,
        no_winner=after.winner != before.winner,
        refundable=_reserved(before, after),
    )


def _reserved(before: Order, after: Order) -> tuple[str, int, str] | None:
    """Return what a write reserves of a payment that had succeeded before."""
    for number in after.refunds.keys() - before.refunds.keys():
        refund = after.refunds[number]
        if before.payments[refund.payment_no].refundable:
            return refund.payment_no, refund.amount, number
    return None


def update(orders: OrderStore, order: Order, decide: Callable[[Order], Order], now: int) -> Order:
    """Store what `decide` makes of the order and return it; the same object back means that nothing is to be done.

    On a conflict `decide` is asked again with the stored order. Raises SlowDown after eight conflicts in a row, with
    nothing written: the caller may repeat.
    """
    for _ in range(_TRIES):
        after = decide(order)
        if after is order:
            return order
        try:
            orders.save(after, guard_of(order, after, now))
        except Conflict as conflict:
            order = conflict.current
        else:
            return after
    message = "This order is changed by too many at once; repeat the same request in a moment."
    raise SlowDown(message)
