"""The vectors of the method, and the projection against its closed form."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from business_cases.projection import Schedule, Terms, declared_opportunity, prospect
from valueboard.lib.bands import Bound, band_of, format_multiple
from valueboard.lib.money import to_cents
from valueboard.lib.months import add_months

START = date(2026, 3, 1)
BOUNDS = (
    Bound("strong", Decimal(5)),
    Bound("solid", Decimal(2)),
    Bound("marginal", Decimal("1.25")),
    Bound("thin", Decimal(1)),
    Bound("weak", Decimal(0)),
)


def schedule(monthly: str, growth: str, months: int) -> Schedule:
    return Schedule((Terms(Decimal(monthly), Decimal(growth), START, months, START),))


@pytest.mark.parametrize(
    ("terms", "year", "cost", "funded"),
    [
        (("10000", "0", 12), 0, "120000.00", 12),
        (("10000", "5", 12), 0, "159171.27", 12),
        (("10000", "5", 6), 0, "68019.13", 6),
        (("10000", "5", 24), 1, "285848.72", 12),
        (("10000", "-3", 18), 1, "38630.37", 6),
        (("2500", "1.5", 36), 2, "46606.12", 12),
        (("10000", "5", 30), 2, "219368.49", 6),
    ],
)
def test_projected_annual_cost(
    terms: tuple[str, str, int], year: int, cost: str, funded: int
) -> None:
    found = schedule(*terms).year(year)
    assert (found.cost, found.funded) == (Decimal(cost), funded)


@pytest.mark.parametrize(
    ("opportunity", "terms", "year", "shown", "band"),
    [
        ("1150000", ("10000", "5", 12), 0, "7.22×", "strong"),
        ("460000", ("10000", "5", 12), 0, "2.88×", "solid"),
        ("200000", ("10000", "5", 6), 0, "1.47×", "marginal"),
        ("600000", ("10000", "5", 30), 2, "1.36×", "marginal"),
        ("150000", ("10000", "0", 12), 0, "1.25×", "marginal"),
        ("599999", ("10000", "0", 12), 0, "4.99×", "solid"),
        ("600000", ("10000", "0", 12), 0, "5.00×", "strong"),
        ("119999", ("10000", "0", 12), 0, "0.99×", "weak"),
        ("120000", ("10000", "0", 12), 0, "1.00×", "thin"),
    ],
)
def test_investment_prospect(
    opportunity: str, terms: tuple[str, str, int], year: int, shown: str, band: str
) -> None:
    funding = schedule(*terms).year(year)
    ratio = prospect(Decimal(opportunity), funding.funded, funding.cost)
    assert ratio is not None
    assert (format_multiple(ratio), band_of(ratio, BOUNDS)) == (shown, band)


def test_every_funding_year_and_the_whole_term() -> None:
    plan = schedule("10000", "5", 48)
    opportunity = Decimal(600000)
    ratios = [prospect(opportunity, y.funded, y.cost) for y in plan.years()]
    ratios.append(prospect(opportunity, plan.term_months(), plan.term_cost()))
    assert [format_multiple(r) for r in ratios if r] == [
        "3.76×",
        "2.09×",
        "1.16×",
        "0.65×",
        "1.27×",
    ]


@given(
    monthly=st.decimals("0.01", "1000000", places=2),
    growth=st.decimals("-50", "100", places=4),
    months=st.integers(1, 120),
    year=st.integers(0, 9),
)
def test_the_projection_equals_the_closed_form(
    monthly: Decimal, growth: Decimal, months: int, year: int
) -> None:
    """`m·q^a·(q^f − 1)/(q − 1)`, in exact fractions; an independent route to the same cent."""
    if year * 12 >= months:
        return
    funded = min(12, months - 12 * year)
    q = 1 + Fraction(growth) / 100
    first = Fraction(monthly) * q ** (12 * year)
    exact = first * funded if q == 1 else first * (q**funded - 1) / (q - 1)
    cents = (exact * 100 + Fraction(1, 2)).__floor__()
    assert schedule(str(monthly), str(growth), months).year(year).cost == Decimal(cents) / 100


@given(st.fractions(min_value=0, max_value=1000))
def test_no_score_looks_better_than_its_band(ratio: Fraction) -> None:
    shown = Fraction(format_multiple(ratio).rstrip("×").replace(",", ""))
    assert shown <= ratio
    order = [bound.band for bound in BOUNDS]
    assert order.index(band_of(shown, BOUNDS)) >= order.index(band_of(ratio, BOUNDS))


def test_a_revision_keeps_the_months_before_its_effective_month() -> None:
    first = Terms(Decimal(1000), Decimal(0), START, 12, START)
    later = Terms(Decimal(2000), Decimal(0), START, 12, add_months(START, 6))
    year = Schedule((first, later)).year(0)
    assert (year.cost, year.funded) == (Decimal(18000), 12)


def test_before_the_start_and_after_the_end() -> None:
    plan = schedule("100", "0", 18)
    assert plan.year_at(add_months(START, -3)).number == 0
    assert not plan.year_at(add_months(START, -1)).begun
    assert plan.year_at(add_months(START, 13)).number == 1
    after = plan.year_at(add_months(START, 40))
    assert (after.number, after.funded, after.ended) == (1, 6, True)


def test_half_a_cent_is_rounded_up() -> None:
    assert to_cents(Decimal("0.005")) == Decimal("0.01")
    assert declared_opportunity(Decimal("0.5"), Decimal(1)) == Decimal("0.01")
