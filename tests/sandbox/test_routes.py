"""Routes from a processed template, and which of them a request meets."""

import pytest

from sandbox.door.routes import Route, find_route, read_routes

_SUB = "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/x/functions/${%s}/invocations"


def _operation(function: str, milliseconds: int | None = None) -> dict[str, object]:
    integration: dict[str, object] = {"uri": {"Fn::Sub": _SUB % function}}
    if milliseconds:
        integration["timeoutInMillis"] = milliseconds
    return {"x-amazon-apigateway-integration": integration}


def _template(paths: dict[str, object]) -> dict[str, object]:
    api = {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"Body": {"paths": paths}}}
    return {"Resources": {"Api": api, "Queue": {"Type": "AWS::SQS::Queue"}}}


def _routes(*keys: str) -> list[Route]:
    return [
        Route(method=method, path=path, function=key, timeout_seconds=30)
        for key in keys
        for method, _, path in [key.partition(" ")]
    ]


def test_a_route_is_read_with_its_function_and_its_limit() -> None:
    paths: dict[str, object] = {
        "/a/{b}": {"get": _operation("AAliaslive", 5000), "post": _operation("BAliaslive")},
        "/{proxy+}": {"x-amazon-apigateway-any-method": _operation("AAliaslive")},
    }
    ids = {"AAliaslive": "arn:a:live", "BAliaslive": "arn:b:live"}
    assert read_routes(_template(paths), ids) == [
        Route(method="GET", path="/a/{b}", function="arn:a:live", timeout_seconds=5),
        Route(method="POST", path="/a/{b}", function="arn:b:live", timeout_seconds=30),
        Route(method="ANY", path="/{proxy+}", function="arn:a:live", timeout_seconds=30),
    ]


def test_a_route_added_to_the_template_is_read() -> None:
    paths: dict[str, object] = {"/a": {"get": _operation("F")}}
    ids = {"F": "arn:f"}
    assert find_route(read_routes(_template(paths), ids), "GET", "/new/7") is None
    paths["/new/{id}"] = {"get": _operation("F")}
    match = find_route(read_routes(_template(paths), ids), "GET", "/new/7")
    assert match is not None
    assert (match.route.key, match.parameters) == ("GET /new/{id}", {"id": "7"})


@pytest.mark.parametrize(
    ("method", "path", "key", "parameters"),
    [
        ("GET", "/v1/orders", "GET /v1/orders", {}),
        ("GET", "/v1/orders/A1", "GET /v1/orders/{id}", {"id": "A1"}),
        ("GET", "/v1/orders/special", "GET /v1/orders/special", {}),
        ("GET", "/v1/orders/A%2F1%20x", "GET /v1/orders/{id}", {"id": "A/1 x"}),
        ("GET", "/v1/%6Frders", "GET /v1/orders", {}),
        ("PUT", "/v1/any", "ANY /v1/any", {}),
        ("POST", "/v1/any", "POST /v1/any", {}),
        ("GET", "/files/a/b%2Bc", "GET /files/{rest+}", {"rest": "a/b+c"}),
    ],
)
def test_the_most_specific_route_is_met(
    method: str, path: str, key: str, parameters: dict[str, str]
) -> None:
    routes = _routes(
        *("GET /files/{rest+}", "GET /v1/orders/{id}", "GET /v1/orders", "GET /v1/orders/special"),
        *("ANY /v1/any", "POST /v1/any"),
    )
    match = find_route(routes, method, path)
    assert match is not None
    assert (match.route.key, match.parameters) == (key, parameters)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("GET", "/v1/orders/"),
        ("GET", "/v1/orders/a/b"),
        ("DELETE", "/v1/orders"),
        ("HEAD", "/v1/orders"),
        ("OPTIONS", "/v1/orders"),
        ("GET", "/files/"),
        ("GET", "/V1/orders"),
    ],
)
def test_what_no_route_fits_meets_none(method: str, path: str) -> None:
    assert (
        find_route(
            _routes("GET /v1/orders/{id}", "GET /v1/orders", "GET /files/{rest+}"), method, path
        )
        is None
    )
