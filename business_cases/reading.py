"""Reading facts: three queries, however many workloads and moments.

Decisions are read by the name of their tables: the app that records them lies above.
"""

import json
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, Protocol

from django.db import connection
from django.utils.timezone import get_current_timezone

from accounts.models import User
from business_cases.case import CaseTerms
from business_cases.facts import (
    NOBODY,
    Amounts,
    BoundsFact,
    ClosingFact,
    Column,
    Decided,
    Declared,
    DeliveryFact,
    Estimated,
    Estimates,
    Facts,
    OrganisationFacts,
    Placed,
    RunFact,
    Spent,
    ThresholdFact,
    WorkloadFacts,
)
from business_cases.projection import Terms
from cur_ingest.bases import DEFAULT
from cur_ingest.reports import EXACT
from valueboard.lib.figure import ValueType

KEPT = 16_384  # texts of each kind that are kept with what they say

# Deliveries of which only the latest by an export at any of the moments could matter are many: one
# a day. All of them are read, as numbers and times.
ORGANISATION = """
SELECT
 (SELECT json_agg(json_build_array(period, export_id, recorded_at) ORDER BY recorded_at)
  FROM cur_ingest_delivery WHERE recorded_at <= %(until)s),
 (SELECT json_agg(json_build_array(period, recorded_at, cause <> 'reopened')
         ORDER BY recorded_at, version)
  FROM cur_ingest_monthclosing WHERE recorded_at <= %(until)s),
 (SELECT json_agg(json_build_array(recorded_at, basis) ORDER BY version)
  FROM cur_ingest_basischoice WHERE recorded_at <= %(until)s),
 (SELECT json_agg(json_build_array(version, recorded_at, effective_from, strong::text, solid::text,
         marginal::text, thin::text) ORDER BY version)
  FROM business_cases_bandbounds WHERE recorded_at <= %(until)s OR version = 1),
 (SELECT json_agg(json_build_array(key, version, recorded_at, effective_from, value::text)
         ORDER BY key, version)
  FROM records_thresholdversion WHERE recorded_at <= %(until)s OR version = 1),
 (SELECT json_agg(json_build_array(m.moment, r.id, r.delivery_id, r.export_id, r.period)
         ORDER BY r.export_id, r.period)
  FROM unnest(%(moments)s::timestamptz[]) AS m(moment) CROSS JOIN LATERAL (
   SELECT DISTINCT ON (export_id, period) id, delivery_id, export_id, period, cause
   FROM cur_ingest_attributionrun WHERE counts AND recorded_at <= m.moment
   ORDER BY export_id, period, version DESC) AS r
  WHERE r.cause <> 'left_out')
"""


# Of which workloads: those that the person reads today, or those that the caller was given.
READ = """
 (%(everything)s OR w.space_id = ANY(%(spaces)s) OR w.owner_id = %(user)s)
 AND (%(only)s::bigint[] IS NULL OR w.id = ANY(%(only)s))
"""
# One row a workload: its placements, estimates, cases and decisions, each kind as a list in the
# order of its tuple below, as text. Amounts are texts in it, so that they stay decimals.
VERSIONS = f"""
WITH chosen AS (SELECT w.id, w.slug FROM spaces_workload w WHERE {READ}),
placements AS (
 SELECT p.workload_id AS id, json_agg(json_build_array(p.recorded_at, p.name, p.space_id,
  p.owner_id, u.name, u.is_active, p.state) ORDER BY p.version)::text AS listed
 FROM spaces_placement p JOIN accounts_user u ON u.id = p.owner_id
 WHERE p.recorded_at <= %(until)s AND p.workload_id IN (SELECT id FROM chosen)
 GROUP BY p.workload_id),
estimates AS (
 SELECT e.workload_id AS id, json_agg(json_build_array(e.id, e.version,
  CASE WHEN %(whole)s THEN e.hash ELSE '' END, e.recorded_at, u.name, e.recorded_by_id,
  CASE WHEN %(whole)s THEN e.reason ELSE '' END, e.monthly_amount::text, e.growth_percent::text,
  e.first_month, e.months, e.effective_month, c.recorded_at, c.basis, d.how, d.recorded_at,
  d.request_id) ORDER BY e.version)::text AS listed
 FROM business_cases_estimatesnapshot e
 LEFT JOIN accounts_user u ON u.id = e.recorded_by_id
 LEFT JOIN business_cases_confirmation c
  ON c.estimate_id = e.id AND c.recorded_at <= %(until)s
 LEFT JOIN business_cases_decline d ON d.estimate_id = e.id AND d.recorded_at <= %(until)s
 WHERE e.recorded_at <= %(until)s AND e.workload_id IN (SELECT id FROM chosen)
 GROUP BY e.workload_id),
cases AS (
 SELECT h.workload_id AS id, json_agg(json_build_array(s.id, s.version,
  CASE WHEN %(whole)s THEN s.hash ELSE '' END, s.recorded_at, u.name, s.recorded_by_id,
  CASE WHEN %(whole)s THEN s.reason ELSE '' END, s.value_type, s.anchor, s.current_amount::text,
  s.percent::text, CASE WHEN %(whole)s THEN s.period ELSE '' END,
  CASE WHEN %(whole)s THEN s.source ELSE '' END, CASE WHEN %(whole)s THEN s.basis ELSE '' END,
  CASE WHEN %(whole)s THEN s.net_of_review ELSE '' END, s.direction, s.mechanism)
  ORDER BY s.version)::text AS listed
 FROM business_cases_casesnapshot s JOIN business_cases_businesscase h ON h.id = s.case_id
 LEFT JOIN accounts_user u ON u.id = s.recorded_by_id
 WHERE s.recorded_at <= %(until)s AND h.workload_id IN (SELECT id FROM chosen)
 GROUP BY h.workload_id),
decisions AS (
 SELECT d.workload_id AS id, json_agg(json_build_array(d.id, d.recorded_at, u.name, b.name, d.kind,
  d.outcome, d.acknowledgement, CASE WHEN %(whole)s THEN d.rationale ELSE '' END, d.request_id,
  i.estimate, i.case_version, CASE WHEN %(whole)s THEN d.hash ELSE '' END)
  ORDER BY d.version)::text AS listed
 FROM approvals_decision d LEFT JOIN accounts_user u ON u.id = d.recorded_by_id
 LEFT JOIN accounts_user b ON b.id = d.on_behalf_of_id
 LEFT JOIN (SELECT decision_id, max(record_version) FILTER (WHERE record = 'estimate') AS estimate,
   max(record_version) FILTER (WHERE record = 'case') AS case_version
  FROM approvals_decisionitem GROUP BY decision_id) i ON i.decision_id = d.id
 WHERE d.recorded_at <= %(until)s AND d.workload_id IN (SELECT id FROM chosen)
 GROUP BY d.workload_id)
SELECT w.id, w.slug, p.listed, e.listed, c.listed, d.listed
FROM chosen w LEFT JOIN placements p ON p.id = w.id LEFT JOIN estimates e ON e.id = w.id
LEFT JOIN cases c ON c.id = w.id LEFT JOIN decisions d ON d.id = w.id
ORDER BY w.id
"""  # noqa: S608 - made of constants
# Net amounts are NULL in rows from before net costs were read: gross there (cur_ingest.bases).
# `slot` numbers the pairs of moment and basis. One row a month, whose lists come as texts: few of
# the months are asked for.
SPEND = f"""
SELECT c.slot, c.period, string_agg(t.workload_id::text, ','), string_agg((CASE c.basis
  WHEN 'unblended' THEN t.unblended
  WHEN 'net_amortised' THEN COALESCE(t.net_amortised, t.amortised)
  WHEN 'net_unblended' THEN COALESCE(t.net_unblended, t.unblended)
  ELSE t.amortised END)::text, ','), string_agg(COALESCE(t.first_day::text, ''), ',')
FROM unnest(%(slots)s::int[], %(runs)s::bigint[], %(periods)s::date[], %(bases)s::text[])
 AS c(slot, run, period, basis)
JOIN cur_ingest_monthtotal t ON t.run_id = c.run
JOIN spaces_workload w ON w.id = t.workload_id
WHERE {READ}
GROUP BY c.slot, c.period ORDER BY c.period DESC
"""  # noqa: S608 - as above


class Reads(Protocol):
    """A person, and the Spaces whose workloads they read, None for every one."""

    @property
    def user(self) -> User:
        """Return who reads."""

    @property
    def space_ids(self) -> frozenset[int] | None:
        """Return the ids of the Spaces."""


def read_facts(
    reader: Reads | None,
    moments: Sequence[datetime],
    *,
    only: Collection[int] | None = None,
    whole: bool = False,
) -> Facts:
    """Read what was recorded by each of `moments`, in three queries.

    Of all workloads that the person reads today, or that there are, where nobody reads and the
    system works by itself; or of `only` those, ids that the caller has asked access for, and which
    are not asked again. `whole` reads reasons, hashes and long texts too.
    """
    spaces = reader.space_ids if reader else None
    asked: dict[str, Any] = {
        "until": max(moments),
        "moments": sorted(set(moments)),
        "everything": spaces is None or only is not None,
        "spaces": sorted(spaces or ()),
        "user": reader.user.pk if reader else None,
        "only": None if only is None else sorted(only),
        "whole": whole,
    }
    organisation, runs = _organisation(asked)
    workloads = [held for held in _workloads(asked) if held.placements]
    spend = _spend(asked, organisation, runs)
    return Facts(
        tuple(asked["moments"]),
        get_current_timezone(),
        workloads,
        organisation,
        spend,
        runs,
        whole,
    )


def read_versions(only: Iterable[int], moment: datetime) -> dict[int, WorkloadFacts]:
    """Return what was recorded of estimates, cases and decisions by a moment, whole, in one query.

    Each asked workload is in the answer; what it spent is not.
    """
    asked = {"until": moment, "everything": True, "spaces": [], "user": None, "whole": True}
    return {held.id: held for held in _workloads(asked | {"only": sorted(set(only))})}


def basis_at(organisation: OrganisationFacts, moment: datetime) -> str:
    """Return the cost basis that pages showed at a moment."""
    return next((basis for at, basis in reversed(organisation.bases) if at <= moment), DEFAULT)


def _fetch(sql: str, asked: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, asked)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _organisation(
    asked: dict[str, Any],
) -> tuple[OrganisationFacts, dict[datetime, list[RunFact]]]:
    ((deliveries, closings, bases, bounds, thresholds, counting),) = _fetch(ORGANISATION, asked)
    runs: dict[datetime, list[RunFact]] = {moment: [] for moment in asked["moments"]}
    for moment, run, delivery, export, period in _list(counting):
        runs[_at(moment)].append(RunFact(run, delivery, export, _day(period)))
    found = OrganisationFacts(
        [DeliveryFact(_day(p), export, _at(at)) for p, export, at in _list(deliveries)],
        [ClosingFact(_day(p), _at(at), closed) for p, at, closed in _list(closings)],
        [(_at(at), basis) for at, basis in _list(bases)],
        [
            BoundsFact(version, _at(at), _day(day), *(Decimal(bound) for bound in least))
            for version, at, day, *least in _list(bounds)
        ],
        [
            ThresholdFact(key, version, _at(at), _day(day), Decimal(value))
            for key, version, at, day, value in _list(thresholds)
        ],
    )
    return found, runs


def _list(found: Any) -> list[Any]:
    # Django hands JSON out as text.
    return json.loads(found) if isinstance(found, str) else found or []


_at, _day = datetime.fromisoformat, date.fromisoformat
_TYPES = {each.value: each for each in ValueType}


def _workloads(asked: dict[str, Any]) -> list[WorkloadFacts]:
    kinds: Any = (_placements, _estimates, _cases, _decisions)
    if asked["whole"]:  # long texts are not worth their memory
        kinds = [each.__wrapped__ for each in kinds]
    placements, estimates, cases, decisions = kinds
    return [
        WorkloadFacts(pk, slug, placements(p), estimates(e), cases(c), decisions(d))
        for pk, slug, p, e, c, d in _fetch(VERSIONS, asked)
    ]


# What was recorded never changes: a text that was read before says the same, whatever page asks.


@lru_cache(maxsize=KEPT)
def _placements(listed: str | None) -> tuple[Placed, ...]:
    return tuple(Placed(_at(at), *placed) for at, *placed in _list(listed))


@lru_cache(maxsize=KEPT)
def _estimates(listed: str | None) -> Estimates:
    return Estimates(map(_estimated, _list(listed)))


@lru_cache(maxsize=KEPT)
def _cases(listed: str | None) -> tuple[Declared, ...]:
    return tuple(map(_declared, _list(listed)))


@lru_cache(maxsize=KEPT)
def _decisions(listed: str | None) -> tuple[Decided, ...]:
    return tuple(map(_decided, _list(listed)))


def _estimated(row: list[Any]) -> Estimated:
    (pk, version, hashed, at, by, by_id, reason, amount, percent, first, months, effective,
     confirmed, basis, how, declined, request) = row  # fmt: skip
    terms = Terms(Decimal(amount), Decimal(percent), _day(first), months, _day(effective))
    return Estimated(
        pk, version, hashed, _at(at), by or NOBODY, by_id, reason, terms,
        _at(confirmed) if confirmed else None, basis or "", how or "",
        _at(declined) if declined else None, request,
    )  # fmt: skip


def _declared(row: list[Any]) -> Declared:
    pk, version, hashed, at, by, by_id, reason, value_type, anchor, amount, percent, *texts = row
    case = None
    if amount is not None:
        terms = (_TYPES[value_type], anchor, Decimal(amount), Decimal(percent))
        case = CaseTerms(*terms, *texts)
    return Declared(pk, version, hashed, _at(at), by or NOBODY, by_id, reason, case)


def _decided(row: list[Any]) -> Decided:
    pk, at, by, behalf, *rest = row
    who = f"{by}, for {behalf}" if behalf else by or NOBODY
    return Decided(pk, _at(at), who, *rest)


def _spend(
    asked: dict[str, Any],
    organisation: OrganisationFacts,
    runs: dict[datetime, list[RunFact]],
) -> dict[tuple[datetime, str], dict[int, Spent]]:
    bases = {basis_at(organisation, moment) for moment in runs}
    spend = [(moment, basis) for moment in runs for basis in bases]
    counting = [
        (slot, run.id, run.period, basis)
        for slot, (moment, basis) in enumerate(spend)
        for run in runs[moment]
    ]
    listed = {
        name: [each[number] for each in counting]
        for number, name in enumerate(("slots", "runs", "periods", "bases"))
    }
    columns: list[dict[date, Column]] = [{} for _ in spend]
    days: list[list[tuple[str, str]]] = [[] for _ in spend]
    for slot, month, workloads, amounts, firsts in _fetch(SPEND, asked | listed):
        columns[slot][month] = Column(workloads, amounts, _added)
        days[slot].append((workloads, firsts))
    return {key: _spent(columns[slot], days[slot]) for slot, key in enumerate(spend)}


def _added(one: Decimal | str, other: str) -> Decimal:
    return EXACT.add(Decimal(one), Decimal(other))


def _spent(columns: dict[date, Column], days: list[tuple[str, str]]) -> dict[int, Spent]:
    listed, firsts = (",".join(each) for each in zip(*days, strict=True)) if days else ("", "")
    first_days = Column(listed, firsts, min)
    workloads = set[str]().union(*(column.workloads for column in columns.values()))
    return {int(each): Spent(Amounts(columns, each), first_days, each) for each in workloads}
