"""Calls every function once after a deploy: a cold start here costs a second, and would look like slowness."""

import json
from typing import Any, Final

import httpx

from sandbox.deploy import Stack, client
from sandbox.door.routes import Route, read_routes

_LIMIT_SECONDS: Final = 60.0
# What the sources of functions without a route send when they have next to nothing to say. The message is no job.
_NOTHING: Final = {
    "AWS::DynamoDB::Table": {"Records": []},
    "AWS::SQS::Queue": {
        "Records": [{"messageId": "warm", "eventSource": "aws:sqs", "body": "", "attributes": {}}]
    },
}


def warm(door: str, endpoint: str, stack: Stack) -> None:
    """Call functions with a route through the door, the others directly, one after the other."""
    first: dict[str, Route] = {}
    for route in read_routes(stack.template, stack.physical_ids):
        first.setdefault(route.function, route)
    functions = client(endpoint, "lambda")
    with httpx.Client(base_url=door, timeout=_LIMIT_SECONDS, trust_env=False) as http:
        for name, function in stack.functions.items():
            if function in first:
                route = first[function]
                http.request(route.method, route.path.translate({ord("{"): "", ord("}"): ""}))
            else:
                event = _event_of(stack, name)
                functions.invoke(FunctionName=function, Payload=json.dumps(event).encode())


def _event_of(stack: Stack, function: str) -> Any:  # noqa: ANN401 - an event is any JSON
    resources = stack.template["Resources"]
    for resource in resources.values():
        properties = resource.get("Properties", {})
        if resource["Type"] == "AWS::Events::Rule":
            for target in properties["Targets"]:
                if target["Arn"]["Ref"].startswith(function):
                    return json.loads(target.get("Input", "{}"))
        if resource["Type"] != "AWS::Lambda::EventSourceMapping":
            continue
        if properties["FunctionName"]["Ref"].startswith(function):
            source = properties["EventSourceArn"]["Fn::GetAtt"][0]
            return _NOTHING[resources[source]["Type"]]
    return {}
