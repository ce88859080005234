"""OpenAPI 3.1 of the business lines' API, generated from the contracts."""

import json
from functools import cache
from typing import Any, Final

from pydantic.json_schema import models_json_schema

from paycenter.contracts.api import (
    CloseOrderRequest,
    CreateOrderRequest,
    CreatePaymentRequest,
    CreateRefundRequest,
    NotificationsAnswer,
    OrderAnswer,
    PaymentAnswer,
    PlanAnswer,
    Problem,
    ResendRequest,
)

_REF: Final = "#/components/schemas/{model}"
_ID: Final = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
# Their models have no field that must be there.
_MAY_BE_LEFT_OUT: Final = {"CloseOrderRequest", "ResendRequest"}
_NUMBER: Final = {
    "name": "out_order_no",
    "in": "query",
    "required": True,
    "schema": {"type": "string"},
}


@cache
def document(public_url: str) -> str:
    """Return the description as JSON text, for the system under this address."""
    _, schemas = models_json_schema(
        [
            (CreateOrderRequest, "validation"),
            (CreatePaymentRequest, "validation"),
            (CloseOrderRequest, "validation"),
            (ResendRequest, "validation"),
            (CreateRefundRequest, "validation"),
            (PlanAnswer, "serialization"),
            (NotificationsAnswer, "serialization"),
            (OrderAnswer, "serialization"),
            (PaymentAnswer, "serialization"),
            (Problem, "serialization"),
        ],
        ref_template=_REF,
    )
    return json.dumps(
        {
            "openapi": "3.1.0",
            "info": {
                "title": "PayCenter",
                "version": "1",
                "description": "Orders of business lines.",
            },
            "servers": [{"url": public_url}],
            "security": [{"key": []}],
            "paths": _paths(),
            "components": {
                "schemas": schemas["$defs"],
                "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
            },
        }
    )


def _paths() -> dict[str, Any]:
    order, payment = "OrderAnswer", "PaymentAnswer"
    return {
        "/v1/orders": {
            "post": _operation(
                "Create an order", {201: order, 200: order}, body="CreateOrderRequest"
            ),
            "get": _operation(
                "Find an order by your own number", {200: order}, parameters=[_NUMBER]
            ),
        },
        "/v1/orders/{id}": {"get": _operation("Get an order", {200: order}, parameters=[_ID])},
        "/v1/orders/{id}/payments": {
            "post": _operation(
                "Pay without the cashier page",
                {201: payment, 202: payment},
                body="CreatePaymentRequest",
                parameters=[_ID],
            )
        },
        "/v1/orders/{id}/close": {
            "post": _operation(
                "Close an order",
                {200: order, 202: order},
                body="CloseOrderRequest",
                parameters=[_ID],
            )
        },
        "/v1/orders/{id}/refunds": {
            "post": _operation(
                "Give money back",
                {201: "RefundSummary", 200: "RefundSummary"},
                body="CreateRefundRequest",
                parameters=[_ID],
            )
        },
        "/v1/orders/{id}/plan": {
            "get": _operation(
                "See what happened and what comes next", {200: "PlanAnswer"}, parameters=[_ID]
            )
        },
        "/v1/orders/{id}/notifications": {
            "post": _operation(
                "Send notifications again",
                {202: "NotificationsAnswer"},
                body="ResendRequest",
                parameters=[_ID],
            )
        },
    }


def _operation(
    summary: str, answers: dict[int, str], *, body: str = "", parameters: list[Any] | None = None
) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "summary": summary,
        "responses": {
            **{
                str(status): _content("application/json", model)
                for status, model in answers.items()
            },
            "default": _content("application/problem+json", "Problem"),
        },
    }
    if parameters:
        operation["parameters"] = parameters
    if body:
        required = body not in _MAY_BE_LEFT_OUT
        operation["requestBody"] = {"required": required, **_content("application/json", body, "")}
    return operation


def _content(media_type: str, model: str, description: str = "See the schema.") -> dict[str, Any]:
    content: dict[str, Any] = {
        "content": {media_type: {"schema": {"$ref": _REF.format(model=model)}}}
    }
    return {"description": description, **content} if description else content
