"""A workload's spend by day (UTC), and the tokens that it was for; read from the lines that count.

A charge for a whole month stands on its first day, as on the bill. It is told from other charges by
its type, and by standing on no other day of its month.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, localcontext
from typing import Any

from django.db.models import Sum

from cur_ingest.models import DailyLine, SplitPart
from cur_ingest.usage_classes import TokenKind, tokens_of

# Charges that are not made by use.
BY_THE_MONTH = ("Fee", "FlatRateSubscription")
# Charges of use: others, such as discounts and offsets, repeat the amount that was used.
OF_USE = ("Usage", "DiscountedUsage", "SavingsPlanCoveredUsage")
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


def days_of(workload: int, since: date, basis: str) -> list[DaySpend]:
    """Return every day from the first with a line to the last, of the billing periods `since` one.

    Two queries. Days without a line in between cost 0.
    """
    amounts: dict[date, Decimal] = defaultdict(Decimal)
    by_month: dict[date, Decimal] = defaultdict(Decimal)
    charges: dict[tuple[Any, ...], dict[date, Decimal]] = defaultdict(dict)
    lines = DailyLine.objects.counting().filter(workload=workload, period__gte=since)
    key = ("export", "period", "charge_type", "account", "service", "product_name", "usage_type")
    with localcontext(prec=DIGITS):
        for *kind, day, amount in lines.values_list(*key, "day").annotate(amount=Sum(basis)):
            amounts[day] += amount
            if kind[2] in BY_THE_MONTH:
                charges[tuple(kind)][day] = amount
        parts = SplitPart.objects.counting().filter(workload=workload, period__gte=since)
        for day, amount in parts.values_list("day").annotate(amount=Sum(basis)):
            amounts[day] += amount
        for (_, period, *_), found in charges.items():
            if list(found) == [period]:
                by_month[period] += found[period]
    if not amounts:
        return []
    first, last = min(amounts), max(amounts)
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return [DaySpend(day, amounts[day], by_month[day]) for day in days]


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


def span_of(days: list[DaySpend]) -> Mapping[date, Decimal]:
    """Return what each day cost without charges for a whole month: what days are compared by."""
    return {each.day: each.of_the_day for each in days}
