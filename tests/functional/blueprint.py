"""The routes and functions of template.yaml, for tests that run the handlers in this process."""

from functools import cache
from typing import Any

from sandbox.door.routes import Route
from tests.emulated import source_template

_FUNCTION = "AWS::Serverless::Function"
_TIMEOUT_SECONDS = 30.0


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


@cache
def _functions() -> dict[str, dict[str, Any]]:
    return {
        resource["Properties"]["CodeUri"].strip("/").rpartition("/")[2]: resource
        for resource in source_template()["Resources"].values()
        if resource["Type"] == _FUNCTION
    }
