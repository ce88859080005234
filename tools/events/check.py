"""Compares what a function answered, and what the tables hold afterwards, with what a case expects.

The tables are read as they are, not through the product's adapters: a check must not share their mistakes.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Final

from boto3.dynamodb.types import TypeDeserializer

from paycenter.domain import ids
from tools.events.expectation import Expectation, OrderExpectation

_BEIJING: Final = timezone(timedelta(hours=8))
_SHARDS: Final = 16
_deserialize: Final = TypeDeserializer().deserialize

type Item = dict[str, Any]


def answer_problems(expect: Expectation, answer: Any, *, error: bool = False) -> list[str]:  # noqa: ANN401 - whatever a function answers
    """Say how a function's answer differs; `error` tells that it ended with an error instead of one."""
    if error or expect.error:
        return (
            [] if error and expect.error else [f"ended {'with' if error else 'without'} an error"]
        )
    if expect.status is not None:
        return list(_http_problems(expect, answer))
    if expect.batch_item_failures is None:
        return [] if answer is None else [f"answered {answer!r} instead of nothing"]
    reported = [entry["itemIdentifier"] for entry in answer["batchItemFailures"]]
    wanted = expect.batch_item_failures
    return _difference("batchItemFailures", sorted(reported), sorted(wanted))


@dataclass(frozen=True, slots=True, kw_only=True)
class Tables:
    """Reads a system's tables, by their names, with an AWS client."""

    dynamodb: Any
    orders: str
    exceptions: str
    movements: str

    def order(self, line: str, out_order_no: str) -> Item | None:
        """Return the stored order in plain values, or None."""
        return self._get(self.orders, {"id": {"S": ids.order_id(line, out_order_no)}})

    def exception(self, identity: str) -> Item | None:
        """Return the exception under this id, or None."""
        return self._get(self.exceptions, {"id": {"S": identity}})

    def movement(self, payment_no: str, payment: Mapping[str, Any]) -> Item | None:
        """Return the movement of a settled payment, or None."""
        day = datetime.fromtimestamp(int(payment["paid_at"]), UTC).astimezone(_BEIJING)
        shard = sum(payment_no[:4].encode()) % _SHARDS
        part = f"{payment['account']}|{day:%Y-%m-%d}|{shard}"
        return self._get(self.movements, {"part": {"S": part}, "number": {"S": payment_no}})

    def _get(self, table: str, key: dict[str, Any]) -> Item | None:
        answer = self.dynamodb.get_item(TableName=table, Key=key, ConsistentRead=True)
        if "Item" not in answer:
            return None
        return {name: _deserialize(value) for name, value in answer["Item"].items()}


def state_problems(expect: Expectation, tables: Tables) -> list[str]:
    """Say how the tables differ from what must stand in them afterwards."""
    problems = [
        f"{number}: {problem}"
        for number, expected in expect.state.items()
        for problem in _order_problems(number, expected, tables)
    ]
    missing = [identity for identity in expect.exceptions if tables.exception(identity) is None]
    return problems + [f"there is no exception {identity}" for identity in missing]


def _http_problems(expect: Expectation, answer: Mapping[str, Any]) -> Iterator[str]:
    body: str = answer.get("body", "")
    headers = {name.lower(): value for name, value in answer.get("headers", {}).items()}
    yield from _difference("status", answer.get("statusCode"), expect.status)
    for name, value in expect.headers.items():
        yield from _difference(name, headers.get(name), value)
    if expect.acknowledgement is not None:
        yield from _difference("acknowledgement", body, expect.acknowledgement)
    yield from (f"the body lacks {part!r}" for part in expect.body_contains if part not in body)
    if expect.code is not None:
        problem = json.loads(body)
        yield from _difference("code", problem.get("code"), expect.code)
        yield from _difference("status in the document", problem.get("status"), expect.status)
        if expect.field is not None:
            yield from _difference("field", problem.get("field"), expect.field)


def _order_problems(number: str, expected: OrderExpectation, tables: Tables) -> Iterator[str]:
    item = tables.order(expected.line, number)
    if item is None or expected.state == "ABSENT":
        found = "is not there" if item is None else f"is there, {item['state']}"
        if (item is None) != (expected.state == "ABSENT"):
            yield found
        return
    for name, wanted in expected.model_dump(exclude_none=True, exclude={"line", "sent"}).items():
        if name == "movements":
            yield from _movement_problems(item, wanted, tables)
        elif name == "attempts":
            yield from _attempt_problems(item, wanted)
        else:
            shown = _facts(item)[name]
            if name == "refunds":
                # What is asked for goes its way at once where the stream is read: then it is further on.
                shown = {no: _asked_for(state, wanted.get(no)) for no, state in shown.items()}
            elif name == "delivery":
                # Of single events only those named are looked at.
                shown = {key: shown.get(key) for key in wanted}
            yield from _difference(name, shown, wanted)


def _asked_for(state: str, wanted: str | None) -> str:
    return "REQUESTED" if wanted == "REQUESTED" else state


def _facts(item: Item) -> dict[str, Any]:
    prefix = len(item["id"])
    events = {key[prefix:]: event for key, event in sorted(item.get("events", {}).items())}
    return {
        "state": item["state"],
        "version": int(item["version"]),
        "closing": item.get("closing", False),
        "payments": {
            key[prefix:]: entry["state"] for key, entry in item.get("payments", {}).items()
        },
        "refunds": {key[prefix:]: entry["state"] for key, entry in item.get("refunds", {}).items()},
        "exceptions": sorted(entry["kind"] for entry in item.get("exceptions", {}).values()),
        "told": [event["type"] for event in events.values()],
        "delivery": {key: event["state"] for key, event in events.items()},
    }


def _movement_problems(item: Item, wanted: list[str], tables: Tables) -> Iterator[str]:
    for suffix in wanted:
        number = item["id"] + suffix
        if tables.movement(number, item["payments"][number]) is None:
            yield f"there is no movement of {suffix}"


def _attempt_problems(item: Item, wanted: dict[str, int]) -> Iterator[str]:
    for suffix, least in wanted.items():
        event = item.get("events", {}).get(item["id"] + suffix, {})
        if int(event.get("attempt", 0)) < least:
            yield f"{suffix} has failed {event.get('attempt', 0)} times, not {least}"


def _difference(what: str, found: object, wanted: object) -> list[str]:
    return [] if found == wanted else [f"{what} is {found!r}, not {wanted!r}"]
