"""AI spend that no rule gives to a workload, grouped by what one could make a rule for.

Read from the daily lines, so always the spend as attributed now.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Max, Min, Sum
from django.utils.timezone import localdate

from cur_ingest.models import DailyLine, SpendClass
from cur_ingest.reports import BASIS
from valueboard.lib.months import add_months, month_of

MONTHS_BACK = 3


@dataclass(frozen=True, slots=True)
class UnclaimedGroup:
    """Unclaimed spend since the month `MONTHS_BACK` before this one.

    `key` is `principal:…`, `account:…` or `product:…`; `accounts` and `services` are those the
    spend is in.
    """

    key: str
    label: str
    spend_class: SpendClass
    amount: Decimal
    first_day: date
    last_day: date
    accounts: tuple[str, ...]
    services: tuple[str, ...]


def unclaimed_groups(known_at: datetime) -> list[UnclaimedGroup]:
    """Return the groups, dearest first (one query).

    By IAM principal where the bill names one, else by account; Marketplace rows that no signal
    knows by product.
    """
    since = add_months(month_of(localdate(known_at)), -MONTHS_BACK)
    rows = (
        DailyLine.objects.filter(workload=None, period__gte=since)
        .exclude(spend_class=SpendClass.OTHER)
        .values("spend_class", "principal", "account", "product_name", "service")
        .annotate(amount=Sum(BASIS), first=Min("day"), last=Max("day"))
    )
    groups: dict[tuple[str, str, str], list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        groups[(row["spend_class"], *_group_of(row))].append(row)
    found = [
        UnclaimedGroup(
            key=key,
            label=label,
            spend_class=SpendClass(spend_class),
            amount=sum((r["amount"] for r in inside), Decimal(0)),
            first_day=min(r["first"] for r in inside),
            last_day=max(r["last"] for r in inside),
            accounts=tuple(sorted({r["account"] for r in inside})),
            services=tuple(sorted({r["product_name"] or r["service"] for r in inside})),
        )
        for (spend_class, key, label), inside in groups.items()
    ]
    return sorted((g for g in found if g.amount > 0), key=lambda g: (-g.amount, g.key))


def _group_of(row: Mapping[str, Any]) -> tuple[str, str]:
    if row["spend_class"] == SpendClass.UNCLASSIFIED:
        name = row["product_name"] or row["service"]
        return f"product:{name}", name
    if row["principal"]:
        return f"principal:{row['principal']}", row["principal"].rsplit("/", 1)[-1]
    return f"account:{row['account']}", f"Account {row['account']}"
