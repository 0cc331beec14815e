"""How the days of a workload are made, and what its tokens cost: down to daily lines.

Daily lines are those of now, whatever the moment: a later load of a month replaces them, and the
panel says so. Single lines are for those who read everything.
"""

from collections.abc import Callable, Iterable
from decimal import Decimal, localcontext

from django.db.models import QuerySet, Sum
from django.urls import reverse

from accounts.policy import reads_everything
from business_cases.figure_names import tokens_key
from business_cases.figures import CURRENCY
from cur_ingest.anomalies import MONTHS_BEFORE, WEEK, WEEKS, Baseline, baseline_of
from cur_ingest.daily import BY_THE_MONTH, CHARGE, MONTHS_SHOWN, OF_USE, compared, days_of
from cur_ingest.models import DailyLine, SplitPart
from cur_ingest.usage_classes import TokenKind
from positions.explain.asking import Asked
from positions.explain.spend import Spend
from valueboard.lib import formats
from valueboard.lib.explained import MONTH, Explanation, Given, Rows_, UnexplainedError, What
from valueboard.lib.figure import Figure, Kind
from valueboard.lib.money import to_cents
from valueboard.lib.months import add_months, month_of

DIGITS = 76  # sums of spend have up to 38 digits; Python rounds to 28 unless told otherwise
LINES_SHOWN = 50
NOW = "Daily lines are as attributed now: a later load of a month replaces them."


def day_actual(asked: Asked) -> Explanation:
    """Explain what a day cost, down to its lines for those who read lines."""
    spend = Spend(asked)
    lines, parts = _of_day(asked)
    own, shared = _sum(lines, spend.basis), _sum(parts, spend.basis)
    kinds = (("Lines given to it by a rule", own), ("Its parts of shared lines", shared))
    rows = tuple(
        (Given("kind", "Kind", label), Given("amount", "Amount", amount, CURRENCY, Kind.ACTUAL))
        for label, amount in kinds
    )
    with localcontext(prec=DIGITS):
        amount = to_cents(own + shared)
    return asked.explanation(
        "spent@1",
        Figure(amount, CURRENCY, Kind.ACTUAL),
        f"Actual spend of {formats.long_day(asked.day)} (UTC)",
        (
            Rows_("totals", "Charges of the day", ("Kind", "Amount"), rows, len(rows)),
            spend.basis_given,
            *_lines(asked, lines, spend.basis),
        ),
        notes=(spend.words, NOW),
    )


def by_month(asked: Asked) -> Explanation:
    """Explain what of a day was charged for its whole month."""
    spend, day = Spend(asked), asked.day
    lines, _ = _of_day(asked)
    whole = lines.filter(charge_type__in=BY_THE_MONTH)
    found = list(_by_charge(asked, whole, spend.basis))
    rows = tuple(
        (
            Given("charge", "Charge", charge),
            Given("usage", "Usage type", usage),
            Given("amount", "Amount", amount, CURRENCY, Kind.ACTUAL),
        )
        for charge, usage, amount in found
    )
    columns = ("Charge", "Usage type", "Amount")
    with localcontext(prec=DIGITS):
        amount = to_cents(sum((row[2] for row in found), Decimal(0)))
    return asked.explanation(
        "spent@1",
        Figure(amount, CURRENCY, Kind.ACTUAL),
        f"Charged on {formats.long_day(day)} for the whole month",
        (
            Rows_("totals", "Charges that stand on no other day", columns, rows, len(rows)),
            spend.basis_given,
        ),
        notes=(spend.words, NOW),
    )


def median(asked: Asked) -> Explanation:
    """Explain what the weekday of a day usually costs: the same weekdays before it."""
    return _usual(asked, "median@1", lambda usual: usual.median, "What its weekday usually costs")


def limit(asked: Asked) -> Explanation:
    """Explain the limit above which a day stands out."""
    return _usual(asked, "limit@1", lambda usual: usual.limit, "The limit of what is usual")


def _usual(
    asked: Asked, formula: str, of: Callable[[Baseline], Decimal], title: str
) -> Explanation:
    spend, day = Spend(asked), asked.day
    # The same days as the page of that moment reads.
    since = add_months(month_of(asked.today), 1 - MONTHS_SHOWN - MONTHS_BEFORE)
    days = compared(days_of([asked.workload.pk], since, spend.basis).get(asked.workload.pk, []))
    before = [day - WEEK * number for number in range(1, WEEKS + 1)]
    usual = baseline_of([days[each] for each in before if each in days])
    if usual is None:
        raise UnexplainedError(asked.made.of)
    rows = tuple(
        (
            Given("day", "Day (UTC)", each),
            Given("amount", "Amount", days[each], CURRENCY, Kind.ACTUAL),
        )
        for each in before
        if each in days
    )
    label = "The same weekdays before it, without charges for a whole month"
    return asked.explanation(
        formula,
        Figure(to_cents(of(usual)), CURRENCY, Kind.ACTUAL),
        f"{title}: {formats.day_of_week(day)}, {formats.long_day(day)}",
        (Rows_("weekdays", label, ("Day", "Amount"), rows, len(rows)), spend.basis_given),
        notes=(spend.words, NOW),
    )


def tokens(asked: Asked) -> Explanation:
    """Explain what tokens of one model, kind and unit cost since a month, month by month."""
    spend = Spend(asked)
    lines = (
        DailyLine.objects.counting()
        .filter(workload=asked.workload.pk, period__gte=asked.day, charge_type__in=OF_USE)
        .exclude(token_kind="")
    )
    uses = lines.order_by().values_list("model", "token_kind", "pricing_unit").distinct()
    use = next((use for use in uses if tokens_key(*use) == asked.subject.tokens), None)
    if use is None:
        raise UnexplainedError(asked.made.of)
    model, kind, unit = use
    found = list(
        lines.filter(model=model, token_kind=kind, pricing_unit=unit)
        .order_by("period")
        .values_list("period")
        .annotate(used=Sum("usage_amount"), amount=Sum(spend.basis))
    )
    rows = tuple(
        (
            Given("month", "Month", period, MONTH),
            Given("used", "Used", Decimal(0) if used is None else used, note=unit),
            Given("amount", "Amount", amount, CURRENCY, Kind.ACTUAL),
        )
        for period, used, amount in found
    )
    with localcontext(prec=DIGITS):
        amount = to_cents(sum((row[2] for row in found), Decimal(0)))
    return asked.explanation(
        "spent@1",
        Figure(amount, CURRENCY, Kind.ACTUAL),
        f"Tokens of {model or 'a model that is not named'}: {TokenKind(kind).label.lower()}",
        (
            Rows_("totals", "Months", ("Month", "Used", "Amount"), rows, len(rows)),
            spend.basis_given,
        ),
        notes=(spend.words, NOW),
    )


def _of_day(asked: Asked) -> tuple[QuerySet[DailyLine], QuerySet[SplitPart]]:
    mine = {"workload": asked.workload.pk, "day": asked.day}
    return (
        DailyLine.objects.counting().filter(**mine),
        SplitPart.objects.counting().filter(**mine),
    )


def _by_charge(
    asked: Asked, lines: QuerySet[DailyLine], basis: str
) -> Iterable[tuple[str, str, Decimal]]:
    """Yield the charges of a day that stand on no other day of their month."""
    charge = [field for field in CHARGE if field != "workload"]
    others = DailyLine.objects.counting().filter(
        workload=asked.workload.pk, charge_type__in=BY_THE_MONTH, period=month_of(asked.day)
    )
    daily = set(others.exclude(day=asked.day).values_list(*charge))
    for row in lines.values(*charge).annotate(amount=Sum(basis)):
        if tuple(row[field] for field in charge) not in daily:
            yield row["charge_type"], row["usage_type"], row["amount"]


def _sum(lines: QuerySet[DailyLine] | QuerySet[SplitPart], basis: str) -> Decimal:
    with localcontext(prec=DIGITS):
        return sum(lines.values_list(basis, flat=True), Decimal(0))


def _lines(asked: Asked, lines: QuerySet[DailyLine], basis: str) -> tuple[Rows_, ...]:
    """Return the lines of a day, the dearest first, each with its own page, to who reads them."""
    if not reads_everything(asked.user):
        return ()
    rows = tuple(
        (
            Given("line", "Line", line.pk, url=reverse("spend-line", args=[line.pk])),
            Given("service", "Service", line.product_name or line.service),
            Given("usage", "Usage type", line.usage_type or line.charge_type),
            Given("amount", "Amount", getattr(line, basis), CURRENCY, Kind.ACTUAL),
        )
        for line in lines.order_by(f"-{basis}", "pk")[:LINES_SHOWN]
    )
    url = f"{reverse('spend-lines')}?workload={asked.workload.slug}&day={asked.day.isoformat()}"
    columns = ("Line", "Service", "Usage type", "Amount")
    found = Rows_(
        "lines", "Daily lines, the dearest first", columns, rows, lines.count(), url,
        url_words="These lines among the spend",
    )  # fmt: skip
    return (found,)


EXPLAINED: dict[What, Callable[[Asked], Explanation]] = {
    What.DAY_ACTUAL: day_actual,
    What.DAY_BY_MONTH: by_month,
    What.DAY_MEDIAN: median,
    What.DAY_LIMIT: limit,
    What.TOKENS_ACTUAL: tokens,
}
