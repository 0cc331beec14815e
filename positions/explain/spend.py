"""How actual figures of a workload are made: months of attribution runs, days, and daily lines.

Months are frozen with every load and re-attribution. Daily lines are replaced by later loads: they
stand below a month only while the run that counted at the moment asked for still counts.
"""

from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal, localcontext

from django.db.models import Sum
from django.urls import reverse

from accounts.policy import reads_everything
from business_cases.figure_names import day_of
from business_cases.figure_names import month_of as month_named
from business_cases.figures import CURRENCY, actual_figure
from business_cases.moment import moment_of as moment_at
from business_cases.position import Position
from business_cases.reading import read_facts
from cur_ingest.bases import amount_in, named
from cur_ingest.models import DailyLine, MonthTotal, SplitPart
from cur_ingest.reports import counting_runs
from positions.explain.asking import Asked
from positions.explain.cases import estimates_of, month_row
from records.clock import now
from records.references import reference_to
from valueboard.lib import formats
from valueboard.lib.explained import (
    MONTH,
    Explanation,
    Given,
    Rows_,
    UnexplainedError,
    What,
)
from valueboard.lib.figure import Figure, Kind
from valueboard.lib.money import to_cents
from valueboard.lib.months import month_of

NOT_SCALED = 0
DIGITS = 76  # sums of spend have up to 38 digits; Python rounds to 28 unless told otherwise


def rate(asked: Asked) -> Explanation:
    """Explain the actual run-rate: the months that it is from."""
    spend = Spend(asked)
    found = spend.rate
    figure = actual_figure(found, asked.whole)
    if found.months == NOT_SCALED:
        this = month_of(asked.today)
        return asked.explanation(
            "month_to_date@1",
            figure,
            "Actual spend of the month to date",
            (spend.months([this]), spend.basis_given),
            notes=(spend.words,),
        )
    return asked.explanation(
        "run_rate@1",
        figure,
        "Actual run-rate",
        (
            Given("M", "Closed months of the last three", found.months),
            spend.months(found.periods),
            spend.basis_given,
        ),
        notes=(spend.words,),
    )


def month_actual(asked: Asked) -> Explanation:
    """Explain what a month cost: the runs that counted, their deliveries, and its days."""
    spend, period = Spend(asked), asked.day
    totals = spend.totals_of(period)
    inputs: list[Given | Rows_] = [totals, spend.basis_given]
    notes = [spend.words]
    if not totals.rows:
        notes.append("No line of this month was given to the workload.")
    elif spend.is_as_now(period):
        inputs.append(_days(asked, period, spend.basis))
    else:
        notes.append(
            "Its days are not listed: the month was attributed anew since, and daily lines are "
            "kept as they are now."
        )
    amount = to_cents(spend.amounts.get(period, Decimal(0)))
    return asked.explanation(
        "spent@1",
        Figure(amount, CURRENCY, Kind.ACTUAL),
        f"Actual spend of {formats.month(period)}",
        tuple(inputs),
        notes=tuple(notes),
    )


def month_projected(asked: Asked) -> Explanation:
    """Explain what a month is projected to cost, by the estimate that counts for it."""
    schedule, month = asked.schedule, asked.day
    if schedule.terms_for(month) is None:
        raise UnexplainedError(asked.made.of)
    which, k, _ = month_row(schedule, month)
    return asked.explanation(
        "month_projected@1",
        Figure(to_cents(schedule.cost_of(month)), CURRENCY, Kind.PROJECTED),
        f"Projected cost of {formats.month(month)}",
        (which, k, estimates_of(asked)),
        notes=("Cloud cost only, before tax, credits and refunds.",),
    )


def month_over(asked: Asked) -> Explanation:
    """Explain by how much a month's actual spend lies above its projection."""
    month, about = asked.day, month_named(asked.whole, asked.day)
    actual, planned = month_actual(asked).figure, month_projected(asked).figure
    return asked.explanation(
        "difference@1",
        Figure(actual.amount - planned.amount, CURRENCY, Kind.DERIVED),
        f"{formats.month(month)}: actual spend above or below its projection",
        (
            Given("b", "Projected cost", planned.amount, CURRENCY, Kind.PROJECTED,
                  url=asked.url(What.MONTH_PROJECTED, about)),
            Given("a", "Actual spend", actual.amount, CURRENCY, Kind.ACTUAL,
                  url=asked.url(What.MONTH_ACTUAL, about)),
        ),
    )  # fmt: skip


def _days(asked: Asked, period: date, basis: str) -> Rows_:
    """Return the days of a month as their lines are now."""
    about, amounts = asked.whole, dict[date, Decimal]()
    for model, of in ((DailyLine, "period"), (SplitPart, "delivery__period")):
        mine = model.objects.counting().filter(**{"workload": asked.workload.pk, of: period})
        for day, amount in mine.order_by().values_list("day").annotate(amount=Sum(basis)):
            with localcontext(prec=DIGITS):
                amounts[day] = amounts.get(day, Decimal(0)) + amount
    rows = tuple(
        (
            Given("day", "Day (UTC)", day),
            Given("amount", "Amount", amount, CURRENCY, Kind.ACTUAL,
                  url=asked.url(What.DAY_ACTUAL, day_of(about, day))),
        )
        for day, amount in sorted(amounts.items())
    )  # fmt: skip
    url = ""
    if reads_everything(asked.user):
        url = f"{reverse('spend-lines')}?workload={asked.workload.slug}&month={period:%Y-%m}"
    return Rows_("days", "Days, as their lines are attributed now", ("Day", "Amount"), rows,
                 len(rows), url, url_words="Their lines among the spend")  # fmt: skip


class Spend:
    """What the workload spent, as known at the moment."""

    def __init__(self, asked: Asked) -> None:
        """Read it, in a constant number of queries."""
        facts = read_facts(None, [asked.known_at], only=[asked.workload.pk])
        (position,) = Position.all_of(facts, moment_at(facts, asked.known_at))
        self.asked, self.basis, self.closed = asked, position.at.basis, position.at.closed
        self.amounts, self.rate = position.spent.amounts, position.rate

    @property
    def words(self) -> str:
        """Say what the amounts are."""
        return f"{named(self.basis).capitalize()} usage charges, before tax, credits and refunds."

    @property
    def basis_given(self) -> Given:
        """Return the cost basis."""
        return Given(
            "basis",
            "Cost basis",
            named(self.basis),
            url=reverse("basis") if reads_everything(self.asked.user) else "",
        )

    def months(self, periods: Iterable[date]) -> Rows_:
        """Return some months with their exact amounts."""
        about = self.asked.whole
        rows = tuple(
            (
                Given("month", "Month", period, MONTH),
                Given("amount", "Amount", self.amounts.get(period, Decimal(0)), CURRENCY,
                      Kind.ACTUAL, url=self.asked.url(What.MONTH_ACTUAL,
                                                      month_named(about, period))),
            )
            for period in periods
        )  # fmt: skip
        return Rows_("totals", "Months", ("Month", "Amount"), rows, len(rows))

    def totals_of(self, period: date) -> Rows_:
        """Return the frozen totals of a month: a row per run that counted, with its delivery."""
        runs = counting_runs(self.asked.known_at).filter(period=period)
        found = (
            MonthTotal.objects.filter(run__in=runs.values("pk"), workload=self.asked.workload.pk)
            .select_related("run__delivery__export", "run__recorded_by")
            .order_by("run", "spend_class")
        )
        rows = tuple(
            (
                Given("export", "Export", str(total.run.delivery.export)),
                Given("delivery", "Delivery", total.run.delivery.execution,
                      note=total.run.delivery.fingerprint[:16]),
                Given("run", "Attribution run", total.run.version,
                      record=reference_to(total, "Month total", self.asked.workload.slug,
                                          by=total.run.recorded_by),
                      note=total.run.get_cause_display()),
                Given("amount", "Amount", amount_in(total, self.basis), CURRENCY, Kind.ACTUAL),
            )
            for total in found
        )  # fmt: skip
        columns = ("Export", "Delivery", "Attribution run", "Amount")
        return Rows_("totals", "Frozen totals of the month", columns, rows, len(rows))

    def is_as_now(self, period: date) -> bool:
        """Tell whether the runs that counted at the moment still count."""
        then, today = (
            set(counting_runs(moment).filter(period=period).values_list("pk", flat=True))
            for moment in (self.asked.known_at, now())
        )
        return then == today


EXPLAINED: dict[What, Callable[[Asked], Explanation]] = {
    What.RUN_RATE: rate,
    What.MONTH_ACTUAL: month_actual,
    What.MONTH_PROJECTED: month_projected,
    What.MONTH_OVER: month_over,
}
