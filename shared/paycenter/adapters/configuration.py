"""Configuration from the table `config` and Parameter Store, cached 60 s per container, misses too."""

import random
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final, cast

from boto3.dynamodb.types import TypeDeserializer

from paycenter.adapters.accounts import health_of
from paycenter.adapters.aws import aws_errors, client
from paycenter.adapters.breakers import Breakers
from paycenter.adapters.telemetry import logger
from paycenter.domain.errors import TryAgain
from paycenter.domain.ladder import (
    DEFAULT_NOTIFY_LADDER,
    DEFAULT_QUERY_LADDER,
    Ladder,
    notify_ladder,
    order_timeout,
    query_ladder,
)
from paycenter.domain.order import DEFAULT_LIFE_SECONDS, LatePolicy
from paycenter.ports.channel import Account
from paycenter.ports.configuration import ApiKey, BusinessLine

CACHE_SECONDS: Final = 60
# A stranger can ask for any name: the cache of misses must not grow with that.
_CACHE_ENTRIES: Final = 500
QUERY_PARAMETERS: Final = ("query_init_level", "query_count", "query_delay_levels")
_deserializer = TypeDeserializer()


@dataclass(slots=True)
class Cache:
    """Remembers what was read, and that nothing was there, for a while."""

    entries: dict[str, tuple[float, Any]] = field(default_factory=dict)

    def get(self, key: str, read: Callable[[], Any]) -> Any:  # noqa: ANN401 - holds every kind of configuration
        """Return the remembered value, or read it; an error of `read` is not remembered."""
        now = time.monotonic()
        known = self.entries.get(key)
        if known is not None and now < known[0]:
            return known[1]
        value = read()
        if len(self.entries) >= _CACHE_ENTRIES:
            self.entries.clear()
        self.entries[key] = (now + CACHE_SECONDS, value)
        return value

    def forget(self, key: str) -> None:
        """Read this again when it is next asked for."""
        self.entries.pop(key, None)


@dataclass(frozen=True, slots=True)
class AwsConfiguration:
    """Reads one item a name, and the parameters below `prefix` (`/paycenter/<stage>`)."""

    table: str
    prefix: str
    breakers: Breakers
    cache: Cache = field(default_factory=Cache)

    def line(self, line_id: str) -> BusinessLine | None:
        """Read `line#<id>`."""
        item = self._item(f"line#{line_id}")
        return None if item is None else _line(line_id, item)

    def account(self, account_id: str) -> Account | None:
        """Read `account#<id>~<version>`, with the public keys that were fetched for it, and its secrets."""
        item = self._item(f"account#{account_id}")
        if item is None:
            return None
        names: dict[str, str] = item["secrets"]
        values = self._parameters(tuple(sorted(names.values())))
        if len(values) != len(set(names.values())):
            message = "A secret of this account can't be read; tell the operator, then repeat."
            raise TryAgain(message)
        return Account(
            id=account_id,
            channel=item["channel"],
            settings=item["settings"],
            secrets={name: values[path] for name, path in names.items()},
            material=item.get("material", {}),
        )

    def live_account(self, channel: str) -> Account | None:
        """Read `channel#<name>` and draw one of its live versions by weight."""
        weights = self._weights(channel)
        if not weights:
            return None
        drawn = random.choices(list(weights), list(weights.values()))  # noqa: S311 - spreads load, guards nothing
        return self.account(drawn[0])

    def takes_payments(self, channel: str) -> bool:
        """Read `channel#<name>` alone."""
        return bool(self._weights(channel))

    def is_live(self, channel: str, account_id: str) -> bool:
        """Read `channel#<name>` alone."""
        item = self._item(f"channel#{channel}")
        return item is not None and account_id in {entry["account"] for entry in item["live"]}

    def _weights(self, channel: str) -> dict[str, int]:
        item = self._item(f"channel#{channel}")
        if item is None:
            return {}
        now, health = self.breakers.clock.now(), health_of(item)
        down = {account_id for account_id, entry in health.items() if entry.is_down(now)}
        return {
            entry["account"]: int(entry["weight"])
            for entry in item["live"]
            if entry["account"] not in down and not self.breakers.is_open(entry["account"])
        }

    def query_ladder(self, line_id: str, channel: str) -> Ladder:
        """Read the seed's three parameters of all levels in one call; the nearest level that has all three counts."""
        return self._nearest(
            [f"lines/{line_id}/", f"channels/{channel}/", ""],
            QUERY_PARAMETERS,
            query_ladder,
            DEFAULT_QUERY_LADDER,
        )

    def notify_ladder(self, line_id: str) -> Ladder:
        """Read the line's own ladder, or the system's."""
        return self._nearest(
            [f"lines/{line_id}/", ""],
            ("notify_delay_levels",),
            notify_ladder,
            DEFAULT_NOTIFY_LADDER,
        )

    def order_timeout(self, line_id: str) -> int:
        """Read the line's own, or the system's."""
        return self._nearest(
            [f"lines/{line_id}/", ""], ("order_timeout",), order_timeout, DEFAULT_LIFE_SECONDS
        )

    def _nearest[Value](
        self,
        levels: Sequence[str],
        names: tuple[str, ...],
        read: Callable[..., Value],
        default: Value,
    ) -> Value:
        """Return what the first complete level says; the default where none is, or where it does not fit.

        `make config` refuses what does not fit; a hand that writes it past that must not stop payments.
        """
        paths = [[f"{self.prefix}/ladder/{level}{name}" for name in names] for level in levels]
        values = self._parameters(tuple(path for level in paths for path in level))
        given = ([values[path] for path in level] for level in paths if values.keys() >= set(level))
        for texts in given:
            try:
                return read(*texts)
            except ValueError as error:
                logger().error("ladder ignored: %s", error)
        return default

    def endpoint_gone(self, line_id: str, url: str) -> None:
        """Note it in the line's item, on condition that the line still has this address."""
        with aws_errors(), suppress(client("dynamodb").exceptions.ConditionalCheckFailedException):
            client("dynamodb").update_item(
                TableName=self.table,
                Key={"id": {"S": f"line#{line_id}"}},
                UpdateExpression="SET gone_url = :url",
                ConditionExpression="notify_url = :url",
                ExpressionAttributeValues={":url": {"S": url}},
            )
        self.cache.forget(f"line#{line_id}")

    def secret(self, name: str) -> str:
        """Read one SecureString by its full name."""
        values = self._parameters((name,))
        if name not in values:
            message = "A secret can't be read; tell the operator, then repeat."
            raise TryAgain(message)
        return values[name]

    def _item(self, key: str) -> dict[str, Any] | None:
        return cast("dict[str, Any] | None", self.cache.get(key, lambda: self._read_item(key)))

    def _read_item(self, key: str) -> dict[str, Any] | None:
        with aws_errors():
            answer = client("dynamodb").get_item(TableName=self.table, Key={"id": {"S": key}})
        if "Item" not in answer:
            return None
        return {name: _deserializer.deserialize(value) for name, value in answer["Item"].items()}

    def _parameters(self, names: tuple[str, ...]) -> Mapping[str, str]:
        if not names:
            return {}
        return cast(
            "Mapping[str, str]",
            self.cache.get("|".join(names), lambda: self._read_parameters(names)),
        )

    def _read_parameters(self, names: tuple[str, ...]) -> Mapping[str, str]:
        with aws_errors():
            answer = client("ssm").get_parameters(Names=list(names), WithDecryption=True)
        return {parameter["Name"]: parameter["Value"] for parameter in answer["Parameters"]}


def _line(line_id: str, item: dict[str, Any]) -> BusinessLine:
    return BusinessLine(
        id=line_id,
        name=item["name"],
        name_zh=item["name_zh"],
        notify_url=item["notify_url"],
        return_origins=tuple(item["return_origins"]),
        late_policy=LatePolicy(item["late_policy"]),
        cashier=tuple((channel, product) for channel, product in item["cashier"]),
        keys=tuple(
            ApiKey(sha256=key["sha256"], scopes=frozenset(key["scopes"])) for key in item["keys"]
        ),
        webhook_secrets=tuple(item["webhook_secrets"]),
        disabled=bool(item.get("disabled", False)),
        gone_url=item.get("gone_url", ""),
    )
