"""Printing figures: exactly as METHOD rounds, and never a bare number."""

from decimal import Decimal

import pytest

from valueboard.lib.figure import Figure, Kind, ValueType
from valueboard.templatetags.figures import figure, figure_compact, words


@pytest.mark.parametrize(
    ("ratio", "shown"),
    [
        ("7.22", "7.22×"),
        ("9.99", "9.99×"),
        ("10", "10×"),
        ("23.99", "23×"),  # rounded down: no figure looks better than it is
        ("0.99", "0.99×"),
        ("1234.50", "1,234×"),
    ],
)
def test_a_multiple_is_rounded_down(ratio: str, shown: str) -> None:
    assert words(Figure(Decimal(ratio), "×", Kind.DERIVED)) == shown


def test_a_printed_figure_says_its_kind_and_its_exact_amount() -> None:
    declared = Figure(Decimal(1_150_000), "USD", Kind.DECLARED, ValueType.COST_SAVING)
    page = figure_compact(declared)
    assert ">$1.15M<" in page
    assert 'data-kind="declared"' in page
    assert "Exactly $1,150,000" in page
    assert "Cost Saving" in page


def test_no_figure_is_a_dash_and_not_0() -> None:
    assert figure(None) == "—"
    nothing = Figure(Decimal(0), "USD", Kind.DECLARED, ValueType.COST_SAVING)
    assert ">$0<" in figure(nothing)


def test_a_bare_number_is_refused() -> None:
    with pytest.raises((TypeError, AttributeError)):
        figure(Decimal(3))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("percent", "shown"),
    [("0", "0.0%"), ("0.04", "<0.1%"), ("0.05", "0.1%"), ("99.96", "100.0%"), ("-0.04", "0.0%")],
)
def test_a_small_share_is_not_none(percent: str, shown: str) -> None:
    assert words(Figure(Decimal(percent), "%", Kind.DERIVED)) == shown
