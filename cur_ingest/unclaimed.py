"""AI spend that no rule gives to a workload, grouped by what one could make a rule for.

Read from the daily lines, so always the spend as attributed now.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import Max, Min, QuerySet, Sum
from django.utils.timezone import localdate

from cur_ingest.bases import named
from cur_ingest.conversion import add
from cur_ingest.models import DailyLine, SpendClass
from cur_ingest.signals import exactly
from valueboard.lib.figure import Figure, Kind
from valueboard.lib.money import to_cents
from valueboard.lib.months import add_months, month_of

MONTHS_BACK = 3


@dataclass(frozen=True, slots=True)
class UnclaimedGroup:
    """Unclaimed spend that one rule could claim.

    `key` is `tag:…`, `principal:…`, `account:…` or `product:…`; `accounts` and `services` are those
    the spend is in. `terms` are what a rule form about it begins with.
    """

    key: str
    label: str
    spend_class: SpendClass
    basis: str
    amount: Decimal
    first_day: date
    last_day: date
    accounts: tuple[str, ...]
    services: tuple[str, ...]
    terms: Mapping[str, str]

    @property
    def query(self) -> str:
        """Return the terms as the query of an address."""
        return urlencode({name: term for name, term in self.terms.items() if term})

    @property
    def figure(self) -> Figure:
        """Return the amount as a figure."""
        formula = f"{named(self.basis)} AI usage charges that no rule gives to a workload"
        return Figure(
            to_cents(self.amount), settings.REPORTING_CURRENCY, Kind.ACTUAL, None, formula
        )


def unclaimed_groups(known_at: datetime, basis: str) -> list[UnclaimedGroup]:
    """Return the groups since the month `MONTHS_BACK` before this one, dearest first (one query).

    By tag where a kept one has a value, else by IAM principal where the bill names one, else by
    account; Marketplace rows that no signal knows by product.
    """
    lines = DailyLine.objects.counting().filter(period__gte=unclaimed_since(known_at))
    return _groups(lines, basis)


def unclaimed_since(known_at: datetime) -> date:
    """Return the first month that the groups add up."""
    return add_months(month_of(localdate(known_at)), -MONTHS_BACK)


def unclaimed_groups_of(period: date, basis: str) -> list[UnclaimedGroup]:
    """Return the groups of one month, dearest first (one query)."""
    return unclaimed_groups_over([period], basis)


def unclaimed_groups_over(periods: Iterable[date], basis: str) -> list[UnclaimedGroup]:
    """Return the groups of some months added up, dearest first (one query)."""
    return _groups(DailyLine.objects.counting().filter(period__in=periods), basis)


def not_listed(groups: Iterable[UnclaimedGroup], whole: Figure) -> Figure | None:
    """Return what the groups leave of the part that they are of, None if that is nothing.

    It is what stands in groups at or below 0, so that a list and this come to its part.
    """
    rest = add([whole.amount, *(group.amount.copy_negate() for group in groups)])
    formula = "What no listed group holds: the sum of the groups at or below 0"
    return Figure(rest, whole.unit, Kind.ACTUAL, None, formula) if rest else None


def _groups(lines: QuerySet[DailyLine], basis: str) -> list[UnclaimedGroup]:
    rows = list(
        lines.filter(workload=None, spend_class__in=[SpendClass.AI, SpendClass.UNCLASSIFIED])
        .values("spend_class", "tags", "principal", "account", "product_name", "service")
        .annotate(amount=Sum(basis), first=Min("day"), last=Max("day"))
    )
    return groups_of_rows(rows, basis)


def groups_of_rows(rows: Iterable[Mapping[str, Any]], basis: str) -> list[UnclaimedGroup]:
    """Return sums of unclaimed lines as groups, dearest first, but those at or below 0.

    A row has `spend_class`, `tags`, `principal`, `account`, `product_name`, `service`, the `amount`
    in the basis, and the `first` and `last` day.
    """
    groups: dict[tuple[SpendClass, str, str], list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        groups[(SpendClass(row["spend_class"]), *group_of(row))].append(row)
    found = [
        UnclaimedGroup(
            key=key,
            label=label,
            spend_class=spend_class,
            basis=basis,
            amount=add(r["amount"] for r in inside),
            first_day=min(r["first"] for r in inside),
            last_day=max(r["last"] for r in inside),
            accounts=tuple(sorted({r["account"] for r in inside})),
            services=tuple(sorted({r["product_name"] or r["service"] for r in inside})),
            terms=_terms_of(inside),
        )
        for (spend_class, key, label), inside in groups.items()
    ]
    return sorted((g for g in found if g.amount > 0), key=lambda g: (-g.amount, g.key))


def group_of(row: Mapping[str, Any]) -> tuple[str, str]:
    """Return the key and the label of the group that an unclaimed line is of."""
    if row["spend_class"] == SpendClass.UNCLASSIFIED:
        name = row["product_name"] or row["service"]
        return f"product:{name}", name
    if row["tags"]:
        name, value = min(row["tags"].items())
        return f"tag:{name}={value}", f"{name} = {value}"
    if row["principal"]:
        # What follows the account in an ARN: user/alice, assumed-role/Gateway/session.
        return f"principal:{row['principal']}", row["principal"].split(":", 5)[-1]
    return f"account:{row['account']}", f"Account {row['account']}"


def _terms_of(inside: list[Mapping[str, Any]]) -> dict[str, str]:
    """Return the conditions of the narrowest rule that claims all of these rows."""
    row = inside[0]
    if row["spend_class"] == SpendClass.UNCLASSIFIED:
        return {"service": exactly(row["product_name"] or row["service"])}
    if row["tags"]:
        name, value = min(row["tags"].items())
        return {"tag_key": name, "tag_value": exactly(value)}
    if row["principal"]:
        return {"principal": exactly(row["principal"])}
    services = {r["product_name"] or r["service"] for r in inside}
    return {
        "account": row["account"],
        "service": exactly(services.pop()) if len(services) == 1 else "",
    }
