"""The daily lines behind a figure: those that a filter asks for, page by page, and their totals.

Lines stand in the order of delivery, day and id, which an index holds: a page begins after the
last line of the one before, however many lines there are.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal, localcontext

from django.db.models import Count, F, Func, Q, Sum, TextField, Value
from django.db.models.functions import Coalesce

from cur_ingest.bases import BASES
from cur_ingest.models import (
    DailyLine,
    DailyLineQuerySet,
    Delivery,
    Export,
    MonthTotal,
    Part,
    RuleVersion,
    SplitPart,
    SplitPartQuerySet,
    TagKey,
)
from cur_ingest.reports import counting_runs, run_of_lines
from records.clock import now
from spaces.models import Workload
from valueboard.lib.moment import one_moment

A_PAGE = 50
# Filters that the totals of a run can be asked by, and those that parts of split lines can.
STORED_BY = frozenset({"month", "since", "export", "delivery", "part", "workload"})
SHARED_BY = STORED_BY | {"day", "rule"}
SUMS = {f"sum_{basis}": Sum(basis) for basis in BASES}
# Sums have up to 38 digits; Python rounds to 28 unless told otherwise.
DIGITS = 76
PLACE = ("delivery", "day", "pk")
_PLACE = re.compile(r"([0-9]{1,18})_([0-9]{4}-[0-9]{2}-[0-9]{2})_([0-9]{1,18})")


@dataclass(frozen=True, slots=True)
class LineFilter:
    """Which lines are asked for; what is None or empty asks nothing.

    `month` is one billing period, `since` the first of several. `group` is the key of an
    `UnclaimedGroup`. With `delivery` the lines are of that delivery, whether it counts or not.
    """

    month: date | None = None
    since: date | None = None
    day: date | None = None
    export: Export | None = None
    delivery: Delivery | None = None
    part: Part | None = None
    workload: Workload | None = None
    rule: RuleVersion | None = None
    service: str = ""
    account: str = ""
    group: str = ""

    def lines(self) -> DailyLineQuerySet:
        """Return the lines, in no order."""
        found = DailyLine.objects.all()
        found = found.filter(delivery=self.delivery) if self.delivery else found.counting()
        if self.part:
            found = found.of_part(self.part)
        if self.service:
            found = found.filter(Q(service=self.service) | Q(product_name=self.service))
        if self.group:
            found = _of_group(found, self.group)
        same = {
            "period": self.month,
            "period__gte": self.since,
            "day": self.day,
            "export": self.export,
            "workload": self.workload,
            "rule_version": self.rule,
            "account": self.account,
        }
        return found.filter(**{name: value for name, value in same.items() if value})

    def shares(self) -> SplitPartQuerySet | None:
        """Return what splits gave the workload; None where that can't be said of these filters.

        A workload's figure is of its own lines and of its parts of lines that a rule splits.
        """
        if not self.workload or not SHARED_BY.issuperset(self.asked):
            return None
        if self.part and self.part is not Part.ATTRIBUTED:
            return SplitPart.objects.none()
        found = SplitPart.objects.all()
        found = found.filter(delivery=self.delivery) if self.delivery else found.counting()
        same = {
            "period": self.month,
            "period__gte": self.since,
            "day": self.day,
            "delivery__export": self.export,
            "workload": self.workload,
            "rule_version": self.rule,
        }
        return found.filter(**{name: value for name, value in same.items() if value})

    @one_moment()
    def totals(self, most: int) -> "Totals":
        """Return what the filter finds, added up; lines are counted to one more than `most`.

        A constant number of queries. Of a month of a million lines, what its attribution added up
        is not added up again.
        """
        lines, shares = self.lines(), shared_of(self.shares())
        if not STORED_BY.issuperset(self.asked):
            counted = lines.aggregate(count=Count("pk"), **SUMS)
            return Totals(counted.pop("count"), _amounts(counted), shares)
        count = lines.order_by()[: most + 1].count()
        # What was stored of a delivery stays when another replaces it, its lines and parts do not.
        own = self._stored() if count else _amounts({})
        with localcontext(prec=DIGITS):
            for each in shares if count else ():
                for basis, amount in each.amounts.items():
                    own[basis] -= amount
        return Totals(count, own, shares)

    def _stored(self) -> dict[str, Decimal]:
        """Return what the runs behind the lines recorded: lines and parts of split lines."""
        if self.delivery:
            found = MonthTotal.objects.filter(run=run_of_lines(self.delivery.pk))
        else:
            found = MonthTotal.objects.filter(run__in=counting_runs(now()).values("pk"))
        if self.part:
            found = found.filter(self.part.condition)
        same = {
            "run__period": self.month,
            "run__period__gte": self.since,
            "run__export": self.export,
            "workload": self.workload,
        }
        found = found.filter(**{name: value for name, value in same.items() if value})
        # As `bases.amount_in` has it for runs from before net costs were read.
        sums = {b: Sum(Coalesce(b, b.removeprefix("net_"))) for b in BASES}
        return _amounts(found.aggregate(**{f"sum_{basis}": each for basis, each in sums.items()}))

    @property
    def asked(self) -> list[str]:
        """Return the names of the fields that ask for something."""
        return [field.name for field in fields(self) if getattr(self, field.name)]


@dataclass(frozen=True, slots=True)
class Totals:
    """What a filter finds: how many lines, what they come to by basis, and parts of split lines.

    The latter are `shares` of the workload that is asked for.
    """

    lines: int
    own: dict[str, Decimal]
    shares: list["Shared"]

    @property
    def amounts(self) -> dict[str, Decimal]:
        """Return what lines and shares come to together: a workload's figure."""
        with localcontext(prec=DIGITS):
            return {
                basis: sum((each.amounts[basis] for each in self.shares), own)
                for basis, own in self.own.items()
            }


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page begins or ends: a line's delivery, day and id."""

    delivery: int
    day: date
    pk: int

    def __str__(self) -> str:
        """Return it as it stands in an address."""
        return f"{self.delivery}_{self.day:%Y-%m-%d}_{self.pk}"

    @classmethod
    def read(cls, text: str) -> "Place | None":
        """Return the place in an address, None where there is none."""
        match = _PLACE.fullmatch(text)
        try:
            return match and cls(int(match[1]), date.fromisoformat(match[2]), int(match[3]))
        except ValueError:  # no day of the calendar
            return None


@dataclass(frozen=True, slots=True)
class LinePage:
    """Some lines; `before` and `after` are where the pages beside it end and begin."""

    lines: tuple[DailyLine, ...]
    before: Place | None
    after: Place | None


@dataclass(frozen=True, slots=True)
class Shared:
    """What one version of a rule gave a workload of the lines that it splits, by basis."""

    rule: RuleVersion
    amounts: dict[str, Decimal]


def shared_of(shares: SplitPartQuerySet | None) -> list[Shared]:
    """Add up shares by the version of the rule that split (two queries)."""
    if shares is None:
        return []
    sums = shares.order_by("rule_version").values_list("rule_version").annotate(**SUMS)
    found = {pk: dict(zip(BASES, amounts, strict=True)) for pk, *amounts in sums}
    rules = RuleVersion.objects.select_related("workload").in_bulk(list(found))
    return [Shared(rules[pk], amounts) for pk, amounts in found.items()]


def page_of(
    lines: DailyLineQuerySet, *, after: Place | None = None, before: Place | None = None
) -> LinePage:
    """Return the first page, the one after a place, or the one before (one query)."""
    backwards = after is None and before is not None
    if place := after or before:
        row = _row(Value(place.delivery), Value(place.day), Value(place.pk))
        lines = lines.alias(place=_row(*(F(name) for name in PLACE)))
        lines = lines.filter(**{"place__lt" if backwards else "place__gt": row})
    order = [f"-{name}" for name in PLACE] if backwards else PLACE
    found = list(lines.select_related("workload").order_by(*order)[: A_PAGE + 1])
    has_more = len(found) > A_PAGE
    shown = found[:A_PAGE][::-1] if backwards else found[:A_PAGE]
    if not shown:
        return LinePage((), None, None)
    first, last = _place_of(shown[0]), _place_of(shown[-1])
    has_before, has_after = (has_more, True) if backwards else (after is not None, has_more)
    return LinePage(tuple(shown), first if has_before else None, last if has_after else None)


def in_order(lines: DailyLineQuerySet, chunk: int = 2_000) -> Iterator[DailyLine]:
    """Yield all lines in their order, a few in memory at a time."""
    related = lines.select_related("workload__space", "export", "rule_version")
    yield from related.order_by(*PLACE).iterator(chunk_size=chunk)


def _amounts(sums: Mapping[str, Decimal | None]) -> dict[str, Decimal]:
    """Return the sums of `SUMS` by basis; 0 where there was nothing to add."""
    return {basis: sums.get(f"sum_{basis}") or Decimal(0) for basis in BASES}


def parts_in_order(shares: SplitPartQuerySet | None) -> Iterator[SplitPart]:
    """Yield parts of split lines in the order of their lines; none where there are none to say."""
    if shares is not None:
        related = shares.select_related("workload__space", "delivery__export")
        yield from related.order_by("delivery", "day", "rule_version", "workload").iterator()


def _row(*values: F | Value) -> Func:
    """Return values as one row, which PostgreSQL compares from left to right, by index."""
    return Func(*values, function="ROW", output_field=TextField())


def _place_of(line: DailyLine) -> Place:
    return Place(line.delivery_id, line.day, line.pk)


def _of_group(lines: DailyLineQuerySet, key: str) -> DailyLineQuerySet:
    """Return the lines of a group of unclaimed spend; what `unclaimed` puts into one."""
    kind, _, value = key.partition(":")
    if kind == "product":
        named = Q(product_name=value) | Q(product_name="", service=value)
        return lines.of_part(Part.UNCLASSIFIED).filter(named)
    unclaimed = lines.of_part(Part.UNCLAIMED)
    if kind == "tag":
        name, _, tag = value.partition("=")
        # A line belongs to the first of its tags.
        earlier = [kept.key for kept in TagKey.objects.all() if kept.key < name]
        return unclaimed.filter(tags__contains={name: tag}).exclude(tags__has_any_keys=earlier)
    if kind == "principal":
        return unclaimed.filter(tags={}, principal=value)
    return unclaimed.filter(tags={}, principal="", account=value)
