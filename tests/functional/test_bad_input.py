"""Bad input of every kind gets the answer that the design names, writes nothing, sends nothing and loses nothing."""

import base64
import json
from collections.abc import Mapping
from typing import Any, Final

import pytest

from tests.functional.bench import Bench
from tools.events.case import TICKETS_KEY, api, bearer
from tools.events.envelopes import FORM, JSON, Http
from tools.seed.orders import SEEDS

pytestmark = [pytest.mark.emulator, pytest.mark.usefixtures("seeded")]

CREATED: Final = SEEDS["EVENT-CREATED"]
PAYING: Final = SEEDS["EVENT-PAYING"]
PAID: Final = SEEDS["EVENT-PAID"]
API_BYTES: Final = 64 * 1024
CALLBACK_BYTES: Final = 32 * 1024
TEN_MEGABYTES: Final = 10 * 1024 * 1024
GOOD: Final[dict[str, Any]] = {
    "out_order_no": "BAD-INPUT",
    "amount": 12800,
    "currency": "CNY",
    "subject": "Ticket",
    "information": [{"label": "Visitor", "value": "Li Lei"}],
}
# Every address that takes JSON, with a body that it would take.
ROUTES: Final = {
    "create_order": ("POST /v1/orders", {}, GOOD),
    "create_payment": (
        "POST /v1/orders/{id}/payments",
        {"id": CREATED.order_id},
        {"channel": "alipay", "product": "page"},
    ),
    "expire": ("POST /v1/orders/{id}/close", {"id": CREATED.order_id}, {}),
}


def post(bench: Bench, function: str, body: str, media_type: str = JSON) -> tuple[int, str, str]:
    """Return status, code and field of what a route answers to a raw body."""
    route, parameters, _ = ROUTES[function]
    request = api(route, body, parameters=parameters, media_type=media_type)
    return told(bench.request(function, request))


def told(answer: dict[str, Any]) -> tuple[int, str, str]:
    assert answer["headers"]["content-type"] == "application/problem+json"
    problem = json.loads(answer["body"])
    assert problem["status"] == answer["statusCode"]
    assert problem["detail"].endswith((".", "…"))
    return answer["statusCode"], problem["code"], problem.get("field", "")


def create(bench: Bench, **changed: object) -> tuple[int, str, str]:
    return post(bench, "create_order", json.dumps({**GOOD, **changed}))


def all_malformed(answers: Mapping[Any, tuple[int, str, str]]) -> bool:
    odd = {what: answer for what, answer in answers.items() if answer[:2] != (400, "malformed")}
    assert odd == {}
    return bool(answers)


@pytest.mark.parametrize("function", ROUTES)
def test_malformed_json(bench: Bench, function: str) -> None:
    bodies = [
        *("{", "{]", "nul", '{"a":1}{"b":2}', "{'a': 1}", '{"a": 1,}', '"text', "\ufeff{}"),
        *("[" * 60_000, '{"a":' * 12_000, "\x00", "{}\x00"),
    ]
    with bench.quiet():
        assert all_malformed({body: post(bench, function, body) for body in bodies})


@pytest.mark.parametrize("function", ROUTES)
def test_bytes_that_are_no_json_in_utf_8(bench: Bench, function: str) -> None:
    route, parameters, _ = ROUTES[function]
    event = api(route, "{}", parameters=parameters).event("encoded") | {"isBase64Encoded": True}
    encodings = ("utf-16", "utf-32", "latin-1", "gb18030")
    bodies = {name: base64.b64encode('{"subject":"é"}'.encode(name)).decode() for name in encodings}
    bodies["no base64 at all"] = "{}"
    with bench.quiet():
        assert all_malformed(
            {
                name: told(bench.invoke(function, {**event, "body": body}))
                for name, body in bodies.items()
            }
        )


@pytest.mark.parametrize("function", ROUTES)
def test_json_that_is_no_object(bench: Bench, function: str) -> None:
    bodies = ("null", "true", "7", '"text"', "[]", "[{}]")
    with bench.quiet():
        assert all_malformed({body: post(bench, function, body) for body in bodies})


@pytest.mark.parametrize("function", ROUTES)
def test_unknown_fields(bench: Bench, function: str) -> None:
    body = json.dumps({**ROUTES[function][2], "admin": True})
    with bench.quiet():
        assert post(bench, function, body) == (400, "malformed", "admin")


def test_unknown_fields_inside(bench: Bench) -> None:
    information = [{"label": "Visitor", "value": "Li Lei", "hidden": "x"}]
    with bench.quiet():
        assert create(bench, information=information) == (400, "malformed", "information.0.hidden")


@pytest.mark.parametrize("field", ["out_order_no", "currency", "subject", "return_url", "attach"])
def test_wrong_types(bench: Bench, field: str) -> None:
    values: tuple[object, ...] = (None, 1, True, [], {}, [""], "x" * 2000)
    with bench.quiet():
        for value in values:
            assert create(bench, **{field: value}) == (400, "malformed", field)


def test_wrong_types_inside(bench: Bench) -> None:
    values: tuple[object, ...] = (
        "x",
        1,
        {"label": "a"},
        [1],
        ["x"],
        [[]],
        [{"label": "a"}],
        [None],
        None,
    )
    with bench.quiet():
        answers = {str(value): create(bench, information=value) for value in values}
    assert all_malformed(answers)
    assert all(field.startswith("information") for _, _, field in answers.values())


def test_amounts(bench: Bench) -> None:
    amounts = [
        "0", "-0", "-1", "-12800", "10000000001", "9223372036854775808", "1" + "0" * 400, "9" * 5000,
        "0.01", "12800.0", "1e4", "1E400", "-1e-4", "NaN", "Infinity", "-Infinity", "true", "false", "null",
        '"12800"', '"１２８００"', '"12_800"', '" 12800"', '"0x10"', '""', "[12800]", '{"fen":12800}', "١٢٨",
        "012", "+1", "0x10", "12_800",
    ]  # fmt: skip
    template = json.dumps({**GOOD, "amount": 0})
    bodies = {text: template.replace('"amount": 0', f'"amount": {text}') for text in amounts}
    with bench.quiet():
        assert all_malformed(
            {amount: post(bench, "create_order", body) for amount, body in bodies.items()}
        )


@pytest.mark.parametrize("function", ROUTES)
def test_duplicate_keys(bench: Bench, function: str) -> None:
    good = ROUTES[function][2]
    body = json.dumps(good)
    bodies = [f'{body[:-1]}, "{name}": {json.dumps(value)}}}' for name, value in good.items()]
    bodies += [f'{body[:-1]}, "\\u{ord(name[0]):04x}{name[1:]}": 1}}' for name in good]
    bodies += [body.replace('"label"', '"value": "x", "label"'), '{"a": 1, "a": 1}']
    with bench.quiet():
        assert all_malformed({body: post(bench, function, body) for body in set(bodies) - {body}})


def test_expiry_out_of_range(bench: Bench) -> None:
    with bench.quiet():
        for expires_in in (119, 86_401, 0, -1800, 10**18):
            assert create(bench, expires_in=expires_in) == (400, "malformed", "expires_in")


def test_numbers_that_could_be_mistaken(bench: Bench) -> None:
    """S-16, S-29: no separators of keys, no paths, no twins in another normal form."""
    numbers = ("", "A#B", "A|B", "..", "a/b", "a b", "é", "e\u0301", "a\x00b", "\u202ea", "a\n")
    with bench.quiet():
        answers = {number: create(bench, out_order_no=number) for number in numbers}
        answers |= {
            "half": create(bench, out_order_no="\ud800"),
            "long": create(bench, out_order_no="A" * 65),
        }
    assert all_malformed(answers)


@pytest.mark.parametrize("field", ["subject", "attach"])
def test_texts_that_deceive(bench: Bench, field: str) -> None:
    """S-16, S-20, S-22: control characters, turned writing directions, halves of characters."""
    texts = (
        "\x00",
        "a\r\nset-cookie: b",
        "\u202egnp",
        "\u2067x",
        "\x85",
        "\x7f",
        "\ud800",
        "x\udc00",
    )
    with bench.quiet():
        assert all_malformed({ascii(text): create(bench, **{field: text}) for text in texts})


def test_unknown_business_line_or_key(bench: Bench) -> None:
    known = f"Bearer {TICKETS_KEY}"
    headers = [
        *("", "Bearer", "Bearer ", "Bearer .", "Bearer tickets", "Bearer tickets.", "Bearer tickets.short"),
        *("Bearer museum.sandbox-key-of-nobody", "Bearer TICKETS.sandbox-key-of-nobody"),
        *("Bearer hotel.sandbox-key-of-the-scenic-tickets-line", "Bearer line#tickets.sandbox-key-of-nobody"),
        *(f"{known} ", f"{known}x", f"Bearer tickets.{'x' * 4000}", "Bearer tickets.ключ-которого-нет-ни-у-кого"),
        *(known.replace("Bearer ", form) for form in ("Basic ", "bearer ", "Bearer  ", "Bearer\t", "")),
    ]  # fmt: skip
    with bench.quiet():
        for header in headers:
            request = Http(
                route="POST /v1/orders",
                headers={"authorization": header} if header else {},
                body=json.dumps(GOOD),
                media_type=JSON,
            )
            answer = told(bench.request("create_order", request))
            assert answer == (401, "unauthenticated", ""), header


@pytest.mark.parametrize("function", ROUTES)
def test_media_types(bench: Bench, function: str) -> None:
    route, parameters, good = ROUTES[function]
    with bench.quiet():
        for media_type in ("text/plain", FORM, "application/jsonp", "multipart/form-data", ""):
            request = Http(
                route=route,
                parameters=parameters,
                headers={**bearer(), "content-type": media_type},
                body=json.dumps(good),
                media_type=media_type or JSON,
            )
            assert told(bench.request(function, request))[:2] == (415, "media_type"), media_type


@pytest.mark.parametrize("function", ROUTES)
def test_a_body_of_ten_megabytes(bench: Bench, function: str) -> None:
    with bench.quiet():
        for size in (API_BYTES + 1, TEN_MEGABYTES):
            assert post(bench, function, "x" * size)[:2] == (413, "body_too_large")


def test_a_form_of_ten_megabytes_is_a_page_of_words(bench: Bench) -> None:
    request = Http(
        route="POST /cashier/{token}/payments",
        parameters={"token": CREATED.token},
        body="x" * TEN_MEGABYTES,
        media_type=FORM,
    )
    with bench.quiet():
        answer = bench.request("create_payment", request)
    assert answer["statusCode"] == 413
    assert answer["headers"]["content-type"] == "text/html; charset=utf-8"


def test_the_largest_body_is_read(bench: Bench) -> None:
    with bench.quiet():
        assert post(bench, "create_order", "x" * API_BYTES)[:2] == (400, "malformed")


def test_what_was_refused_leaves_no_trace(bench: Bench) -> None:
    """After all that, the very same number makes a new order."""
    body = json.dumps(GOOD)
    answer = bench.request("create_order", api("POST /v1/orders", body))
    assert answer["statusCode"] == 201
    assert bench.order("BAD-INPUT").amount == GOOD["amount"]
