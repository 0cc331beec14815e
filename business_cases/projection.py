"""Projected cost and Investment Prospect: METHOD 3, 4 and 5 as arithmetic.

Values in, values out; no Django. Amounts are `Decimal` in the reporting currency, months are the
first day of the month, growth and percentages are in percent.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Context, Decimal, localcontext
from fractions import Fraction
from functools import lru_cache

from valueboard.lib.money import to_cents
from valueboard.lib.months import add_months, months_between

MONTHS_A_YEAR = 12
MOST_MONTHS = 120
# Growth has at most 4 decimals, so the factor has 6 and its 119th power 714; with the amount's own
# digits every product below is exact, and the one rounding is the rounding to the cent.
EXACT = Context(prec=900)
KEPT = 32_768  # powers of growth, and ratios, that are kept


@dataclass(frozen=True, slots=True)
class Terms:
    """An estimate as somebody stated it.

    `monthly` is the cost of the first funded month `first`, growing by `growth` percent a month
    over `months` funded months; `effective` is the first month for which these terms count.
    """

    monthly: Decimal
    growth: Decimal
    first: date
    months: int
    effective: date

    @property
    def end(self) -> date:
        """Return the month after the last funded one."""
        return add_months(self.first, self.months)

    def funds(self, month: date) -> bool:
        """Tell whether `month` is a funded month."""
        return 0 <= months_between(self.first, month) < self.months

    def cost_of(self, month: date) -> Decimal:
        """Return the exact, unrounded cost `m·(1+g/100)^k` of a funded month; 0 of any other."""
        after = months_between(self.first, month)
        if not 0 <= after < self.months:
            return Decimal(0)
        return EXACT.multiply(self.monthly, _grown(self.growth, after))


@dataclass(frozen=True, slots=True)
class FundingYear:
    """The funded months of one funding year and what they are projected to cost.

    `number` counts from 0; `cost` is rounded to the cent; `funded` is 1 … 12 months;
    `ended` says that the as-of date lies after the last funded month, `begun` that it does not lie
    before the first.
    """

    number: int
    first: date
    funded: int
    cost: Decimal
    begun: bool = True
    ended: bool = False


@dataclass(frozen=True, slots=True)
class Schedule:
    """The estimates that came into force one after the other.

    The last one fixes the funding window and its years. A month before its effective month keeps
    the schedule that it had: the latest earlier terms that were effective by then.
    """

    estimates: tuple[Terms, ...]
    # What each year costs is asked for again and again, and never changes.
    _years: dict[tuple[int, bool, bool], FundingYear] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        """Refuse an empty schedule: without an estimate nothing is projected."""
        if not self.estimates:
            message = "A schedule needs at least one estimate."
            raise ValueError(message)

    @property
    def current(self) -> Terms:
        """Return the latest terms."""
        return self.estimates[-1]

    def terms_for(self, month: date) -> Terms | None:
        """Return the terms that count for `month`, None where no estimate funds it."""
        for terms in reversed(self.estimates):
            if terms.effective <= month:
                return terms if terms.funds(month) else None
        return None

    def cost_of(self, month: date) -> Decimal:
        """Return the exact projected cost of `month`, 0 where it is not funded."""
        terms = self.terms_for(month)
        return terms.cost_of(month) if terms else Decimal(0)

    def cost_over(self, months: Iterable[date]) -> Decimal:
        """Return the projected cost of some months together, rounded once, to the cent."""
        return _rounded(self.costs(months))

    def costs(self, months: Iterable[date]) -> list[Decimal]:
        """Return the exact costs of those of some months that are funded."""
        found = ((self.terms_for(month), month) for month in months)
        return [terms.cost_of(month) for terms, month in found if terms]

    def year(self, number: int, *, begun: bool = True, ended: bool = False) -> FundingYear:
        """Return funding year `number`: months 12y … 12y+11 of the current window."""
        key = number, begun, ended
        if key not in self._years:
            first = add_months(self.current.first, number * MONTHS_A_YEAR)
            costs = self.costs(add_months(first, k) for k in range(self.length_of(number)))
            self._years[key] = FundingYear(number, first, len(costs), _rounded(costs), begun, ended)
        return self._years[key]

    def length_of(self, number: int) -> int:
        """Return how many months of the window lie in funding year `number`: 1 … 12."""
        return min(MONTHS_A_YEAR, self.current.months - number * MONTHS_A_YEAR)

    def years(self) -> list[FundingYear]:
        """Return every funding year in order."""
        return [self.year(y) for y in range(-(-self.current.months // MONTHS_A_YEAR))]

    def year_at(self, month: date) -> FundingYear:
        """Return the funding year that holds `month`: the first before, the last after."""
        window = self.current
        last = (window.months - 1) // MONTHS_A_YEAR
        offset = months_between(window.first, month)
        number = min(max(offset // MONTHS_A_YEAR, 0), last)
        return self.year(number, begun=offset >= 0, ended=offset >= window.months)

    def term_cost(self) -> Decimal:
        """Return the projected cost of the whole term: the sum of its funding years as shown."""
        return sum((year.cost for year in self.years()), Decimal(0))

    def term_months(self) -> int:
        """Return the funded months of the whole term."""
        return sum(year.funded for year in self.years())


def declared_opportunity(current_amount: Decimal, percent: Decimal) -> Decimal:
    """Return `O = C × p / 100`, rounded half up to the cent."""
    return to_cents(current_amount * percent / 100)


# Many estimates grow alike.
@lru_cache(maxsize=KEPT)
def _grown(growth: Decimal, months: int) -> Decimal:
    """Return `(1+g/100)^k`, exact."""
    return EXACT.power(1 + growth / 100, months)


def _rounded(costs: Iterable[Decimal]) -> Decimal:
    """Return what exact costs come to, rounded once, to the cent."""
    with localcontext(EXACT):
        return to_cents(sum(costs, Decimal(0)))


def prospect(opportunity: Decimal, months: int, cost: Decimal) -> Fraction | None:
    """Return the Investment Prospect `S = (O × f / 12) / P`, exact (METHOD 5).

    `opportunity` is per year, `cost` that of `months` funded months; both as shown, in cents. A
    cost that shrank below half a cent has no ratio: None.
    """
    if not cost:
        return None
    return Fraction(opportunity) * months / MONTHS_A_YEAR / Fraction(cost)


def largest_year(terms: Terms) -> Decimal:
    """Return the cost of the dearest funding year of `terms`."""
    return max(year.cost for year in Schedule((terms,)).years())


def within_threshold(approved: Schedule, revised: Schedule, percent: Decimal) -> bool:
    """Tell whether the revised whole-term cost exceeds the approved one by at most `percent`.

    The months that run from the approved window's start to a revised window that begins later
    count too: else a window that is pushed on with time would be funded for ever.
    """
    start, begin = approved.current.first, revised.current.first
    run = revised.cost_over(add_months(start, k) for k in range(months_between(start, begin)))
    return run + revised.term_cost() <= approved.term_cost() * (1 + percent / 100)
