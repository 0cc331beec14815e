"""Which daily lines are AI spend, and whose: signals and rules, applied in SQL.

A line that settles something for the whole bill is *tax*, *credit*, *refund* or *commitment*,
whatever service it is of. Any other is *other* when no signal knows it; *AI* when a signal says so;
*unclassified* when it was sold through AWS Marketplace and no signal knows it. The first rule that
matches gives an AI line to a workload, or splits it among several. An unclassified line goes to a
workload only by a rule that names its service, by more than `*` and `?`. It is AI spend from then
on.

A line is under the rules and signals that count for its day (`dating`); `matching` has the SQL,
`splitting` the arithmetic.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any, TypeVar

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import Q, QuerySet

from accounts.models import User
from cur_ingest.bases import BASES, amount_in
from cur_ingest.dating import Span, spans
from cur_ingest.matching import SETTLEMENTS, Matching, Tried
from cur_ingest.models import (
    AttributionRun,
    DailyLine,
    Delivery,
    MonthTotal,
    RuleVersion,
    SignalVersion,
    SpendClass,
    SplitPart,
)
from cur_ingest.signals import Signal
from cur_ingest.staging import ADD, STAGED
from cur_ingest.totals import COLUMNS, GROUPS, Group, Settled, settle
from records.changed import facts_changed
from spaces.actions import claim_workload
from spaces.models import Workload, WorkloadState
from valueboard.lib import formats

__all__ = [
    "SETTLEMENTS",
    "ai_signals",
    "attribute",
    "lock_rules",
    "matching",
    "rules_in_force",
    "signals_in_force",
]

RULES_LOCK = 7_236_101
CHANGE = """
{matched}
UPDATE cur_ingest_dailyline d
SET spend_class = m.spend_class, workload_id = m.workload_id, rule_version_id = m.rule_version_id
FROM matched m
WHERE d.delivery_id = %(delivery)s AND {same_line}
AND (d.spend_class, d.workload_id, d.rule_version_id)
    IS DISTINCT FROM (m.spend_class, m.workload_id, m.rule_version_id)
"""
# The planner knows nothing of how many combinations there are: it may sort every line, or compare
# each combination with each.
PLAN = "SET LOCAL enable_mergejoin = off; SET LOCAL enable_nestloop = off"
AS_BEFORE = "RESET enable_mergejoin; RESET enable_nestloop"

AnyVersion = TypeVar("AnyVersion", RuleVersion, SignalVersion)


class DoesNotAddUpError(Exception):
    """The totals of a month are not those of its delivery: a fault of the program."""


def lock_rules(*, exclusive: bool) -> None:
    """Hold the rules still until the transaction ends; take it first, before anything else.

    Loads share it. Whoever changes rules has it alone, so that no month is attributed by rules
    that change meanwhile.
    """
    function = "pg_advisory_xact_lock" if exclusive else "pg_advisory_xact_lock_shared"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s)", [RULES_LOCK])


def signals_in_force(known_at: datetime | None = None) -> list[Span[SignalVersion]]:
    """Return each version of a signal that is switched on, with the days it counts for."""
    return _in_force(SignalVersion.objects.all(), "signal_id", known_at)


def rules_in_force(known_at: datetime | None = None) -> list[Span[RuleVersion]]:
    """Return each version of a rule that isn't retired, with the days it counts for."""
    return _in_force(RuleVersion.objects.select_related("workload"), "rule_id", known_at)


def _in_force(
    versions: QuerySet[AnyVersion], head: str, known_at: datetime | None
) -> list[Span[AnyVersion]]:
    if known_at is not None:
        # What the product came with was always known: a demo's clock may be behind the migration's.
        delivered = Q(version=1, recorded_by=None)
        versions = versions.filter(Q(recorded_at__lte=known_at) | delivered)
    of_one: dict[int, list[tuple[date, AnyVersion]]] = defaultdict(list)
    for version in versions.order_by(head, "version"):
        of_one[getattr(version, head)].append((version.effective_from, version))
    return [span for each in of_one.values() for span in spans(each) if span.version.active]


def matching(known_at: datetime | None = None) -> Matching:
    """Return the signals and rules in force, ready for SQL."""
    return Matching(signals_in_force(known_at), [tried(span) for span in rules_in_force(known_at)])


def tried(span: Span[RuleVersion]) -> Tried:
    """Return a version of a rule as it is tried."""
    version = span.version
    order = (version.priority, version.rule_id)
    return Tried(version.pk, order, version, span.since, span.until)


def ai_signals(signals: Iterable[Span[SignalVersion]]) -> list[Signal]:
    """Return the signals of AI spend as values, in a fixed order.

    An instance type is what follows a colon in a usage type.
    """
    found = set()
    for signal in (span.version for span in signals):
        if signal.is_ai and signal.field == SignalVersion.Field.INSTANCE_TYPE:
            found.add((SignalVersion.Field.USAGE_TYPE.value, f"*:{signal.pattern}"))
        elif signal.is_ai:
            found.add((signal.field, signal.pattern))
    return [Signal(field, pattern) for field, pattern in sorted(found)]


def attribute(
    *,
    actor: User | None,
    delivery: Delivery,
    cause: AttributionRun.Cause,
    reason: str,
    counts: bool = True,
    rules_known_at: datetime | None = None,
    staged: bool = False,
) -> AttributionRun:
    """Attribute all lines of a delivery's month and record the month's totals.

    `staged` takes the lines from where a load copied them to, and adds them to the others.

    Inside a transaction that holds the rules still. The rules are those recorded until now, or
    until `rules_known_at`. The first attributed spend claims a workload, where it counts. Raise
    DoesNotAddUpError, with which nothing is kept, unless the totals are the delivery's.
    """
    how = matching(rules_known_at)
    _write_lines(delivery, how, staged=staged)
    settled = settle(groups_of(delivery), {rule.number: rule.text.targets for rule in how.rules})
    _write_parts(delivery, settled)
    _must_add_up(delivery, settled)
    run = AttributionRun.objects.create(
        export_id=delivery.export_id,
        period=delivery.period,
        delivery=delivery,
        cause=cause,
        reason=reason,
        counts=counts,
        rules_known_at=rules_known_at,
        recorded_by=actor,
    )
    _record_totals(run, settled)
    facts_changed()
    spending = [pk for (pk, _), sums in settled.totals.items() if pk and sums.first_day and counts]
    for workload in Workload.objects.filter(pk__in=spending, state=WorkloadState.PROPOSED):
        claim_workload(
            actor=None,
            workload=workload,
            reason=f"First attributed spend, in {formats.month(delivery.period)}.",
        )
    return run


def _write_lines(delivery: Delivery, how: Matching, *, staged: bool) -> None:
    matched = how.matched(STAGED) if staged else how.matched()
    statement = (ADD if staged else CHANGE).format(matched=matched, same_line=how.same_line("d"))
    with hashing() as cursor:
        cursor.execute(statement, how.values | {"delivery": delivery.pk})


@contextmanager
def hashing() -> Iterator[CursorWrapper]:
    """Hand out a cursor whose statements join lines and combinations by hashing."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(PLAN)
        yield cursor
        cursor.execute(AS_BEFORE)


def groups_of(delivery: Delivery) -> list[Group]:
    """Return the sums of a delivery's lines as they are attributed now."""
    lines, here = "cur_ingest_dailyline d", "d.delivery_id = %(delivery)s"
    statement = GROUPS.format(columns=COLUMNS, lines=lines, here=here)
    return read_groups(statement, {"delivery": delivery.pk})


def read_groups(statement: str, values: Mapping[str, Any]) -> list[Group]:
    """Run a statement made of GROUPS."""
    with hashing() as cursor:
        cursor.execute(statement, values)
        return [Group.of(row) for row in cursor.fetchall()]


def _write_parts(delivery: Delivery, settled: Settled) -> None:
    SplitPart.objects.filter(delivery=delivery).delete()
    SplitPart.objects.bulk_create(
        [
            SplitPart(
                delivery=delivery,
                period=delivery.period,
                day=part.day,
                rule_version_id=part.rule,
                workload_id=part.workload,
                **part.sums.columns,
            )
            for part in settled.parts
        ],
        batch_size=5_000,
    )
    DailyLine.objects.filter(delivery=delivery, rule_version__in=settled.not_split).update(
        spend_class=SpendClass.SHARED
    )


def _must_add_up(delivery: Delivery, settled: Settled) -> None:
    found = settled.whole
    for basis in BASES:
        delivered = amount_in(delivery, basis)
        if found.amounts[basis] != delivered:
            message = (
                f"{delivery}: {basis} totals are {found.amounts[basis]}, the delivery has "
                f"{delivered}."
            )
            raise DoesNotAddUpError(message)


def _record_totals(run: AttributionRun, settled: Settled) -> Sequence[MonthTotal]:
    return MonthTotal.objects.bulk_create(
        MonthTotal(
            run=run,
            workload_id=workload,
            spend_class=spend_class,
            first_day=sums.first_day,
            recorded_by_id=run.recorded_by_id,
            **sums.columns,
        )
        for (workload, spend_class), sums in sorted(
            settled.totals.items(), key=lambda total: (total[0][1], total[0][0] or 0)
        )
    )
