"""Amounts as the decimal text of channels: exact both ways, and nothing that only looks like one. Holds I04, S-15."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from paycenter.domain.money import MAXIMUM_AMOUNT, from_decimal_text, to_decimal_text


@given(some.integers(min_value=0, max_value=MAXIMUM_AMOUNT))
def test_an_amount_survives_the_way_there_and_back(amount: int) -> None:
    assert from_decimal_text(to_decimal_text(amount)) == amount


@pytest.mark.parametrize(
    ("amount", "text"),
    [(0, "0.00"), (1, "0.01"), (10, "0.10"), (100, "1.00"), (1999, "19.99"), (12800, "128.00")],
)
def test_minor_units_are_written_with_two_decimals(amount: int, text: str) -> None:
    assert to_decimal_text(amount) == text


@pytest.mark.parametrize(
    ("text", "amount"),
    # 19.99 and 1.15 are the two that a float gets wrong: 1998 and 114.
    [
        ("19.99", 1999),
        ("1.15", 115),
        ("0.1", 10),
        ("0.10", 10),
        ("5", 500),
        ("0", 0),
        ("007.5", 750),
    ],
)
def test_decimal_text_is_read_exactly(text: str, amount: int) -> None:
    assert from_decimal_text(text) == amount


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "1.",
        ".5",
        "-1.00",
        "+1.00",
        "1e2",
        "1,000.00",
        "1_000",
        "1.234",
        " 1.00",
        "1.00\n",
        "0x10",
        "NaN",
        "Infinity",
        "１００",  # full-width digits, which int() takes
        "٣.٠٠",  # Arabic-Indic digits
        "1" * 13,
        "1.00 CNY",
    ],
)
def test_what_is_no_decimal_text_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not an amount in decimal text"):
        from_decimal_text(text)


@pytest.mark.parametrize("currency", ["USD", "cny", ""])
def test_an_unknown_currency_is_refused(currency: str) -> None:
    with pytest.raises(KeyError):
        to_decimal_text(1, currency)
    with pytest.raises(KeyError):
        from_decimal_text("1.00", currency)
