"""The tables: money is kept, restorable and never expires by itself."""

import pytest

from tests.template.processed import Processed

_TABLES = ("OrdersTable", "ExceptionsTable", "ConfigTable", "MovementsTable")


def test_there_are_no_other_tables(template: Processed) -> None:
    assert {name for name, _ in template.of_type("AWS::DynamoDB::Table")} == set(_TABLES)


@pytest.mark.parametrize("name", _TABLES)
def test_a_table_is_protected(template: Processed, name: str) -> None:
    table = dict(template.of_type("AWS::DynamoDB::Table"))[name]
    assert template.resource(name)["DeletionPolicy"] == "Retain"
    assert template.resource(name)["UpdateReplacePolicy"] == "Retain"
    assert table["DeletionProtectionEnabled"] is True
    recovery = table["PointInTimeRecoverySpecification"]
    assert recovery == {"PointInTimeRecoveryEnabled": True, "RecoveryPeriodInDays": 35}
    assert table["SSESpecification"] == {"SSEEnabled": True}
    assert "TimeToLiveSpecification" not in table


@pytest.mark.parametrize("name", _TABLES)
def test_nothing_is_paid_for_while_nobody_pays(template: Processed, name: str) -> None:
    table = dict(template.of_type("AWS::DynamoDB::Table"))[name]
    assert table["BillingMode"] == "PAY_PER_REQUEST"
    assert "ProvisionedThroughput" not in table


def test_the_order_table_has_its_stream_and_its_one_sparse_index(template: Processed) -> None:
    table = dict(template.of_type("AWS::DynamoDB::Table"))["OrdersTable"]
    assert table["KeySchema"] == [{"AttributeName": "id", "KeyType": "HASH"}]
    assert table["StreamSpecification"] == {"StreamViewType": "NEW_AND_OLD_IMAGES"}
    (index,) = table["GlobalSecondaryIndexes"]
    assert index["IndexName"] == "owed"
    assert [(key["AttributeName"], key["KeyType"]) for key in index["KeySchema"]] == [
        ("owed_shard", "HASH"),
        ("owed_at", "RANGE"),
    ]
    assert index["Projection"] == {"ProjectionType": "KEYS_ONLY"}


def test_movements_are_found_by_account_and_day(template: Processed) -> None:
    table = dict(template.of_type("AWS::DynamoDB::Table"))["MovementsTable"]
    assert [(key["AttributeName"], key["KeyType"]) for key in table["KeySchema"]] == [
        ("part", "HASH"),
        ("number", "RANGE"),
    ]
