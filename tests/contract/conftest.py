"""Each port twice: the fake, and the real adapter over the template's own tables on the emulated AWS.

The same test runs for both, so that no fake can promise what the real thing does not hold. Orders that a test stores it
takes away again: other tests share the table.
"""

import os
import time
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Final, Protocol

import boto3
import pytest

from paycenter.adapters import aws
from paycenter.adapters.breakers import Breakers
from paycenter.adapters.clock import ScaledClock
from paycenter.adapters.configuration import AwsConfiguration
from paycenter.adapters.dynamodb import (
    DynamoExceptions,
    DynamoMovements,
    DynamoOrders,
    DynamoOwedIndex,
)
from paycenter.adapters.items import to_item
from paycenter.adapters.timers import AwsTimers
from paycenter.contracts.jobs import decode
from paycenter.domain import ids
from paycenter.domain.jobs import Job, JobKind
from paycenter.domain.order import Order
from paycenter.ports.store import (
    ExceptionRecord,
    ExceptionStore,
    Movement,
    MovementStore,
    OrderStore,
    OwedIndex,
)
from paycenter.ports.timers import Timers
from sandbox.emulator import client_environment
from tests.emulated import EmulatedStack
from tests.fakes.clock import FrozenClock
from tests.fakes.samples import an_order
from tests.fakes.store import InMemoryExceptions, InMemoryMovements, InMemoryOrders
from tests.fakes.timers import RecordingTimers

BOTH: Final = ["fake", pytest.param("aws", marks=pytest.mark.emulator)]
# Business seconds in a real one: a hop of 900 takes two.
RATE: Final = 450
_numbers = count(1)


@pytest.fixture
def emulated(stack: EmulatedStack, monkeypatch: pytest.MonkeyPatch) -> Iterator[EmulatedStack]:
    """Lead the adapters of this process to the emulator while a test lasts."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in client_environment(stack.endpoint).items():
        monkeypatch.setenv(name, value)
    aws.client.cache_clear()
    yield stack
    aws.client.cache_clear()


class Orders(OrderStore, OwedIndex, Protocol):
    """The order table and its index, and a look at what is stored that asks no port."""

    def raw(self, order_id: str) -> dict[str, Any] | None:
        """Return the stored item."""


class FakeOrders(InMemoryOrders):
    """The fake, seen as items."""

    def raw(self, order_id: str) -> dict[str, Any] | None:
        """Return the stored item."""
        return to_item(self.stored[order_id]) if order_id in self.stored else None


@dataclass
class RealOrders:
    """The adapters of table and index; remembers what to take away."""

    table: str
    touched: set[str] = field(default_factory=set)

    def create(self, order: Order) -> Order | None:
        """Create."""
        self.touched.add(order.id)
        return DynamoOrders(self.table).create(order)

    def get(self, order_id: str) -> Order | None:
        """Get."""
        return DynamoOrders(self.table).get(order_id)

    def get_many(self, order_ids: Collection[str]) -> Mapping[str, Order]:
        """Get together."""
        return DynamoOrders(self.table).get_many(order_ids)

    def save(self, order: Order, guard: Any) -> None:  # noqa: ANN401 - the port's Guard
        """Save."""
        self.touched.add(order.id)
        DynamoOrders(self.table).save(order, guard)

    def owed_before(self, moment: int, limit: int) -> list[str]:
        """Ask the index."""
        return DynamoOwedIndex(self.table).owed_before(moment, limit)

    def dead_since(self, line: str, moment: int, limit: int) -> list[str]:
        """Ask the index for dead letters."""
        return DynamoOwedIndex(self.table).dead_since(line, moment, limit)

    def raw(self, order_id: str) -> dict[str, Any] | None:
        """Return the stored item."""
        key = {"id": {"S": order_id}}
        found: dict[str, Any] | None = (
            boto3.client("dynamodb")
            .get_item(TableName=self.table, Key=key, ConsistentRead=True)
            .get("Item")
        )
        return found

    def take_away(self) -> None:
        """Remove everything that was stored."""
        for order_id in self.touched:
            boto3.client("dynamodb").delete_item(TableName=self.table, Key={"id": {"S": order_id}})


@pytest.fixture(params=BOTH)
def orders(request: pytest.FixtureRequest) -> Iterator[Orders]:
    if request.param == "fake":
        yield FakeOrders()
        return
    stack: EmulatedStack = request.getfixturevalue("emulated")
    real = RealOrders(stack.ids["OrdersTable"])
    yield real
    real.take_away()


@pytest.fixture
def order() -> Order:
    """Return an order that no other test has."""
    number = f"contract-{next(_numbers)}"
    return an_order(number, id=ids.order_id("contract", number), line="contract")


class Records(ExceptionStore, Protocol):
    """Exceptions, and a look at what is stored."""

    def stored(self, exception_id: str) -> dict[str, object] | None:
        """Return the fields that are stored under an id."""


class FakeRecords(InMemoryExceptions):
    """The fake, seen as fields."""

    def stored(self, exception_id: str) -> dict[str, object] | None:
        """Return the fields that are stored under an id."""
        record = self.records.get(exception_id)
        return None if record is None else {"amount": record.amount, "detail": record.detail}


@dataclass
class RealRecords:
    """The real adapter."""

    table: str

    def raise_once(self, record: ExceptionRecord) -> bool:
        """Raise."""
        return DynamoExceptions(self.table).raise_once(record)

    def stored(self, exception_id: str) -> dict[str, object] | None:
        """Return the fields that are stored under an id."""
        key = {"id": {"S": exception_id}}
        answer = boto3.client("dynamodb").get_item(TableName=self.table, Key=key)
        if "Item" not in answer:
            return None
        item = answer["Item"]
        return {"amount": int(item["amount"]["N"]), "detail": item.get("detail", {"S": ""})["S"]}


@pytest.fixture(params=BOTH)
def records(request: pytest.FixtureRequest) -> Records:
    if request.param == "fake":
        return FakeRecords()
    stack: EmulatedStack = request.getfixturevalue("emulated")
    return RealRecords(stack.ids["ExceptionsTable"])


class Movements(MovementStore, Protocol):
    """Movements, and a look at what is stored."""

    def numbers(self, account: str, day: str) -> list[tuple[str, int]]:
        """Return number and amount of all movements of an account's day."""


class FakeMovements(InMemoryMovements):
    """The fake, by account and day."""

    def numbers(self, account: str, day: str) -> list[tuple[str, int]]:
        """Return number and amount of all movements of an account's day."""
        return sorted(
            (n, row.amount) for (a, d, n), row in self.rows.items() if (a, d) == (account, day)
        )


@dataclass
class RealMovements:
    """The real adapter."""

    table: str

    def put(self, movements: list[Movement]) -> None:
        """Put."""
        DynamoMovements(self.table).put(movements)

    def numbers(self, account: str, day: str) -> list[tuple[str, int]]:
        """Return number and amount of all movements of an account's day, from all its shards."""
        found = []
        for shard in range(16):
            answer = boto3.client("dynamodb").query(
                TableName=self.table,
                KeyConditionExpression="part = :part",
                ExpressionAttributeValues={":part": {"S": f"{account}|{day}|{shard}"}},
            )
            found += [(item["number"]["S"], int(item["amount"]["N"])) for item in answer["Items"]]
        return sorted(found)


@pytest.fixture(params=BOTH)
def movements(request: pytest.FixtureRequest) -> Movements:
    if request.param == "fake":
        return FakeMovements()
    stack: EmulatedStack = request.getfixturevalue("emulated")
    return RealMovements(stack.ids["MovementsTable"])


class Delays(Protocol):
    """Timers with a clock, and the other end of their queues."""

    @property
    def timers(self) -> Timers:
        """Return the port."""

    def now(self) -> int:
        """Return business time."""

    def arrived(self, until: int, enough: int = 1000) -> list[Job]:
        """Return what has arrived until a business moment, in order of arrival; earlier where that is `enough`."""

    @property
    def settle(self) -> int:
        """Return for how many business seconds a message may lie about before it counts as lost."""

    @property
    def blur(self) -> int:
        """Return how exactly a moment can be looked at, in business seconds."""


@dataclass
class FakeDelays:
    """The fake, whose time passes at once."""

    clock: FrozenClock = field(default_factory=FrozenClock)

    def __post_init__(self) -> None:
        self._timers = RecordingTimers(self.clock)

    @property
    def timers(self) -> Timers:
        """Return the port."""
        return self._timers

    def now(self) -> int:
        """Return business time."""
        return self.clock.now()

    def arrived(self, until: int, enough: int = 1000) -> list[Job]:
        """Let time pass and take what arrives."""
        found: list[Job] = []
        while (at := self._timers.next_at()) is not None and at <= until and len(found) < enough:
            self.clock.forward_to(at)
            found.append(self._timers.take())
        if len(found) < enough:
            self.clock.forward_to(until)
        return found

    @property
    def settle(self) -> int:
        """Return 0: nothing lies about here."""
        return 0

    @property
    def blur(self) -> int:
        """Return 0: time stands."""
        return 0


@dataclass
class RealDelays:
    """SQS and Step Functions of the emulator, on a fast clock."""

    clock: ScaledClock
    queues: dict[JobKind, str]
    machine: str

    @property
    def timers(self) -> Timers:
        """Return the port."""
        return AwsTimers(self.clock, self.queues, self.machine)

    def now(self) -> int:
        """Return business time."""
        return self.clock.now()

    def arrived(self, until: int, enough: int = 1000) -> list[Job]:
        """Wait and receive."""
        sqs = boto3.client("sqs")
        found: list[Job] = []
        while True:
            for queue in self.queues.values():
                answer = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)
                for message in answer.get("Messages", []):
                    sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
                    found.append(decode(message["Body"]))
            if self.clock.now() >= until or len(found) >= enough:
                return found
            time.sleep(0.05)

    @property
    def settle(self) -> int:
        """Return three seconds' worth: whole seconds round up, and a busy machine takes its time."""
        return RATE * 3

    @property
    def blur(self) -> int:
        """Return half a second's worth: a look at all queues takes its time."""
        return RATE // 2


@pytest.fixture(params=BOTH)
def delays(request: pytest.FixtureRequest) -> Iterator[Delays]:
    if request.param == "fake":
        yield FakeDelays()
        return
    stack: EmulatedStack = request.getfixturevalue("emulated")
    sqs = boto3.client("sqs")
    # Queues of its own: what other tests send must not arrive here, nor the other way round.
    queues = {
        kind: sqs.create_queue(QueueName=f"contract-{kind}-{next(_numbers)}")["QueueUrl"]
        for kind in JobKind
    }
    yield RealDelays(ScaledClock(RATE, int(time.time())), queues, stack.ids["WaitMachine"])
    for queue in queues.values():
        sqs.delete_queue(QueueUrl=queue)


@pytest.fixture
def real_configuration(emulated: EmulatedStack) -> AwsConfiguration:
    """Return the adapter over a part of the table and of the parameters that nobody else uses."""
    return AwsConfiguration(
        emulated.ids["ConfigTable"],
        f"/paycenter/contract-{next(_numbers)}",
        Breakers(ScaledClock(1, 0)),
    )
