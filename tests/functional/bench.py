"""The workbench: handlers in this process over the real adapters, and everything that can be seen of what they did."""

import json
import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from types import SimpleNamespace
from typing import Any, Final

import boto3
from mypy_boto3_dynamodb import DynamoDBClient
from mypy_boto3_sqs import SQSClient
from mypy_boto3_sqs.literals import QueueAttributeFilterType

from paycenter import bootstrap
from paycenter import settings as settings_module
from paycenter.domain import ids
from paycenter.domain.order import Order
from sandbox.alipay.running import AlipayControl
from tests.functional import blueprint
from tests.functional.inbox import Inbox
from tools.events.check import Tables
from tools.events.envelopes import Event, sqs
from tools.seed.system import System

type Answer = Any

_TABLES: Final = ("ORDERS_TABLE", "EXCEPTIONS_TABLE", "MOVEMENTS_TABLE", "CONFIG_TABLE")
_QUEUES: Final = ("QUERY_QUEUE_URL", "EXPIRE_QUEUE_URL", "NOTIFY_QUEUE_URL")
_COUNTS: Final[list[QueueAttributeFilterType]] = [
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesDelayed",
    "ApproximateNumberOfMessagesNotVisible",
]
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
    """Everything that was sent since it was last emptied, recorded as the AWS client built the request."""

    queues: Mapping[str, str]
    sent: list[Sent] = field(default_factory=list)

    def listen(self, session: boto3.Session) -> None:
        events = session.events
        events.register("before-parameter-build.sqs.SendMessage", self._message)
        events.register("before-parameter-build.sqs.SendMessageBatch", self._batch)
        events.register("before-parameter-build.sfn.StartExecution", self._execution)

    def about(self, order_id: str) -> list[Sent]:
        return [one for one in self.sent if one.job["order_id"] == order_id]

    def take(self) -> list[Sent]:
        taken, self.sent[:] = list(self.sent), []
        return taken

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
    """One system; `known` are the stack's parameters and physical ids by logical name."""

    system: System
    known: Mapping[str, str]
    session: boto3.Session
    outbox: Outbox
    alipay: AlipayControl
    inbox: Inbox
    lock: threading.RLock = field(default_factory=threading.RLock)

    @cached_property
    def dynamodb(self) -> DynamoDBClient:
        return self.session.client("dynamodb")

    @cached_property
    def sqs(self) -> SQSClient:
        return self.session.client("sqs")

    @property
    def tables(self) -> Tables:
        named = self.system.environment
        return Tables(
            dynamodb=self.dynamodb,
            orders=named["ORDERS_TABLE"],
            exceptions=named["EXCEPTIONS_TABLE"],
            movements=named["MOVEMENTS_TABLE"],
        )

    @property
    def public_url(self) -> str:
        return self.system.environment["PUBLIC_URL"]

    def invoke(self, function: str, event: Mapping[str, Any], **variables: str) -> Answer:
        """Run a handler as Lambda would: a fresh container with the variables that the template gives, JSON both ways."""
        with self.lock, self.container(function, **variables):
            handler = import_module(f"functions.{function}.app").handler
            answer = handler(json.loads(json.dumps(event)), _CONTEXT)
            return json.loads(json.dumps(answer))

    @contextmanager
    def container(self, function: str, **variables: str) -> Iterator[None]:
        """Be a new container of a function for a while; `variables` replace some of its environment."""
        wanted = {**blueprint.environment(function, self.known), **variables}
        before = {name: os.environ.get(name) for name in _variables() | wanted.keys()}
        for name in before:
            os.environ.pop(name, None)
        os.environ.update(wanted)
        _forget()
        try:
            yield
        finally:
            for name, value in before.items():
                os.environ.pop(name, None)
                if value is not None:
                    os.environ[name] = value
            _forget()

    def deliver(self, function: str, job: Mapping[str, Any], **variables: str) -> Answer:
        """Bring one job from its queue to its function."""
        return self.invoke(function, sqs(function, [json.dumps(job)], "delivery"), **variables)

    def order(self, out_order_no: str, line: str = "tickets") -> Order:
        """Return an order through the product's own store; raises AssertionError where there is none."""
        order = self.system.adapters.orders.get(ids.order_id(line, out_order_no))
        assert order is not None, f"there is no order {out_order_no}"
        return order

    def snapshot(self) -> dict[str, Any]:
        """Return all that is stored and all that waits in queues, to be compared with a later one."""
        named = self.system.environment
        tables = {name: _scan(self.dynamodb, named[name]) for name in _TABLES}
        return {**tables, **{name: self._waiting(named[name]) for name in _QUEUES}}

    def _waiting(self, queue_url: str) -> int:
        # Visible or still delayed: a message that falls due between two looks is the same message.
        answer = self.sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=_COUNTS)
        return sum(int(count) for count in answer["Attributes"].values())


def _scan(dynamodb: DynamoDBClient, table: str) -> dict[str, Any]:
    pages = dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
    items = [item for page in pages for item in page["Items"]]
    return {
        json.dumps([item.get("id"), item.get("part"), item.get("number")]): item for item in items
    }


def _variables() -> set[str]:
    """Return every variable that any function has: none of them may leak from one function into another."""
    return {
        name
        for function in blueprint.functions()
        for name in blueprint.environment(function, _Anything())
    }


class _Anything(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return name


def _forget() -> None:
    bootstrap.adapters.cache_clear()
    settings_module.settings.cache_clear()


__all__ = ["Bench", "Event", "Outbox", "Sent"]
