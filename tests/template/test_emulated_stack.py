"""The emulated stack that contract and functional tests stand on is the template's."""

from tests.emulated import BecomeFunction, EmulatedStack


def test_tables_have_the_templates_keys_stream_and_index(stack: EmulatedStack) -> None:
    table = stack.client("dynamodb").describe_table(TableName=stack.ids["OrdersTable"])["Table"]
    assert table["KeySchema"] == [{"AttributeName": "id", "KeyType": "HASH"}]
    assert [index["IndexName"] for index in table["GlobalSecondaryIndexes"]] == ["owed"]
    assert table["StreamSpecification"]["StreamViewType"] == "NEW_AND_OLD_IMAGES"


def test_a_function_gets_the_environment_that_the_template_gives_it(
    stack: EmulatedStack, become: BecomeFunction
) -> None:
    environment = become("create_order")
    assert environment["ORDERS_TABLE"] == stack.ids["OrdersTable"]
    assert environment["PARAMETER_PREFIX"] == "/paycenter/local"
    assert "NOTIFY_QUEUE_URL" not in environment
