"""`sam deploy` of the built template to an emulator, and what there is to know about the stack afterwards."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import boto3

from sandbox.emulator import REGION, ROOT, client_environment

STACK: Final = "paycenter"
TEMPLATE: Final = ROOT / ".aws-sam" / "build" / "template.yaml"
_SAM: Final = Path(sys.executable).parent / "sam"
_BUCKET: Final = "paycenter-artefacts"


class DeployError(Exception):
    """The template could not be deployed; the message is what the SAM CLI said."""


@dataclass(frozen=True, slots=True)
class Stack:
    """A deployed stack: its outputs, the physical ids of its resources, and the template after the transform."""

    outputs: Mapping[str, str]
    physical_ids: Mapping[str, str]
    template: Mapping[str, Any]

    @property
    def functions(self) -> dict[str, str]:
        """Return the alias to invoke, by the function's logical id."""
        return {
            resource["Properties"]["FunctionName"]["Ref"]: self.physical_ids[name]
            for name, resource in self.template["Resources"].items()
            if resource["Type"] == "AWS::Lambda::Alias"
        }


def deploy(endpoint: str, parameters: Mapping[str, str], template: Path = TEMPLATE) -> Stack:
    """Transform and deploy the built template, as `sam deploy` does for a real account; raises DeployError."""
    s3 = client(endpoint, "s3")
    s3.create_bucket(Bucket=_BUCKET)
    overrides = [f"{name}={value}" for name, value in parameters.items()]
    answer = subprocess.run(
        [
            *(str(_SAM), "deploy", "--template-file", str(template), "--stack-name", STACK),
            *("--s3-bucket", _BUCKET, "--capabilities", "CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"),
            *("--no-confirm-changeset", "--no-fail-on-empty-changeset", "--no-progressbar"),
            *(("--parameter-overrides", *overrides) if overrides else ()),
        ],
        cwd=ROOT,
        env=_environment(endpoint),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if answer.returncode != 0:
        raise DeployError(f"{answer.stdout}\n{answer.stderr}".strip())
    return describe(endpoint)


def describe(endpoint: str) -> Stack:
    """Ask the emulator about the deployed stack."""
    cloudformation = client(endpoint, "cloudformation")
    stack = cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]
    resources = cloudformation.describe_stack_resources(StackName=STACK)["StackResources"]
    template = cloudformation.get_template(StackName=STACK, TemplateStage="Processed")[
        "TemplateBody"
    ]
    return Stack(
        outputs={output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]},
        physical_ids={
            entry["LogicalResourceId"]: entry["PhysicalResourceId"] for entry in resources
        },
        template=json.loads(template) if isinstance(template, str) else template,
    )


def client(endpoint: str, service: str) -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
    """Return an AWS client that talks to this emulator, whatever the environment says."""
    return boto3.client(  # type: ignore[call-overload]  # the name is not a literal
        service,
        endpoint_url=endpoint,
        region_name=REGION,
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106 - the emulator's root, on the loopback
    )


def _environment(endpoint: str) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    quick = {"SAM_CLI_TELEMETRY": "0", "SAM_CLI_POLL_DELAY": "0.5"}
    return inherited | client_environment(endpoint) | quick
