"""Why a line is where it is: the signals that know it, the rule that matched, and why others not.

Asked of the database in the fragments by which lines are attributed (`matching`), of the versions
that were known when the line was, so that the answer is the one that was given then.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from cur_ingest.attribution import matching
from cur_ingest.matching import (
    CLASS,
    COLUMNS,
    CONDITIONS,
    IN_FORCE,
    KIND,
    MAY_CLAIM,
    RULES,
    SETTLEMENTS,
    SIGNAL_MATCHES,
    SIGNALS,
    TAG,
    condition,
    era,
)
from cur_ingest.models import DailyLine, RuleVersion, SignalVersion, SpendClass
from cur_ingest.reports import run_of_lines
from cur_ingest.rule_words import LABELS

LINE = """
WITH signals AS ({signals}), rules AS ({rules}), k AS (
    SELECT {columns}, {era} AS era FROM cur_ingest_dailyline l WHERE l.id = %(line)s
), o AS MATERIALIZED (
    SELECT k.*, {spend_class} AS spend_class FROM k
    CROSS JOIN LATERAL (SELECT bool_or(s.is_ai) AS is_ai FROM signals s WHERE {signal}) found
)
"""
KNOWN_BY = "SELECT s.id FROM k CROSS JOIN signals s WHERE {signal} ORDER BY s.id"
ASKED = (
    "SELECT r.id, {in_force}, {may_claim}, {answers} FROM o CROSS JOIN rules r ORDER BY r.position"
)
ITS_CLASS = "SELECT spend_class FROM o"


@dataclass(frozen=True, slots=True)
class Miss:
    """A condition that doesn't hold: what it is on, what the rule wants, what the line has."""

    label: str
    wanted: str
    has: str


@dataclass(frozen=True, slots=True)
class RuleTried:
    """One version of a rule beside a line: the conditions that it misses, none if it matches.

    `too_late` says that it would match, and that a rule before it has.
    """

    version: RuleVersion
    misses: tuple[Miss, ...]
    too_late: bool = False

    @property
    def matches(self) -> bool:
        """Tell whether all of its conditions hold."""
        return not self.misses


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a line is where it is.

    `spend_class` is what signals and rules make of the line; `settles` tells a charge for the
    whole bill, which no signal is asked about. `tried` has every rule in the order of trying.
    """

    line: DailyLine
    spend_class: SpendClass
    settles: bool
    signals: tuple[SignalVersion, ...]
    rule: RuleVersion | None
    tried: tuple[RuleTried, ...]

    @property
    def agrees(self) -> bool:
        """Tell whether the line stands there. If not, its month was attributed by other rules."""
        same_rule = self.line.rule_version_id == (self.rule.pk if self.rule else None)
        # Whether there is something to split by is a matter of the month, not of the line.
        kept = SpendClass(self.line.spend_class)
        split = SpendClass.SPLIT if kept is SpendClass.SHARED else kept
        return same_rule and split == self.spend_class


def explain(line: DailyLine) -> Explanation:
    """Return why a line is where it is, in a handful of queries."""
    run = run_of_lines(line.delivery_id)
    how = matching(run.ruled_at if run else None)
    known, classes, answers = _ask(how.values | {"line": line.pk})
    versions = {rule.number: rule for rule in how.rules}
    found: RuleVersion | None = None
    tried = []
    for number, in_force, may_claim, *holds in answers:
        version = versions[number].text
        if not isinstance(version, RuleVersion):
            message = "Only recorded rules have put a line anywhere."
            raise TypeError(message)
        misses = _misses(line, version, holds)
        if not may_claim:
            misses.insert(0, _may_not(classes))
        if not in_force:
            misses.insert(0, _not_in_force(line, versions[number].since, versions[number].until))
        tried.append(RuleTried(version, tuple(misses), too_late=not misses and found is not None))
        found = version if found is None and not misses else found
    owned = SpendClass.AI if found is None or not found.split else SpendClass.SPLIT
    signals = SignalVersion.objects.select_related("recorded_by").filter(pk__in=known)
    return Explanation(
        line=line,
        spend_class=SpendClass(classes) if found is None else owned,
        settles=line.charge_type in SETTLEMENTS,
        signals=tuple(signals.order_by("field", "pattern")),
        rule=found,
        tried=tuple(tried),
    )


def _ask(values: dict[str, Any]) -> tuple[list[int], str, Sequence[tuple[Any, ...]]]:
    """Return the ids of the signals that know a line, its class by them, and the rules' answers."""
    columns = dict.fromkeys((*KIND, *(each for group in COLUMNS.values() for each in group)))
    line = LINE.format(
        signals=SIGNALS,
        rules=RULES,
        columns=", ".join(columns),
        era=era("l.day"),
        spend_class=CLASS.format(is_ai="found.is_ai"),
        signal=SIGNAL_MATCHES,
    )
    answers = ", ".join(f"coalesce({condition(name)}, false)" for name in COLUMNS)
    asked = ASKED.format(in_force=IN_FORCE, may_claim=MAY_CLAIM, answers=answers)
    with connection.cursor() as cursor:
        cursor.execute(line + KNOWN_BY.format(signal=SIGNAL_MATCHES), values)
        known = [pk for (pk,) in cursor.fetchall()]
        cursor.execute(line + ITS_CLASS, values)
        (spend_class,) = cursor.fetchone()
        cursor.execute(line + asked, values)
        return known, spend_class, cursor.fetchall()


def _misses(line: DailyLine, version: RuleVersion, holds: Sequence[object]) -> list[Miss]:
    return [
        Miss(LABELS[name], _wanted(version, name), _has(line, version, name))
        for name, does in zip(COLUMNS, holds, strict=True)
        if not does
    ]


def _wanted(version: RuleVersion, name: str) -> str:
    if name == TAG:
        return f"{version.tag_key} = {version.tag_value}"
    wanted: str = getattr(version, name)
    return wanted


def _has(line: DailyLine, version: RuleVersion, name: str) -> str:
    if name == TAG:
        value = line.tags.get(version.tag_key)
        return "" if value is None else f"{version.tag_key} = {value}"
    return " / ".join(filter(None, (getattr(line, column) for column in CONDITIONS[name])))


def _may_not(spend_class: str) -> Miss:
    if spend_class == SpendClass.UNCLASSIFIED:
        wanted = "one that it names, by more than * and ?"
        return Miss("service", wanted, "a Marketplace product that no signal knows")
    return Miss("kind of charge", "AI spend", SpendClass(spend_class).label)


def _not_in_force(line: DailyLine, since: date, until: date | None) -> Miss:
    wanted = (
        f"{since:%Y-%m-%d} or later"
        if until is None
        else f"{since:%Y-%m-%d} to before {until:%Y-%m-%d}"
    )
    return Miss("day", wanted, f"{line.day:%Y-%m-%d}")
