"""The served description: OpenAPI 3.1 by its rules, and exactly the routes that the template has."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import (  # type: ignore[import-untyped]  # its authors ship no types
    Draft202012Validator,
    ValidationError,
)

from paycenter.contracts.api import CreateOrderRequest, CreatePaymentRequest, parse
from paycenter.contracts.openapi import document
from paycenter.domain.errors import Malformed
from paycenter.usecases.present import order_answer
from tests.emulated import source_template
from tests.fakes.samples import an_order

DOCUMENT: dict[str, Any] = json.loads(document("https://pay.example.com"))
METHODS = {"get", "post", "put", "patch", "delete", "head", "options", "trace"}


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in DOCUMENT["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def references(part: object) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        for inner in part.values():
            yield from references(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from references(inner)


def validator(model: str) -> Draft202012Validator:
    schema = {"$ref": f"#/components/schemas/{model}", "components": DOCUMENT["components"]}
    return Draft202012Validator(schema)


def test_the_document_has_the_shape_of_openapi_3_1() -> None:
    assert re.fullmatch(r"3\.1\.\d+", DOCUMENT["openapi"])
    assert {"title", "version"} <= set(DOCUMENT["info"])
    assert set(DOCUMENT) <= {"openapi", "info", "servers", "security", "paths", "components"}
    assert DOCUMENT["servers"] == [{"url": "https://pay.example.com"}]
    for requirement in DOCUMENT["security"]:
        assert set(requirement) <= set(DOCUMENT["components"]["securitySchemes"])


def test_every_operation_says_what_goes_in_and_what_comes_out() -> None:
    for path, method, operation in operations():
        assert path.startswith("/")
        assert method in METHODS
        assert operation["summary"]
        named = {p["name"] for p in operation.get("parameters", []) if p["in"] == "path"}
        assert named == set(re.findall(r"{(\w+)}", path))
        for parameter in operation.get("parameters", []):
            assert parameter["in"] in {"path", "query"}
            assert parameter["required"]
            assert parameter["schema"]
        for status, answer in operation["responses"].items():
            assert re.fullmatch(r"[1-5][0-9][0-9]|default", status)
            assert answer["description"]
            assert answer["content"]
        assert list(operation["responses"]["default"]["content"]) == ["application/problem+json"]
        if method == "post":
            assert list(operation["requestBody"]["content"]) == ["application/json"]
        else:
            assert "requestBody" not in operation


def test_every_reference_leads_somewhere_and_every_schema_is_one() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    for reference in references(DOCUMENT):
        assert reference.removeprefix("#/components/schemas/") in schemas, reference
    for schema in schemas.values():
        Draft202012Validator.check_schema(schema)


def test_it_lists_exactly_the_api_s_routes() -> None:
    listed = {(method.upper(), path) for path, method, _ in operations()}
    served = {
        (event["Properties"]["Method"].upper(), event["Properties"]["Path"])
        for resource in source_template()["Resources"].values()
        if resource["Type"] == "AWS::Serverless::Function"
        for event in resource["Properties"].get("Events", {}).values()
        if event["Type"] == "HttpApi"
    }
    assert listed == {route for route in served if route[1].startswith("/v1/orders")}


SAMPLES: list[dict[str, Any]] = [
    {"out_order_no": "A-1", "amount": 1, "currency": "CNY", "subject": "x"},
    {"out_order_no": "A-1", "amount": 1, "currency": "CNY", "subject": "x", "expires_in": 120},
    {"out_order_no": "A 1", "amount": 1, "currency": "CNY", "subject": "x"},
    {"out_order_no": "A-1", "amount": 0, "currency": "CNY", "subject": "x"},
    {"out_order_no": "A-1", "amount": "1", "currency": "CNY", "subject": "x"},
    {"out_order_no": "A-1", "amount": 1, "currency": "USD", "subject": "x"},
    {"out_order_no": "A-1", "amount": 1, "currency": "CNY", "subject": "a\nb"},
    {"out_order_no": "A-1", "amount": 1, "currency": "CNY", "subject": "x", "more": 1},
    {"out_order_no": "A-1", "amount": 1, "currency": "CNY"},
    {
        "out_order_no": "A-1",
        "amount": 1,
        "currency": "CNY",
        "subject": "x",
        "information": [{"label": "a", "value": "b"}],
    },
]


@pytest.mark.parametrize("body", SAMPLES, ids=lambda body: json.dumps(body)[:70])
def test_what_the_description_allows_is_what_the_service_takes(body: dict[str, Any]) -> None:
    try:
        parse(CreateOrderRequest, json.dumps(body).encode())
    except Malformed:
        with pytest.raises(ValidationError):
            validator("CreateOrderRequest").validate(body)
    else:
        validator("CreateOrderRequest").validate(body)


PAYMENTS: list[dict[str, Any]] = [
    {"channel": "acme", "product": "qr"},
    {"channel": "acme", "product": "qr", "payer_id": "o-1", "client_address": "203.0.113.7"},
    {"channel": "acme", "product": "qr", "payer_id": "a b"},
    {"channel": "acme", "product": "qr", "client_address": "x" * 46},
    {"channel": "acme"},
]


@pytest.mark.parametrize("body", PAYMENTS, ids=json.dumps)
def test_what_the_description_allows_of_a_payment_is_what_the_service_takes(
    body: dict[str, Any],
) -> None:
    try:
        parse(CreatePaymentRequest, json.dumps(body).encode())
    except Malformed:
        with pytest.raises(ValidationError):
            validator("CreatePaymentRequest").validate(body)
    else:
        validator("CreatePaymentRequest").validate(body)


def test_each_kind_of_action_is_described_and_no_other() -> None:
    kinds = DOCUMENT["components"]["schemas"]["ActionAnswer"]["discriminator"]["mapping"]
    assert set(kinds) == {"form", "redirect", "qr", "jsapi", "app"}
    for kind, reference in kinds.items():
        schema = DOCUMENT["components"]["schemas"][reference.rpartition("/")[2]]
        assert schema["properties"]["type"]["const"] == kind
        assert set(schema["required"]) == set(schema["properties"])
        assert schema["description"]


def test_an_answer_is_what_the_description_promises() -> None:
    answer = json.loads(order_answer(an_order(), "https://pay.example.com").model_dump_json())
    validator("OrderAnswer").validate(answer)
    with pytest.raises(ValidationError):
        validator("OrderAnswer").validate({**answer, "state": "LOST"})
