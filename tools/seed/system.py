"""A running system as the seed and the events' check see it: its adapters, found through its stack's outputs."""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import boto3

from paycenter.bootstrap import Adapters
from paycenter.settings import Settings

_OUTPUTS: Final = {
    "ORDERS_TABLE": "OrdersTable",
    "CONFIG_TABLE": "ConfigTable",
    "EXCEPTIONS_TABLE": "ExceptionsTable",
    "MOVEMENTS_TABLE": "MovementsTable",
    "QUERY_QUEUE_URL": "QueryQueue",
    "EXPIRE_QUEUE_URL": "ExpireQueue",
    "REFUND_QUEUE_URL": "RefundQueue",
    "NOTIFY_QUEUE_URL": "NotifyQueue",
    "WAIT_MACHINE_ARN": "WaitMachine",
    "PARAMETER_PREFIX": "ParameterPrefix",
}
_PARAMETERS: Final = {
    "STAGE": "Stage",
    "PUBLIC_URL": "PublicUrl",
    "CLOCK_RATE": "ClockRate",
    "CLOCK_ANCHOR": "ClockAnchor",
    "PRIVATE_NETWORKS": "PrivateNetworks",
}


@dataclass(frozen=True)
class System:
    """The environment of all functions together, of one deployed stack."""

    environment: dict[str, str]

    @cached_property
    def adapters(self) -> Adapters:
        """Real adapters over the stack's resources."""
        return Adapters(Settings(self.environment))


def find_system(stack: str) -> System:
    """Look a stack up in the account that the environment's credentials lead to; raises botocore's ClientError."""
    description = boto3.client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]
    outputs = {entry["OutputKey"]: entry["OutputValue"] for entry in description["Outputs"]}
    values = {entry["ParameterKey"]: entry["ParameterValue"] for entry in description["Parameters"]}
    return System(
        {name: outputs[key] for name, key in _OUTPUTS.items()}
        | {name: values.get(key, "") for name, key in _PARAMETERS.items()}
    )
