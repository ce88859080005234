"""The account book asks DynamoDB for exactly what it means, and leaves the rest of an item alone."""

import pytest
from boto3.dynamodb.types import TypeSerializer

from paycenter.adapters import accounts as module
from paycenter.adapters.accounts import DynamoAccounts
from paycenter.domain.errors import TryAgain
from paycenter.domain.health import Health
from tests.unit.adapters.stub import StubClient, aws_error

ITEM = {
    "id": "channel#bogus",
    "live": [{"account": "one~2", "weight": 3}, {"account": "two~1", "weight": 1}],
    "retired": ["one~1"],
    "health": {
        "one~2": {"failures": 3, "down_until": 1_794_960_300},
        "gone~1": {"failures": 1, "down_until": 0},
    },
}


@pytest.fixture
def dynamodb(monkeypatch: pytest.MonkeyPatch) -> StubClient:
    stub = StubClient()
    monkeypatch.setattr(module, "client", lambda _service: stub)
    return stub


def test_a_channels_accounts_are_read_past_every_cache(dynamodb: StubClient) -> None:
    item = {name: TypeSerializer().serialize(value) for name, value in ITEM.items()}
    dynamodb.answers["get_item"] = [{"Item": item}]
    accounts = DynamoAccounts("config").of_channel("bogus")
    assert accounts.live == {"one~2": Health(3, 1_794_960_300), "two~1": Health()}
    assert accounts.retired == ("one~1",)
    assert dynamodb.of("get_item") == [
        {"TableName": "config", "Key": {"id": {"S": "channel#bogus"}}, "ConsistentRead": True}
    ]


def test_a_channel_without_accounts_has_none(dynamodb: StubClient) -> None:
    accounts = DynamoAccounts("config").of_channel("nobody")
    assert (dict(accounts.live), accounts.retired) == ({}, ())
    assert len(dynamodb.asked) == 1


def test_only_the_one_attribute_of_an_item_that_is_there_is_replaced(dynamodb: StubClient) -> None:
    book = DynamoAccounts("config")
    book.keep_health("bogus", {"one~2": Health(1, 0)})
    book.keep_material("one~2", {"5157F09E": "-----BEGIN CERTIFICATE"})
    health, material = dynamodb.of("update_item")
    for asked, key, name in (
        (health, "channel#bogus", "health"),
        (material, "account#one~2", "material"),
    ):
        assert asked["Key"] == {"id": {"S": key}}
        assert asked["UpdateExpression"] == "SET #name = :value"
        assert asked["ExpressionAttributeNames"] == {"#name": name}
        assert asked["ConditionExpression"] == "attribute_exists(id)"
    assert health["ExpressionAttributeValues"][":value"]["M"]["one~2"]["M"] == {
        "failures": {"N": "1"},
        "down_until": {"N": "0"},
    }


def test_an_item_that_was_taken_away_is_not_made_anew(dynamodb: StubClient) -> None:
    dynamodb.answers["update_item"] = [aws_error("ConditionalCheckFailedException")]
    with pytest.raises(TryAgain):
        DynamoAccounts("config").keep_health("bogus", {})
