"""Reading facts: four queries, however many workloads and moments.

Decisions are read by the name of their tables: the app that records them lies above.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, localcontext
from typing import Any, NamedTuple, Protocol

from django.db import connection
from django.utils.timezone import get_current_timezone

from accounts.models import User
from business_cases.case import CaseTerms
from business_cases.facts import (
    NOBODY,
    Amounts,
    BoundsFact,
    ClosingFact,
    Decided,
    Declared,
    DeliveryFact,
    Estimated,
    Facts,
    Lazily,
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


def _micros(moment: str) -> str:
    """Return SQL for a moment as a whole number, which reads ten times as fast as its text."""
    return f"(extract(epoch FROM {moment}) * 1000000)::bigint"


# Of which workloads: those that the person reads today, or those that the caller was given.
READ = """
 (%(everything)s OR w.space_id = ANY(%(spaces)s) OR w.owner_id = %(user)s)
 AND (%(only)s::bigint[] IS NULL OR w.id = ANY(%(only)s))
"""
PLACEMENTS = f"""
SELECT w.id, w.slug, {_micros("p.recorded_at")}, p.name, p.space_id, p.owner_id, u.name,
 u.is_active, p.state
FROM spaces_placement p JOIN spaces_workload w ON w.id = p.workload_id
JOIN accounts_user u ON u.id = p.owner_id
WHERE p.recorded_at <= %(until)s AND {READ}
ORDER BY p.version, w.id
"""  # noqa: S608 - made of constants
# Estimates, cases and decisions as one list, since they are read together: which of the three it is
# (`what`), what all have, then numbers, days, moments and words, each kind its own in the order of
# its tuple below.
VERSIONS = f"""
WITH chosen AS (SELECT w.id FROM spaces_workload w WHERE {READ})
SELECT v.what, v.workload_id, v.id, v.version, v.hash, {_micros("v.recorded_at")}, u.name,
 v.recorded_by_id, v.reason, v.amount, v.percent, v.first, v.months, v.effective,
 {_micros("v.confirmed_at")}, {_micros("v.declined_at")},
 v.request_id, v.one, v.two, v.three, v.four, v.long
FROM (
 SELECT 0 AS what, e.workload_id, e.id, e.version,
  CASE WHEN %(whole)s THEN e.hash ELSE '' END AS hash, e.recorded_at, e.recorded_by_id,
  CASE WHEN %(whole)s THEN e.reason ELSE '' END AS reason, e.monthly_amount AS amount,
  e.growth_percent AS percent, e.first_month AS first, e.months::int AS months,
  e.effective_month AS effective, c.recorded_at AS confirmed_at, d.recorded_at AS declined_at,
  d.request_id, c.basis AS one, d.how AS two, NULL AS three, NULL AS four, NULL::text[] AS long
 FROM business_cases_estimatesnapshot e
 LEFT JOIN business_cases_confirmation c
  ON c.estimate_id = e.id AND c.recorded_at <= %(until)s
 LEFT JOIN business_cases_decline d ON d.estimate_id = e.id AND d.recorded_at <= %(until)s
 WHERE e.recorded_at <= %(until)s AND e.workload_id IN (SELECT id FROM chosen)
 UNION ALL
 SELECT 1, h.workload_id, s.id, s.version, CASE WHEN %(whole)s THEN s.hash ELSE '' END,
  s.recorded_at, s.recorded_by_id, CASE WHEN %(whole)s THEN s.reason ELSE '' END,
  s.current_amount, s.percent, NULL, NULL, NULL, NULL, NULL, NULL, s.value_type, s.anchor,
  s.direction, s.mechanism,
  CASE WHEN %(whole)s THEN ARRAY[s.period, s.source, s.basis, s.net_of_review] END
 FROM business_cases_casesnapshot s JOIN business_cases_businesscase h ON h.id = s.case_id
 WHERE s.recorded_at <= %(until)s AND h.workload_id IN (SELECT id FROM chosen)
 UNION ALL
 SELECT 2, d.workload_id, d.id, d.version, CASE WHEN %(whole)s THEN d.hash ELSE '' END,
  d.recorded_at, d.recorded_by_id, CASE WHEN %(whole)s THEN d.rationale ELSE '' END,
  NULL, NULL, NULL, i.estimate, NULL, NULL, NULL, d.request_id, d.kind, d.outcome,
  d.acknowledgement, b.name, ARRAY[i.case_version::text]
 FROM approvals_decision d LEFT JOIN accounts_user b ON b.id = d.on_behalf_of_id
 LEFT JOIN (SELECT decision_id, max(record_version) FILTER (WHERE record = 'estimate') AS estimate,
   max(record_version) FILTER (WHERE record = 'case') AS case_version
  FROM approvals_decisionitem GROUP BY decision_id) i ON i.decision_id = d.id
 WHERE d.recorded_at <= %(until)s AND d.workload_id IN (SELECT id FROM chosen)
) v LEFT JOIN accounts_user u ON u.id = v.recorded_by_id
ORDER BY v.version
"""  # noqa: S608 - as above
# Net amounts are NULL in rows from before net costs were read: gross there (cur_ingest.bases).
# `slot` numbers the pairs of moment and basis. Lists come as texts: few of their amounts are asked
# for, and most workloads have the same months.
SPEND = f"""
SELECT c.slot, t.workload_id, array_agg(c.period)::text, array_agg(CASE c.basis
  WHEN 'unblended' THEN t.unblended
  WHEN 'net_amortised' THEN COALESCE(t.net_amortised, t.amortised)
  WHEN 'net_unblended' THEN COALESCE(t.net_unblended, t.unblended)
  ELSE t.amortised END)::text, min(t.first_day)
FROM unnest(%(slots)s::int[], %(runs)s::bigint[], %(periods)s::date[], %(bases)s::text[])
 AS c(slot, run, period, basis)
JOIN cur_ingest_monthtotal t ON t.run_id = c.run
JOIN spaces_workload w ON w.id = t.workload_id
WHERE {READ}
GROUP BY c.slot, t.workload_id
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
    """Read what was recorded by each of `moments`, in four queries.

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
    workloads = _workloads(asked)
    _add_versions(workloads, asked)
    spend = _spend(asked, organisation, runs)
    return Facts(
        tuple(asked["moments"]),
        get_current_timezone(),
        list(workloads.values()),
        organisation,
        spend,
        runs,
        whole,
    )


def read_versions(only: Iterable[int], moment: datetime) -> dict[int, WorkloadFacts]:
    """Return what was recorded of estimates, cases and decisions by a moment, whole, in one query.

    Each asked workload is in the answer; where it was, and what it spent, is not.
    """
    asked = {"until": moment, "everything": True, "spaces": [], "user": None, "whole": True}
    found = {pk: WorkloadFacts(pk, "", [], (), (), ()) for pk in only}
    _add_versions(found, asked | {"only": sorted(found)})
    return found


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
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TYPES = {each.value: each for each in ValueType}


def _moment(micros: int) -> datetime:
    return _EPOCH + timedelta(0, 0, micros)


def _workloads(asked: dict[str, Any]) -> dict[int, WorkloadFacts]:
    found: dict[int, WorkloadFacts] = {}
    for pk, slug, at, *placed in _fetch(PLACEMENTS, asked):
        if pk not in found:
            found[pk] = WorkloadFacts(pk, slug, [], (), (), ())
        found[pk].placements.append(Placed(_moment(at), *placed))
    return found


def _add_versions(workloads: dict[int, WorkloadFacts], asked: dict[str, Any]) -> None:
    held: dict[int, tuple[list[Any], ...]] = {pk: ([], [], []) for pk in workloads}
    for row in _fetch(VERSIONS, asked):
        what, pk = row[:2]
        if pk in held:  # else no placement of it was recorded by then
            held[pk][what].append(row)
    for pk, (estimates, cases, decisions) in held.items():
        facts = workloads[pk]
        facts.estimates = [*map(_estimated, estimates)]
        facts.cases, facts.decisions = Lazily(_declared, cases), Lazily(_decided, decisions)


def _estimated(row: tuple[Any, ...]) -> Estimated:
    (_, _, pk, version, hashed, micros, by, by_id, reason, amount, percent, first, months,
     effective, confirmed, declined, request, basis, how, *_) = row  # fmt: skip
    at = _moment(micros)
    # Most are confirmed as they are recorded.
    confirmed_at = at if confirmed == micros else confirmed and _moment(confirmed)
    return Estimated(
        pk, version, hashed, at, by or NOBODY, by_id, reason,
        Terms(amount, percent, first, months, effective), confirmed_at, basis or "",
        how or "", declined and _moment(declined), request,
    )  # fmt: skip


def _declared(row: tuple[Any, ...]) -> Declared:
    _, _, pk, version, hashed, micros, by, by_id, reason, amount, percent = row[:11]
    value_type, anchor, direction, mechanism, texts = row[17:]
    case = None
    if amount is not None:
        period, source, basis, net = texts or ("", "", "", "")
        case = CaseTerms(_TYPES[value_type], anchor, amount, percent, period, source, basis, net,
                         direction, mechanism)  # fmt: skip
    return Declared(pk, version, hashed, _moment(micros), by or NOBODY, by_id, reason, case)


def _decided(row: tuple[Any, ...]) -> Decided:
    _, _, pk, _, hashed, micros, by, _, reason = row[:9]
    estimate_version, request = row[12], row[16]
    kind, outcome, said, behalf, texts = row[17:]
    who = f"{by}, for {behalf}" if behalf else by or NOBODY
    case_version = int(texts[0]) if texts[0] else None
    return Decided(pk, _moment(micros), who, kind, outcome, said, reason, request,
                   estimate_version, case_version, hashed)  # fmt: skip


def _spend(
    asked: dict[str, Any],
    organisation: OrganisationFacts,
    runs: dict[datetime, list[RunFact]],
) -> dict[tuple[datetime, str], dict[int, Spent]]:
    bases = {basis_at(organisation, moment) for moment in runs}
    spend: dict[tuple[datetime, str], dict[int, Spent]] = {
        (moment, basis): {} for moment in runs for basis in bases
    }
    counting = [
        (slot, run.id, run.period, basis)
        for slot, (moment, basis) in enumerate(spend)
        for run in runs[moment]
    ]
    listed = {
        name: [each[number] for each in counting]
        for number, name in enumerate(("slots", "runs", "periods", "bases"))
    }
    of_slot = list(spend.values())
    places_of: dict[str, _Places] = {}
    for slot, workload, listed_months, texts, first_day in _fetch(SPEND, asked | listed):
        places = places_of.get(listed_months)
        if places is None:
            places = places_of[listed_months] = _places(_parts(listed_months))
        of_slot[slot][workload] = Spent(_by_month(places, _parts(texts)), first_day)
    return spend


def _parts(text: str) -> list[str]:
    """Return the parts of a list of days or numbers, as PostgreSQL writes it: `{1.5,2}`."""
    return text[1:-1].split(",")


class _Places(NamedTuple):
    """The months of a list of amounts, and where in it the amount of each stands."""

    months: Sequence[date]
    places: Mapping[date, int]


def _places(days: Sequence[str]) -> _Places:
    months = [_day(each) for each in days]
    return _Places(months, {month: place for place, month in enumerate(months)})


def _by_month(listed: _Places, texts: list[str]) -> Mapping[date, Decimal]:
    """Return amounts by month; several exports or classes of one month are added up."""
    months, places = listed
    if len(places) == len(texts):
        return Amounts(places, texts)
    added: dict[date, Decimal] = defaultdict(Decimal)
    with localcontext(EXACT):
        for month, amount in zip(months, texts, strict=True):
            added[month] += Decimal(amount)
    return dict(added)
