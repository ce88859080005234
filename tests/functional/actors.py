"""Those who act on the system from outside, and the deliveries that AWS would make between its parts."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

from sandbox.payer import DESKTOP, PASSWORD, Payer
from tests.functional.bench import Bench, Sent
from tools.events.case import TICKETS_KEY, api
from tools.events.envelopes import BROWSER, FORM, Event, Http
from tools.seed.story import CHANNEL

AMOUNT_FEN: Final = 12800
_PATIENCE_SECONDS: Final = 20.0


def eventually[T](look: Callable[[], T | None], what: str) -> T:
    """Look until there is something; for what other programs do in real time, never for business time."""
    end = time.monotonic() + _PATIENCE_SECONDS
    while not (found := look()):
        assert time.monotonic() < end, f"not seen: {what}"
        time.sleep(0.01)
    return found


def browse(route: str, token: str, body: str = "", **headers: str) -> Http:
    """Return what a browser sends with the cashier's token in its address."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return Http(
        route=route,
        parameters={"token": token},
        headers={"user-agent": BROWSER, **sent},
        body=body,
        media_type=FORM if body else "",
    )


def chosen(token: str, **headers: str) -> Http:
    """Return the cashier page's own form, filled in."""
    fields = urlencode({"channel": CHANNEL, "product": "page"})
    return browse("POST /cashier/{token}/payments", token, fields, **headers)


def moment_of(text: str) -> int:
    """Read a moment as the API writes it, in seconds since 1970 UTC."""
    return int(datetime.fromisoformat(text).timestamp())


@dataclass(frozen=True)
class Line:
    """A business line at its interface."""

    bench: Bench
    key: str = TICKETS_KEY

    def create(self, out_order_no: str, **more: object) -> dict[str, Any]:
        fields = {
            "out_order_no": out_order_no,
            "amount": AMOUNT_FEN,
            "currency": "CNY",
            "subject": "Ticket",
        }
        return self._answered(201, "create_order", "POST /v1/orders", {**fields, **more})

    def get(self, order: dict[str, Any]) -> dict[str, Any]:
        return self._answered(200, "query", "GET /v1/orders/{id}", None, order["id"])

    def pay(self, order: dict[str, Any], product: str, status: int = 201) -> dict[str, Any]:
        body = {"channel": "alipay", "product": product}
        route = "POST /v1/orders/{id}/payments"
        return self._answered(status, "create_payment", route, body, order["id"])

    def close(self, order: dict[str, Any], status: int = 200) -> dict[str, Any]:
        return self._answered(status, "expire", "POST /v1/orders/{id}/close", {}, order["id"])

    def _answered(
        self,
        status: int,
        function: str,
        route: str,
        body: dict[str, Any] | None,
        order_id: str = "",
    ) -> dict[str, Any]:
        text = "" if body is None else json.dumps(body)
        parameters = {"id": order_id} if order_id else {}
        request = api(route, text, key=self.key, parameters=parameters)
        answer = self.bench.request(function, request)
        assert answer["statusCode"] == status, answer["body"]
        found: dict[str, Any] = json.loads(answer["body"])
        return found


@contextmanager
def payer_at(order: dict[str, Any], product: str, user_agent: str = DESKTOP) -> Iterator[Payer]:
    """Be a payer who has opened the cashier and chosen a product; ends at the channel's own page."""
    payer = Payer(user_agent)
    try:
        payer.open(order["cashier_url"])
        choice = payer.form(fields={"channel": "alipay", "product": product})
        assert choice is not None, payer.html
        payer.submit(choice)
        form = payer.form("channel-form")
        assert form is not None, payer.html
        payer.submit(form)
        yield payer
    finally:
        payer.close()


def type_the_password(payer: Payer) -> None:
    """Pay at the channel's page, and follow the way back."""
    form = payer.form("pay-form")
    assert form is not None, payer.html
    payer.submit(form, password=PASSWORD)


@dataclass
class Stream:
    """The order table's stream from this moment on, as its mapping would pass it to `publish`."""

    client: Any
    arn: str
    iterators: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        shards = self.client.describe_stream(StreamArn=self.arn)["StreamDescription"]["Shards"]
        self.iterators = [
            self.client.get_shard_iterator(
                StreamArn=self.arn, ShardId=shard["ShardId"], ShardIteratorType="LATEST"
            )["ShardIterator"]
            for shard in shards
        ]

    def take(self) -> Event | None:
        """Return what was written since the last look and passes the mapping's filter, or None."""
        records: list[dict[str, Any]] = []
        for place, iterator in enumerate(self.iterators):
            answer = self.client.get_records(ShardIterator=iterator)
            self.iterators[place] = answer["NextShardIterator"]
            records += [_as_passed(dict(record)) for record in answer["Records"]]
        owing = [one for one in records if "outbox" in one["dynamodb"].get("NewImage", {})]
        return {"Records": owing} if owing else None


def stream_of(bench: Bench) -> Stream:
    table = bench.system.environment["ORDERS_TABLE"]
    arn = bench.dynamodb.describe_table(TableName=table)["Table"]["LatestStreamArn"]
    return Stream(bench.session.client("dynamodbstreams"), arn)


def publish(bench: Bench, stream: Stream) -> list[Sent]:
    """Pass on what the stream tells, and return the notifications that were sent because of it."""
    event = stream.take()
    if event is None:
        return []
    before = len(bench.outbox.sent)
    assert bench.invoke("publish", event) is None
    return [sent for sent in bench.outbox.sent[before:] if sent.target == "notify"]


def _as_passed(record: dict[str, Any]) -> dict[str, Any]:
    told = dict(record["dynamodb"])
    told["ApproximateCreationDateTime"] = told["ApproximateCreationDateTime"].timestamp()
    return {**record, "dynamodb": told}
