"""The routes of a deployed HTTP API, read from the template as the transform left it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote

_ANY_METHOD: Final = "x-amazon-apigateway-any-method"
_INTEGRATION: Final = "x-amazon-apigateway-integration"
_FUNCTION: Final = re.compile(r"functions/\$\{(\w+)\}/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One route: its key as events carry it, the function behind it, and how long it may take."""

    method: str
    path: str
    function: str
    timeout_seconds: float

    @property
    def key(self) -> str:
        """Return the route key, `GET /a/{b}`."""
        return f"{self.method} {self.path}"


@dataclass(frozen=True, slots=True)
class Match:
    """A route that fits a request, with what stood at the places of its parameters, decoded."""

    route: Route
    parameters: Mapping[str, str]


def read_routes(template: Mapping[str, Any], physical_ids: Mapping[str, str]) -> list[Route]:
    """Return every route of every HTTP API of a processed template; `function` is what Invoke takes."""
    return [
        Route(
            method="ANY" if method == _ANY_METHOD else method.upper(),
            path=path,
            function=physical_ids[_function_name(operation[_INTEGRATION])],
            timeout_seconds=operation[_INTEGRATION].get("timeoutInMillis", 30_000) / 1000,
        )
        for resource in template["Resources"].values()
        if resource["Type"] == "AWS::ApiGatewayV2::Api"
        for path, operations in resource["Properties"]["Body"]["paths"].items()
        for method, operation in operations.items()
        if _INTEGRATION in operation
    ]


def find_route(routes: Sequence[Route], method: str, raw_path: str) -> Match | None:
    """Return the most specific route: words before parameters, those before a rest, a method before ANY."""
    segments = raw_path.split("/")[1:]
    matches = [
        (_rank(route), Match(route, parameters))
        for route in routes
        if route.method in {method, "ANY"}
        and (parameters := _parameters(route.path.split("/")[1:], segments)) is not None
    ]
    return min(matches, key=lambda entry: entry[0])[1] if matches else None


def _function_name(integration: Mapping[str, Any]) -> str:
    found = _FUNCTION.search(integration["uri"]["Fn::Sub"])
    if found is None:
        raise ValueError(f"not a function: {integration['uri']}")
    return found[1]


def _parameters(pattern: Sequence[str], segments: Sequence[str]) -> dict[str, str] | None:
    found: dict[str, str] = {}
    for place, part in enumerate(pattern):
        if part.startswith("{") and part.endswith("+}"):
            rest = "/".join(segments[place:])
            return {**found, part[1:-2]: unquote(rest)} if rest else None
        if place >= len(segments):
            return None
        if part.startswith("{") and part.endswith("}"):
            if not segments[place]:
                return None
            found[part[1:-1]] = unquote(segments[place])
        elif part != unquote(segments[place]):
            return None
    return found if len(pattern) == len(segments) else None


def _rank(route: Route) -> tuple[list[int], bool]:
    kinds = [
        2 if part.endswith("+}") else int(part.startswith("{")) for part in route.path.split("/")
    ]
    return kinds, route.method == "ANY"
