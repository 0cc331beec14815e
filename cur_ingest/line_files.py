"""Daily lines as rows of a file: every line that a filter finds, and a sheet that says which."""

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal, localcontext
from typing import Generic, TypeVar
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse

from cur_ingest.bases import BASES, BASIS_WORDS
from cur_ingest.line_queries import DIGITS
from cur_ingest.models import DailyLine, Delivery, Part, SplitPart
from valueboard.lib.sheets import Cell, Sheet, exact

HEAD = (
    "row",
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
    "address",
)
LINE, PART = "line", "part of split lines"


def rows_of(lines: Iterable[DailyLine], parts: Iterable[SplitPart]) -> Iterator[Sequence[Cell]]:
    """Yield the head, a row for each line, then one for each part of split lines.

    The address of a line says why it is where it is; that of a part leads to the lines that were
    split, which are those of its delivery, day and rule version.
    """
    yield HEAD
    for line in lines:
        yield (
            LINE,
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
            reverse("spend-line", args=[line.pk]),
        )
    for part in parts:
        asked = {"delivery": part.delivery_id, "day": part.day, "rule": part.rule_version_id}
        said = {
            "row": PART,
            "day": part.day,
            "billing period": f"{part.period:%Y-%m}",
            "export": part.delivery.export.name,
            "delivery id": part.delivery_id,
            "part": Part.ATTRIBUTED.label,
            "workload": part.workload.name,
            "space": part.workload.space.name,
            "rule version id": part.rule_version_id,
            "currency": settings.REPORTING_CURRENCY,
            **{basis: getattr(part, basis) for basis in BASES},
            "address": f"{reverse('spend-lines')}?{urlencode(asked)}",
        }
        yield [said.get(name, "") for name in HEAD]


Kind = TypeVar("Kind", DailyLine, SplitPart)


class Tally(Generic[Kind]):
    """What went by of an iteration: so that a file's totals are of the file's rows."""

    def __init__(self, rows: Iterable[Kind]) -> None:
        """Count `rows` as they are iterated over."""
        self._rows: Iterable[Kind] = rows
        self.count = 0
        self.deliveries: set[int] = set()
        self.amounts = dict.fromkeys(BASES, Decimal(0))

    def __iter__(self) -> Iterator[Kind]:
        """Yield the rows."""
        for row in self._rows:
            self.count += 1
            self.deliveries.add(row.delivery_id)
            with localcontext(prec=DIGITS):
                for basis in BASES:
                    self.amounts[basis] += getattr(row, basis)
            yield row


def sheets_of(
    lines: Iterable[DailyLine],
    parts: Iterable[SplitPart],
    filters: Iterable[tuple[str, str]],
    who: str,
    when: datetime,
) -> Iterator[Sheet]:
    """Yield the sheet of the lines, then, once that is written, the sheet about it."""
    of_lines, of_parts = Tally(lines), Tally(parts)
    yield Sheet("Lines", rows_of(of_lines, of_parts))
    yield Sheet("About", _about(of_lines, of_parts, filters, who, when))


def _about(
    lines: Tally[DailyLine],
    parts: Tally[SplitPart],
    filters: Iterable[tuple[str, str]],
    who: str,
    when: datetime,
) -> Iterator[Sequence[Cell]]:
    yield ("what", "value", "to the last digit")
    yield ("exported by", who)
    yield ("exported at", f"{when:%Y-%m-%d %H:%M} UTC")
    for label, value in filters:
        yield (f"filter: {label}", value)
    yield ("lines", lines.count)
    yield ("parts of split lines", parts.count)
    for basis, words in BASIS_WORDS.items():
        of_lines, of_parts = lines.amounts[basis], parts.amounts[basis]
        with localcontext(prec=DIGITS):
            amount = of_lines + of_parts
        yield (f"total {basis}, {words}", amount, exact(amount))
        if parts.count:
            yield (f"of that, lines, {basis}", of_lines, exact(of_lines))
            yield (f"of that, parts of split lines, {basis}", of_parts, exact(of_parts))
    deliveries = Delivery.objects.filter(pk__in=lines.deliveries | parts.deliveries)
    for delivery in deliveries.select_related("export").order_by("pk"):
        yield ("delivery id", delivery.pk)
        yield ("of export, execution", f"{delivery.export}, {delivery.execution}")
        yield ("loaded at", f"{delivery.recorded_at:%Y-%m-%d %H:%M} UTC")
