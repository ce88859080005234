"""The stage that a configuration is written to: a stack in the account that the environment's credentials lead to."""

from collections.abc import Mapping
from itertools import batched
from typing import Any, Final

import boto3
from boto3.dynamodb.types import TypeSerializer

from tools.configure.plan import Plan, Target

_MOST_DELETED_AT_ONCE: Final = 10
_serializer = TypeSerializer()


def _stored_ladders(ssm: Any, prefix: str) -> list[str]:  # noqa: ANN401 - boto3's client has no type of its own
    pages = ssm.get_paginator("get_parameters_by_path").paginate(
        Path=f"{prefix}/ladder", Recursive=True
    )
    return [parameter["Name"] for page in pages for parameter in page["Parameters"]]


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


def write(plan: Plan, target: Target) -> None:
    """Write secrets first, then what refers to them. What the schedule knows of a channel's accounts stays."""
    ssm, dynamodb = boto3.client("ssm"), boto3.client("dynamodb")
    for name, value in plan.secrets.items():
        ssm.put_parameter(Name=name, Value=value, Type="SecureString", Overwrite=True)
    for name, value in plan.parameters.items():
        ssm.put_parameter(Name=name, Value=value, Type="String", Overwrite=True)
    # A level that the file no longer has must not go on counting.
    stale = [name for name in _stored_ladders(ssm, target.prefix) if name not in plan.parameters]
    for batch in batched(stale, _MOST_DELETED_AT_ONCE, strict=False):
        ssm.delete_parameters(Names=list(batch))
    for item in plan.items:
        _put(dynamodb, target.table, item)
    for account_id, item in plan.accounts.items():
        _put(dynamodb, target.table, {"id": f"account#{account_id}", **item})
    for channel, accounts in plan.channels.items():
        dynamodb.update_item(
            TableName=target.table,
            Key={"id": {"S": f"channel#{channel}"}},
            UpdateExpression="SET live = :live, retired = :retired",
            ExpressionAttributeValues={
                f":{name}": _serializer.serialize(value) for name, value in accounts.items()
            },
        )


def _put(dynamodb: Any, table: str, item: Mapping[str, Any]) -> None:  # noqa: ANN401 - boto3 makes its clients at run time
    typed = {name: _serializer.serialize(value) for name, value in item.items()}
    dynamodb.put_item(TableName=table, Item=typed)
