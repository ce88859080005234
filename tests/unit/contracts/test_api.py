"""Every body of the API, and every way to get one wrong. Holds I16 (fingerprint), S-05, S-14 to S-16, S-22, S-29."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from paycenter.contracts.api import (
    MAXIMUM_INFORMATION_BYTES,
    CloseOrderRequest,
    CreateOrderRequest,
    CreatePaymentRequest,
    parse,
)
from paycenter.domain.errors import Malformed
from paycenter.domain.money import MAXIMUM_AMOUNT

GOOD: dict[str, Any] = {
    "out_order_no": "A-1",
    "amount": 12800,
    "currency": "CNY",
    "subject": "Two tickets",
}


def create(**changes: Any) -> CreateOrderRequest:  # noqa: ANN401 - any value of any type
    return parse(CreateOrderRequest, json.dumps({**GOOD, **changes}).encode())


def test_the_four_that_must_be_there_are_enough() -> None:
    request = create()
    assert (request.out_order_no, request.amount, request.subject) == ("A-1", 12800, "Two tickets")
    assert (
        request.expires_in or 1800,
        request.return_url,
        request.attach,
        request.information,
    ) == (
        1800,
        "",
        "",
        (),
    )


@pytest.mark.parametrize("missing", list(GOOD))
def test_each_of_the_four_is_missed_by_name(missing: str) -> None:
    body = {name: value for name, value in GOOD.items() if name != missing}
    with pytest.raises(Malformed) as refusal:
        parse(CreateOrderRequest, json.dumps(body).encode())
    assert refusal.value.field == missing


GOOD_VALUES: list[tuple[str, Any]] = [
    ("amount", 1),
    ("amount", MAXIMUM_AMOUNT),
    ("expires_in", 120),
    ("expires_in", 86400),
    ("out_order_no", "x" * 64),
    ("out_order_no", "-_aZ9"),
    ("subject", "票" * 127),
    ("subject", "e\u0301"),
    ("attach", "附" * 512),
    ("return_url", "https://x/?a=b%20c"),
    ("information", [{"label": "标" * 32, "value": "值" * 512}]),
    ("information", [{"label": "l", "value": ""}] * 20),
]


@pytest.mark.parametrize(("field", "value"), GOOD_VALUES)
def test_what_lies_on_the_limit_is_taken(field: str, value: object) -> None:
    create(**{field: value})


BAD: dict[str, list[Any]] = {
    "amount": [
        *(0, -1, MAXIMUM_AMOUNT + 1, 2**63 - 1, True, False, None),
        *("12800", "１００", "1_000", "", [], [1], {}, {"a": 1}),
    ],
    "expires_in": [0, -1, 119, 86401, "1800", None, True, []],
    "currency": ["USD", "cny", "CNY ", "", None, 156, ["CNY"]],
    "out_order_no": [
        *("", "x" * 65, "a b", "A#B", "A|B", "..", "a/b"),
        *("a\0b", "A-1\n", "订单", "e\u0301", "A\u200b1", None, 1, []),
    ],
    "subject": [
        *("", "x" * 128, "a\r\nb", "a\0b", "a\x1bb", "a\x7fb", "a\x85b"),
        *("a\u202eb", "a\u2066b", None, 1, ["x"]),
    ],
    "attach": ["x" * 513, "\n", None, 1],
    "return_url": [
        *("https://x/ y", "https://x/\r\n", "https://例/", "https://x/" + "y" * 512, None, 1),
    ],
    "information": [
        *(None, "x", {}, {"label": "a", "value": "b"}, [1], ["x"], [[]]),
        [{"label": "a", "value": "b"}] * 21,
        [{"label": "", "value": "b"}],
        [{"label": "a" * 33, "value": "b"}],
        [{"label": "a", "value": "b" * 513}],
        [{"label": "a", "value": "b\n"}],
        [{"label": "a"}],
        [{"value": "b"}],
        [{"label": "a", "value": 1}],
        [{"label": "a", "value": "b", "more": "c"}],
        [{"label": "票", "value": "票" * 512}] * 3,
    ],
}
BAD_VALUES = [(field, value) for field, values in BAD.items() for value in values]


@pytest.mark.parametrize(("field", "value"), BAD_VALUES)
def test_what_lies_beyond_is_malformed_in_a_sentence_that_blames_the_field(
    field: str, value: object
) -> None:
    with pytest.raises(Malformed) as refusal:
        create(**{field: value})
    # A total has no single field to blame.
    assert (refusal.value.field or field).split(".")[0] == field
    assert str(refusal.value)[0].isupper()
    assert str(refusal.value).endswith(".")
    assert refusal.value.__cause__ is None


def test_the_path_leads_to_the_very_field() -> None:
    with pytest.raises(Malformed) as refusal:
        create(information=[{"label": "a", "value": "b"}, {"label": "a", "value": 1}])
    assert refusal.value.field == "information.1.value"


@pytest.mark.parametrize(
    "name",
    ["Amount", "amount ", "notify_url", "late_policy", "id", "state", "secret", "__class__", ""],
)
def test_a_field_that_is_not_in_the_contract_is_malformed(name: str) -> None:
    with pytest.raises(Malformed):
        create(**{name: "x"})


@pytest.mark.parametrize("body", [b"[]", b'"x"', b"1", b"null", b"true", b"[{}]"])
@pytest.mark.parametrize("model", [CreateOrderRequest, CreatePaymentRequest, CloseOrderRequest])
def test_what_is_no_object_is_malformed(model: type[Any], body: bytes) -> None:
    with pytest.raises(Malformed):
        parse(model, body)


def test_a_refusal_repeats_nothing_of_the_value() -> None:
    with pytest.raises(Malformed) as refusal:
        create(out_order_no="canary canary")
    assert "canary" not in str(refusal.value)


def test_the_information_s_total_is_limited_in_bytes() -> None:
    with pytest.raises(Malformed, match=f"Information is .* bytes; {MAXIMUM_INFORMATION_BYTES}"):
        create(information=[{"label": "a", "value": "值" * 500}] * 3)


def test_a_close_takes_an_empty_object_or_nothing() -> None:
    assert parse(CloseOrderRequest, b"") == parse(CloseOrderRequest, b"{}") == CloseOrderRequest()
    with pytest.raises(Malformed):
        parse(CloseOrderRequest, b'{"force":true}')


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"channel": "bogus"},
        {"channel": "bogus", "product": ""},
        {"channel": "Bogus", "product": "page"},
        {"channel": "bogus", "product": "page", "amount": 1},
        {"channel": 1, "product": "page"},
        {"channel": "x" * 33, "product": "page"},
        {"channel": "../bogus", "product": "page"},
    ],
)
def test_a_payment_takes_a_channel_and_a_product_and_never_an_amount(body: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        parse(CreatePaymentRequest, json.dumps(body).encode())


def pay(**facts: object) -> CreatePaymentRequest:
    body = {"channel": "bogus", "product": "page", **facts}
    return parse(CreatePaymentRequest, json.dumps(body).encode())


@pytest.mark.parametrize(
    "address",
    ["", "203.0.113.7", "10.0.0.7", "2001:db8::7", "2001:DB8:0:0:0:0:0:7", "::ffff:203.0.113.7"],
)
def test_a_payment_takes_the_payer_s_id_and_address(address: str) -> None:
    wanted = pay(payer_id="oUpF8uMuAJO_M2pxb1Q9zNjWeS6o", client_address=address)
    assert (wanted.payer_id, wanted.client_address) == ("oUpF8uMuAJO_M2pxb1Q9zNjWeS6o", address)
    assert (pay().payer_id, pay().client_address) == ("", "")


NOBODY: dict[str, list[object]] = {
    "payer_id": ["x" * 129, "a b", "a\n", "付款人", 7, None, ["x"]],
    "client_address": [
        *("127.0.0.1", "127.8.8.8", "::1", "0.0.0.0", "::", "::ffff:127.0.0.1", "fe80::1%eth0"),
        *("localhost", "203.0.113", "203.0.113.007", "0xcb.0.113.7", "２０３.0.113.7"),
        *("203.0.113.7:80", "203.0.113.7, 203.0.113.8", " 203.0.113.7", "203.0.113.7\n"),
        *("203.0.113.0/24", 3405803783, None, {}),
    ],
}


@pytest.mark.parametrize(
    ("field", "value"), [(field, value) for field, values in NOBODY.items() for value in values]
)
def test_who_a_payer_can_not_be_is_malformed_with_the_field(field: str, value: object) -> None:
    with pytest.raises(Malformed) as refusal:
        pay(**{field: value})
    assert refusal.value.field == field
    assert str(refusal.value).endswith(".")


def test_the_same_request_has_the_same_fingerprint_however_it_is_written() -> None:
    tight = parse(CreateOrderRequest, json.dumps(GOOD, separators=(",", ":")).encode())
    loose = parse(CreateOrderRequest, json.dumps(dict(reversed(GOOD.items())), indent=2).encode())
    spelled = create(expires_in=1800, attach="", return_url="", information=[])
    escaped = parse(CreateOrderRequest, json.dumps(GOOD).replace("Two", "\\u0054wo").encode())
    assert len({r.fingerprint() for r in (tight, loose, spelled, escaped)}) == 1


@given(
    some.fixed_dictionaries(
        {
            "amount": some.integers(1, 3),
            "subject": some.sampled_from(["a", "b", "e\u0301", "\u00e9"]),
            "attach": some.sampled_from(["", "a", "ab"]),
            "expires_in": some.sampled_from([120, 121]),
        }
    ),
    some.fixed_dictionaries(
        {
            "amount": some.integers(1, 3),
            "subject": some.sampled_from(["a", "b", "e\u0301", "\u00e9"]),
            "attach": some.sampled_from(["", "a", "ab"]),
            "expires_in": some.sampled_from([120, 121]),
        }
    ),
)
def test_different_requests_have_different_fingerprints(
    one: dict[str, Any], other: dict[str, Any]
) -> None:
    assert (create(**one).fingerprint() == create(**other).fingerprint()) == (one == other)
