"""What is asked of DynamoDB, where the emulator could not tell the difference. Holds I10, A15, A16, A19."""

from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from paycenter.adapters.dynamodb import (
    DynamoExceptions,
    DynamoMovements,
    DynamoOrders,
    DynamoOwedIndex,
)
from paycenter.adapters.items import OWED_SHARDS, to_item
from paycenter.domain.errors import TryAgain
from paycenter.domain.order import ExceptionKind
from paycenter.ports.store import Conflict, ExceptionRecord, Guard, Movement
from tests.fakes.clock import START
from tests.fakes.samples import an_order
from tests.fakes.store import somebody_else_writes
from tests.unit.adapters.stub import StubClient, aws_error

ORDER = an_order()


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> StubClient:
    stub = StubClient()
    monkeypatch.setattr("paycenter.adapters.dynamodb.client", lambda _service: stub)
    return stub


def failed_condition(item: dict[str, Any] | None) -> ClientError:
    error = aws_error("ConditionalCheckFailedException")
    if item is not None:
        error.response["Item"] = item  # type: ignore[typeddict-unknown-key]  # DynamoDB's own addition
    return error


def test_orders_are_read_consistently_by_their_key_alone(aws: StubClient) -> None:
    aws.answers["get_item"] = [{"Item": to_item(ORDER)}, {}]
    assert DynamoOrders("orders").get(ORDER.id) == ORDER
    assert DynamoOrders("orders").get(ORDER.id) is None
    assert all(asked["ConsistentRead"] is True for asked in aws.of("get_item"))


def test_a_write_carries_its_conditions_and_asks_for_what_is_stored(aws: StubClient) -> None:
    DynamoOrders("orders").save(somebody_else_writes(ORDER), Guard(payable_at=7, no_winner=True))
    (asked,) = aws.of("put_item")
    assert asked["ConditionExpression"] == (
        "version = :previous AND attribute_not_exists(winner) AND expires_at > :payable_at"
        " AND attribute_not_exists(closing) AND #state IN (:created, :paying)"
    )
    assert asked["ExpressionAttributeValues"][":previous"] == {"N": "1"}
    assert asked["ExpressionAttributeValues"][":payable_at"] == {"N": "7"}
    assert asked["ReturnValuesOnConditionCheckFailure"] == "ALL_OLD"


def test_a_failed_condition_costs_no_second_read(aws: StubClient) -> None:
    aws.answers["put_item"] = [failed_condition(to_item(ORDER))]
    with pytest.raises(Conflict) as conflict:
        DynamoOrders("orders").save(somebody_else_writes(ORDER), Guard())
    assert conflict.value.current == ORDER
    assert [operation for operation, _ in aws.asked] == ["put_item"]


@pytest.mark.parametrize(
    "error",
    [
        failed_condition(None),
        aws_error("ProvisionedThroughputExceededException"),
        aws_error("TransactionConflictException"),
        aws_error("ItemCollectionSizeLimitExceededException"),
        ReadTimeoutError(endpoint_url="https://dynamodb"),
    ],
    ids=["gone", "throttled", "conflict", "size", "timeout"],
)
def test_any_other_trouble_is_never_a_conflict_and_never_a_success(
    error: Exception, aws: StubClient
) -> None:
    store = DynamoOrders("orders")
    aws.answers = {"put_item": [error, error], "get_item": [error]}
    with pytest.raises(TryAgain):
        store.create(ORDER)
    with pytest.raises(TryAgain):
        store.save(somebody_else_writes(ORDER), Guard())
    aws.answers = {"get_item": [aws_error("ThrottlingException")]}
    with pytest.raises(TryAgain):
        store.get(ORDER.id)


def test_the_index_is_asked_shard_by_shard_until_the_limit(aws: StubClient) -> None:
    full = {"Items": [{"id": {"S": "A"}}, {"id": {"S": "B"}}]}
    aws.answers["query"] = [full, {"Items": []}, {"Items": [{"id": {"S": "C"}}]}]
    assert DynamoOwedIndex("orders").owed_before(START, 3) == ["A", "B", "C"]
    asked = aws.of("query")
    assert [one["Limit"] for one in asked] == [3, 1, 1]
    assert shards(asked) == [0, 1, 2]


def shards(asked: list[dict[str, Any]]) -> list[int]:
    return [int(one["ExpressionAttributeValues"][":shard"]["N"]) for one in asked]


def test_a_backlog_in_one_shard_does_not_hide_the_others_for_ever(aws: StubClient) -> None:
    # START is a whole number of sixteen minutes.
    for minute in (1, 2, 15, 16):
        aws.answers["query"] = [{"Items": [{"id": {"S": "A"}}]}]
        DynamoOwedIndex("orders").owed_before(START + minute * 60, 1)
    assert shards(aws.of("query")) == [1, 2, 15, 0]


def test_an_empty_index_is_asked_sixteen_times(aws: StubClient) -> None:
    aws.answers["query"] = [{"Items": []} for _ in range(OWED_SHARDS)]
    assert DynamoOwedIndex("orders").owed_before(START, 500) == []
    assert sorted(shards(aws.of("query"))) == list(range(OWED_SHARDS)) == list(range(16))


RECORD = ExceptionRecord(
    exception_id="bogus|main|UNKNOWN_ORDER|T-1",
    kind=ExceptionKind.UNKNOWN_ORDER,
    channel="bogus",
    account="main~1",
    order_id="",
    line="",
    payment_no="P",
    amount=1,
    currency="CNY",
    channel_transaction_no="T-1",
    resolution="hold",
    raised_at=START,
)


def test_an_exception_is_open_and_never_overwrites_one(aws: StubClient) -> None:
    aws.answers["put_item"] = [{}, failed_condition(None), aws_error("ThrottlingException")]
    store = DynamoExceptions("exceptions")
    assert store.raise_once(RECORD)
    assert not store.raise_once(RECORD)
    with pytest.raises(TryAgain):
        store.raise_once(RECORD)
    asked = aws.of("put_item")[0]
    assert asked["ConditionExpression"] == "attribute_not_exists(id)"
    assert asked["Item"]["state"] == {"S": "OPEN"}
    assert asked["Item"]["id"] == {"S": RECORD.exception_id}
    # DynamoDB takes no empty key parts, and an item pays for its names.
    assert "order_id" not in asked["Item"]


def test_a_movement_that_can_not_be_stored_is_told(aws: StubClient) -> None:
    aws.answers["put_item"] = [aws_error("ThrottlingException")]
    row = Movement(
        account="main~1",
        day="2026-11-18",
        number="P",
        order_id="O",
        amount=1,
        currency="CNY",
        channel_transaction_no="T",
        settled_at=START,
    )
    with pytest.raises(TryAgain):
        DynamoMovements("movements").put([row])
