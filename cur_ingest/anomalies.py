"""Days whose spend stands out above what the same weekday was before (docs/method.md).

The baseline of a day is the median of the last eight same weekdays, of which at least five have to
be there: a week has its rhythm, and one bad Friday doesn't move a median. A day is marked where its
spend is above

    median + max(3.5 · MAD / 0.6745, a quarter of the median, one unit of the currency)

with MAD the median of the absolute deviations from that median. 0.6745 makes MAD comparable with a
standard deviation and 3.5 is the bound for the modified z-score by Iglewicz and Hoaglin, *How to
Detect and Handle Outliers*, ASQC 1993 (also NIST/SEMATECH e-Handbook of Statistical Methods,
1.3.5.17). The other two keep spend that hardly varies, or is hardly there, from being marked for
cents. Only what is above is looked at: the last days of an open month are still being delivered.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, localcontext

from valueboard.lib import formats
from valueboard.lib.money import format_money, to_cents

WEEK = timedelta(days=7)
WEEKS, LEAST = 8, 5
BOUND, TO_DEVIATION = Decimal("3.5"), Decimal("0.6745")
LEAST_SHARE, LEAST_AMOUNT = Decimal("0.25"), Decimal(1)
# Whole months that hold the weeks before any day of a month.
MONTHS_BEFORE = 2
# Sums of daily spend have up to 38 digits; Python rounds to 28 unless told otherwise.
DIGITS = 76


@dataclass(frozen=True, slots=True)
class Baseline:
    """What a weekday usually costs: the median of `weeks` of them, and the limit above it."""

    weeks: int
    median: Decimal
    limit: Decimal


@dataclass(frozen=True, slots=True)
class Mark:
    """A day above the limit of its baseline."""

    day: date
    amount: Decimal
    baseline: Baseline

    def words(self, currency: str) -> str:
        """Say why the day stands out."""
        usual, limit = (
            format_money(to_cents(each), currency, 2)
            for each in (self.baseline.median, self.baseline.limit)
        )
        return (
            f"above what is usual: the last {self.baseline.weeks} {formats.day_of_week(self.day)}s "
            f"had a median of {usual}, the limit is {limit}"
        )


def baseline_of(before: Sequence[Decimal]) -> Baseline | None:
    """Return the baseline of earlier amounts of one weekday; None where they are too few."""
    if len(before) < LEAST:
        return None
    with localcontext(prec=DIGITS):
        middle = median(before)
        spread = median([abs(amount - middle) for amount in before])
        above = max(BOUND * spread / TO_DEVIATION, middle * LEAST_SHARE, LEAST_AMOUNT)
        return Baseline(len(before), middle, middle + above)


def marks_of(spend: Mapping[date, Decimal], since: date = date.min) -> dict[date, Mark]:
    """Return the days `since` one that stand out.

    `spend` has every day from the first on, with 0 where none. Days are compared with the days
    before them only, marked or not.
    """
    found = {}
    for day, amount in spend.items():
        if day < since:
            continue
        earlier = (day - WEEK * number for number in range(1, WEEKS + 1))
        baseline = baseline_of([spend[each] for each in earlier if each in spend])
        if baseline is not None and amount > baseline.limit:
            found[day] = Mark(day, amount, baseline)
    return found


def median(amounts: Sequence[Decimal]) -> Decimal:
    """Return the middle amount, or the mean of the two in the middle; there has to be one."""
    ordered, half = sorted(amounts), len(amounts) // 2
    if len(ordered) % 2:
        return ordered[half]
    with localcontext(prec=DIGITS):
        return (ordered[half - 1] + ordered[half]) / 2
