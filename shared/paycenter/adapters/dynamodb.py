"""The system of record on DynamoDB: consistent reads, and writes that carry their conditions."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from typing import Any, cast

from botocore.exceptions import ClientError

from paycenter.adapters.aws import aws_errors, client
from paycenter.adapters.items import OWED_SHARDS, Item, dead_shard, from_item, to_item
from paycenter.domain.errors import TryAgain
from paycenter.domain.order import Order
from paycenter.domain.states import OrderState
from paycenter.ports.store import Conflict, ExceptionRecord, Guard, Movement


def _failed_condition(error: ClientError) -> bool:
    return error.response["Error"]["Code"] == "ConditionalCheckFailedException"


@dataclass(frozen=True, slots=True)
class DynamoOrders:
    """Orders, one item each, in the table of this name."""

    table: str

    def create(self, order: Order) -> Order | None:
        """Put unless the id is taken; the failed condition brings the stored item along."""
        try:
            self._put(order, "attribute_not_exists(id)", {}, {})
        except Conflict as conflict:
            return conflict.current
        return None

    def get(self, order_id: str) -> Order | None:
        """Read consistently: one read unit per 4 kB."""
        with aws_errors():
            answer = client("dynamodb").get_item(
                TableName=self.table, Key={"id": {"S": order_id}}, ConsistentRead=True
            )
        return from_item(answer["Item"]) if "Item" in answer else None

    def get_many(self, order_ids: Collection[str]) -> Mapping[str, Order]:
        """Read consistently, together; what the table had no capacity for is read once more by itself."""
        if not order_ids:
            return {}
        keys = [{"id": {"S": order_id}} for order_id in sorted(set(order_ids))]
        with aws_errors():
            answer = client("dynamodb").batch_get_item(
                RequestItems={self.table: {"Keys": keys, "ConsistentRead": True}}
            )
        found = [from_item(item) for item in answer["Responses"].get(self.table, [])]
        left = answer.get("UnprocessedKeys", {}).get(self.table, {"Keys": []})["Keys"]
        found += [order for key in left if (order := self.get(key["id"]["S"])) is not None]
        return {order.id: order for order in found}

    def save(self, order: Order, guard: Guard) -> None:
        """Put under the version and the guard, in one conditional write."""
        conditions = ["version = :previous"]
        values: dict[str, Any] = {":previous": {"N": str(order.version - 1)}}
        names: dict[str, str] = {}
        if guard.no_winner:
            conditions.append("attribute_not_exists(winner)")
        if guard.refundable is not None:
            payment_no, amount, refund_no = guard.refundable
            conditions += [
                "payments.#payment.refundable >= :amount",
                "attribute_not_exists(refunds.#refund)",
            ]
            names |= {"#payment": payment_no, "#refund": refund_no}
            values[":amount"] = {"N": str(amount)}
        if guard.payable_at is not None:
            conditions += [
                "expires_at > :payable_at",
                "attribute_not_exists(closing)",
                "#state IN (:created, :paying)",
            ]
            names["#state"] = "state"
            values[":payable_at"] = {"N": str(guard.payable_at)}
            values[":created"] = {"S": OrderState.CREATED.value}
            values[":paying"] = {"S": OrderState.PAYING.value}
        self._put(order, " AND ".join(conditions), names, values)

    def _put(
        self, order: Order, condition: str, names: dict[str, str], values: dict[str, Any]
    ) -> None:
        optional: dict[str, Any] = {}
        if names:
            optional["ExpressionAttributeNames"] = names
        if values:
            optional["ExpressionAttributeValues"] = values
        try:
            with aws_errors():
                client("dynamodb").put_item(
                    TableName=self.table,
                    Item=to_item(order),
                    ConditionExpression=condition,
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                    **optional,
                )
        except TryAgain as error:
            cause = error.__cause__
            stored: Item | None = (
                cast("Item", cause.response).get("Item") if isinstance(cause, ClientError) else None
            )
            if stored is None:
                raise
            raise Conflict(from_item(stored)) from None


@dataclass(frozen=True, slots=True)
class DynamoOwedIndex:
    """The sparse index `owed` of the order table."""

    table: str

    def owed_before(self, moment: int, limit: int) -> list[str]:
        """Ask shard by shard, oldest first, until the limit is reached; another shard comes first each minute."""
        found: list[str] = []
        first = moment // 60
        # Always in the same order, a backlog in the first shards would leave the last ones unseen.
        for shard in ((first + offset) % OWED_SHARDS for offset in range(OWED_SHARDS)):
            with aws_errors():
                found += self._ids(shard, "owed_at < :moment", moment, limit - len(found))
            if len(found) >= limit:
                break
        return found

    def dead_since(self, line: str, moment: int, limit: int) -> list[str]:
        """Ask the line's own shard of dead letters, oldest first."""
        with aws_errors():
            return self._ids(dead_shard(line), "owed_at >= :moment", moment, limit)

    def _ids(self, shard: int, condition: str, moment: int, limit: int) -> list[str]:
        answer = client("dynamodb").query(
            TableName=self.table,
            IndexName="owed",
            KeyConditionExpression=f"owed_shard = :shard AND {condition}",
            ExpressionAttributeValues={":shard": {"N": str(shard)}, ":moment": {"N": str(moment)}},
            Limit=limit,
        )
        return [item["id"]["S"] for item in answer["Items"]]


@dataclass(frozen=True, slots=True)
class DynamoExceptions:
    """Exceptions, in the table of this name."""

    table: str

    def raise_once(self, record: ExceptionRecord) -> bool:
        """Put unless it is there: what a person has done about it since is never overwritten."""
        plain = {"id": record.exception_id, "state": "OPEN", **asdict(record)}
        del plain["exception_id"]
        item = {
            name: {"N": str(value)} if isinstance(value, int) else {"S": str(value)}
            for name, value in plain.items()
            if value != ""
        }
        try:
            with aws_errors():
                client("dynamodb").put_item(
                    TableName=self.table, Item=item, ConditionExpression="attribute_not_exists(id)"
                )
        except TryAgain as error:
            if isinstance(error.__cause__, ClientError) and _failed_condition(error.__cause__):
                return False
            raise
        return True


@dataclass(frozen=True, slots=True)
class DynamoMovements:
    """Settled money, in the table of this name; sixteen shards a day keep a busy account's writes apart."""

    table: str

    def put(self, movements: list[Movement]) -> None:
        """Put each; the same movement again is the same item again."""
        for movement in movements:
            shard = sum(movement.number[:4].encode()) % OWED_SHARDS
            with aws_errors():
                client("dynamodb").put_item(
                    TableName=self.table,
                    Item={
                        "part": {"S": f"{movement.account}|{movement.day}|{shard}"},
                        "number": {"S": movement.number},
                        "amount": {"N": str(movement.amount)},
                        "currency": {"S": movement.currency},
                        "txn": {"S": movement.channel_transaction_no},
                        "settled_at": {"N": str(movement.settled_at)},
                        **({"refund": {"BOOL": True}} if movement.refund else {}),
                    },
                )
