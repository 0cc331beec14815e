"""How lines are matched with signals and rules, in SQL.

Attributing, a dry run and "why is this line here?" are made of the same fragments, so that they
can't disagree. Patterns are compared without regard to case. Distinct combinations of what signals
and rules look at are matched, not lines, so that the number of lines hardly counts; columns that no
rule looks at are left out of them, and days count only as the eras between two changes of rules.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from cur_ingest.dating import Span
from cur_ingest.models import RuleText, SignalVersion, SpendClass
from cur_ingest.signals import MARKETPLACE, globs, like_pattern, names_any
from valueboard.lib.months import DAWN

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
# A condition of a rule, and the columns of a line of which one has to match.
CONDITIONS: Mapping[str, tuple[str, ...]] = {
    "payer": ("payer",),
    "account": ("account",),
    "service": ("service", "product_name"),
    "model": ("model",),
    "usage_type": ("usage_type",),
    "region": ("region",),
    "resource": ("resource",),
    "principal": ("principal",),
}
TAG = "tag_key"
COLUMNS = {**CONDITIONS, TAG: ("tags",)}
# What decides the class of a line.
KIND = ("service", "service_code", "product_name", "usage_type", "billing_entity", "charge_type")
SIGNAL_MATCHES = """CASE s.field
    WHEN 'product_code' THEN lower(k.service) LIKE s.pattern OR lower(k.service_code) LIKE s.pattern
    WHEN 'product_name' THEN lower(k.product_name) LIKE s.pattern
    WHEN 'instance_type' THEN lower(k.usage_type) LIKE '%%:' || s.pattern
    ELSE lower(k.usage_type) LIKE s.pattern
END AND s.since <= k.era AND k.era < s.until"""
CLASS = """CASE
    WHEN %(settlements)s::jsonb ? k.charge_type THEN %(settlements)s::jsonb ->> k.charge_type
    WHEN {is_ai} THEN 'ai'
    WHEN {is_ai} IS NULL AND k.billing_entity = %(marketplace)s THEN 'unclassified'
    ELSE 'other'
END"""
SIGNALS = """SELECT * FROM jsonb_to_recordset(%(signals)s::jsonb) AS s
    (id bigint, field text, pattern text, is_ai boolean, since int, until int)"""
RULES = """SELECT * FROM jsonb_to_recordset(%(rules)s::jsonb) AS r
    (id bigint, workload_id bigint, spend_class text, position int, since int, until int,
    payer text[], account text[], service text[], model text[], usage_type text[], region text[],
    resource text[], principal text[], tag_key text, tag_value text[], names_service boolean)"""
IN_FORCE = "r.since <= o.era AND o.era < r.until"
# An unclassified line goes to a workload only by a rule that names its service: a tag alone would
# make AI spend of every database licence that carries the tag, and a service of `*` of every one.
MAY_CLAIM = "(o.spend_class = 'ai' OR o.spend_class = 'unclassified' AND r.names_service)"
KEPT = "(SELECT * FROM cur_ingest_dailyline WHERE delivery_id = %(delivery)s)"
MATCHED = """
WITH signals AS ({signals}), rules AS ({rules}), combinations AS MATERIALIZED (
    SELECT DISTINCT {all_columns}, {era} AS era FROM {lines} l
), kinds AS MATERIALIZED (
    SELECT k.*, {spend_class} AS spend_class
    FROM (SELECT DISTINCT {kind_columns}, era FROM combinations) k
    CROSS JOIN LATERAL (SELECT bool_or(s.is_ai) AS is_ai FROM signals s WHERE {signal}) found
), known AS MATERIALIZED (
    SELECT * FROM combinations JOIN kinds USING ({kind_columns}, era)
), owners AS MATERIALIZED (
    SELECT o.*, r.id AS rule_version_id, r.workload_id, r.spend_class AS owned_class
    FROM (
        SELECT DISTINCT {rule_columns} spend_class, era FROM known
        WHERE spend_class IN ('ai', 'unclassified')
    ) o CROSS JOIN LATERAL (
        SELECT * FROM rules r WHERE {in_force} AND {may_claim} AND {conditions}
        ORDER BY r.position LIMIT 1
    ) r
), matched AS MATERIALIZED (
    SELECT {all_columns}, era, coalesce(owned_class, spend_class) AS spend_class, workload_id,
        rule_version_id
    FROM known l LEFT JOIN owners USING ({rule_columns} spend_class, era)
)
"""


@dataclass(frozen=True, slots=True)
class Tried:
    """A rule as it is tried: what it says, its number in the SQL, and the days it counts for.

    `number` is the id of a version, or below 0 for one that is only drafted.
    """

    number: int
    order: tuple[int, int]
    text: RuleText
    since: date
    until: date | None


@dataclass(frozen=True, slots=True)
class Matching:
    """Signals and rules, ready for SQL."""

    signals: Sequence[Span[SignalVersion]]
    rules: Sequence[Tried]

    @property
    def values(self) -> dict[str, Any]:
        """Return what the fragments ask for, but for the delivery."""
        days = self.days
        return {
            "settlements": json.dumps(SETTLEMENTS),
            "marketplace": MARKETPLACE,
            "days": days,
            "signals": json.dumps([_signal(span, days) for span in self.signals]),
            "rules": json.dumps(
                [_rule(rule, days, place) for place, rule in enumerate(self._in_order)]
            ),
        }

    @property
    def days(self) -> list[date]:
        """Return the days on which a rule or signal begins or ends to count."""
        bounds = [(span.since, span.until) for span in self.signals]
        bounds += [(rule.since, rule.until) for rule in self.rules]
        return sorted({day for pair in bounds for day in pair if day is not None and day > DAWN})

    @property
    def _in_order(self) -> list[Tried]:
        return sorted(self.rules, key=lambda rule: (rule.order, rule.since))

    @property
    def used(self) -> list[str]:
        """Return the conditions that some rule has."""
        return [
            name for name in (*CONDITIONS, TAG) if any(getattr(r.text, name) for r in self.rules)
        ]

    @property
    def columns(self) -> list[str]:
        """Return the columns of a line that some rule looks at."""
        columns = (column for name in self.used for column in COLUMNS[name])
        return list(dict.fromkeys(columns))

    def matched(self, lines: str = KEPT) -> str:
        """Return the WITH part of a statement: `matched` holds each combination's class and owner.

        Join it with the lines, which are those that a delivery has, by `same_line`.
        """
        rule_columns = "".join(f"{column}, " for column in self.columns)
        return MATCHED.format(
            lines=lines,
            signals=SIGNALS,
            rules=RULES,
            era=era("l.day"),
            spend_class=CLASS.format(is_ai="found.is_ai"),
            signal=SIGNAL_MATCHES,
            in_force=IN_FORCE,
            may_claim=MAY_CLAIM,
            conditions=" AND ".join(condition(name) for name in self.used) or "true",
            kind_columns=", ".join(KIND),
            rule_columns=rule_columns,
            all_columns=", ".join(self.all_columns),
        )

    @property
    def all_columns(self) -> list[str]:
        """Return the columns of a line that a signal or rule looks at."""
        return list(dict.fromkeys((*KIND, *self.columns)))

    def same_line(self, line: str) -> str:
        """Return the condition by which a line and its row of `matched` (as `m`) are joined."""
        equal = [f"{line}.{column} = m.{column}" for column in self.all_columns]
        return " AND ".join([*equal, f"{era(f'{line}.day')} = m.era"])


def era(column: str) -> str:
    """Return the number of days of change that have come by a day."""
    return f"width_bucket({column}, %(days)s::date[])"


def condition(name: str) -> str:
    """Return whether a rule `r` takes a line or combination `o` as far as one condition goes."""
    if name == TAG:
        return "(r.tag_key = '' OR lower(o.tags ->> r.tag_key) LIKE ANY (r.tag_value))"
    one_matches = " OR ".join(
        f"lower(o.{column}) LIKE ANY (r.{name})" for column in CONDITIONS[name]
    )
    return f"(cardinality(r.{name}) = 0 OR {one_matches})"


def _bounds(since: date, until: date | None, days: Sequence[date]) -> dict[str, int]:
    last = len(days) + 1
    return {
        "since": sum(day <= since for day in days),
        "until": last if until is None else sum(day <= until for day in days),
    }


def _signal(span: Span[SignalVersion], days: Sequence[date]) -> dict[str, Any]:
    signal = span.version
    return {
        "id": signal.pk,
        "field": signal.field,
        "pattern": like_pattern(signal.pattern),
        "is_ai": signal.is_ai,
        **_bounds(span.since, span.until, days),
    }


def _rule(rule: Tried, days: Sequence[date], place: int) -> dict[str, Any]:
    patterns = {
        name: [like_pattern(glob) for glob in globs(getattr(rule.text, name))]
        for name in (*CONDITIONS, "tag_value")
    }
    return {
        "id": rule.number,
        "workload_id": rule.text.workload_id,
        "spend_class": SpendClass.SPLIT if rule.text.split else SpendClass.AI,
        "position": place,
        "tag_key": rule.text.tag_key,
        "names_service": names_any(rule.text.service),
        **patterns,
        **_bounds(rule.since, rule.until, days),
    }
