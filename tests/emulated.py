"""Tables, queues and the wait machine of template.yaml on an emulator: the real key schema, without functions.

What is deployed is the template itself with everything left out that needs a build, so that a test never sees a table
that the template does not have.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

from samcli.yamlhelper import yaml_parse

from sandbox.deploy import client
from sandbox.emulator import ROOT, client_environment

type BecomeFunction = Callable[[str], dict[str, str]]

STACK: Final = "paycenter-tests"
_KEPT_TYPES: Final = {
    "AWS::DynamoDB::Table",
    "AWS::SQS::Queue",
    "AWS::Serverless::StateMachine",
}
_PARAMETERS: Final = {
    "Stage": "local",
    "Architecture": "x86_64",
    "PublicUrl": "https://pay.example.com",
    "ClockRate": "1",
    "ClockAnchor": "0",
    "PrivateNetworks": "127.0.0.0/8",
}


@dataclass(frozen=True, slots=True)
class EmulatedStack:
    """What the template's functions find, by the logical ids of the template."""

    endpoint: str
    ids: Mapping[str, str]

    def client(self, service: str) -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
        """Return an AWS client with the rights of the account's owner."""
        return client(self.endpoint, service)

    def environment(self, function: str) -> dict[str, str]:
        """Return the environment that the template gives a function (`create_order`), and the way to this emulator."""
        template = source_template()
        logical_id = "".join(word.capitalize() for word in function.split("_")) + "Function"
        common = template["Globals"]["Function"]["Environment"]["Variables"]
        own = template["Resources"][logical_id]["Properties"]["Environment"]["Variables"]
        variables = {name: self._value(value) for name, value in {**common, **own}.items()}
        return variables | client_environment(self.endpoint)

    def _value(self, value: Any) -> str:  # noqa: ANN401 - text or an intrinsic function
        match value:
            case {"Ref": name}:
                return _PARAMETERS[name] if name in _PARAMETERS else self.ids[name]
            case {"Fn::Sub": str(text)}:
                return text.replace("${Stage}", _PARAMETERS["Stage"])
        return str(value)


def source_template() -> dict[str, Any]:
    """Return template.yaml as it stands in the tree."""
    return cast("dict[str, Any]", yaml_parse((ROOT / "template.yaml").read_text("utf-8")))


def deploy_storage(endpoint: str) -> EmulatedStack:
    """Create the tables, queues and the wait machine that the template defines, and return their names."""
    template = source_template()
    resources = template["Resources"]
    kept = {name: entry for name, entry in resources.items() if entry["Type"] in _KEPT_TYPES}
    kept["WaitMachineRole"] = resources["WaitMachineRole"]
    body = {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Transform": template["Transform"],
        "Parameters": template["Parameters"],
        "Mappings": template["Mappings"],
        "Resources": kept,
    }
    cloudformation = client(endpoint, "cloudformation")
    cloudformation.create_stack(
        StackName=STACK,
        TemplateBody=json.dumps(body),
        Parameters=[
            {"ParameterKey": name, "ParameterValue": value} for name, value in _PARAMETERS.items()
        ],
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
    )
    waiter = cloudformation.get_waiter("stack_create_complete")
    waiter.wait(StackName=STACK, WaiterConfig={"Delay": 1, "MaxAttempts": 60})
    found = cloudformation.describe_stack_resources(StackName=STACK)["StackResources"]
    return EmulatedStack(
        endpoint, {entry["LogicalResourceId"]: entry["PhysicalResourceId"] for entry in found}
    )


def built() -> Path:
    """Return the folder of the build that this run tests."""
    return ROOT / ".aws-sam" / "build"
