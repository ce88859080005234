"""The workbench: handlers in this process over the real adapters, and everything that can be seen of what they did."""

import json
import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from types import SimpleNamespace
from typing import Any, Final

import boto3
from botocore.model import OperationModel
from mypy_boto3_dynamodb import DynamoDBClient

from paycenter import bootstrap
from paycenter import settings as settings_module
from paycenter.domain import ids
from paycenter.domain.order import Order
from sandbox.alipay.running import AlipayControl
from tests.functional.clock import TravellingClock
from tests.functional.inbox import Inbox
from tools.events.check import Tables
from tools.events.envelopes import Event, Http, sqs
from tools.seed.system import System

type Answer = Any
type Handler = Callable[[Event, object], Answer]

_TABLES: Final = ("ORDERS_TABLE", "EXCEPTIONS_TABLE", "MOVEMENTS_TABLE", "CONFIG_TABLE")
_CONTEXT: Final = SimpleNamespace(aws_request_id="test", function_name="test")


@dataclass(frozen=True)
class Sent:
    """One job that a handler sent: `target` is a queue or `wait`, `delay` what SQS was asked for, in seconds."""

    target: str
    job: dict[str, Any]
    delay: int = 0
    due: str = ""

    @property
    def body(self) -> str:
        return json.dumps(self.job)


@dataclass
class Outbox:
    """Everything that was sent since it was last emptied, recorded as the AWS client built the request.

    `calls` are all AWS calls, as service and operation.
    """

    queues: Mapping[str, str]
    sent: list[Sent] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)

    def listen(self, session: boto3.Session) -> None:
        events = session.events
        events.register("before-parameter-build.sqs.SendMessage", self._message)
        events.register("before-parameter-build.sqs.SendMessageBatch", self._batch)
        events.register("before-parameter-build.sfn.StartExecution", self._execution)
        events.register("before-call", self._call)

    @property
    def writes(self) -> list[str]:
        """Return those calls that could have changed something."""
        reading = ("Get", "BatchGet", "Describe", "Query", "Scan", "List")
        return [call for call in self.calls if not call.partition(".")[2].startswith(reading)]

    def about(self, order_id: str) -> list[Sent]:
        return [one for one in self.sent if one.job["order_id"] == order_id]

    def take(self) -> list[Sent]:
        taken, self.sent[:] = list(self.sent), []
        return taken

    def _call(self, model: OperationModel, **_: object) -> None:
        self.calls.append(f"{model.service_model.service_name}.{model.name}")

    def _message(self, params: dict[str, Any], **_: object) -> None:
        self._note(params["QueueUrl"], params)

    def _batch(self, params: dict[str, Any], **_: object) -> None:
        for entry in params["Entries"]:
            self._note(params["QueueUrl"], entry)

    def _note(self, queue_url: str, message: dict[str, Any]) -> None:
        job = json.loads(message["MessageBody"])
        self.sent.append(Sent(self.queues[queue_url], job, message.get("DelaySeconds", 0)))

    def _execution(self, params: dict[str, Any], **_: object) -> None:
        wait = json.loads(params["input"])
        self.sent.append(Sent("wait", json.loads(wait["body"]), due=wait["due"]))


@dataclass
class Bench:
    """One system: its functions' environments by name, what they sent, the channel and the business line's inbox.

    `overrides` replace variables of every function that has them.
    """

    system: System
    environments: Mapping[str, Mapping[str, str]]
    session: boto3.Session
    outbox: Outbox
    alipay: AlipayControl
    inbox: Inbox
    clock: TravellingClock
    overrides: dict[str, str] = field(default_factory=dict)
    lock: threading.RLock = field(default_factory=threading.RLock)

    @property
    def dynamodb(self) -> DynamoDBClient:
        return boto3.client("dynamodb")

    @property
    def tables(self) -> Tables:
        named = self.system.environment
        return Tables(
            dynamodb=self.dynamodb,
            orders=named["ORDERS_TABLE"],
            exceptions=named["EXCEPTIONS_TABLE"],
            movements=named["MOVEMENTS_TABLE"],
        )

    def invoke(self, function: str, event: Mapping[str, Any]) -> Answer:
        """Run a handler as Lambda would: in a new container, with the variables of the template, JSON both ways."""
        with self.lock, self.containers(function) as (handler,):
            return json.loads(json.dumps(handler(json.loads(json.dumps(event)), _CONTEXT)))

    def at_once(self, calls: Sequence[tuple[str, Event]]) -> list[Answer]:
        """Run handlers side by side, all from the same moment on, and return what they answer."""
        functions = sorted({function for function, _ in calls})
        start = threading.Barrier(len(calls))
        with self.lock, self.containers(*functions) as handlers:
            found = dict(zip(functions, handlers, strict=True))

            def run(call: tuple[str, Event]) -> Answer:
                start.wait()
                return found[call[0]](call[1], _CONTEXT)

            with ThreadPoolExecutor(len(calls)) as pool:
                return list(pool.map(run, calls))

    @contextmanager
    def containers(self, *functions: str) -> Iterator[list[Handler]]:
        """Be new containers of functions for a while, and yield their handlers."""
        own: dict[str, str] = {}
        for function in functions:
            own |= self.environments[function]
        wanted = {**own, **{name: value for name, value in self.overrides.items() if name in own}}
        # What other functions have, and these have not, must be missing.
        ours = {name for environment in self.environments.values() for name in environment}
        before = {name: os.environ.get(name) for name in ours}
        _set(dict.fromkeys(ours) | wanted)
        _forget()
        try:
            yield [import_module(f"functions.{function}.app").handler for function in functions]
        finally:
            _set(before)
            _forget()

    def travel_to(self, moment: int) -> None:
        """Make it this business second, or up to two later, for the system and the channel."""
        self.clock.travel_to(moment)
        self.overrides |= {
            "CLOCK_RATE": str(self.clock.rate),
            "CLOCK_ANCHOR": str(self.clock.anchor),
        }

    def request(self, function: str, request: Http) -> Answer:
        """Bring one HTTP request to its function."""
        return self.invoke(function, request.event("request"))

    def deliver(self, *jobs: Sent) -> None:
        """Bring jobs from their queues to their functions, and hold that each of them is done."""
        for job in jobs:
            function = job.job["kind"]
            answer = self.invoke(function, sqs(function, [job.body], "delivery"))
            assert answer == {"batchItemFailures": []}, f"{function} failed: {job}"

    def order(self, out_order_no: str, line: str = "tickets") -> Order:
        """Return an order through the product's own store; raises AssertionError where there is none."""
        order = self.system.adapters.orders.get(ids.order_id(line, out_order_no))
        assert order is not None, f"there is no order {out_order_no}"
        return order

    @contextmanager
    def quiet(self) -> Iterator[None]:
        """Hold that nothing is written, nothing sent and no channel called while this lasts."""
        before, calls = self.snapshot(), self.alipay.calls()
        self.outbox.sent.clear()
        yield
        assert self.snapshot() == before
        assert self.outbox.sent == []
        assert self.alipay.calls() == calls

    @contextmanager
    def quiet_store(self) -> Iterator[None]:
        """Hold that nothing is written while this lasts, whatever is sent: timers go before the write they guard."""
        before = self.snapshot()
        yield
        assert self.snapshot() == before

    @contextmanager
    def calls(self) -> Iterator[list[str]]:
        """Yield the AWS calls that are made while this lasts, in order."""
        self.outbox.calls.clear()
        seen: list[str] = []
        yield seen
        seen += self.outbox.calls

    def snapshot(self) -> dict[str, Any]:
        """Return all that is stored, to be compared with a later one."""
        return {name: _scan(self.dynamodb, self.system.environment[name]) for name in _TABLES}


def _scan(dynamodb: DynamoDBClient, table: str) -> dict[str, Any]:
    pages = dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
    items = [item for page in pages for item in page["Items"]]
    return {
        json.dumps([item.get("id"), item.get("part"), item.get("number")]): item for item in items
    }


def _set(variables: Mapping[str, str | None]) -> None:
    for name, value in variables.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


def _forget() -> None:
    bootstrap.adapters.cache_clear()
    settings_module.settings.cache_clear()
