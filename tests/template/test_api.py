"""The HTTP API: exactly the routes that are meant, in the payload format that the handlers read."""

from sandbox.door.routes import read_routes
from tests.template.processed import Processed

_ROUTES = {
    "POST /v1/orders": "CreateOrder",
    "GET /v1/orders/{id}": "Query",
    "GET /v1/orders": "Query",
    "GET /v1/openapi.json": "Query",
    "GET /v1/orders/{id}/plan": "Query",
    "POST /v1/orders/{id}/close": "Expire",
    "POST /v1/orders/{id}/refunds": "Refund",
    "POST /v1/orders/{id}/notifications": "Query",
    "POST /v1/orders/{id}/payments": "CreatePayment",
    "POST /cashier/{token}/payments": "CreatePayment",
    "GET /cashier/{token}/identified": "CreatePayment",
    "GET /cashier/{token}": "Cashier",
    "GET /cashier/{token}/status": "Cashier",
    "GET /cashier/{token}/return": "Cashier",
    "POST /cashier/{token}/return": "Cashier",
    "POST /v1/callbacks/{channel}/{account}": "Callback",
}


def test_the_routes_are_these_and_no_others(template: Processed) -> None:
    names = {name: name for name in template.template["Resources"]}
    routes = read_routes(template.template, names)
    assert {
        route.key: route.function.removesuffix("FunctionAliaslive") for route in routes
    } == _ROUTES
    assert {route.timeout_seconds for route in routes} == {30.0}


def test_every_function_is_faster_than_the_gateways_patience(template: Processed) -> None:
    functions = dict(template.of_type("AWS::Lambda::Function"))
    for name in set(_ROUTES.values()):
        assert functions[f"{name}Function"]["Timeout"] <= 30


def test_handlers_get_payload_format_2(template: Processed) -> None:
    (api,) = [properties for _, properties in template.of_type("AWS::ApiGatewayV2::Api")]
    integrations = [
        operation["x-amazon-apigateway-integration"]
        for operations in api["Body"]["paths"].values()
        for operation in operations.values()
    ]
    assert {entry["payloadFormatVersion"] for entry in integrations} == {"2.0"}
    assert {entry["type"] for entry in integrations} == {"aws_proxy"}


def test_no_other_origin_is_let_in(template: Processed) -> None:
    (api,) = [properties for _, properties in template.of_type("AWS::ApiGatewayV2::Api")]
    assert "CorsConfiguration" not in api
    assert "x-amazon-apigateway-cors" not in api["Body"]


def test_calls_are_throttled_and_logged_without_paths(template: Processed) -> None:
    (stage,) = [properties for _, properties in template.of_type("AWS::ApiGatewayV2::Stage")]
    assert stage["DefaultRouteSettings"]["ThrottlingRateLimit"] > 0
    assert stage["DefaultRouteSettings"]["ThrottlingBurstLimit"] > 0
    # A path may hold a cashier's token, and a log is read by many.
    log_format = stage["AccessLogSettings"]["Format"]
    assert "$context.routeKey" in log_format
    assert "$context.path" not in log_format
    assert "queryString" not in log_format


def test_the_gateway_may_call_what_it_routes_to(template: Processed) -> None:
    permitted = {
        permission["SourceArn"]["Fn::Sub"][0].split("/${__Stage__}/")[1]
        for _, permission in template.of_type("AWS::Lambda::Permission")
        if permission["Principal"] == "apigateway.amazonaws.com"
    }
    wanted = {
        route.replace(" ", "")
        .replace("{id}", "*")
        .replace("{token}", "*")
        .replace("{channel}", "*")
        .replace("{account}", "*")
        for route in _ROUTES
    }
    assert permitted == wanted
