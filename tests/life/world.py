"""The real request beside the model: how the product is asked, and what stands in its tables."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection

from accounts.models import User
from approvals.models import Decision, DecisionItem
from approvals.reports import Seen, decisions
from business_cases.actions import Proposal
from business_cases.case import CaseTerms
from business_cases.models import (
    BusinessRequest,
    CaseSnapshot,
    Comment,
    EstimateSnapshot,
    RequestStep,
)
from business_cases.projection import Terms
from business_cases.reports import standing_of
from business_cases.standing import Standing
from records.clock import now
from spaces.models import Space, Workload
from tests.life.model import Life
from tests.life.parts import Decision as Decided
from tests.life.parts import Estimate, Step, Why
from valueboard.lib.errors import RefusedError, StaleError
from valueboard.lib.figure import ValueType
from valueboard.lib.months import add_months

RAISED: dict[Why, type[Exception]] = {
    Why.NOT_THEIRS: PermissionDenied,
    Why.STALE: StaleError,
    Why.NOT_NOW: RefusedError,
    Why.INCOMPLETE: ValidationError,
}
BASES = {"decision": "decision", "financial_admin": "admin", "within_threshold": "threshold"}
# Everything that is frozen about one workload, each row as text.
FROZEN = """
    SELECT 'estimate', id, to_jsonb(t)::text FROM business_cases_estimatesnapshot t
    WHERE workload_id = %(workload)s
    UNION ALL SELECT 'confirmation', t.id, to_jsonb(t)::text FROM business_cases_confirmation t
    JOIN business_cases_estimatesnapshot e ON e.id = t.estimate_id
    WHERE e.workload_id = %(workload)s
    UNION ALL SELECT 'decline', t.id, to_jsonb(t)::text FROM business_cases_decline t
    JOIN business_cases_estimatesnapshot e ON e.id = t.estimate_id
    WHERE e.workload_id = %(workload)s
    UNION ALL SELECT 'case', t.id, to_jsonb(t)::text FROM business_cases_casesnapshot t
    JOIN business_cases_businesscase c ON c.id = t.case_id WHERE c.workload_id = %(workload)s
    UNION ALL SELECT 'decision', id, to_jsonb(t)::text FROM approvals_decision t
    WHERE workload_id = %(workload)s
    UNION ALL SELECT 'item', t.id, to_jsonb(t)::text FROM approvals_decisionitem t
    JOIN approvals_decision d ON d.id = t.decision_id WHERE d.workload_id = %(workload)s
    UNION ALL SELECT 'placement', id, to_jsonb(t)::text FROM spaces_placement t
    WHERE workload_id = %(workload)s
    UNION ALL SELECT 'editor', t.id, to_jsonb(t)::text FROM business_cases_requesteditor t
    JOIN business_cases_businessrequest r ON r.id = t.request_id WHERE r.workload_id = %(workload)s
    UNION ALL SELECT 'step', t.id, to_jsonb(t)::text FROM business_cases_requeststep t
    JOIN business_cases_businessrequest r ON r.id = t.request_id WHERE r.workload_id = %(workload)s
    UNION ALL SELECT 'comment', t.id, to_jsonb(t)::text FROM business_cases_comment t
    JOIN business_cases_businessrequest r ON r.id = t.request_id WHERE r.workload_id = %(workload)s
"""


@dataclass(frozen=True, slots=True)
class Place:
    """What all runs share: the Space, its people by name, and the first month of every estimate."""

    space: Space
    people: dict[str, User]
    first: date

    def terms(self, estimate: Estimate) -> Terms:
        """Return the product's value of an estimate."""
        effective = add_months(self.first, estimate.effective)
        growth = Decimal(estimate.growth)
        return Terms(estimate.monthly, growth, self.first, estimate.months, effective)

    def proposal(self, name: str, estimate: Estimate, percent: int | None, owner: str) -> Proposal:
        """Return what is submitted."""
        terms, case = self.terms(estimate), case_of(percent) if percent else None
        return Proposal(name, "Reads contracts.", self.space, self.people[owner], terms, case)

    def estimate(self, terms: Terms) -> Estimate:
        """Return the model's value of an estimate."""
        effective = terms.effective.month - self.first.month
        effective += 12 * (terms.effective.year - self.first.year)
        return Estimate(terms.monthly, int(terms.growth), terms.months, effective)


def case_of(percent: int) -> CaseTerms:
    """Return a Cost Saving case; the percentage alone tells the cases of a run apart."""
    return CaseTerms(
        value_type=ValueType.COST_SAVING,
        anchor="Outside counsel",
        current_amount=Decimal(4_600_000),
        percent=Decimal(percent),
        period="2025",
        source="Ledger 6310",
        basis="A pilot.",
        net_of_review="yes",
    )


class Real:
    """One workload and its requests in the database."""

    def __init__(self, place: Place, begun: BusinessRequest | Workload) -> None:
        """Begin with a draft, or with a workload that was added in its Space."""
        self.place = place
        self.requests = [begun] if isinstance(begun, BusinessRequest) else []
        self.added = begun if isinstance(begun, Workload) else None
        self.frozen: dict[tuple[str, int], str] = {}
        self.names = {user.pk: name for name, user in place.people.items()}

    def actor(self, name: str) -> User:
        """Return a person as a new session sees them, roles included."""
        return User.objects.get(pk=self.place.people[name].pk)

    @cached_property
    def key(self) -> int:
        """Return the number of the workload that is asked for; it has one when it is there."""
        if self.added:
            return self.added.pk
        found = BusinessRequest.objects.get(pk=self.requests[0].pk).workload_id
        assert found is not None
        return found

    @property
    def workload(self) -> Workload:
        """Return the workload that is asked for, as it is now."""
        return Workload.objects.get(pk=self.key)

    def standing(self, model: Life) -> Standing:
        """Return where it stands; empty before it was submitted."""
        return standing_of(self.key, now()) if model.exists else Standing()

    def seen(self, model: Life) -> Seen:
        """Return what a decision page shows now."""
        return Seen.of(self.standing(model))

    def must_be(self, model: Life) -> None:
        """Compare everything that stands with the model."""
        if model.exists:
            about = BusinessRequest.objects.filter(workload=self.key).order_by("pk")
            self.requests = list(about)
            self._must_stand(self.standing(model), model)
            self._must_be_decided(model)
            self._must_stay()
        else:
            self.requests[0].refresh_from_db()
            assert self.requests[0].workload is None
        self._must_ask(model)

    def _must_ask(self, model: Life) -> None:
        assert [
            (r.kind, r.state, r.revision, self.names[r.created_by_id]) for r in self.requests
        ] == [(r.kind, r.state, r.revision, r.author) for r in model.requests]
        steps: dict[int, list[Step]] = {request.pk: [] for request in self.requests}
        for step in RequestStep.objects.filter(request__in=self.requests).order_by("version"):
            by = self.names[step.recorded_by_id or 0]
            steps[step.request_id].append(Step(step.from_state, step.to_state, by))
        assert list(steps.values()) == [r.steps for r in model.requests]
        said = Counter(
            Comment.objects.filter(request__in=self.requests).values_list("request", flat=True)
        )
        assert [said[r.pk] for r in self.requests] == [r.comments for r in model.requests]

    def _must_stand(self, standing: Standing, model: Life) -> None:
        workload = self.workload
        assert self.names[workload.owner_id] == model.owner
        assert (workload.state == "claimed") is model.claimed
        recorded = [
            (e.mark.version, self.place.estimate(e.terms), BASES.get(e.basis, ""))
            for e in standing.estimates
        ]
        assert recorded == [(v, e.estimate, e.basis) for v, e in enumerate(model.estimates, 1)]
        assert [bool(e.declined) for e in standing.estimates] == [
            e.declined for e in model.estimates
        ]
        authors = [self.names[e.mark.recorded_by_id or 0] for e in standing.estimates]
        assert authors == [e.author for e in model.estimates]
        in_force, pending = standing.estimate_in_force, standing.pending
        assert (in_force.mark.version if in_force else 0) == model.in_force
        assert (pending.mark.version if pending else 0) == model.pending
        assert [
            (c.mark.version, c.terms and int(c.terms.percent), c.mark.recorded_by_id)
            for c in standing.cases
        ] == [(v, c.percent, self.place.people[c.author].pk) for v, c in enumerate(model.cases, 1)]

    def _must_be_decided(self, model: Life) -> None:
        made = Decision.objects.filter(workload=self.key).order_by("version")
        items: dict[int, dict[str, DecisionItem]] = {}
        for item in DecisionItem.objects.filter(decision__in=made):
            items.setdefault(item.decision_id, {})[item.record] = item
        assert [
            Decided(
                d.outcome,
                d.acknowledgement,
                self.names[d.recorded_by_id or 0],
                self.names[d.on_behalf_of_id] if d.on_behalf_of_id else "",
                items[d.pk]["estimate"].record_version,
                items[d.pk]["case"].record_version if "case" in items[d.pk] else 0,
            )
            for d in made
        ] == model.decisions
        for decision in made:
            assert decision.rationale.strip()
            approves = decision.outcome in {"approved", "first_approval"}
            assert bool(decision.acknowledgement) is approves
            for record, item in items[decision.pk].items():
                kind = EstimateSnapshot if record == "estimate" else CaseSnapshot
                assert kind.objects.get(pk=item.record_id).hash == item.record_hash
        known = decisions([self.key], now())[self.key]
        approval = known.approval
        assert (approval and (approval.case_version or 0)) == model.acknowledged

    def _must_stay(self) -> None:
        """What was recorded before is there, to the last character; versions are 1 … n."""
        with connection.cursor() as cursor:
            cursor.execute(FROZEN, {"workload": self.key})
            rows = {(table, pk): text for table, pk, text in cursor.fetchall()}
        assert {key: rows.get(key) for key in self.frozen} == self.frozen
        self.frozen = rows


def outcome_of(act: Callable[[], object], reasons: set[Why]) -> bool:
    """Ask the product; tell whether it did it, after comparing that with what the model expects."""
    expected = tuple(RAISED[why] for why in reasons)
    try:
        act()
    except expected:
        return False
    assert not reasons, f"done, although {reasons}"
    return True
