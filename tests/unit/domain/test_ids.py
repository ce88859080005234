"""Numbers: one for each (line, out_order_no), never two for one, and back to the order. Holds I17, I39, S-29."""

import base64
import hashlib
import re
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from paycenter.domain import ids
from paycenter.domain.order import MAXIMUM_EVENTS, MAXIMUM_PAYMENTS

TEXT = some.text(
    alphabet=some.one_of(some.sampled_from("#|\0:/.é中𝄞aA0"), some.characters(codec="utf-8")),
    max_size=20,
)


@given(TEXT, TEXT, TEXT, TEXT)
def test_two_pairs_never_share_an_order_id(
    line: str, number: str, other_line: str, other_number: str
) -> None:
    same = ids.order_id(line, number) == ids.order_id(other_line, other_number)
    assert same == ((line, number) == (other_line, other_number))


@given(TEXT, some.integers(min_value=0, max_value=20))
def test_the_cut_between_line_and_number_matters(text: str, cut: int) -> None:
    whole = ids.order_id(text, "")
    assert (ids.order_id(text[:cut], text[cut:]) == whole) == (not text[cut:])


def test_separators_of_all_kinds_make_no_twins() -> None:
    pairs = [
        ("a", "b"),
        ("a#b", ""),
        ("", "a#b"),
        ("a", "#b"),
        ("a#", "b"),
        ("a|b", ""),
        ("a", "|b"),
        ("a\0b", ""),
        ("a", "\0b"),
        ("a\0", "b"),
        ("\0\0\0\1a", ""),
        ("", "\0\0\0\1a"),
        ("\u00e9", "x"),  # one code point
        ("e\u0301", "x"),  # the same to the eye, two code points
        ("中", "x"),
    ]
    for one, other in combinations(pairs, 2):
        assert ids.order_id(*one) != ids.order_id(*other), (one, other)


def test_the_id_is_the_written_formula() -> None:
    parts = b"\x00\x00\x00\x07tickets" + b"\x00\x00\x00\x03A-1"
    digest = base64.b32encode(hashlib.sha256(parts).digest()).decode()
    assert ids.order_id("tickets", "A-1") == digest[:26]


@given(TEXT, TEXT, some.integers(min_value=1, max_value=99))
def test_every_number_has_its_form_and_leads_back(line: str, number: str, count: int) -> None:
    order = ids.order_id(line, number)
    payment = ids.payment_no(order, count)
    refund = ids.automatic_refund_no(payment)
    event = ids.event_id(order, count)
    assert ids.is_order_id(order)
    assert re.fullmatch(r"[A-Z2-7]{26}P[0-9]{2}", payment)
    assert re.fullmatch(r"[A-Z2-7]{26}P[0-9]{2}D", refund)
    assert re.fullmatch(r"[A-Z2-7]{26}E[0-9]{2}", event)
    assert {ids.order_of(text) for text in (order, payment, refund, event)} == {order}


def test_all_numbers_of_an_order_differ_and_fit_the_shortest_limit_of_a_channel() -> None:
    order = ids.order_id("tickets", "A-1")
    payments = [ids.payment_no(order, count) for count in range(1, MAXIMUM_PAYMENTS + 1)]
    numbers = [
        *payments,
        *(ids.automatic_refund_no(number) for number in payments),
        *(ids.event_id(order, count) for count in range(1, MAXIMUM_EVENTS + 1)),
    ]
    assert len(set(numbers)) == len(numbers)
    assert max(len(number) for number in numbers) <= 32


@pytest.mark.parametrize(
    "text",
    ["", "A" * 25, "a" * 26, "A" * 25 + "1", "A" * 25 + "8", "A" * 27, "A" * 26 + "\n", "A#" * 13],
)
def test_what_has_not_the_form_of_an_id_is_no_key(text: str) -> None:
    assert not ids.is_order_id(text)


@pytest.mark.parametrize("text", ["", "P01", "../" * 9, "ORDER-0000000000000000000001", "0" * 29])
def test_a_stranger_s_number_leads_to_no_order(text: str) -> None:
    assert ids.order_of(text) is None


def test_a_cashier_token_comes_apart_again() -> None:
    order, secret = ids.order_id("tickets", "A-1"), "S" * 26
    assert ids.split_token(ids.cashier_token(order, secret)) == (order, secret)


@pytest.mark.parametrize(
    "token", ["", "A" * 51, "A" * 53, "a" * 52, "A" * 25 + "1" + "A" * 26, "\0" * 52]
)
def test_what_is_no_token_has_no_parts(token: str) -> None:
    assert ids.split_token(token) is None
