"""Which daily lines are AI spend, and whose: signals and rules, applied in SQL.

A line that settles something for the whole bill is *tax*, *credit*, *refund* or *commitment*,
whatever service it is of. Any other is *other* when no signal knows it; *AI* when a signal says so;
*unclassified* when it was sold through AWS Marketplace and no signal knows it. The first rule that
matches gives an AI line to a workload. An unclassified line goes to a workload only by a rule that
names its service: a tag alone would make AI spend of every database licence that carries the tag.
It is AI spend from then on.

Patterns are compared without regard to case. Distinct combinations are matched, not lines, so
that the number of lines hardly counts.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any, cast

from django.db import connection
from django.db.models import DateField, DecimalField, Min, Q, Sum
from django.db.models.functions import Coalesce

from accounts.models import User
from cur_ingest.bases import BASES
from cur_ingest.models import (
    AttributionRun,
    DailyLine,
    Delivery,
    MonthTotal,
    RuleVersion,
    SignalVersion,
    SpendClass,
)
from cur_ingest.signals import MARKETPLACE, Signal, like_pattern
from spaces.actions import claim_workload
from spaces.models import Workload, WorkloadState

# Charges that no single use caused (METHOD 3: before tax and credits), by charge type. Discounts
# stay with the usage they reduce.
SETTLEMENTS = {
    "Tax": SpendClass.TAX,
    "Credit": SpendClass.CREDIT,
    "Refund": SpendClass.REFUND,
    "SavingsPlanNegation": SpendClass.COMMITMENT,
    "SavingsPlanRecurringFee": SpendClass.COMMITMENT,
    "SavingsPlanUpfrontFee": SpendClass.COMMITMENT,
    "RIFee": SpendClass.COMMITMENT,
}
RULES_LOCK = 7_236_101

ATTRIBUTE = """
WITH signals AS (
    SELECT * FROM unnest(%(fields)s::text[], %(patterns)s::text[], %(are_ai)s::boolean[])
        AS s (field, pattern, is_ai)
), rules AS (
    SELECT * FROM unnest(
        %(versions)s::bigint[], %(workloads)s::bigint[], %(positions)s::int[], %(accounts)s::text[],
        %(services)s::text[], %(tag_keys)s::text[], %(tag_values)s::text[]
    ) AS r (id, workload_id, position, account, service, tag_key, tag_value)
), kinds AS MATERIALIZED (
    SELECT k.*, CASE
        WHEN %(settlements)s::jsonb ? k.charge_type THEN %(settlements)s::jsonb ->> k.charge_type
        WHEN s.is_ai THEN 'ai'
        WHEN s.is_ai IS NULL AND k.billing_entity = %(marketplace)s THEN 'unclassified'
        ELSE 'other'
    END AS spend_class
    FROM (
        SELECT DISTINCT service, service_code, product_name, usage_type, billing_entity, charge_type
        FROM cur_ingest_dailyline WHERE delivery_id = %(delivery)s
    ) k CROSS JOIN LATERAL (
        SELECT bool_or(signals.is_ai) AS is_ai FROM signals WHERE CASE signals.field
            WHEN 'product_code' THEN lower(k.service) LIKE signals.pattern
                OR lower(k.service_code) LIKE signals.pattern
            WHEN 'product_name' THEN lower(k.product_name) LIKE signals.pattern
            ELSE lower(k.usage_type) LIKE signals.pattern
        END
    ) s
), lines AS MATERIALIZED (
    SELECT l.id, l.account, l.service, l.product_name, l.tags, k.spend_class
    FROM cur_ingest_dailyline l JOIN kinds k
        USING (service, service_code, product_name, usage_type, billing_entity, charge_type)
    WHERE l.delivery_id = %(delivery)s
), owners AS MATERIALIZED (
    SELECT o.*, r.id AS rule_version_id, r.workload_id
    FROM (
        SELECT DISTINCT account, service, product_name, tags, spend_class
        FROM lines WHERE spend_class IN ('ai', 'unclassified')
    ) o CROSS JOIN LATERAL (
        SELECT * FROM rules
        WHERE (rules.account = '' OR lower(o.account) LIKE rules.account)
            AND (rules.service = '' OR lower(o.service) LIKE rules.service
                OR lower(o.product_name) LIKE rules.service)
            AND (rules.tag_key = '' OR lower(o.tags ->> rules.tag_key) LIKE rules.tag_value)
            AND (o.spend_class = 'ai' OR rules.service <> '')
        ORDER BY rules.position LIMIT 1
    ) r
)
UPDATE cur_ingest_dailyline d
SET spend_class = n.spend_class, workload_id = n.workload_id, rule_version_id = n.rule_version_id
FROM (
    SELECT l.id, CASE WHEN o.rule_version_id IS NULL THEN l.spend_class ELSE 'ai' END
        AS spend_class, o.workload_id, o.rule_version_id
    FROM lines l LEFT JOIN owners o USING (account, service, product_name, tags, spend_class)
) n
WHERE d.id = n.id AND (d.spend_class, d.workload_id, d.rule_version_id)
    IS DISTINCT FROM (n.spend_class, n.workload_id, n.rule_version_id)
"""


def lock_rules(*, exclusive: bool) -> None:
    """Hold the rules still until the transaction ends; take it first, before anything else.

    Loads share it. Whoever changes rules has it alone, so that no month is attributed by rules
    that change meanwhile.
    """
    function = "pg_advisory_xact_lock" if exclusive else "pg_advisory_xact_lock_shared"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s)", [RULES_LOCK])


def signals_in_force() -> list[SignalVersion]:
    """Return the latest version of each signal that is switched on."""
    latest = SignalVersion.objects.order_by("signal", "-version").distinct("signal")
    return [version for version in latest if version.active]


def rules_in_force() -> list[RuleVersion]:
    """Return the latest version of each rule that isn't retired, first to match first."""
    latest = (
        RuleVersion.objects.select_related("workload").order_by("rule", "-version").distinct("rule")
    )
    active = (version for version in latest if version.active)
    return sorted(active, key=lambda version: (version.priority, version.rule_id))


def ai_signals(signals: Sequence[SignalVersion]) -> list[Signal]:
    """Return the signals of AI spend as values, in a fixed order."""
    found = {(signal.field, signal.pattern) for signal in signals if signal.is_ai}
    return [Signal(field, pattern) for field, pattern in sorted(found)]


def attribute(
    *, actor: User | None, delivery: Delivery, cause: AttributionRun.Cause, reason: str
) -> AttributionRun:
    """Attribute all lines of a delivery's month and record the month's totals.

    Inside a transaction that holds the rules still. The first attributed spend claims a workload.
    """
    _classify(delivery)
    run = AttributionRun.objects.create(
        export_id=delivery.export_id,
        period=delivery.period,
        delivery=delivery,
        cause=cause,
        reason=reason,
        recorded_by=actor,
    )
    totals = _record_totals(run)
    spending = [t.workload_id for t in totals if t.workload_id and t.first_day is not None]
    for workload in Workload.objects.filter(pk__in=spending, state=WorkloadState.PROPOSED):
        claim_workload(
            actor=None,
            workload=workload,
            reason=f"First attributed spend, in {delivery.period:%B %Y}.",
        )
    return run


def _classify(delivery: Delivery) -> None:
    signals, rules = signals_in_force(), rules_in_force()
    values: dict[str, Any] = {
        "delivery": delivery.pk,
        "settlements": json.dumps(SETTLEMENTS),
        "marketplace": MARKETPLACE,
        "fields": [signal.field for signal in signals],
        "patterns": [like_pattern(signal.pattern) for signal in signals],
        "are_ai": [signal.is_ai for signal in signals],
        "versions": [rule.pk for rule in rules],
        "workloads": [rule.workload_id for rule in rules],
        "positions": list(range(len(rules))),
        "accounts": [like_pattern(rule.account) for rule in rules],
        "services": [like_pattern(rule.service) for rule in rules],
        "tag_keys": [rule.tag_key for rule in rules],
        "tag_values": [like_pattern(rule.tag_value) for rule in rules],
    }
    with connection.cursor() as cursor:
        cursor.execute(ATTRIBUTE, values)


def _record_totals(run: AttributionRun) -> list[MonthTotal]:
    positive = Q(unblended__gt=0) | Q(amortised__gt=0)
    above = {
        f"above_{basis}": Coalesce(
            Sum(basis, filter=Q(**{f"{basis}__gt": 0})),
            0,
            output_field=DecimalField(max_digits=38, decimal_places=24),
        )
        for basis in BASES
    }
    sums = (
        DailyLine.objects.filter(delivery=run.delivery_id)
        .values("workload", "spend_class")
        .order_by("workload", "spend_class")
        .annotate(
            **{f"sum_{basis}": Sum(basis) for basis in BASES},
            **above,
            first=Min("day", filter=positive, output_field=DateField()),
        )
    )
    return MonthTotal.objects.bulk_create(
        MonthTotal(
            run=run,
            workload_id=row["workload"],
            spend_class=row["spend_class"],
            first_day=row["first"],
            recorded_by_id=run.recorded_by_id,
            **{basis: row[f"sum_{basis}"] for basis in BASES},
            **{f"positive_{basis}": row[f"above_{basis}"] for basis in BASES},
        )
        for row in cast("Iterable[dict[str, Any]]", sums)
    )
