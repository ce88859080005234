"""The steps of an order's life in one line each, as tests tell them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from paycenter.contracts.api import CreateOrderRequest
from paycenter.domain.errors import PayCenterError
from paycenter.domain.jobs import Job, JobKind
from paycenter.domain.order import Order
from paycenter.ports.channel import Acknowledgement, Payer
from paycenter.usecases.callback import take_callback
from paycenter.usecases.create_order import create_order
from paycenter.usecases.create_payment import KnownPayer, StartedPayment, create_payment
from paycenter.usecases.expire import run_expiry
from paycenter.usecases.notify import run_notification
from paycenter.usecases.publish import Change, publish
from paycenter.usecases.query import run_rung
from paycenter.usecases.refund import run_refund
from tests.fakes.channel import BogusChannel, callback_of
from tests.fakes.ports import FakePorts, fake_ports
from tests.fakes.soundness import assert_sound
from tests.fakes.wire import Fault, Killed

NOBODY: Final = KnownPayer(payer=Payer())
CONSUMERS: Final[dict[JobKind, Callable[[Job, FakePorts], str]]] = {
    JobKind.QUERY: run_rung,
    JobKind.EXPIRE: run_expiry,
    JobKind.NOTIFY: run_notification,
    JobKind.REFUND: run_refund,
}


def request_of(number: str = "A-1", **changes: Any) -> CreateOrderRequest:  # noqa: ANN401 - any field
    """Return what a business line sends to create an order."""
    fields = {"out_order_no": number, "amount": 12800, "currency": "CNY", "subject": "Two tickets"}
    return CreateOrderRequest.model_validate({**fields, **changes})


def ordered(ports: FakePorts, number: str = "A-1", **changes: Any) -> Order:  # noqa: ANN401 - any field
    """Create an order."""
    return create_order(ports.configuration.lines["tickets"], request_of(number, **changes), ports)[
        0
    ]


def started(
    ports: FakePorts,
    order: Order,
    channel: str = "bogus",
    product: str = "page",
    by: KnownPayer = NOBODY,
) -> StartedPayment:
    """Start a payment of the order as it is stored now."""
    line = ports.configuration.lines[order.line]
    return create_payment(ports.orders.stored[order.id], line, channel, product, ports, by)


def paying_order(ports: FakePorts, product: str = "page", **changes: Any) -> StartedPayment:  # noqa: ANN401 - any field
    """Create an order and start its first payment."""
    return started(ports, ordered(ports, **changes), product=product)


def called_back(
    ports: FakePorts, channel: BogusChannel, number: str, **changes: object
) -> Acknowledgement:
    """Let a channel tell us of its trade; `changes` tamper with it before it is signed."""
    trade = channel.trades[number]
    name = channel.manifest.channel
    account = ports.configuration.accounts[f"{name}-main~1"]
    return take_callback(name, account.id, callback_of(trade, account, **changes), ports)


def now_stored(ports: FakePorts, order: Order) -> Order:
    """Return the order as it is stored now."""
    return ports.orders.stored[order.id]


def expiry_of(order: Order, attempt: int = 0) -> Job:
    """Return the timer of an order's deadline."""
    return Job(
        kind=JobKind.EXPIRE,
        order_id=order.id,
        due_at=order.expires_at,
        sent_at=order.created_at,
        attempt=attempt,
    )


def publish_all(ports: FakePorts, since: int = 0) -> int:
    """Play the stream: hand every stored version after the first `since` to publish, one by one."""
    before: dict[str, Order] = {}
    for number, order in enumerate(ports.orders.history):
        if number >= since:
            publish([Change(before.get(order.id), order)], ports)
        before[order.id] = order
    return len(ports.orders.history)


def essence(order: Order) -> dict[str, object]:
    """Return what outsiders can tell of an order: not its version, log, secret bits or moments."""
    return {
        "state": order.state,
        "winner": order.winner,
        "closing": order.closing and order.is_open,
        "payments": {number: (p.state, p.refundable) for number, p in order.payments.items()},
        "refunds": {number: (r.amount, r.state) for number, r in order.refunds.items()},
        "events": {number: (e.type, e.state) for number, e in order.events.items()},
        "exceptions": {number: (x.kind, x.amount) for number, x in order.exceptions.items()},
    }


@dataclass(frozen=True)
class Broken:
    """One run in which one call broke, after everything was repeated; `kept` is the world before the repeat."""

    ports: FakePorts
    fault: Fault
    call: str
    before_repeat: dict[str, Order]
    answered: bool


def broken_everywhere(
    prepare: Callable[[FakePorts], None], act: Callable[[FakePorts], object]
) -> Iterator[Broken]:
    """Break each call of `act` in each way, repeat `act` as its caller would, and give the world.

    The clean run comes first, and every end must look like its end to an outsider.
    """
    clean = fake_ports()
    prepare(clean)
    clean.wire.forget()
    act(clean)
    ends = {number: essence(order) for number, order in clean.orders.stored.items()}
    for number, call in enumerate(clean.wire.names()):
        for fault in Fault:
            ports = fake_ports()
            prepare(ports)
            ports.wire.forget()
            ports.wire.faults[number] = fault
            answered = _survives(act, ports)
            ports.wire.faults.clear()
            before_repeat = dict(ports.orders.stored)
            act(ports)
            assert_sound(ports.orders.history)
            assert {n: essence(o) for n, o in ports.orders.stored.items()} == ends, (call, fault)
            yield Broken(ports, fault, call, before_repeat, answered)


def _survives(act: Callable[[FakePorts], object], ports: FakePorts) -> bool:
    try:
        act(ports)
    except (Killed, PayCenterError):
        return False
    return True
