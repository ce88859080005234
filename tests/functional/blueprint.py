"""What template.yaml says of resources, environments and routes, for tests that run the handlers in this process.

The stack made from it has the template's own tables, queues and wait machine, and nothing that would consume from
them: what a handler has sent or written stays where the test can see it.
"""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

from sandbox.door.routes import Route

_TEMPLATE: Final = Path(__file__).resolve().parents[2] / "template.yaml"
_KEPT: Final = frozenset(
    {"AWS::DynamoDB::Table", "AWS::SQS::Queue", "AWS::Serverless::StateMachine"}
)
_KEPT_ROLES: Final = frozenset({"WaitMachineRole"})
_FUNCTION: Final = "AWS::Serverless::Function"
_TIMEOUT_SECONDS: Final = 30.0

type Resources = dict[str, dict[str, Any]]


def stack_template() -> str:
    """Return the template of the data stack as JSON: the real one without functions and what hangs on them."""
    template = _template()
    kept = {
        name: resource
        for name, resource in template["Resources"].items()
        if resource["Type"] in _KEPT or name in _KEPT_ROLES
    }
    outputs = {
        name: output
        for name, output in template["Outputs"].items()
        if not isinstance(output["Value"], Mapping)
        or output["Value"].get("Ref", name) in kept | {name: None}
    }
    outputs.pop("ApiUrl")
    outputs.pop("AlarmTopic", None)
    frame = {
        name: template[name] for name in ("AWSTemplateFormatVersion", "Transform", "Parameters")
    }
    return json.dumps({**frame, "Resources": kept, "Outputs": outputs})


def environment(function: str, known: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that a function gets, and no others; `known` are parameters and physical ids by name."""
    template = _template()
    own = _functions()[function]["Properties"].get("Environment", {}).get("Variables", {})
    common = template["Globals"]["Function"]["Environment"]["Variables"]
    return {name: _value(value, known) for name, value in {**common, **own}.items()}


def routes() -> list[Route]:
    """Return the routes of the HTTP API; each leads to a function by its folder's name."""
    return [
        Route(
            method=event["Properties"]["Method"].upper(),
            path=event["Properties"]["Path"],
            function=function,
            timeout_seconds=_TIMEOUT_SECONDS,
        )
        for function, resource in _functions().items()
        for event in resource["Properties"]["Events"].values()
        if event["Type"] == "HttpApi"
    ]


def functions() -> list[str]:
    """Return the names of all functions, as their folders are called."""
    return sorted(_functions())


def _functions() -> Resources:
    return {
        resource["Properties"]["CodeUri"].strip("/").rpartition("/")[2]: resource
        for resource in _template()["Resources"].values()
        if resource["Type"] == _FUNCTION
    }


def _value(value: object, known: Mapping[str, str]) -> str:
    if isinstance(value, Mapping):
        if "Ref" in value:
            return known[value["Ref"]]
        text: str = value["Fn::Sub"]
        for name, replacement in known.items():
            text = text.replace("${" + name + "}", replacement)
        return text
    return str(value)


@cache
def _template() -> dict[str, Any]:
    template: dict[str, Any] = yaml.load(_TEMPLATE.read_text("utf-8"), _Loader)
    return template


class _Loader(yaml.SafeLoader):
    """Reads CloudFormation's short forms, `!Ref A` as {"Ref": "A"}."""


def _short_form(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    if isinstance(node, yaml.ScalarNode):
        value: Any = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        raise TypeError(f"the template uses no mapping with !{suffix}")
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {suffix if suffix in {"Ref", "Condition"} else f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _short_form)
