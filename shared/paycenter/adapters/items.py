"""Orders as DynamoDB items and back. Empty values are left out: an item pays for its attribute names too."""

import hashlib
from collections.abc import Mapping
from dataclasses import fields
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final, cast

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

from paycenter.domain.order import (
    EventType,
    ExceptionKind,
    Information,
    LatePolicy,
    Order,
    OrderException,
    OwedEvent,
    Payment,
    Refund,
    Resolution,
)
from paycenter.domain.states import EventState, OrderState, PaymentState, RefundState

OWED_SHARDS: Final = 16
_DEAD_SHARD_BYTES: Final = 4
_NESTED: Final = ("payments", "refunds", "events", "exceptions")

type Item = dict[str, Any]

_serializer = TypeSerializer()
_deserializer = TypeDeserializer()


def to_item(order: Order) -> Item:
    """Return the typed item of an order, its place in the owed index included."""
    plain = _record(order, skip={*_NESTED, "information"})
    plain["information"] = [[line.label, line.value] for line in order.information]
    for name in _NESTED:
        # The key of an entry is its own number: it is not stored a second time inside.
        plain[name] = {
            key: _record(entry, skip={_identity(name)})
            for key, entry in getattr(order, name).items()
        }
    if order.owed_at is not None:
        plain["owed_shard"] = owed_shard(order.id)
        plain["owed_at"] = order.owed_at
    elif order.dead_at is not None:
        plain["owed_shard"] = dead_shard(order.line)
        plain["owed_at"] = order.dead_at
    kept = {name: value for name, value in plain.items() if value not in ("", [], {}, None)}
    return {name: _serializer.serialize(value) for name, value in kept.items()}


def from_item(item: Mapping[str, Any]) -> Order:
    """Return the order of a typed item; names that this version does not know are ignored."""
    plain = {name: _plain(_deserializer.deserialize(value)) for name, value in item.items()}
    return Order(
        **_known(Order, plain, skip={*_NESTED, "information", "late_policy", "state", "log"}),
        information=tuple(
            Information(label, value) for label, value in plain.get("information", [])
        ),
        late_policy=LatePolicy(plain["late_policy"]),
        state=OrderState(plain["state"]),
        payments=_entries(plain, "payments", _payment),
        refunds=_entries(plain, "refunds", _refund),
        events=_entries(plain, "events", _event),
        exceptions=_entries(plain, "exceptions", _exception),
        log=tuple(plain.get("log", [])),
    )


def owed_shard(order_id: str) -> int:
    """Return the shard of the owed index that an order lives in, spread evenly."""
    return sum(order_id[:4].encode()) % OWED_SHARDS


def dead_shard(line: str) -> int:
    """Return the shard of the owed index that holds a line's dead letters; the sweep never reads it.

    Beyond the sweep's own shards; two lines may share one, so that who reads it looks at the order's line too.
    """
    digest = hashlib.sha256(line.encode()).digest()
    return OWED_SHARDS + int.from_bytes(digest[:_DEAD_SHARD_BYTES])


def _identity(name: str) -> str:
    return {
        "payments": "payment_no",
        "refunds": "refund_no",
        "events": "event_id",
        "exceptions": "exception_id",
    }[name]


def _record(entry: object, skip: set[str]) -> dict[str, Any]:
    record: dict[str, Any] = {}
    for field in fields(cast("Any", entry)):
        value = getattr(entry, field.name)
        if field.name in skip or value in ("", 0, ()) or value is False or _is_empty(value):
            continue
        record[field.name] = _storable(value)
    return record


def _is_empty(value: object) -> bool:
    return isinstance(value, Mapping) and not value


def _storable(value: object) -> object:
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, Mapping):
        return dict(value)
    return value if isinstance(value, bool | int) else str(value)


def _plain(value: Any) -> Any:  # noqa: ANN401 - the deserializer's own type
    if isinstance(value, Decimal):
        return int(value)
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list) else value


def _known(kind: type, plain: Mapping[str, Any], skip: set[str]) -> dict[str, Any]:
    defaults: dict[str, Any] = {
        field.name: 0
        if field.type in (int, "int")
        else False
        if field.type in (bool, "bool")
        else ""
        for field in fields(kind)
        if field.name not in skip
    }
    return {name: plain.get(name, default) for name, default in defaults.items()}


def _entries(plain: Mapping[str, Any], name: str, build: Any) -> MappingProxyType[str, Any]:  # noqa: ANN401
    identity = _identity(name)
    return MappingProxyType(
        {key: build({**entry, identity: key}) for key, entry in plain.get(name, {}).items()}
    )


def _payment(plain: dict[str, Any]) -> Payment:
    return Payment(
        **_known(Payment, plain, skip={"state", "channel_data", "rungs"}),
        state=PaymentState(plain["state"]),
        rungs=tuple(plain.get("rungs", ())),
        channel_data=MappingProxyType(plain.get("channel_data", {})),
    )


def _refund(plain: dict[str, Any]) -> Refund:
    return Refund(
        **_known(Refund, plain, skip={"state", "channel_data"}),
        state=RefundState(plain["state"]),
        channel_data=MappingProxyType(plain.get("channel_data", {})),
    )


def _event(plain: dict[str, Any]) -> OwedEvent:
    return OwedEvent(
        **_known(OwedEvent, plain, skip={"state", "type"}),
        state=EventState(plain["state"]),
        type=EventType(plain["type"]),
    )


def _exception(plain: dict[str, Any]) -> OrderException:
    return OrderException(
        **_known(OrderException, plain, skip={"kind", "resolution"}),
        kind=ExceptionKind(plain["kind"]),
        resolution=Resolution(plain["resolution"]),
    )
