"""Reading actual spend as it was known at a moment (METHOD 5 and 9).

Everything here reads the frozen month totals, so that a past date shows the spend known then.
Amounts are usage charges before tax, credits and refunds, in the organisation's cost basis.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Context, Decimal
from typing import NamedTuple

from django.db.models import QuerySet

from cur_ingest.bases import DEFAULT
from cur_ingest.closing import MonthState
from cur_ingest.models import AttributionRun, BasisChoice, MonthTotal
from valueboard.lib.http import seen_of
from valueboard.lib.money import to_cents
from valueboard.lib.months import add_months

RUN_RATE_MONTHS = 3
# Python rounds to 28 digits unless told otherwise; amounts have up to 38.
EXACT = Context(prec=76)
MONTHS_A_YEAR = 12


@dataclass(frozen=True, slots=True)
class MonthSpend:
    """What one workload spent in one billing period, in the basis that pages show."""

    period: date
    amount: Decimal
    closed: bool


class RunRate(NamedTuple):
    """A workload's actual spend: `amount` a year from `months` closed months.

    With no closed month (`months` is 0) the amount is the month to date, not scaled.
    """

    amount: Decimal
    months: int
    periods: tuple[date, ...]
    basis: str

    @property
    def words(self) -> str:
        """Say which months the amount is from."""
        if self.months == 0:
            return "month to date, not scaled to a year"
        return f"a year, from {self.months} closed month{'' if self.months == 1 else 's'}"


def chosen_basis(known_at: datetime) -> str:
    """Return the cost basis that pages show, as the organisation chose it (one query)."""
    choice = BasisChoice.objects.filter(recorded_at__lte=known_at).order_by("version").last()
    return choice.basis if choice else DEFAULT


def deciding_runs(known_at: datetime) -> QuerySet[AttributionRun]:
    """Return the run that says what counts of each export and period, or that nothing does."""
    return (
        AttributionRun.objects.filter(recorded_at__lte=known_at, counts=True)
        .order_by("export", "period", "-version")
        .distinct("export", "period")
        .select_related("delivery__export", "export", "recorded_by")
    )


def counting_runs(known_at: datetime) -> QuerySet[AttributionRun]:
    """Return the run that pages read of each export and period, unless that was left out."""
    runs = AttributionRun.objects.filter(pk__in=deciding_runs(known_at).values("pk"))
    counting = runs.exclude(cause=AttributionRun.Cause.LEFT_OUT)
    return counting.order_by("export", "period").select_related("delivery__export", "export")


def left_out_runs(known_at: datetime) -> QuerySet[AttributionRun]:
    """Return the run that left a month of an export out, where that is so."""
    runs = AttributionRun.objects.filter(pk__in=deciding_runs(known_at).values("pk"))
    left_out = runs.filter(cause=AttributionRun.Cause.LEFT_OUT)
    return left_out.order_by("export", "period").select_related("export", "recorded_by")


def run_of_lines(delivery: int) -> AttributionRun | None:
    """Return the last run that attributed the lines of a delivery, whether it counts or not."""
    runs = AttributionRun.objects.filter(delivery=delivery)
    return runs.exclude(cause=AttributionRun.Cause.LEFT_OUT).order_by("version").last()


def seen_of_run(run: AttributionRun) -> str:
    """Return what a form says it saw of an export's month: the run that decides about it."""
    return seen_of(run.pk)


def waiting_runs(known_at: datetime) -> QuerySet[AttributionRun]:
    """Return the run of each delivery that waits beside a closed month to be taken over."""
    latest = (
        AttributionRun.objects.filter(recorded_at__lte=known_at)
        .order_by("export", "period", "-version")
        .distinct("export", "period")
    )
    waiting = AttributionRun.objects.filter(pk__in=latest.values("pk"), counts=False)
    return waiting.select_related("delivery__export", "export")


def seen_of_month(state: MonthState, known_at: datetime) -> str:
    """Return what a form says it saw of a month: its closing, and the runs behind its figures."""
    runs = (counting_runs(known_at), waiting_runs(known_at))
    found = [sorted(r.pk for r in each.filter(period=state.period)) for each in runs]
    return seen_of(state.closings[0].pk if state.closings else None, *found)


def month_totals(known_at: datetime) -> list[MonthTotal]:
    """Return the totals of the run that counts of each export and period (one query)."""
    runs = counting_runs(known_at).values("pk")
    return list(MonthTotal.objects.filter(run__in=runs).select_related("run"))


def recent_months(closed: Iterable[date], month: date) -> tuple[date, ...]:
    """Return the closed ones of the last three months, which the run-rate is from (METHOD 5)."""
    recent = {add_months(month, -k) for k in range(1, RUN_RATE_MONTHS + 1)}
    return tuple(sorted(recent.intersection(closed)))


def rate_of(
    spend: Mapping[date, Decimal], recent: tuple[date, ...], month: date, basis: str
) -> RunRate:
    """Return the run-rate: `recent` months scaled to a year; without any, `month` to date."""
    if not recent:
        return RunRate(to_cents(spend.get(month, Decimal(0))), 0, (), basis)
    amount = Decimal(0)
    for period in recent:
        amount = EXACT.add(amount, spend.get(period, 0))
    year = EXACT.divide(EXACT.multiply(amount, MONTHS_A_YEAR), len(recent))
    return RunRate(to_cents(year, EXACT), len(recent), recent, basis)
