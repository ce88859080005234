"""Cases of `create_order`: a business line creates an order, or may not."""

import json
from collections.abc import Mapping
from typing import Final

from paycenter.domain.order import MAXIMUM_LIFE_SECONDS, MINIMUM_LIFE_SECONDS
from tools.events.case import (
    NOBODYS_KEY,
    TICKETS_READ_KEY,
    Case,
    api,
    bearer,
    case,
    of_http,
    order,
    untouched,
)
from tools.events.envelopes import JSON, Http
from tools.events.expectation import Expectation
from tools.seed.story import request_of

_FUNCTION: Final = "create_order"
_ROUTE: Final = "POST /v1/orders"
_REFUSED: Final = "EVENT-REFUSED"
_API_LIMIT_BYTES: Final = 64 * 1024
_SUBJECT: Final = "Scenic area, adult ticket"


def _body(
    number: str = _REFUSED, changes: Mapping[str, object] | None = None, **changed: object
) -> str:
    """Return the least that makes an order, with fields changed, or left out where they are None."""
    fields: dict[str, object] = {
        "out_order_no": number,
        "amount": 12800,
        "currency": "CNY",
        "subject": _SUBJECT,
        **(changes or {}),
        **changed,
    }
    return json.dumps({name: value for name, value in fields.items() if value is not None})


def _created(name: str, number: str, about: str, body: str, *contains: str) -> Case:
    expect = Expectation(
        about=about,
        status=201,
        headers={"content-type": "application/json"},
        body_contains=[f'"out_order_no":"{number}"', '"state":"CREATED"', *contains],
        state=order(number, "CREATED", version=1, payments={}, sent={"expire": 1}),
    )
    return case(_FUNCTION, name, of_http(api(_ROUTE, body)), expect)


def _refused(name: str, about: str, body: str | Http, status: int = 400, **more: object) -> Case:
    request = api(_ROUTE, body) if isinstance(body, str) else body
    expect = Expectation.model_validate(
        {
            "about": about,
            "status": status,
            "code": "malformed",
            "headers": {"content-type": "application/problem+json"},
            "quiet": True,
            "state": order(_REFUSED, "ABSENT"),
            **more,
        }
    )
    return case(_FUNCTION, name, of_http(request), expect)


def _ordinary() -> list[Case]:
    full = _body(
        "EVENT-NEW",
        expires_in=3600,
        attach="gate 3",
        information=[
            {"label": "Visitor", "value": "韩梅梅 Han Meimei"},
            {"label": "Day", "value": "2026-05-01"},
        ],
    )
    minimal, longest = _body("EVENT-NEW-MINIMAL"), _body("EVENT-NEW-LONGEST", expires_in=86400)
    repeated = request_of("EVENT-REPEATED").model_dump_json()
    repeat = Expectation(
        about="The same number with the same body answers the same order, and the same cashier address.",
        status=200,
        body_contains=['"out_order_no":"EVENT-REPEATED"', "SANDBOXSANDBOXSANDBOXSANDB"],
        state=order("EVENT-REPEATED", "CREATED", version=1, payments={}),
    )
    different = Expectation(
        about="The same number with another amount changes nothing.",
        status=422,
        code="different_body",
        state=untouched("EVENT-CREATED"),
    )
    other = json.dumps({**request_of("EVENT-CREATED").model_dump(mode="json"), "amount": 1})
    return [
        _created(
            "created", "EVENT-NEW", "An order with all its fields.", full, '"attach":"gate 3"'
        ),
        _created(
            "minimal", "EVENT-NEW-MINIMAL", "An order with the fields that it must have.", minimal
        ),
        _created(
            "longest",
            "EVENT-NEW-LONGEST",
            "An order that lives as long as one may: a day.",
            longest,
        ),
        case(_FUNCTION, "repeated", of_http(api(_ROUTE, repeated)), repeat),
        case(_FUNCTION, "different_body", of_http(api(_ROUTE, other)), different),
    ]


def _documents() -> list[Case]:
    duplicate = _body()[:-1] + ', "amount": 1}'
    return [
        _refused("not_json", "The body is not JSON.", "{amount: 12800"),
        _refused("not_an_object", "The body is JSON, but no object.", "[12800]"),
        _refused("no_body", "There is no body.", api(_ROUTE)),
        _refused(
            "duplicate_key",
            "A name stands twice; two readers could differ.",
            duplicate,
            field="amount",
        ),
        _refused(
            "unknown_field",
            "A field that the contract does not have.",
            _body(discount=1),
            field="discount",
        ),
        _refused("missing_field", "The subject is missing.", _body(subject=None), field="subject"),
        _refused("deep_nesting", "Nesting without end.", "[" * 30_000),
    ]


def _amounts() -> list[Case]:
    def raw(amount: str) -> str:
        return _body(amount=0).replace('"amount": 0', f'"amount": {amount}')

    rows = [
        ("zero", "Nothing to pay.", "0", "amount"),
        ("negative", "Less than nothing.", "-12800", "amount"),
        ("too_large", "One fen more than any channel takes.", "10000000001", "amount"),
        ("huge", "More digits than a whole number has.", "9" * 5000, None),
        ("float", "A float, though a whole one.", "12800.0", None),
        ("exponent", "An exponent.", "1e4", None),
        ("nan", "Not a number.", "NaN", None),
        ("infinite", "Infinity.", "-Infinity", None),
        ("bool", "A truth value, which is an int in some languages.", "true", "amount"),
        ("null", "Nothing at all.", "null", "amount"),
        ("text", "Digits in quotes.", '"12800"', "amount"),
        ("full_width", "Full-width digits.", '"１２８００"', "amount"),
        ("underscore", "Digits that Python alone would read.", '"12_800"', "amount"),
    ]
    return [
        _refused(f"amount_{name}", about, raw(amount), field=field)
        for name, about, amount, field in rows
    ]


def _fields() -> list[Case]:
    too_much = [{"label": "Note", "value": "票" * 512}] * 3
    rows: list[tuple[str, str, dict[str, object]]] = [
        ("currency", "A currency that is unknown.", {"currency": "USD"}),
        ("expires_in", "A second too short.", {"expires_in": MINIMUM_LIFE_SECONDS - 1}),
        ("expires_in", "A second too long.", {"expires_in": MAXIMUM_LIFE_SECONDS + 1}),
        ("expires_in", "An expiry as text.", {"expires_in": "1800"}),
        ("subject", "A subject without a character.", {"subject": ""}),
        ("subject", "A subject that breaks the line.", {"subject": "ticket\r\nset-cookie: a=b"}),
        (
            "subject",
            "A subject that turns the writing direction.",
            {"subject": "ticket \u202egnp.exe"},
        ),
        ("attach", "An attachment that is too long.", {"attach": "x" * 513}),
        (
            "return_url",
            "A return address at another site.",
            {"return_url": "https://evil.example/"},
        ),
        ("return_url", "A script as return address.", {"return_url": "javascript:alert(1)"}),
        (
            "information",
            "Twenty-one labelled fields.",
            {"information": [{"label": "a", "value": "b"}] * 21},
        ),
        (
            "information.0.value",
            "A labelled field with a number.",
            {"information": [{"label": "a", "value": 1}]},
        ),
    ]
    names = [
        "currency_unknown", "expires_in_short", "expires_in_long", "expires_in_text", "subject_empty",
        "subject_line_break", "subject_direction", "attach_long", "return_url_foreign", "return_url_script",
        "information_many", "information_number",
    ]  # fmt: skip
    numbers = [
        ("out_order_no_separator", "A number with the separator of somebody's keys.", "A#B"),
        ("out_order_no_path", "A number that is a path.", "../EVENT"),
        ("out_order_no_long", "A number of 65 characters.", "A" * 65),
        ("out_order_no_unicode", "A number that has a twin in another normal form.", "caf\u00e9"),
    ]
    return [
        *(
            _refused(name, about, _body(changes=changed), field=field)
            for name, (field, about, changed) in zip(names, rows, strict=True)
        ),
        *(
            _refused(name, about, _body(number), field="out_order_no")
            for name, about, number in numbers
        ),
        _refused(
            "information_large", "More than 4 kB of labelled fields.", _body(information=too_much)
        ),
    ]


def _callers() -> list[Case]:
    body = _body()
    twice = Http(
        route=_ROUTE,
        headers={"authorization": f"{bearer()['authorization']}, Bearer other"},
        body=body,
        media_type=JSON,
    )
    large = _body(attach="x" * _API_LIMIT_BYTES)
    unknown, scope = {"code": "unauthenticated"}, {"code": "scope_missing"}
    return [
        _refused("no_key", "No key.", api(_ROUTE, body, key=""), 401, **unknown),
        _refused("wrong_key", "A key that nobody has.", api(_ROUTE, body, key=NOBODYS_KEY), 401, **unknown),
        _refused("unknown_line", "A key of a business line that there is not.", api(_ROUTE, body, key="museum.sandbox-key-of-nobody"), 401, **unknown),
        _refused("bad_json_no_key", "Who has no key learns nothing about the body.", api(_ROUTE, "{", key=""), 401, **unknown),
        _refused("scope_missing", "A key that may only read.", api(_ROUTE, body, key=TICKETS_READ_KEY), 403, **scope),
        _refused("header_twice", "Two keys in one request.", twice),
        _refused("media_type", "JSON that says it is text.", api(_ROUTE, body, media_type="text/plain"), 415, code="media_type"),
        _refused("too_large", "A body of more than 64 KiB.", large, 413, code="body_too_large"),
    ]  # fmt: skip


def cases() -> list[Case]:
    """Return the cases of the function."""
    return [*_ordinary(), *_documents(), *_amounts(), *_fields(), *_callers()]
