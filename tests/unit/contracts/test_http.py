"""Events of the HTTP API in, answers and problem documents out. Holds S-21, S-28, S-30, S-36; A28."""

import base64
import json
from typing import Any

import pytest

from paycenter.domain import errors
from paycenter.domain.errors import (
    BodyTooLarge,
    IllegalTransition,
    Malformed,
    MediaType,
    PayCenterError,
    TryAgain,
)
from paycenter.entry.http import (
    API_BODY_BYTES,
    CALLBACK_BODY_BYTES,
    PROBLEMS,
    Request,
    Response,
    answer_json,
    require_json,
    serve,
)

ROUTE = "POST /v1/things"


def event(body: bytes | str | None = None, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - parts of an event
    """Return an event of payload 2.0; bytes travel in base64."""
    made: dict[str, Any] = {
        "version": "2.0",
        "routeKey": ROUTE,
        "headers": {"content-type": "application/json"},
        "requestContext": {"http": {"sourceIp": "192.0.2.1", "method": "POST"}},
        "isBase64Encoded": isinstance(body, bytes),
    }
    if body is not None:
        made["body"] = base64.b64encode(body).decode() if isinstance(body, bytes) else body
    return {**made, **changes}


def seen(given: dict[str, Any], limit: int = API_BODY_BYTES) -> Request:
    """Return the request that a route receives."""
    requests: list[Request] = []

    def route(request: Request) -> Response:
        requests.append(request)
        return answer_json(200, {})

    assert serve(given, {ROUTE: route}, limit=limit)["statusCode"] == 200
    return requests[0]


def refused(given: dict[str, Any], limit: int = API_BODY_BYTES) -> tuple[int, dict[str, Any]]:
    """Return status and problem of an event that must not reach its route."""

    def route(_: Request) -> Response:
        raise AssertionError("the route was reached")

    answer = serve(given, {ROUTE: route}, limit=limit)
    assert answer["headers"]["content-type"] == "application/problem+json"
    return answer["statusCode"], json.loads(answer["body"])


def raising(error: Exception) -> dict[str, Any]:
    def route(_: Request) -> Response:
        raise error

    return serve(event(), {ROUTE: route})


def test_a_request_is_passed_on_as_the_gateway_saw_it() -> None:
    request = seen(
        event(
            '{"a":1}',
            pathParameters={"id": "A"},
            queryStringParameters={"x": "1,2"},
            headers={"content-type": "Application/JSON; charset=utf-8", "x-a": "b"},
        )
    )
    assert (request.route, request.parameters, request.query) == (ROUTE, {"id": "A"}, {"x": "1,2"})
    assert (request.body, request.source_address) == (b'{"a":1}', "192.0.2.1")
    assert request.media_type == "application/json"
    assert request.headers["x-a"] == "b"


@pytest.mark.parametrize("absent", [None, {}])
def test_a_request_without_body_and_parameters_has_empty_ones(absent: object) -> None:
    request = seen(event(pathParameters=absent, queryStringParameters=absent))
    assert (request.body, request.parameters, request.query) == (b"", {}, {})


@pytest.mark.parametrize(
    "body", [b"", b"{}", bytes(range(256)), "订单".encode("gbk"), b"a=1&b=%E6%97%A5"]
)
def test_bytes_come_out_of_base64_untouched(body: bytes) -> None:
    assert seen(event(body)).body == body


def test_names_of_headers_are_lower_case_however_they_were_sent() -> None:
    """`sam local start-api` leaves them as they came."""
    given = event("{}", headers={"Content-Type": "application/json", "Authorization": "Bearer x"})
    assert seen(given).headers["authorization"] == "Bearer x"
    assert seen(given).media_type == "application/json"


def test_text_comes_as_its_utf_8_bytes() -> None:
    assert seen(event("日本")).body == "日本".encode()


@pytest.mark.parametrize("body", ["%%%", "a", "e30", "e30=\n\n", "日本"])
def test_what_is_no_base64_is_malformed(body: str) -> None:
    status, problem = refused(event(body, isBase64Encoded=True))
    assert (status, problem["code"]) == (400, "malformed")


def test_half_of_a_character_in_a_text_body_is_malformed() -> None:
    assert refused(event("\ud800"))[0] == 400


@pytest.mark.parametrize("limit", [API_BODY_BYTES, CALLBACK_BODY_BYTES])
@pytest.mark.parametrize("encoded", [True, False], ids=["base64", "text"])
def test_the_last_allowed_byte_passes_and_the_next_is_too_large(limit: int, encoded: bool) -> None:  # noqa: FBT001 - a case
    body = b"x" * limit
    assert seen(event(body if encoded else body.decode()), limit).body == body
    status, problem = refused(event(body + b"x" if encoded else body.decode() + "x"), limit)
    assert (status, problem["code"]) == (413, "body_too_large")
    assert str(limit) in problem["detail"]


def test_the_limit_counts_bytes_and_not_characters() -> None:
    assert refused(event("票" * (API_BODY_BYTES // 3 + 1)))[0] == 413


@pytest.mark.parametrize("encoded", [True, False])
def test_ten_megabytes_are_refused_before_they_are_decoded(
    encoded: bool,  # noqa: FBT001 - a case
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given = event("x" * 10_000_000, isBase64Encoded=encoded)
    monkeypatch.setattr(base64, "b64decode", lambda *_, **__: pytest.fail("decoded"))
    assert refused(given)[0] == 413


@pytest.mark.parametrize("name", ["authorization", "content-type"])
def test_a_header_that_came_twice_is_malformed(name: str) -> None:
    headers = {"content-type": "application/json", "authorization": "Bearer a", name: "one,two"}
    status, problem = refused(event("{}", headers=headers))
    assert (status, problem["code"]) == (400, "malformed")
    assert "twice" in problem["detail"]


@pytest.mark.parametrize(
    "media_type", ["", "text/plain", "application/x-www-form-urlencoded", "application/jsonp"]
)
def test_a_body_of_another_kind_is_refused(media_type: str) -> None:
    request = seen(event("{}", headers={"content-type": media_type}))
    with pytest.raises(MediaType):
        require_json(request)


def test_no_body_needs_no_kind() -> None:
    require_json(seen(event(headers={})))
    require_json(seen(event("{}", headers={"content-type": "application/json;charset=utf-8"})))


def told() -> list[type[PayCenterError]]:
    """Return the errors that callers can be told: every one that has a code of its own, but for defects."""
    found = [kind for kind in vars(errors).values() if isinstance(kind, type)]
    own = [
        kind for kind in found if issubclass(kind, PayCenterError) and kind is not PayCenterError
    ]
    return [kind for kind in own if kind is not IllegalTransition]


def test_every_error_that_can_be_told_has_its_answer_and_no_answer_is_left_over() -> None:
    assert {kind.code for kind in told()} == set(PROBLEMS)


# Written down a second time, from the design's table.
STATUSES = {
    "malformed": 400,
    "unauthenticated": 401,
    "scope_missing": 403,
    "not_found": 404,
    "order_not_payable": 409,
    "too_many_payments": 409,
    "order_not_refundable": 409,
    "too_many_refunds": 409,
    "refund_exceeds": 422,
    "channel_window_closed": 409,
    "body_too_large": 413,
    "media_type": 415,
    "different_body": 422,
    "channel_refused": 422,
    "slow_down": 429,
    "try_again": 503,
}


@pytest.mark.parametrize("kind", told(), ids=lambda kind: kind.code)
def test_every_error_becomes_its_problem_document(kind: type[PayCenterError]) -> None:
    error = kind() if kind.code in {"unauthenticated", "not_found"} else kind("Do this.")
    answer = raising(error)
    problem = json.loads(answer["body"])
    assert answer["statusCode"] == problem["status"] == STATUSES[kind.code]
    assert (problem["code"], problem["type"]) == (kind.code, "about:blank")
    assert problem["title"] == PROBLEMS[kind.code][1]
    assert problem["detail"] == str(error)
    assert answer["headers"]["content-type"] == "application/problem+json"
    assert ("retry-after" in answer["headers"]) == (problem["status"] in {429, 503})


def test_a_problem_blames_its_field() -> None:
    problem = json.loads(raising(Malformed("Wrong.", "information.1.value"))["body"])
    assert problem["field"] == "information.1.value"
    assert "field" not in json.loads(raising(Malformed("Wrong."))["body"])


CANARY = "canary-arn:aws:dynamodb:table/orders"


class Unheard(PayCenterError):
    """An error whose code nobody gave an answer to."""

    code = "unheard_of"


@pytest.mark.parametrize(
    "error",
    [
        ValueError(CANARY),
        KeyError(CANARY),
        AssertionError(CANARY),
        RecursionError(CANARY),
        Unheard(CANARY),
        PayCenterError(CANARY),
        IllegalTransition(CANARY, CANARY),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_defect_is_told_to_nobody(error: Exception) -> None:
    answer = raising(error)
    problem = json.loads(answer["body"])
    assert answer["statusCode"] == 500
    assert "canary" not in json.dumps(answer)
    assert set(problem) == {"type", "title", "status", "code", "detail"}
    assert problem["code"] == "internal"


def test_a_cause_is_logged_and_never_told() -> None:
    error = TryAgain("Repeat.")
    error.__cause__ = ValueError(CANARY)
    answer = raising(error)
    assert answer["statusCode"] == 503
    assert "canary" not in json.dumps(answer)


def test_a_route_that_this_function_does_not_have_is_a_defect() -> None:
    assert serve(event(routeKey="GET /elsewhere"), {})["statusCode"] == 500


def test_every_answer_forbids_keeping_and_guessing() -> None:
    for answer in (
        serve(event(), {ROUTE: lambda _: answer_json(200, {})}),
        raising(Malformed("X.")),
    ):
        assert answer["headers"]["cache-control"] == "no-store"
        assert answer["headers"]["x-content-type-options"] == "nosniff"
        assert answer["isBase64Encoded"] is False


def test_a_page_says_its_character_set_and_may_add_headers() -> None:
    page = Response(status=303, body="x", media_type="text/html", headers={"location": "https://x"})
    answer = serve(event(), {ROUTE: lambda _: page})
    assert answer["statusCode"] == 303
    assert answer["headers"]["content-type"] == "text/html; charset=utf-8"
    assert answer["headers"]["location"] == "https://x"


def test_a_refusal_may_be_told_in_another_form_which_knows_the_request() -> None:
    def in_our_form(request: Request | None, error: PayCenterError, status: int) -> Response:
        assert request is not None
        assert isinstance(error, BodyTooLarge)
        return Response(
            status=status, body=f"no to {request.parameters['channel']}", media_type="text/plain"
        )

    given = event("x" * (API_BODY_BYTES + 1), pathParameters={"channel": "bogus"})
    answer = serve(given, {ROUTE: lambda _: answer_json(200, {})}, on_error=in_our_form)
    assert (answer["statusCode"], answer["body"]) == (413, "no to bogus")
