"""Reading numbers as people type them: exactly, or not at all."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from business_cases.case import decimals_of
from valueboard.lib.formats import MINUS
from valueboard.lib.money import (
    NotANumberError,
    format_number,
    parse_money,
    parse_number,
    parse_percent,
)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("1,200,000", "1200000"),
        ("1.2m", "1200000"),
        ("1.2 M", "1200000"),
        ("$4.6m", "4600000"),
        ("USD 4,600,000", "4600000"),
        ("4600000 usd", "4600000"),
        ("-$3.10", "-3.10"),
        (f"{MINUS}3", "-3"),
        ("1 200 000.50", "1200000.50"),
        ("0.000000000000000000000000000000001", "0.000000000000000000000000000000001"),
        ("1" * 40, "1" * 40),
        ("10k", "10000"),
    ],
)
def test_amounts(typed: str, read: str) -> None:
    assert parse_money(typed, "USD") == Decimal(read)


@pytest.mark.parametrize("typed", ["25", "25%", "25 %", " 25.0 % "])
def test_percentages(typed: str) -> None:
    assert parse_percent(typed) == 25


@pytest.mark.parametrize(
    "typed",
    ["", ".", "-", "lots", "1e5", "1,2", "1.2.3", "=1+1", "NaN", "Infinity", "$", "1,20,000"],
)
def test_what_is_no_number_is_refused(typed: str) -> None:
    with pytest.raises(NotANumberError):
        parse_money(typed, "USD")


@given(st.decimals(-(10**15), 10**15, places=20))
def test_what_we_print_we_read_to_the_last_digit(number: Decimal) -> None:
    assert parse_number(format_number(number)) == number


@given(st.integers(0, 10**40), st.integers(0, 40))
def test_decimals_are_counted_without_rounding(digits: int, places: int) -> None:
    text = f"{digits}".rjust(places + 1, "0")
    decimals = text[len(text) - places :].rstrip("0")
    assert decimals_of(Decimal(f"{digits}E-{places}")) == len(decimals)
