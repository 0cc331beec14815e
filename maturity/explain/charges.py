"""How one row of the charges of the last closed month is made: a workload's, or unclaimed spend."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Sum
from django.db.models.functions import Coalesce
from django.urls import reverse

from accounts.models import User
from cur_ingest.bases import named
from cur_ingest.conversion import add
from cur_ingest.models import AI_USAGE, DailyLine, MonthTotal, SpendClass
from cur_ingest.reports import counting_runs
from cur_ingest.unclaimed import group_of
from maturity.evidence import Charged, Charges, Unclaimed
from maturity.names import row_key
from maturity.pages import CURRENCY, actual, url_of
from maturity.reading import read_evidence
from positions.explain.formulas import FORMULAS
from positions.reader import Reader
from records.references import reference_to
from valueboard.lib import formats
from valueboard.lib.explained import Explanation, Given, Rows_, UnexplainedError
from valueboard.lib.figure import Kind, Made

AS_NOW = "Its lines as they are attributed now."
POSITIVE = "Positive AI usage charges alone: credits and refunds take nothing off."
FROZEN = ("Export", "Delivery", "Attribution run", "Amount")
GROUP_FIELDS = ("spend_class", "tags", "principal", "account", "product_name", "service")


def explain_charges(user: User, made: Made, known_at: datetime, key: str) -> Explanation:
    """Explain what a row of Attribution Coverage was charged, by frozen totals or by days."""
    for by_group in (False, True):
        evidence = read_evidence(Reader.of(user), known_at, by_group=by_group)
        charges = evidence.charges
        found = _row(charges, key) if charges else None
        figure = actual(found.amount, evidence) if found else None
        if charges is None or found is None or figure is None:
            continue
        if isinstance(found, Unclaimed) and found.key:
            table, note = _days(found, charges), AS_NOW
        else:
            table, note = _frozen(found, charges, known_at), POSITIVE
        return Explanation(
            made,
            figure.explained_as(made),
            f"{found.name}: charges of {formats.month(charges.period)}",
            "spent@1",
            FORMULAS["spent@1"],
            (table, Given("basis", "Cost basis", named(charges.basis), url=reverse("basis"))),
            evidence.today,
            known_at,
            about=(found.name, url_of(found, evidence)),
            notes=(note,),
        )
    raise UnexplainedError(made.of)


def _row(charges: Charges, key: str) -> Charged | Unclaimed | None:
    rows: tuple[Charged | Unclaimed, ...] = (*charges.attributed, *charges.unclaimed)
    return next((row for row in rows if row_key(row) == key), None)


def _days(found: Unclaimed, charges: Charges) -> Rows_:
    """Return the days of a group, from its lines as they are attributed now."""
    lines = DailyLine.objects.counting().filter(
        period=charges.period,
        workload=None,
        spend_class__in=[SpendClass.AI, SpendClass.UNCLASSIFIED],
    )
    days: dict[date, list[Decimal]] = {}
    for line in lines.values(*GROUP_FIELDS, "day").annotate(amount=Sum(charges.basis)):
        if group_of(line)[0] == found.key:
            days.setdefault(line["day"], []).append(line["amount"])
    return _table(
        "Days (UTC)",
        ("Day", "Amount"),
        ((Given("day", "Day", day), _amount(add(days[day]))) for day in sorted(days)),
        f"{reverse('spend')}?month={charges.period:%Y-%m}",
    )


def _frozen(found: Charged | Unclaimed, charges: Charges, known_at: datetime) -> Rows_:
    """Return the frozen totals that a row was added up from, less the groups listed beside it."""
    totals = MonthTotal.objects.filter(
        run__in=counting_runs(known_at).filter(period=charges.period).values("pk"),
        spend_class__in=AI_USAGE,
    )
    groups: list[tuple[Given, ...]] = []
    slug = found.slug if isinstance(found, Charged) else ""
    if isinstance(found, Charged):
        totals = totals.filter(workload=found.workload)
    else:
        totals = totals.filter(workload=None, spend_class=found.spend_class)
        groups = [
            (
                Given("export", "Export", ""),
                Given("delivery", "Delivery", f"less {each.name}"),
                Given("run", "Attribution run", ""),
                _amount(-each.amount),
            )
            for each in charges.unclaimed
            if each.key and each.spend_class == found.spend_class
        ]
    basis = charges.basis
    gross = basis.removeprefix("net_")
    rows = [
        (
            Given("export", "Export", str(total.run.delivery.export)),
            Given("delivery", "Delivery", total.run.delivery.execution,
                  note=total.run.delivery.fingerprint[:16]),
            Given("run", "Attribution run", total.run.version,
                  record=reference_to(total, "Month total", slug, by=total.run.recorded_by)),
            _amount(vars(total)["charged"]),
        )
        for total in totals.select_related("run__delivery__export", "run__recorded_by")
        .annotate(charged=Coalesce(f"positive_{basis}", f"positive_{gross}"))
        .order_by("run", "spend_class", "pk")
    ]  # fmt: skip
    return _table("Frozen totals of the month", FROZEN, (*rows, *groups))


def _table(
    label: str, columns: tuple[str, ...], rows: Iterable[tuple[Given, ...]], url: str = ""
) -> Rows_:
    listed = tuple(rows)
    return Rows_("totals", label, columns, listed, len(listed), url, url_words="The spend")


def _amount(amount: Decimal) -> Given:
    return Given("amount", "Amount", amount, CURRENCY, Kind.ACTUAL)
