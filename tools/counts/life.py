"""One paid order, handler by handler, in this process: AWS calls where boto3 sends them, capacity as consumed.

The handlers are the real ones, the tables those of the deployed stack, whose triggers are switched off meanwhile.
"""

import json
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field
from importlib import import_module
from io import StringIO
from typing import Any, Final
from urllib.parse import urlencode

import httpx

from sandbox.alipay.merchant import Merchant
from sandbox.alipay.signing import Keys, notice_text, sign
from sandbox.business_clock import beijing_text
from sandbox.deploy import client
from sandbox.simulator.program import KEYS_FOLDER
from sandbox.supervisor import Running
from tools.counts.orders import KEY, order_body
from tools.counts.row import Row

WRITE_UNITS: Final = "DynamoDB write units in the life of a paid order"


@dataclass(slots=True)
class Meter:
    """Counts what boto3 sends: calls by operation, capacity units by kind."""

    calls: list[str] = field(default_factory=list)
    units: Counter[str] = field(default_factory=Counter)
    paused: bool = False

    def watch(self, client: Any) -> None:  # noqa: ANN401 - boto3's clients have no static type here
        """Count this client's calls; DynamoDB is asked what each consumed."""
        events = client.meta.events
        events.register("before-parameter-build.dynamodb", self._ask)
        events.register("before-call", self._count)
        events.register("after-call.dynamodb", self._add)

    def take(self) -> tuple[list[str], Counter[str]]:
        """Return what was counted since the last take."""
        taken = self.calls, self.units
        self.calls, self.units = [], Counter()
        return taken

    def _ask(self, params: dict[str, Any], **_: object) -> None:
        params["ReturnConsumedCapacity"] = "TOTAL"

    def _count(self, model: Any, **_: object) -> None:  # noqa: ANN401
        self.calls.append(f"{model.service_model.service_name}:{model.name}")

    def _add(self, parsed: dict[str, Any], model: Any, **_: object) -> None:  # noqa: ANN401
        kind = "read" if model.name in {"GetItem", "BatchGetItem", "Query"} else "write"
        consumed = parsed.get("ConsumedCapacity", [])
        # A batch answers a list, one entry a table.
        for entry in consumed if isinstance(consumed, list) else [consumed]:
            self.units[kind] += entry.get("CapacityUnits", 0)


def in_process(sandbox: Running) -> list[Row]:
    """Count the calls of each handler and the capacity of one paid order's life."""
    with _environment_of_functions(sandbox), _triggers_off(sandbox):
        meter = _metered()
        life = Life(sandbox, meter)
        life.warm()
        return life.rows()


def _metered() -> Meter:
    from paycenter.adapters import aws  # noqa: PLC0415 - after the environment is set

    meter = Meter()
    for service in ("dynamodb", "sqs", "stepfunctions"):
        meter.watch(aws.client(service))
    return meter


@dataclass(slots=True)
class Life:
    """One paid order, handler by handler."""

    sandbox: Running
    meter: Meter
    units: Counter[str] = field(default_factory=Counter)

    def warm(self) -> None:
        """Walk one order through, uncounted, so that configuration is cached and every client made."""
        self._walk("COUNTS-WARM")
        self.meter.take()
        self.units.clear()

    def rows(self) -> list[Row]:
        """Walk one order through and return what it cost."""
        calls = self._walk(f"COUNTS-{int(time.time())}")
        page, call = calls["create_payment page"], calls["create_payment qr"]
        return [
            Row("AWS calls before the answer: create_order", calls["create_order"][0], 2),
            Row("AWS calls before the answer: callback", calls["callback"][0], 2),
            Row("AWS calls before the answer: status poll", calls["status"][0], 1),
            Row("AWS calls before the answer: order query", calls["get"][0], 1),
            Row("AWS calls before the channel: create_payment, page", page[0], 3),
            Row("AWS calls after the channel: create_payment, page", page[1], 0),
            Row("AWS calls before the channel: create_payment, with a call", call[0], 3),
            Row("AWS calls after the channel: create_payment, with a call", call[1], 1),
            Row(WRITE_UNITS, self.units["write"], 16),
        ]

    def _walk(self, number: str) -> dict[str, tuple[int, int]]:
        calls: dict[str, tuple[int, int]] = {}

        def run(step: str, function: str, event: dict[str, Any]) -> dict[str, Any]:
            answer = _handle(function, event)
            made, units = self.meter.take()
            self.units += units
            calls[step] = _around_the_channel(made)
            return answer

        order = json.loads(
            run("create_order", "create_order", _api("POST /v1/orders", order_body(number)))["body"]
        )
        token = order["cashier_url"].rpartition("/")[2]
        choice = json.dumps({"channel": "alipay", "product": "page"})
        run("page", "cashier", _api("GET /cashier/{token}", token=token))
        started = run(
            "create_payment page",
            "create_payment",
            _api("POST /v1/orders/{id}/payments", choice, id=order["id"]),
        )
        payment_no = json.loads(started["body"])["payment_no"]
        callback = _api(
            "POST /v1/callbacks/{channel}/{account}",
            _notice(payment_no),
            channel="alipay",
            account="alipay-main~1",
        )
        callback["headers"]["content-type"] = "application/x-www-form-urlencoded"
        answer = run("callback", "callback", callback)
        if answer["body"] != "success":
            raise RuntimeError(f"the callback was answered {answer['body']!r}")
        self._told(order["id"], payment_no, run)
        run("status", "cashier", _api("GET /cashier/{token}/status", token=token))
        run("get", "query", _api("GET /v1/orders/{id}", id=order["id"]))
        self._count_qr(number, calls)
        return calls

    def _told(self, order_id: str, payment_no: str, run: Callable[..., dict[str, Any]]) -> None:
        stream = _stream_record(self.sandbox, order_id)
        run("publish", "publish", {"Records": [stream]})
        job = {
            "kind": "notify",
            "order_id": order_id,
            "event_id": f"{order_id}E01",
            "due_at": 0,
            "sent_at": 0,
        }
        answer = run("notify", "notify", {"Records": [_message(job)]})
        if answer["batchItemFailures"]:
            raise RuntimeError(f"the notification of {payment_no} failed")

    def _count_qr(self, number: str, calls: dict[str, tuple[int, int]]) -> None:
        # An order of its own, whose units are not part of the paid one's life.
        order = json.loads(
            _handle("create_order", _api("POST /v1/orders", order_body(f"{number}-QR")))["body"]
        )
        self.meter.take()
        choice = json.dumps({"channel": "alipay", "product": "qr"})
        _handle("create_payment", _api("POST /v1/orders/{id}/payments", choice, id=order["id"]))
        calls["create_payment qr"] = _around_the_channel(self.meter.take()[0])


@contextmanager
def _environment_of_functions(sandbox: Running) -> Iterator[None]:
    """Give this process the variables of all functions; they agree where they have the same name."""
    functions = client(sandbox.endpoint, "lambda")
    kept = dict(os.environ)
    for function in sandbox.functions.values():
        configuration = functions.get_function_configuration(FunctionName=function)
        os.environ |= configuration["Environment"]["Variables"]
    os.environ |= sandbox.environment
    try:
        yield
    finally:
        os.environ.clear()
        os.environ |= kept


@contextmanager
def _triggers_off(sandbox: Running) -> Iterator[None]:
    """Keep the deployed functions from taking what is counted here."""
    functions = client(sandbox.endpoint, "lambda")
    mappings = [m["UUID"] for m in functions.list_event_source_mappings()["EventSourceMappings"]]
    for mapping in mappings:
        functions.update_event_source_mapping(UUID=mapping, Enabled=False)
    try:
        yield
    finally:
        for queue in ("QueryQueue", "ExpireQueue", "NotifyQueue", "RefundQueue"):
            client(sandbox.endpoint, "sqs").purge_queue(QueueUrl=sandbox.outputs[queue])
        for mapping in mappings:
            functions.update_event_source_mapping(UUID=mapping, Enabled=True)


def _around_the_channel(made: list[str]) -> tuple[int, int]:
    """Return the calls up to the first write and those after it: a channel is called when its row is durable."""
    if "dynamodb:PutItem" not in made:
        return len(made), 0
    written = made.index("dynamodb:PutItem") + 1
    return written, len(made) - written


def _handle(function: str, event: dict[str, Any]) -> dict[str, Any]:
    """Run a function's own handler; its log lines are not part of the table."""
    with redirect_stdout(StringIO()):
        answer: dict[str, Any] = import_module(f"functions.{function}.app").handler(event, None)
    if answer and answer.get("statusCode", 200) >= httpx.codes.BAD_REQUEST:
        raise RuntimeError(f"{function} answered {answer['statusCode']}: {answer['body']}")
    return answer


def _api(route: str, body: str = "", **parameters: str) -> dict[str, Any]:
    return {
        "version": "2.0",
        "routeKey": route,
        "headers": {**KEY, "content-type": "application/json"},
        "pathParameters": parameters,
        "body": body,
        "isBase64Encoded": False,
        "requestContext": {"http": {"sourceIp": "127.0.0.1"}},
    }


def _notice(payment_no: str) -> str:
    """Return the notice of a paid trade as the simulated channel signs it."""
    merchant, now = Merchant(), time.time()
    fields = {
        "notify_time": beijing_text(now),
        "notify_type": "trade_status_sync",
        "notify_id": f"counts-{payment_no}",
        "app_id": merchant.app_id,
        "seller_id": merchant.seller_id,
        "charset": "utf-8",
        "version": "1.0",
        "sign_type": "RSA2",
        "trade_no": "2026112422001400000000000001",
        "out_trade_no": payment_no,
        "trade_status": "TRADE_SUCCESS",
        "total_amount": "128.00",
        "gmt_payment": beijing_text(now),
    }
    keys = Keys.load(KEYS_FOLDER)
    return urlencode(fields | {"sign": sign(keys.platform, notice_text(fields))})


def _stream_record(sandbox: Running, order_id: str) -> dict[str, Any]:
    table = client(sandbox.endpoint, "dynamodb")
    key = {"id": {"S": order_id}}
    item = table.get_item(TableName=sandbox.outputs["OrdersTable"], Key=key)["Item"]
    return {"eventName": "MODIFY", "dynamodb": {"Keys": key, "NewImage": item}}


def _message(job: Mapping[str, object]) -> dict[str, Any]:
    return {"messageId": "1", "body": json.dumps(job), "eventSource": "aws:sqs", "attributes": {}}
