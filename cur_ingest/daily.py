"""A workload's spend by day (UTC), and the tokens that it was for; read from the lines that count.

A charge for a whole month stands on its first day, as on the bill. It is told from other charges by
its type, and by standing on no other day of its month.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, localcontext
from typing import Any

from django.db.models import Expression, Func, QuerySet, Sum, TextField, Value
from django.db.models.functions import Cast

from cur_ingest.models import DailyLine, SplitPart
from cur_ingest.usage_classes import TokenKind, tokens_of

MONTHS_SHOWN = 3  # of whose days pages show the spend
# Charges that are not made by use.
BY_THE_MONTH = ("Fee", "FlatRateSubscription")
# Charges of use: others, such as discounts and offsets, repeat the amount that was used.
OF_USE = ("Usage", "DiscountedUsage", "SavingsPlanCoveredUsage")
# What makes two such charges of a workload and period the same one, on different days.
CHARGE = ("export", "charge_type", "account", "service", "product_name", "usage_type")
NO_CHARGE = Value("", TextField())
# Sums of daily spend have up to 38 digits; Python rounds to 28 unless told otherwise.
DIGITS = 76


@dataclass(frozen=True, slots=True)
class DaySpend:
    """What a day cost in a basis; `by_month` is the part that was charged for a whole month."""

    day: date
    amount: Decimal
    by_month: Decimal

    @property
    def of_the_day(self) -> Decimal:
        """Return what is left without charges for a whole month."""
        with localcontext(prec=DIGITS):
            return self.amount - self.by_month


@dataclass(frozen=True, slots=True)
class TokenUse:
    """Tokens of one model and kind; None where the pricing unit does not tell how many."""

    model: str
    kind: TokenKind
    pricing_unit: str
    used: Decimal
    tokens: Decimal | None
    amount: Decimal


def days_of(workloads: Collection[int], since: date, basis: str) -> dict[int, list[DaySpend]]:
    """Return every day from a workload's first with a line to its last, by workload.

    Of the billing periods `since` one; one query. Days without a line in between cost 0.
    """
    amounts: dict[int, dict[date, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    charges: dict[tuple[int, date, str], dict[date, Decimal]] = defaultdict(dict)
    mine = {"workload__in": workloads, "period__gte": since}
    lines = DailyLine.objects.counting().filter(**mine)
    by_use = lines.exclude(charge_type__in=BY_THE_MONTH)
    by_month = lines.filter(charge_type__in=BY_THE_MONTH)
    parts = SplitPart.objects.counting().filter(**mine)
    charge = Cast(Func(*CHARGE, function="jsonb_build_array"), TextField())
    every = _by_day(by_month, basis, charge).union(
        _by_day(by_use, basis), _by_day(parts, basis), all=True
    )
    with localcontext(prec=DIGITS):
        for workload, period, day, charged, amount in every:
            amounts[workload][day] += amount
            if charged:
                charges[workload, period, charged][day] = amount
    whole: dict[int, dict[date, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for (workload, period, _), found in charges.items():
        if list(found) == [period]:
            whole[workload][period] += found[period]
    return {pk: _every_day(found, whole[pk]) for pk, found in amounts.items()}


def _by_day(
    lines: QuerySet[Any], basis: str, charge: Expression | Value = NO_CHARGE
) -> QuerySet[Any, tuple[Any, ...]]:
    charged = lines.annotate(charge=charge).values_list("workload", "period", "day", "charge")
    found: QuerySet[Any, tuple[Any, ...]] = charged.annotate(amount=Sum(basis))
    return found


def _every_day(amounts: Mapping[date, Decimal], by_month: Mapping[date, Decimal]) -> list[DaySpend]:
    first, last, none = min(amounts), max(amounts), Decimal(0)
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return [DaySpend(day, amounts.get(day, none), by_month.get(day, none)) for day in days]


def tokens_of_workload(workload: int, since: date, basis: str) -> list[TokenUse]:
    """Return the tokens of a workload's own lines, dearest first (one query)."""
    rows = (
        DailyLine.objects.counting()
        .filter(workload=workload, period__gte=since, charge_type__in=OF_USE)
        .exclude(token_kind="")
        .values_list("model", "token_kind", "pricing_unit")
        .annotate(used=Sum("usage_amount"), amount=Sum(basis))
    )
    found = [
        TokenUse(model, TokenKind(kind), unit, used, tokens_of(used, unit), amount)
        for model, kind, unit, used, amount in rows
        if used is not None
    ]
    return sorted(found, key=lambda use: (-use.amount, use.model, use.kind, use.pricing_unit))


def compared(days: Iterable[DaySpend]) -> dict[date, Decimal]:
    """Return what days are compared by: their cost without charges for a whole month."""
    return {each.day: each.of_the_day for each in days}
