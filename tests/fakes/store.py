"""Orders, exceptions and movements in memory, under the same conditions as the real tables."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from paycenter.domain.errors import TryAgain
from paycenter.domain.order import Order
from paycenter.ports.store import Conflict, ExceptionRecord, Guard, Movement
from tests.fakes.wire import Wire

type Interference = Callable[[Order], Order]
MISSING: Final = "there is no such order"


@dataclass
class InMemoryOrders:
    """The order table and its index; `history` holds every version that was ever stored, oldest first.

    `interference` is what somebody else writes just before our next saves, one for each.
    """

    wire: Wire = field(default_factory=Wire)
    stored: dict[str, Order] = field(default_factory=dict)
    history: list[Order] = field(default_factory=list)
    interference: list[Interference] = field(default_factory=list)

    def create(self, order: Order) -> Order | None:
        """Store a new order, or return the stored one."""
        return self.wire.run("orders.create", order.id, lambda: self._create(order))

    def get(self, order_id: str) -> Order | None:
        """Return what is stored now."""
        return self.wire.run("orders.get", order_id, lambda: self.stored.get(order_id))

    def get_many(self, order_ids: Collection[str]) -> Mapping[str, Order]:
        """Return what is stored now of these."""
        return self.wire.run(
            "orders.get_many",
            str(len(order_ids)),
            lambda: {name: self.stored[name] for name in order_ids if name in self.stored},
        )

    def save(self, order: Order, guard: Guard) -> None:
        """Replace the stored order by its next version, or raise Conflict with what is stored."""
        self.wire.run("orders.save", f"v{order.version}", lambda: self._save(order, guard))

    def owed_before(self, moment: int, limit: int) -> list[str]:
        """Return what is owed by then, oldest first."""
        owed = [
            (order.owed_at, order.id)
            for order in self.stored.values()
            if order.owed_at is not None and order.owed_at < moment
        ]
        return [order_id for _, order_id in sorted(owed)][:limit]

    def dead_since(self, line: str, moment: int, limit: int) -> list[str]:
        """Return the line's orders with dead letters that owe nothing else."""
        dead = [
            (order.dead_at, order.id)
            for order in self.stored.values()
            if order.line == line and order.owed_at is None and (order.dead_at or -1) >= moment
        ]
        return [order_id for _, order_id in sorted(dead)][:limit]

    def put(self, order: Order) -> Order:
        """Store an order as a test wants it, without conditions."""
        self.stored[order.id] = order
        self.history.append(order)
        return order

    def _create(self, order: Order) -> Order | None:
        if order.id in self.stored:
            return self.stored[order.id]
        self.put(order)
        return None

    def _save(self, order: Order, guard: Guard) -> None:
        if self.interference and order.id in self.stored:
            self.put(self.interference.pop(0)(self.stored[order.id]))
        current = self.stored.get(order.id)
        if current is None:
            raise TryAgain(MISSING)
        if current.version != order.version - 1 or not _holds(guard, current):
            raise Conflict(current)
        self.put(order)


def _holds(guard: Guard, current: Order) -> bool:
    if guard.no_winner and current.winner:
        return False
    if guard.refundable is not None:
        payment_no, amount, refund_no = guard.refundable
        payment = current.payments.get(payment_no)
        if payment is None or payment.refundable < amount or refund_no in current.refunds:
            return False
    if guard.payable_at is None:
        return True
    return current.is_open and not current.closing and current.expires_at > guard.payable_at


def somebody_else_writes(order: Order) -> Order:
    """Return the order after a write that changes nothing but its version."""
    return replace(order, version=order.version + 1)


@dataclass
class InMemoryExceptions:
    """Exceptions by id; `raised` counts the attempts, the repeated ones too."""

    wire: Wire = field(default_factory=Wire)
    records: dict[str, ExceptionRecord] = field(default_factory=dict)
    raised: int = 0

    def raise_once(self, record: ExceptionRecord) -> bool:
        """Keep the first record of an id."""
        return self.wire.run("exceptions.raise_once", record.kind, lambda: self._raise(record))

    def _raise(self, record: ExceptionRecord) -> bool:
        self.raised += 1
        is_new = record.exception_id not in self.records
        self.records.setdefault(record.exception_id, record)
        return is_new


@dataclass
class InMemoryMovements:
    """Movements by account, day and number."""

    wire: Wire = field(default_factory=Wire)
    rows: dict[tuple[str, str, str], Movement] = field(default_factory=dict)

    def put(self, movements: list[Movement]) -> None:
        """Store rows; the same row again is the same row."""
        self.wire.run("movements.put", str(len(movements)), lambda: self._put(movements))

    def _put(self, movements: list[Movement]) -> None:
        for row in movements:
            self.rows[row.account, row.day, row.number] = row
