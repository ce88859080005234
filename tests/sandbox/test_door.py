"""The front door sends exactly what an HTTP API sends, and answers as one answers."""

import base64
import re
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from sandbox.door.app import SOMEWHERE_ELSE
from sandbox.door.invoke import FunctionFailedError, NotInvokedError
from tests.sandbox.doors import PlayedFunctions, open_door, route

_OK = {"statusCode": 200, "body": "ok"}


@pytest.fixture
def functions() -> PlayedFunctions:
    return PlayedFunctions(lambda _: _OK)


@pytest.fixture
def door(functions: PlayedFunctions) -> Iterator[httpx.Client]:
    routes = [route("POST /in/{id}"), route("GET /in/{id}"), route("GET /slow", 0.3)]
    with (
        open_door(routes, functions) as address,
        httpx.Client(base_url=address, trust_env=False, timeout=20) as client,
    ):
        yield client


def _event(functions: PlayedFunctions) -> dict[str, Any]:
    (event,) = functions.events
    return event


def test_an_event_names_its_route_its_path_and_its_parameters(
    door: httpx.Client, functions: PlayedFunctions
) -> None:
    door.get("/in/a%20b?x=1&y=%E4%BD%A0&x=2&empty=")
    event = _event(functions)
    assert event["version"] == "2.0"
    assert event["routeKey"] == event["requestContext"]["routeKey"] == "GET /in/{id}"
    assert event["rawPath"] == event["requestContext"]["http"]["path"] == "/in/a b"
    assert event["pathParameters"] == {"id": "a b"}
    assert event["rawQueryString"] == "x=1&y=%E4%BD%A0&x=2&empty="
    assert event["queryStringParameters"] == {"x": "1,2", "y": "你", "empty": ""}
    assert event["requestContext"]["http"]["method"] == "GET"
    assert event["requestContext"]["http"]["protocol"] == "HTTP/1.1"
    assert event["requestContext"]["stage"] == "$default"
    assert event["isBase64Encoded"] is False
    assert "body" not in event


def test_what_is_not_there_is_left_out(door: httpx.Client, functions: PlayedFunctions) -> None:
    door.get("/slow")
    assert (
        not {"cookies", "pathParameters", "queryStringParameters", "body"}
        & _event(functions).keys()
    )


def test_header_names_are_lower_case_and_repeats_joined(
    door: httpx.Client, functions: PlayedFunctions
) -> None:
    door.get("/in/1", headers=[("X-Twice", "one"), ("x-twice", "two"), ("X-Once", "1")])
    headers = _event(functions)["headers"]
    assert (headers["x-twice"], headers["x-once"]) == ("one,two", "1")
    assert all(name == name.lower() for name in headers)
    assert headers["host"].startswith("127.0.0.1:")
    assert re.fullmatch(r"Root=1-[0-9a-f]{8}-[0-9a-f]{24}", headers["x-amzn-trace-id"])
    assert headers["x-forwarded-proto"] == "http"


def test_cookies_come_apart_and_in_no_header(
    door: httpx.Client, functions: PlayedFunctions
) -> None:
    door.get("/in/1", headers=[("cookie", "a=1; b=2"), ("cookie", "c=3")])
    event = _event(functions)
    assert event["cookies"] == ["a=1", "b=2", "c=3"]
    assert "cookie" not in event["headers"]


def test_the_source_address_is_not_what_the_peer_says_of_itself_and_never_this_machine(
    door: httpx.Client, functions: PlayedFunctions
) -> None:
    door.get("/in/1", headers={"x-forwarded-for": "203.0.113.9", "forwarded": "for=203.0.113.9"})
    event = _event(functions)
    assert event["requestContext"]["http"]["sourceIp"] == SOMEWHERE_ELSE
    assert event["headers"]["x-forwarded-for"] == f"203.0.113.9, {SOMEWHERE_ELSE}"


@pytest.mark.parametrize(
    "media_type",
    [
        *("text/plain", "text/html; charset=utf-8", "application/json", "application/xml"),
        *("application/javascript", "APPLICATION/JSON;charset=utf-8"),
    ],
)
def test_text_arrives_as_text(
    door: httpx.Client, functions: PlayedFunctions, media_type: str
) -> None:
    door.post("/in/1", content='{"名":1}'.encode(), headers={"content-type": media_type})
    event = _event(functions)
    assert (event["body"], event["isBase64Encoded"]) == ('{"名":1}', False)


@pytest.mark.parametrize(
    "media_type",
    [
        *("application/x-www-form-urlencoded", "application/x-www-form-urlencoded; charset=GBK"),
        *("application/octet-stream", "application/problem+json", "multipart/form-data", ""),
    ],
)
def test_forms_and_everything_else_arrive_in_base64(
    door: httpx.Client, functions: PlayedFunctions, media_type: str
) -> None:
    body = "subject=景区门票&x=1".encode("gbk")
    door.post("/in/1", content=body, headers={"content-type": media_type} if media_type else {})
    event = _event(functions)
    assert event["isBase64Encoded"] is True
    assert base64.b64decode(event["body"]) == body


def test_text_that_is_not_utf8_is_destroyed_as_the_gateway_does(
    door: httpx.Client, functions: PlayedFunctions
) -> None:
    door.post("/in/1", content="你".encode("gbk"), headers={"content-type": "text/plain"})
    assert "\ufffd" in _event(functions)["body"]


def test_no_route_is_the_gateways_404(door: httpx.Client, functions: PlayedFunctions) -> None:
    for method, path in (("GET", "/nothing"), ("DELETE", "/in/1"), ("OPTIONS", "/in/1")):
        answer = door.request(method, path)
        assert (answer.status_code, answer.json()) == (404, {"message": "Not Found"})
    assert functions.events == []


def test_more_than_ten_megabytes_do_not_come_through(
    door: httpx.Client, functions: PlayedFunctions
) -> None:
    answer = door.post("/in/1", content=bytes(10 * 1024 * 1024 + 1))
    assert answer.status_code == 413
    assert functions.events == []


def test_a_body_must_fit_into_lambdas_event_after_base64(
    door: httpx.Client, functions: PlayedFunctions
) -> None:
    assert door.post("/in/1", content=bytes(4 * 1024 * 1024)).status_code == 200
    assert door.post("/in/1", content=bytes(5 * 1024 * 1024)).status_code == 413
    assert len(functions.events) == 1


@pytest.mark.parametrize(
    ("error", "status", "text"),
    [
        (FunctionFailedError("ValueError: secret detail"), 500, "Internal Server Error"),
        (NotInvokedError("429: Rate Exceeded"), 503, "Service Unavailable"),
    ],
)
def test_a_functions_error_is_told_to_nobody(
    door: httpx.Client, functions: PlayedFunctions, error: Exception, status: int, text: str
) -> None:
    def fail(_: dict[str, Any]) -> None:
        raise error

    functions.answer = fail
    answer = door.get("/in/1")
    assert (answer.status_code, answer.json()) == (status, {"message": text})


def test_a_function_that_takes_too_long_is_given_up(
    door: httpx.Client, functions: PlayedFunctions
) -> None:
    functions.pause_seconds = 5
    answer = door.get("/slow")
    assert (answer.status_code, answer.json()) == (503, {"message": "Service Unavailable"})


@pytest.mark.parametrize(
    ("returned", "status", "media_type", "body"),
    [
        ({"statusCode": 201, "body": "made"}, 201, "text/plain;charset=utf-8", "made"),
        ({"statusCode": "204"}, 204, "text/plain;charset=utf-8", ""),
        ({"statusCode": 200, "headers": {"Content-Type": "a/b"}, "body": "x"}, 200, "a/b", "x"),
        ({"statusCode": 200, "body": "5L2g", "isBase64Encoded": True}, 200, None, "你"),
        ({"hello": "你"}, 200, "application/json", '{"hello": "你"}'),
        ("bare text", 200, "application/json", "bare text"),
        ([1, 2], 200, "application/json", "[1, 2]"),
        (None, 200, "application/json", "null"),
    ],
)
def test_what_a_function_returns_becomes_an_answer(
    door: httpx.Client,
    functions: PlayedFunctions,
    returned: object,
    status: int,
    media_type: str | None,
    body: str,
) -> None:
    functions.answer = lambda _: returned
    answer = door.get("/in/1")
    assert (answer.status_code, answer.content.decode()) == (status, body)
    assert media_type is None or answer.headers["content-type"] == media_type
    assert answer.headers["apigw-requestid"]


@pytest.mark.parametrize(
    "returned",
    [
        {"statusCode": 99},
        {"statusCode": "many"},
        {"statusCode": None},
        {"statusCode": 200, "body": {"an": "object"}},
        {"statusCode": 200, "headers": {"x": ["list"]}},
        {"statusCode": 200, "body": "no base64!", "isBase64Encoded": True},
        {"statusCode": 200, "body": "x" * (6 * 1024 * 1024 + 1)},
    ],
)
def test_what_is_no_answer_is_a_500(
    door: httpx.Client, functions: PlayedFunctions, returned: object
) -> None:
    functions.answer = lambda _: returned
    answer = door.get("/in/1")
    assert (answer.status_code, answer.json()) == (500, {"message": "Internal Server Error"})


def test_headers_are_turned_into_text_and_cookies_sent_one_by_one(
    door: httpx.Client, functions: PlayedFunctions
) -> None:
    functions.answer = lambda _: {
        "statusCode": 303,
        "headers": {"Location": "/next", "X-Number": 7, "X-Yes": True},
        "cookies": ["a=1; Path=/", "b=2"],
    }
    answer = door.get("/in/1")
    assert answer.headers["location"] == "/next"
    assert (answer.headers["x-number"], answer.headers["x-yes"]) == ("7", "true")
    assert answer.headers.get_list("set-cookie") == ["a=1; Path=/", "b=2"]


def test_a_function_is_called_four_times_at_once_at_most(
    door: httpx.Client, functions: PlayedFunctions
) -> None:
    functions.pause_seconds = 0.05
    with ThreadPoolExecutor(12) as pool:
        statuses = list(pool.map(lambda _: door.get("/in/1").status_code, range(24)))
    assert set(statuses) == {200}
    assert functions.most_at_once == 4


def test_a_chunked_body_arrives_whole(door: httpx.Client, functions: PlayedFunctions) -> None:
    door.post("/in/1", content=iter([b"{}", b"\n", b"1"]), headers={"content-type": "text/x"})
    assert _event(functions)["body"] == "{}\n1"


def test_a_client_that_leaves_harms_nobody(door: httpx.Client) -> None:
    host, port = str(door.base_url.host), int(door.base_url.port or 0)
    with socket.create_connection((host, port)) as half:
        half.sendall(b"POST /in/1 HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nhalf")
    assert door.get("/in/1").status_code == 200
