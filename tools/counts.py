"""`make counts`: what an order's life costs, counted on the emulator, each row beside its limit; exit 1 above one.

The AWS calls and capacity units are those of the real handlers, run in this process against the deployed stack's
tables with its triggers switched off, and counted where boto3 sends them. The queue requests are the deployed stack's
own, of 200 orders in flight at once: sends from the functions' logs, batches from the emulator's.
"""

import json
import os
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field
from importlib import import_module
from io import StringIO
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

import httpx

from sandbox.alipay.notices import Merchant
from sandbox.alipay.signing import Keys, notice_text, sign
from sandbox.business_clock import beijing_text
from sandbox.demo import PASSWORD
from sandbox.deploy import client
from sandbox.shop.lines import LINES
from sandbox.supervisor import Running, running

ORDERS_IN_FLIGHT: Final = 200
_CLIENTS: Final = 8
_LINE: Final = LINES["tickets"]
_KEY: Final = {"authorization": f"Bearer {_LINE.api_key}"}
_WAIT_SECONDS: Final = 180
_FIRST_STAGE_SECONDS: Final = 35
# A body of 1 kB: what the payer sees, beside number, amount and subject.
_INFORMATION: Final = [{"label": f"Field {number}", "value": "x" * 150} for number in range(5)]

# USD a million, us-east-1, on demand (docs/costs.md says of which day).
_PRICE_WRITE_UNITS: Final = 0.625
_PRICE_READ_UNITS: Final = 0.125
_PRICE_QUEUE_REQUESTS: Final = 0.40


@dataclass(frozen=True, slots=True)
class Row:
    """One counted figure and the most that it may be."""

    what: str
    counted: float
    limit: float

    @property
    def holds(self) -> bool:
        """Tell whether the figure is within its limit."""
        return self.counted <= self.limit

    def text(self) -> str:
        """Return the row as it is printed."""
        mark = "ok" if self.holds else "ABOVE"
        return f"  {self.what:<62}{self.counted:>8.2f}{self.limit:>8.2f}  {mark}"


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
        kind = "read" if model.name in {"GetItem", "Query"} else "write"
        self.units[kind] += parsed.get("ConsumedCapacity", {}).get("CapacityUnits", 0)


def main() -> int:
    """Count, print the table, and return 1 where a row is above its limit."""
    with running(speed=1) as sandbox:
        print("Counting one order's calls and capacity units …")
        rows = in_process(sandbox)
        print(f"Counting the queue requests of {ORDERS_IN_FLIGHT} orders in flight …")
        rows += in_flight(sandbox)
    print(f"\n  {'what':<62}{'counted':>8}{'limit':>8}")
    for row in rows:
        print(row.text())
    above = [row.what for row in rows if not row.holds]
    print(f"\n{len(rows) - len(above)} rows within their limits, {len(above)} above.")
    return 1 if above else 0


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
            Row("DynamoDB write units in the life of a paid order", self.units["write"], 16),
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
            run("create_order", "create_order", _api("POST /v1/orders", _order_body(number)))[
                "body"
            ]
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
            _handle("create_order", _api("POST /v1/orders", _order_body(f"{number}-QR")))["body"]
        )
        self.meter.take()
        choice = json.dumps({"channel": "alipay", "product": "qr"})
        _handle("create_payment", _api("POST /v1/orders/{id}/payments", choice, id=order["id"]))
        calls["create_payment qr"] = _around_the_channel(self.meter.take()[0])


def in_flight(sandbox: Running) -> list[Row]:
    """Take 200 orders through their lives at once and count the queue requests and executions of one."""
    requests = QueueRequests(sandbox)
    before = requests.count()
    prefix = f"FLIGHT-{int(time.time())}"
    numbers = [f"{prefix}-{number}" for number in range(ORDERS_IN_FLIGHT)]
    with httpx.Client(timeout=60, trust_env=False) as http, ThreadPoolExecutor(_CLIENTS) as pool:
        flight = Flight(sandbox, http)
        orders = list(pool.map(flight.create, numbers))
        pages = list(pool.map(flight.start, orders))
        list(pool.map(flight.pay, pages))
        flight.wait_until_told(prefix)
    # The last rung of the first stage falls 25 s after its payment; nothing of these orders is sent after it.
    time.sleep(_FIRST_STAGE_SECONDS)
    made = (requests.count() - before) / ORDERS_IN_FLIGHT
    states = client(sandbox.endpoint, "stepfunctions")
    executions = states.list_executions(stateMachineArn=sandbox.outputs["WaitMachine"])[
        "executions"
    ]
    return [
        Row("SQS requests in the life of a paid order", made, 4),
        Row(
            "Step Functions transitions, paid within 15 minutes",
            len(executions) * 2 / ORDERS_IN_FLIGHT,
            0,
        ),
    ]


@dataclass(slots=True)
class QueueRequests:
    """Counts requests to SQS: sends by the functions' log lines, receive and delete by the emulator's batches."""

    sandbox: Running
    _logs: Any = None

    def count(self) -> int:
        """Return all requests until now: a batch is received by one request and deleted by one."""
        emulator = (self.sandbox.folder / "emulator" / "emulator.log").read_text("utf-8", "replace")
        batches = len(re.findall(r"processed \d+ SQS messages from", emulator))
        return 2 * batches + self._sends(emulator)

    @staticmethod
    def _sends(emulator: str) -> int:
        # One request each: an order's deadline, a payment's first stage; ten notifications a request of publish.
        created = len(re.findall(r'"route":"POST /v1/orders","status":201', emulator))
        started = len(
            re.findall(r'"route":"POST /v1/orders/\{id\}/payments","status":201', emulator)
        )
        published = [
            int(sent)
            for sent in re.findall(r'"message":"published".*?"notifications":(\d+)', emulator)
        ]
        return created + started + sum(-(-sent // 10) for sent in published)


@dataclass(frozen=True, slots=True)
class Flight:
    """Orders over HTTP, each step for all of them before the next, so that all are in flight at once."""

    sandbox: Running
    http: httpx.Client

    def create(self, number: str) -> str:
        """Create an order and return its id."""
        body = json.loads(_order_body(number))
        answer = self.http.post(f"{self.sandbox.door}/v1/orders", headers=_KEY, json=body)
        return str(answer.raise_for_status().json()["id"])

    def start(self, order_id: str) -> dict[str, Any]:
        """Start the order's payment and return what evokes the channel's cashier."""
        address = f"{self.sandbox.door}/v1/orders/{order_id}/payments"
        choice = {"channel": "alipay", "product": "page"}
        answer = self.http.post(address, headers=_KEY, json=choice)
        return dict(answer.raise_for_status().json()["action"])

    def pay(self, action: dict[str, Any]) -> None:
        """Pay at the channel as a payer does, without coming back."""
        page = self.http.post(action["url"], data=action["fields"], follow_redirects=True)
        self.http.post(page.url, data={"password": PASSWORD}, follow_redirects=False)

    def wait_until_told(self, prefix: str) -> None:
        """Wait until the business line was notified of every order; raises RuntimeError after three minutes."""
        told: set[str] = set()
        for _ in range(_WAIT_SECONDS // 2):
            inbox = f"{self.sandbox.shop}/inbox.json"
            messages = self.http.get(inbox, params={"line": _LINE.id}).json()["messages"]
            numbers = (message["out_order_no"] for message in messages)
            told = {number for number in numbers if number.startswith(prefix)}
            if len(told) == ORDERS_IN_FLIGHT:
                return
            print(f"  … {len(told)} of {ORDERS_IN_FLIGHT} notified", flush=True)
            time.sleep(2)
        raise RuntimeError(f"only {len(told)} of {ORDERS_IN_FLIGHT} orders were notified in time")


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
        for queue in ("QueryQueue", "ExpireQueue", "NotifyQueue"):
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
        "headers": {**_KEY, "content-type": "application/json"},
        "pathParameters": parameters,
        "body": body,
        "isBase64Encoded": False,
        "requestContext": {"http": {"sourceIp": "127.0.0.1"}},
    }


def _order_body(number: str) -> str:
    """Return a body of 1 kB."""
    order = {"out_order_no": number, "amount": 12800, "currency": "CNY", "subject": "Adult ticket"}
    return json.dumps(order | {"information": _INFORMATION})


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
    keys = Keys.load(Path(__file__).resolve().parent.parent / "sandbox" / "keys")
    return urlencode(fields | {"sign": sign(keys.platform, notice_text(fields))})


def _stream_record(sandbox: Running, order_id: str) -> dict[str, Any]:
    table = client(sandbox.endpoint, "dynamodb")
    key = {"id": {"S": order_id}}
    item = table.get_item(TableName=sandbox.outputs["OrdersTable"], Key=key)["Item"]
    return {"eventName": "MODIFY", "dynamodb": {"Keys": key, "NewImage": item}}


def _message(job: Mapping[str, object]) -> dict[str, Any]:
    return {"messageId": "1", "body": json.dumps(job), "eventSource": "aws:sqs", "attributes": {}}


if __name__ == "__main__":
    sys.exit(main())
