"""The account book in the table `config`: `channel#<name>` holds health, `account#<id>` public keys."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

from paycenter.adapters.aws import aws_errors, client
from paycenter.domain.health import Health
from paycenter.ports.accounts import ChannelAccounts

_serializer = TypeSerializer()
_deserializer = TypeDeserializer()


def health_of(item: Mapping[str, Any]) -> dict[str, Health]:
    """Return what a channel's item, in plain values, says of its accounts."""
    return {
        account_id: Health(int(entry["failures"]), int(entry["down_until"]))
        for account_id, entry in item.get("health", {}).items()
    }


@dataclass(frozen=True, slots=True)
class DynamoAccounts:
    """Replaces single attributes: what operators write into the same items meanwhile stays."""

    table: str

    def of_channel(self, channel: str) -> ChannelAccounts:
        """Read `channel#<name>`, consistently."""
        with aws_errors():
            answer = client("dynamodb").get_item(
                TableName=self.table, Key={"id": {"S": f"channel#{channel}"}}, ConsistentRead=True
            )
        item = {
            name: _deserializer.deserialize(value) for name, value in answer.get("Item", {}).items()
        }
        known = health_of(item)
        return ChannelAccounts(
            live={
                entry["account"]: known.get(entry["account"], Health())
                for entry in item.get("live", [])
            },
            retired=tuple(item.get("retired", [])),
        )

    def keep_health(self, channel: str, health: Mapping[str, Health]) -> None:
        """Set `health` of `channel#<name>`; raises TryAgain where there is no such item."""
        entries = {
            account_id: {"failures": entry.failures, "down_until": entry.down_until}
            for account_id, entry in health.items()
        }
        self._set(f"channel#{channel}", "health", entries)

    def keep_material(self, account_id: str, material: Mapping[str, str]) -> None:
        """Set `material` of `account#<id>`; raises TryAgain where there is no such item."""
        self._set(f"account#{account_id}", "material", dict(material))

    def _set(self, key: str, name: str, value: Mapping[str, Any]) -> None:
        with aws_errors():
            client("dynamodb").update_item(
                TableName=self.table,
                Key={"id": {"S": key}},
                UpdateExpression="SET #name = :value",
                ConditionExpression="attribute_exists(id)",
                ExpressionAttributeNames={"#name": name},
                ExpressionAttributeValues={":value": _serializer.serialize(value)},
            )
