"""Reading actual spend as it was known at a moment (METHOD 5 and 9).

Everything here reads the frozen month totals, so that a past date shows the spend known then.
Amounts are usage charges before tax, credits and refunds, in the organisation's cost basis.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, localcontext

from django.db.models import QuerySet

from cur_ingest.bases import DEFAULT, amount_in, spread
from cur_ingest.closing import MonthState, month_states
from cur_ingest.models import AI_USAGE, AttributionRun, BasisChoice, MonthTotal, SpendClass
from valueboard.lib.http import seen_of
from valueboard.lib.money import to_cents
from valueboard.lib.months import add_months, month_of

RUN_RATE_MONTHS = 3
EXACT = 76  # Python rounds to 28 digits unless told otherwise; amounts have up to 38
MONTHS_A_YEAR = 12


@dataclass(frozen=True, slots=True)
class MonthSpend:
    """What one workload spent in one billing period, in the basis that pages show."""

    period: date
    amount: Decimal
    closed: bool


@dataclass(frozen=True, slots=True)
class RunRate:
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


@dataclass(frozen=True, slots=True)
class Coverage:
    """Positive AI usage charges of the last closed month, and how much of it is attributed.

    `basis` is the one that pages show, with commitments spread over usage (METHOD 9).
    """

    period: date
    basis: str
    attributed: dict[int, Decimal]
    unclaimed: Decimal
    unclassified: Decimal
    shared: Decimal = Decimal(0)

    @property
    def total(self) -> Decimal:
        """Return all positive AI usage charges."""
        return sum(self.attributed.values(), self.unclaimed + self.unclassified + self.shared)


def chosen_basis(known_at: datetime) -> str:
    """Return the cost basis that pages show, as the organisation chose it (one query)."""
    choice = BasisChoice.objects.filter(recorded_at__lte=known_at).order_by("version").last()
    return choice.basis if choice else DEFAULT


def closed_periods(known_at: datetime) -> list[date]:
    """Return the closed months, oldest first: closed by finance, or by rule (`closing`)."""
    return [period for period, state in month_states(known_at).items() if state.closed]


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


def month_totals(known_at: datetime, workload_ids: Iterable[int] | None = None) -> list[MonthTotal]:
    """Return the totals of the run that counts of each export and period (one query)."""
    runs = counting_runs(known_at).values("pk")
    totals = MonthTotal.objects.filter(run__in=runs).select_related("run")
    if workload_ids is not None:
        totals = totals.filter(workload__in=list(workload_ids))
    return list(totals)


def spend_by_month(
    known_at: datetime, workload_ids: Iterable[int], closed: Iterable[date], basis: str
) -> dict[int, list[MonthSpend]]:
    """Return each workload's spend by month, oldest first, exports added up (one query)."""
    closed = set(closed)
    sums: dict[tuple[int, date], Decimal] = defaultdict(Decimal)
    for row in month_totals(known_at, workload_ids):
        if row.workload_id is not None:
            sums[row.workload_id, row.run.period] += amount_in(row, basis)
    months: dict[int, list[MonthSpend]] = defaultdict(list)
    for (workload, period), amount in sorted(sums.items()):
        months[workload].append(MonthSpend(period, amount, period in closed))
    return months


def recent_months(closed: Iterable[date], month: date) -> tuple[date, ...]:
    """Return the closed ones of the last three months, which the run-rate is from (METHOD 5)."""
    recent = {add_months(month, -k) for k in range(1, RUN_RATE_MONTHS + 1)}
    return tuple(sorted(recent.intersection(closed)))


def run_rate(
    months: Iterable[MonthSpend], closed: Iterable[date], today: date, basis: str
) -> RunRate:
    """Return the run-rate of what was spent by month, as of a day."""
    month = month_of(today)
    spend = {each.period: each.amount for each in months}
    return rate_of(spend, recent_months(closed, month), month, basis)


def rate_of(
    spend: Mapping[date, Decimal], recent: tuple[date, ...], month: date, basis: str
) -> RunRate:
    """Return the run-rate: `recent` months scaled to a year; without any, `month` to date."""
    if not recent:
        return RunRate(to_cents(spend.get(month, Decimal(0))), 0, (), basis)
    with localcontext(prec=EXACT):
        amount = sum((spend.get(period, Decimal(0)) for period in recent), Decimal(0))
        year = to_cents(amount * MONTHS_A_YEAR / len(recent))
    return RunRate(year, len(recent), recent, basis)


def first_spend_days(known_at: datetime) -> dict[int, date]:
    """Return each workload's first day with cost above 0 (one query)."""
    first: dict[int, date] = {}
    for row in month_totals(known_at):
        if row.workload_id is not None and row.first_day is not None:
            first[row.workload_id] = min(first.get(row.workload_id, row.first_day), row.first_day)
    return first


def coverage(known_at: datetime, closed: Sequence[date], basis: str) -> Coverage | None:
    """Return the positive AI usage charges of the last closed month (one query); None without one.

    `closed` are the closed months, oldest first; `basis` is the one that pages show.
    """
    if not closed:
        return None
    period, basis = closed[-1], spread(basis)
    attributed: dict[int, Decimal] = defaultdict(Decimal)
    unclaimed = unclassified = shared = Decimal(0)
    for row in month_totals(known_at):
        amount: Decimal = amount_in(row, basis, prefix="positive_")
        if row.run.period != period or row.spend_class not in AI_USAGE:
            continue
        if row.workload_id is not None:
            attributed[row.workload_id] += amount
        elif row.spend_class == SpendClass.AI:
            unclaimed += amount
        elif row.spend_class == SpendClass.SHARED:
            shared += amount
        else:
            unclassified += amount
    return Coverage(period, basis, dict(attributed), unclaimed, unclassified, shared)
