"""Every formula of the method by its name and version, computed from what a panel lists.

Written from the method's text; nothing of the product is imported. Inputs are text, as a panel has
them: `single` by symbol, `rows` by symbol and column.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import floor
from statistics import median as middle

from tests.model.events import Schedule
from tests.model.formulas import (
    cents,
    first_day,
    funding_year,
    month_cost,
    projected,
    term_cost,
)

FIVE, EIGHT, HUNDRED = 5, 8, 100


@dataclass(frozen=True)
class Inputs:
    """What a panel lists."""

    single: Mapping[str, str]
    rows: Mapping[str, Sequence[Mapping[str, str]]]

    def number(self, symbol: str) -> Fraction:
        """Return a single number."""
        return Fraction(self.single[symbol])

    def month(self, symbol: str) -> int:
        """Return a month or the month of a day, counted."""
        return counted(self.single[symbol])

    def amounts(self, rows: str, column: str = "amount") -> list[Fraction]:
        """Return a column of amounts."""
        return [Fraction(row[column]) for row in self.rows[rows]]

    @property
    def force(self) -> list[Schedule]:
        """Return the estimates, in the order of their force."""
        return [
            Schedule(
                Decimal(row["m"]),
                Decimal(row["g"]),
                counted(row["first"]),
                int(row["n"]),
                counted(row["effective"]),
            )
            for row in self.rows["estimates"]
        ]


def counted(day: str) -> int:
    """Count the months of a day."""
    found = date.fromisoformat(day)
    return 12 * found.year + found.month - 1


def down(ratio: Fraction) -> Fraction:
    """Round down to two decimals, as a score is shown."""
    return Fraction(ratio * 100 // 1, 100)


def _stated(given: Inputs) -> Fraction:
    return given.number("value")


def _opportunity(given: Inputs) -> Fraction:
    return cents(given.number("C") * given.number("p") / 100)


def _projected(given: Inputs) -> Fraction:
    year = projected(given.force, given.month("day"))
    assert year.number == int(given.single["y"])
    _months_are(given, year.number)
    return year.cost


def _funding_year(given: Inputs) -> Fraction:
    number = int(given.single["y"])
    _months_are(given, number)
    return funding_year(given.force, number)[0]


def _months_are(given: Inputs, number: int) -> None:
    """The months listed are those of the funding year, each with its cost to the cent."""
    force = given.force
    begin = force[-1].first + 12 * number
    end = min(begin + 12, force[-1].first + force[-1].months)
    meant = {
        first_day(month).isoformat(): cents(cost)
        for month in range(begin, end)
        if (cost := month_cost(force, month)) is not None
    }
    assert {row["month"]: Fraction(row["cost"]) for row in given.rows["months"]} == meant


def _term(given: Inputs) -> Fraction:
    listed = [
        (Fraction(row["cost"]), int(row["months"]))
        for row in sorted(given.rows["years"], key=lambda row: int(row["y"]))
    ]
    force = given.force
    assert listed == [funding_year(force, number) for number in range(len(listed))]
    assert sum(cost for cost, _ in listed) == term_cost(force)
    return term_cost(force)


def _share(given: Inputs) -> Fraction:
    return cents(given.number("O") * given.number("f") / 12)


def _prospect(given: Inputs) -> Fraction:
    ratio = given.number("O") * given.number("f") / 12 / given.number("P")
    _band_is(given, ratio)
    return down(ratio)


def _band_is(given: Inputs, ratio: Fraction) -> None:
    bounds = [(row["band"], Fraction(row["at_least"])) for row in given.rows["bounds"]]
    assert given.single["band"] == next(band for band, bound in bounds if ratio >= bound)


def _prospect_actual(given: Inputs) -> Fraction:
    spent = cents(sum(given.amounts("totals"), Fraction(0)))
    assert spent == given.number("A")
    ratio = given.number("O") * len(given.rows["totals"]) / 12 / spent
    _band_is(given, ratio)
    return down(ratio)


def _run_rate(given: Inputs) -> Fraction:
    months = given.amounts("totals")
    assert len(months) == given.number("M")
    return cents(sum(months, Fraction(0)) * 12 / len(months))


def _spent(given: Inputs) -> Fraction:
    total = sum(given.amounts("totals"), Fraction(0))
    # What the same charges are beside it, day by day or line by line, adds up to the same.
    if "days" in given.rows:
        assert sum(given.amounts("days"), Fraction(0)) == total
    if "lines" in given.rows:
        own = given.amounts("totals")[0]
        assert sum(given.amounts("lines"), Fraction(0)) == own
    return cents(total)


def _month_projected(given: Inputs) -> Fraction:
    cost = month_cost(given.force, given.month("month"))
    assert cost is not None
    return cents(cost)


def _difference(given: Inputs) -> Fraction:
    return given.number("a") - given.number("b")


def _median(given: Inputs) -> Fraction:
    days = given.amounts("weekdays")
    assert FIVE <= len(days) <= EIGHT
    return cents(Fraction(middle(days)))


def _limit(given: Inputs) -> Fraction:
    days = given.amounts("weekdays")
    usual = Fraction(middle(days))
    spread = Fraction(middle([abs(day - usual) for day in days]))
    above = max(Fraction("3.5") * spread / Fraction("0.6745"), usual / 4, Fraction(1))
    return cents(usual + above)


def _fiscal(given: Inputs) -> Fraction:
    begin = given.month("from")
    costs = [month_cost(given.force, month) for month in range(begin, begin + 12)]
    return cents(sum((cost for cost in costs if cost), Fraction(0)))


def _accuracy(given: Inputs) -> Fraction:
    return (given.number("a") / given.number("b") - 1) * 100


def _moved(given: Inputs) -> Fraction:
    difference = given.number("a") - given.number("b")
    assert sum(given.amounts("parts"), Fraction(0)) == difference
    return difference


def _moved_part(given: Inputs) -> Fraction:
    """One cause: what the others leave of the difference."""
    others = [Fraction(r["amount"]) for r in given.rows["parts"] if r["cause"] != given.single["c"]]
    return given.number("a") - given.number("b") - sum(others, Fraction(0))


def _total(given: Inputs) -> Fraction:
    return sum(given.amounts("terms"), Fraction(0))


def _planned(given: Inputs) -> Fraction:
    costs = [month_cost(given.force, counted(row["month"])) for row in given.rows["months"]]
    return cents(sum((cost for cost in costs if cost), Fraction(0)))


def _claimed_share(given: Inputs) -> Fraction:
    tenths = 1000 * given.number("a") / given.number("b")
    if tenths == HUNDRED * 10:
        return Fraction(HUNDRED)
    nearest = floor(tenths + Fraction(1, 2))
    if nearest == HUNDRED * 10:
        nearest += 1 if tenths > nearest else -1
    return Fraction(nearest, 10)


def _rows_come_to(given: Inputs, prefix: str = "") -> Fraction:
    """The share of the rows, in percent: the numbers beside them are what the rows add up to."""
    rows = f"{prefix}rows"
    part = sum(given.amounts(rows, "part"), Fraction(0))
    whole = sum(given.amounts(rows, "whole"), Fraction(0))
    assert part == given.number(f"{prefix}numerator")
    assert whole == given.number(f"{prefix}denominator")
    return part * 100 / whole


def _tenths(percent: Fraction) -> Fraction:
    return Fraction(percent * 10 // 1, 10)


def _maturity_share(given: Inputs) -> Fraction:
    if "tolerance" in given.single:
        _are_near(given)
    if "days" in given.single:
        _are_answered(given)
    return _tenths(_rows_come_to(given))


def _maturity_estimate(given: Inputs) -> Fraction:
    for row in given.rows["ec_rows"]:
        # Without a cost, or confirmed before it; a renewal, confirmed later, may count as well.
        first, confirmed = row["first_cost"], row["confirmed"]
        if confirmed == "—":
            assert row["part"] == "0"
        elif first == "—" or date.fromisoformat(confirmed) < date.fromisoformat(first):
            assert row["part"] == "1"
    return _tenths((_rows_come_to(given, "ec_") + _rows_come_to(given, "bc_")) / 2)


def _are_near(given: Inputs) -> None:
    """Each row counts where its spend is within the tolerance of its estimate."""
    for row in given.rows["rows"]:
        off = abs(Fraction(row["spend"]) - Fraction(row["estimate"]))
        near = off * 100 <= given.number("tolerance") * Fraction(row["estimate"])
        assert Fraction(row["part"]) == near


def _are_answered(given: Inputs) -> None:
    """Each gap counts where it was resolved, or acted on, within the days."""
    for row in given.rows["rows"]:
        opened = date.fromisoformat(row["opened"])
        answers = [row["resolved"], row["acted_on"]]
        took = [(date.fromisoformat(day) - opened).days for day in answers if day != "—"]
        if row["part"] == "1":
            assert min(took) <= given.number("days")


def _maturity_part(given: Inputs) -> Fraction:
    return cents(sum(given.amounts("rows", "part"), Fraction(0)))


def _maturity_whole(given: Inputs) -> Fraction:
    return cents(sum(given.amounts("rows", "whole"), Fraction(0)))


FORMULAS: dict[str, Callable[[Inputs], Fraction]] = {
    "stated@1": _stated,
    "opportunity@1": _opportunity,
    "projected@1": _projected,
    "funding_year@1": _funding_year,
    "term@1": _term,
    "share@1": _share,
    "prospect@1": _prospect,
    "prospect_actual@1": _prospect_actual,
    "run_rate@1": _run_rate,
    "month_to_date@1": _spent,
    "spent@1": _spent,
    "month_projected@1": _month_projected,
    "fiscal@1": _fiscal,
    "accuracy@1": _accuracy,
    "moved@1": _moved,
    "moved_part@1": _moved_part,
    "difference@1": _difference,
    "median@1": _median,
    "limit@1": _limit,
    "total@1": _total,
    "grown@1": lambda given: given.number("C") + given.number("O"),
    "reduced@1": lambda given: given.number("C") - given.number("O"),
    "planned@1": _planned,
    "largest@1": lambda given: max(given.amounts("stated")),
    "claimed_share@1": _claimed_share,
    "maturity_attribution@1": _maturity_share,
    "maturity_estimate@1": _maturity_estimate,
    "maturity_approval@1": _maturity_share,
    "maturity_accuracy@1": _maturity_share,
    "maturity_response@1": _maturity_share,
    "maturity_share@1": _maturity_share,
    "maturity_part@1": _maturity_part,
    "maturity_whole@1": _maturity_whole,
}
