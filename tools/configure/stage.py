"""The stage that a configuration is written to: a stack in the account that the environment's credentials lead to."""

from collections.abc import Mapping
from typing import Any

import boto3
from boto3.dynamodb.types import TypeSerializer

from tools.configure.plan import Plan, Target

_serializer = TypeSerializer()


def find_target(stack: str, stage: str) -> Target:
    """Look up the stack's table, and what it allows, in the account that the environment's credentials lead to."""
    cloudformation = boto3.client("cloudformation")
    resource = cloudformation.describe_stack_resource(
        StackName=stack, LogicalResourceId="ConfigTable"
    )
    parameters = cloudformation.describe_stacks(StackName=stack)["Stacks"][0].get("Parameters", [])
    values = {entry["ParameterKey"]: entry["ParameterValue"] for entry in parameters}
    return Target(
        stage=stage,
        prefix=f"/paycenter/{stage}",
        table=resource["StackResourceDetail"]["PhysicalResourceId"],
        private_networks=values.get("PrivateNetworks", ""),
        clock_rate=int(values.get("ClockRate", 1)),
        clock_anchor=int(values.get("ClockAnchor", 0)),
    )


def write(plan: Plan, table: str) -> None:
    """Write secrets first, then what refers to them. What the schedule knows of a channel's accounts stays."""
    ssm, dynamodb = boto3.client("ssm"), boto3.client("dynamodb")
    for name, value in plan.secrets.items():
        ssm.put_parameter(Name=name, Value=value, Type="SecureString", Overwrite=True)
    for name, value in plan.parameters.items():
        ssm.put_parameter(Name=name, Value=value, Type="String", Overwrite=True)
    for item in plan.items:
        _put(dynamodb, table, item)
    for account_id, item in plan.accounts.items():
        _put(dynamodb, table, {"id": f"account#{account_id}", **item})
    for channel, accounts in plan.channels.items():
        dynamodb.update_item(
            TableName=table,
            Key={"id": {"S": f"channel#{channel}"}},
            UpdateExpression="SET live = :live, retired = :retired",
            ExpressionAttributeValues={
                f":{name}": _serializer.serialize(value) for name, value in accounts.items()
            },
        )


def _put(dynamodb: Any, table: str, item: Mapping[str, Any]) -> None:  # noqa: ANN401 - boto3 makes its clients at run time
    typed = {name: _serializer.serialize(value) for name, value in item.items()}
    dynamodb.put_item(TableName=table, Item=typed)
