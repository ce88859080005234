"""Two hundred orders in flight on the deployed stack: what goes through its queues."""

import json
import re
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final, Self

import httpx

from paycenter.domain.order import MINIMUM_LIFE_SECONDS
from sandbox.deploy import client
from sandbox.payer import PASSWORD
from sandbox.supervisor import Running
from tools.counts.orders import KEY, LINE, order_body
from tools.counts.row import Row

ORDERS_IN_FLIGHT: Final = 200
_CLIENTS: Final = 8
_WAIT_SECONDS: Final = 180
_LATE_SECONDS: Final = 20
_FULL_BATCH: Final = 10


def in_flight(sandbox: Running) -> tuple[list[Row], float]:
    """Take 200 orders through their lives at once and count the queue requests and executions of one.

    Also returns how many requests of publish told one order's business line.
    """
    before = Traffic.until_now(sandbox)
    started = time.monotonic()
    prefix = f"FLIGHT-{int(time.time())}"
    numbers = [f"{prefix}-{number}" for number in range(ORDERS_IN_FLIGHT)]
    with httpx.Client(timeout=60, trust_env=False) as http, ThreadPoolExecutor(_CLIENTS) as pool:
        flight = Flight(sandbox, http)
        orders = list(pool.map(flight.create, numbers))
        pages = list(pool.map(flight.start, orders))
        list(pool.map(flight.pay, pages))
        flight.wait_until_told(prefix)
        # The deadline's message is the last that these orders have under way; it finds them paid.
        wait = MINIMUM_LIFE_SECONDS + _LATE_SECONDS - (time.monotonic() - started)
        print(f"  … {wait:.0f} s until their deadlines have passed", flush=True)
        time.sleep(wait)
    traffic = Traffic.until_now(sandbox).since(before)
    asked = (traffic.sends + 2 * traffic.batches) / ORDERS_IN_FLIGHT
    # The emulator never waits to fill a batch, so its own batches are smaller than a busy system's.
    print(
        f"  As the emulator batched them ({traffic.messages / traffic.batches:.1f} a batch): {asked:.2f}"
    )
    states = client(sandbox.endpoint, "stepfunctions")
    executions = states.list_executions(stateMachineArn=sandbox.outputs["WaitMachine"])[
        "executions"
    ]
    rows = [
        Row(
            "SQS requests in the life of a paid order, batches of 10",
            traffic.requests() / ORDERS_IN_FLIGHT,
            4,
        ),
        Row(
            "Step Functions transitions, paid within 15 minutes",
            len(executions) * 2 / ORDERS_IN_FLIGHT,
            0,
        ),
    ]
    # Beside one for the order's deadline and one for the payment's first stage.
    return rows, traffic.sends / ORDERS_IN_FLIGHT - 2


@dataclass(frozen=True, slots=True)
class Traffic:
    """What went through the queues: requests that sent, messages that were received, batches they came in."""

    sends: int
    messages: int
    batches: int

    @classmethod
    def until_now(cls, sandbox: Running) -> Self:
        """Read it from the emulator's log, which holds its own batches and the functions' lines."""
        log = (sandbox.folder / "emulator" / "emulator.log").read_text("utf-8", "replace")
        # One request each: an order's deadline, a payment's first stage; ten notifications a request of publish.
        routes = r'"route":"POST /v1/orders(?:/\{id\}/payments)?","status":201'
        published = map(int, re.findall(r'"message":"published".*?"notifications":(\d+)', log))
        batches = [int(size) for size in re.findall(r"processed (\d+) SQS messages from", log)]
        return cls(
            sends=len(re.findall(routes, log)) + sum(-(-sent // _FULL_BATCH) for sent in published),
            messages=sum(batches),
            batches=len(batches),
        )

    def since(self, before: Self) -> Self:
        """Return what has gone through since an earlier count."""
        return type(self)(
            sends=self.sends - before.sends,
            messages=self.messages - before.messages,
            batches=self.batches - before.batches,
        )

    def requests(self) -> float:
        """Return the requests in batches of ten: each is received by one and deleted by one."""
        return self.sends + 2 * self.messages / _FULL_BATCH


@dataclass(frozen=True, slots=True)
class Flight:
    """Orders over HTTP, each step for all of them before the next, so that all are in flight at once."""

    sandbox: Running
    http: httpx.Client

    def create(self, number: str) -> str:
        """Create an order and return its id."""
        body = json.loads(order_body(number)) | {"expires_in": MINIMUM_LIFE_SECONDS}
        answer = self.http.post(f"{self.sandbox.door}/v1/orders", headers=KEY, json=body)
        return str(answer.raise_for_status().json()["id"])

    def start(self, order_id: str) -> dict[str, Any]:
        """Start the order's payment and return what evokes the channel's cashier."""
        address = f"{self.sandbox.door}/v1/orders/{order_id}/payments"
        choice = {"channel": "alipay", "product": "page"}
        answer = self.http.post(address, headers=KEY, json=choice)
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
            messages = self.http.get(inbox, params={"line": LINE.id}).json()["messages"]
            numbers = (message["out_order_no"] for message in messages)
            told = {number for number in numbers if number.startswith(prefix)}
            if len(told) == ORDERS_IN_FLIGHT:
                return
            print(f"  … {len(told)} of {ORDERS_IN_FLIGHT} notified", flush=True)
            time.sleep(2)
        raise RuntimeError(f"only {len(told)} of {ORDERS_IN_FLIGHT} orders were notified in time")
