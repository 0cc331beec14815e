"""Daily lines as rows of a file: every line that a filter finds, and a sheet that says which."""

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal, localcontext

from django.conf import settings

from cur_ingest.bases import BASES, BASIS_WORDS
from cur_ingest.line_queries import Shared
from cur_ingest.models import DailyLine, Delivery, Part
from valueboard.lib.sheets import Cell, Sheet, exact

HEAD = (
    "day",
    "billing period",
    "export",
    "delivery id",
    "payer",
    "account",
    "service",
    "product",
    "charge type",
    "part",
    "workload",
    "space",
    "rule version id",
    "usage type",
    "model",
    "token kind",
    "tier",
    "cross-region",
    "region",
    "resource",
    "principal",
    "tags",
    "pricing unit",
    "usage amount",
    "rows of the bill",
    "charged in",
    "currency",
    *BASES,
)


def rows_of(lines: Iterable[DailyLine]) -> Iterator[Sequence[Cell]]:
    """Yield the head, then a row for each line."""
    yield HEAD
    for line in lines:
        yield (
            line.day,
            f"{line.period:%Y-%m}",
            line.export.name,
            line.delivery_id,
            line.payer,
            line.account,
            line.service,
            line.product_name,
            line.charge_type,
            Part.of(line.spend_class, line.workload_id).label,
            line.workload.name if line.workload else "",
            line.workload.space.name if line.workload else "",
            line.rule_version_id,
            line.usage_type,
            line.model,
            line.token_kind,
            line.tier,
            line.cross_region,
            line.region,
            line.resource,
            line.principal,
            json.dumps(line.tags, ensure_ascii=False) if line.tags else "",
            line.pricing_unit,
            line.usage_amount,
            line.source_rows,
            line.currency,
            settings.REPORTING_CURRENCY,
            *(getattr(line, basis) for basis in BASES),
        )


class Tally:
    """What went by of an iteration over lines: so that a file's totals are of the file's lines."""

    def __init__(self, lines: Iterable[DailyLine]) -> None:
        """Count `lines` as they are iterated over."""
        self._lines = lines
        self.count = 0
        self.deliveries: set[int] = set()
        self.amounts = dict.fromkeys(BASES, Decimal(0))

    def __iter__(self) -> Iterator[DailyLine]:
        """Yield the lines."""
        for line in self._lines:
            self.count += 1
            self.deliveries.add(line.delivery_id)
            # Python rounds to 28 digits unless told otherwise; these have up to 38.
            with localcontext(prec=76):
                for basis in BASES:
                    self.amounts[basis] += getattr(line, basis)
            yield line


def sheets_of(
    lines: Iterable[DailyLine],
    shares: Iterable[Shared],
    filters: Iterable[tuple[str, str]],
    who: str,
    when: datetime,
) -> Iterator[Sheet]:
    """Yield the sheet of the lines, then, once that is written, the sheet about it."""
    tally = Tally(lines)
    yield Sheet("Lines", rows_of(tally))
    yield Sheet("About", _about(tally, shares, filters, who, when))


def _about(
    tally: Tally,
    shares: Iterable[Shared],
    filters: Iterable[tuple[str, str]],
    who: str,
    when: datetime,
) -> Iterator[Sequence[Cell]]:
    yield ("what", "value", "to the last digit")
    yield ("exported by", who)
    yield ("exported at", f"{when:%Y-%m-%d %H:%M} UTC")
    for label, value in filters:
        yield (f"filter: {label}", value)
    yield ("lines", tally.count)
    for basis, amount in tally.amounts.items():
        yield (f"total {basis}, {BASIS_WORDS[basis]}", amount, exact(amount))
    for each in shares:
        for basis, amount in each.amounts.items():
            words = f"parts of lines that {each.rule} version {each.rule.version} splits, {basis}"
            yield (words, amount, exact(amount))
    for delivery in (
        Delivery.objects.filter(pk__in=tally.deliveries).select_related("export").order_by("pk")
    ):
        yield ("delivery id", delivery.pk)
        yield ("of export, execution", f"{delivery.export}, {delivery.execution}")
        yield ("loaded at", f"{delivery.recorded_at:%Y-%m-%d %H:%M} UTC")
