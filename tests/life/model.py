"""A Business Request's life in plain Python: what may happen, and what stands afterwards.

It knows nothing of the product: no Django, no projection, no access rules but those written here
from METHOD 3, 6 and 7. The state machine beside it does everything twice, here and for real.

Every `why_not_…` returns all reasons that apply: the product may name any of them first.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from tests.life.parts import (
    CaseSnapshot,
    Decision,
    Estimate,
    EstimateSnapshot,
    Request,
    Tab,
    Why,
    whole_term,
)

TWO_ABOVE = Decimal(20_000)  # the whole term that two approve, in the machine's world
MOST_MORE = Fraction(110, 100)  # a revision is in force at once up to the approved sum and 10 %


@dataclass
class Life:
    """A workload, from its first draft on, with every request that asks for it or for more."""

    owners_of_space: frozenset[str]
    deciders: set[str]
    requests: list[Request] = field(default_factory=list)
    owner: str = ""
    claimed: bool = False
    estimates: list[EstimateSnapshot] = field(default_factory=list)
    cases: list[CaseSnapshot] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    owned: set[str] = field(default_factory=set)
    delegations: list[tuple[str, str] | None] = field(default_factory=list)
    # The first approval of two: who gave it and for whom, at which revision, on what.
    first: tuple[set[str], int, int, int] | None = None

    # --- what stands ------------------------------------------------------------------------------

    @property
    def exists(self) -> bool:
        """Whether there is a workload yet."""
        return bool(self.estimates)

    @property
    def waiting(self) -> Request | None:
        """The request that waits, if any."""
        return next((r for r in self.requests if r.waits), None)

    @property
    def tab(self) -> Tab:
        """What a page shows that is opened now."""
        revision = self.requests[-1].revision if self.requests else 0
        versions = (len(self.estimates), len(self.cases))
        return Tab(len(self.requests) - 1, revision, *versions, self.asked)

    @property
    def in_force(self) -> int:
        """The version of the estimate in force, 0 for none."""
        return max((v for v, e in enumerate(self.estimates, 1) if e.basis), default=0)

    @property
    def pending(self) -> int:
        """The version of the estimate that waits, 0 for none."""
        last = self.estimates[-1] if self.estimates else None
        return len(self.estimates) if last and not last.basis and not last.declined else 0

    @property
    def asked(self) -> int:
        """The version that a decision is about: what waits, or else what is in force."""
        return self.pending or self.in_force or len(self.estimates)

    @property
    def declared(self) -> int | None:
        """The percentage that is declared now."""
        return self.cases[-1].percent if self.cases else None

    @property
    def named_case(self) -> int:
        """The case version that a decision names, 0 where none is declared."""
        return len(self.cases) if self.declared is not None else 0

    @property
    def acknowledged(self) -> int | None:
        """The case version that the last approval named (0: none); None before an approval."""
        approvals = [d.case for d in self.decisions if d.outcome == "approved"]
        return approvals[-1] if approvals else None

    def revises(self, who: str) -> bool:
        """Whether the person answers for the workload."""
        return self.exists and (who == self.owner or who in self.owners_of_space)

    def edits(self, who: str, request: Request) -> bool:
        """Whether the request is the person's to change."""
        return who == request.author or self.revises(who)

    def has_part(self, who: str) -> bool:
        """Whether the person had a hand in anything that is decided."""
        authors = {e.author for e in self.estimates} | {c.author for c in self.cases}
        hands = {hand for request in self.requests for hand in request.hands | {request.author}}
        return who in authors | hands | self.owned

    def authority(self, who: str, taken: set[str]) -> str | None:
        """For whom the person decides: themselves, or one who delegated to them; None: nobody."""
        if self.has_part(who) or who in taken:
            return None
        if who in self.deciders:
            return who
        away = {giver for giver, delegate in filter(None, self.delegations) if delegate == who}
        free = [a for a in sorted(away & self.deciders) if not self.has_part(a)]
        return next((a for a in free if a not in taken), None)

    def _schedule(self, *more: Estimate) -> list[Estimate]:
        return [*(e.estimate for e in self.estimates if e.basis), *more]

    def within_threshold(self, revised: Estimate) -> bool:
        """Whether a revision needs no decision: cumulative since the last one of a person."""
        decided = [v for v, e in enumerate(self.estimates) if e.basis in {"decision", "admin"}]
        confirmed = [e.estimate for e in self.estimates[: decided[-1] + 1] if e.basis]
        after = self._schedule(revised)
        return Fraction(whole_term(after)) <= Fraction(whole_term(confirmed)) * MOST_MORE

    @property
    def needs_two(self) -> bool:
        """Whether what is asked for costs so much that two approve it."""
        pending = [self.estimates[-1].estimate] if self.pending else []
        return whole_term(self._schedule(*pending)) > TWO_ABOVE

    def first_of_two(self, request: Request) -> set[str]:
        """Who stands behind the first approval that holds; empty where there is none."""
        if not self.first or self.first[1:] != (request.revision, self.asked, self.named_case):
            return set()
        return self.first[0]

    # --- requests ---------------------------------------------------------------------------------

    def _why_not_touch(self, who: str, tab: Tab, states: set[str]) -> set[Why]:
        request, reasons = self.requests[tab.request], set()
        if not self.edits(who, request):
            reasons.add(Why.NOT_THEIRS)
        if tab.revision != request.revision:
            reasons.add(Why.STALE)
        if request.state not in states:
            reasons.add(Why.NOT_NOW)
        return reasons

    def _stale_figures(self, tab: Tab) -> set[Why]:
        known = (tab.estimate, tab.case) == (len(self.estimates), len(self.cases))
        return set() if known else {Why.STALE}

    def why_not_save(self, who: str, tab: Tab) -> set[Why]:
        """Why a draft is not saved."""
        other = self.requests[tab.request].kind != "new_workload"
        reasons = self._why_not_touch(who, tab, {"draft", "returned"})
        return reasons | ({Why.NOT_NOW} if other else set())

    def save(self, who: str) -> None:
        """Save a draft."""
        request = self.requests[-1]
        request.revision += 1
        request.hands.add(who)

    def why_not_submit(self, who: str, tab: Tab) -> set[Why]:
        """Why a request for a new workload is not submitted."""
        reasons = self.why_not_save(who, tab)
        if who not in self.owners_of_space and not self.revises(who):
            reasons.add(Why.NOT_THEIRS)
        return reasons | (self._stale_figures(tab) if self.exists else set())

    def submit(self, who: str, estimate: Estimate, percent: int | None, owner: str) -> None:
        """Submit, for the first time or again: only what changed is recorded."""
        if not self.estimates or self.estimates[-1].estimate != estimate:
            self.estimates.append(EstimateSnapshot(estimate, who))
        if self.declared != percent:
            self.cases.append(CaseSnapshot(percent, who))
        self.owner = owner
        self.owned.add(owner)
        self.requests[-1].hands.add(who)
        self.requests[-1].go("submitted", who)

    def why_not_submit_again(self, who: str, tab: Tab, note: str) -> set[Why]:
        """Why a returned request about a workload that is there is not submitted as it is."""
        reasons = self._why_not_touch(who, tab, {"returned"}) | self._stale_figures(tab)
        if self.requests[tab.request].kind == "new_workload":
            reasons.add(Why.NOT_NOW)
        return reasons if note.strip() else reasons | {Why.INCOMPLETE}

    def submit_again(self, who: str) -> None:
        """Submit it as it is."""
        self.requests[-1].hands.add(who)
        self.requests[-1].go("submitted", who)

    def why_not_send(self, who: str, tab: Tab) -> set[Why]:
        """Why a workload that was added in its Space is not sent to approval."""
        reasons = self._stale_figures(tab)
        if not self.revises(who):
            reasons.add(Why.NOT_THEIRS)
        approved = any(r.state == "approved" for r in self.requests)
        if not self.claimed or approved or self.waiting:
            reasons.add(Why.NOT_NOW)
        return reasons

    def ask(self, who: str, kind: str) -> None:
        """Ask by a request about a workload that is there."""
        request = Request(kind, who, hands={who})
        request.go("submitted", who)
        self.requests.append(request)

    def why_not_withdraw(self, who: str, tab: Tab) -> set[Why]:
        """Why a request is not taken back."""
        return self._why_not_touch(who, tab, {"draft", "submitted", "returned"})

    def withdraw(self, who: str) -> None:
        """Take the request back."""
        self.requests[-1].go("withdrawn", who)
        self._decline()

    def _decline(self) -> None:
        """What waits beside an estimate in force ends with its request."""
        if self.pending and self.in_force:
            self.estimates[-1].declined = True

    # --- figures ----------------------------------------------------------------------------------

    def why_not_estimate(self, who: str, tab: Tab, estimate: Estimate, reason: str) -> set[Why]:
        """Why an estimate is not revised."""
        reasons = set() if self.revises(who) else {Why.NOT_THEIRS}
        if tab.estimate != len(self.estimates):
            reasons.add(Why.STALE)
        if self.estimates[self.asked - 1].estimate == estimate:
            reasons.add(Why.NOT_NOW)
        return reasons if reason.strip() else reasons | {Why.INCOMPLETE}

    def estimate(self, who: str, estimate: Estimate) -> None:
        """Revise the estimate: in force at once within the threshold, else more is asked for."""
        decided = any(e.basis in {"decision", "admin"} for e in self.estimates)
        within = decided and self.within_threshold(estimate)
        self.estimates.append(EstimateSnapshot(estimate, who, "threshold" if within else ""))
        request = self.waiting
        more = request is not None and request.kind == "more_funding"
        if within and request and more:
            request.go("withdrawn", who)
        elif decided and not within and request is None:
            self.ask(who, "more_funding")
        elif decided and not within and request and more:
            request.hands.add(who)
            request.go("submitted", who)

    def why_not_declare(self, who: str, tab: Tab, percent: int | None, reason: str) -> set[Why]:
        """Why a case is not declared, revised or retracted."""
        reasons = set() if self.revises(who) else {Why.NOT_THEIRS}
        if tab.case != len(self.cases):
            reasons.add(Why.STALE)
        if self.declared == percent:
            reasons.add(Why.NOT_NOW)
        if not reason.strip() and self.cases:
            reasons.add(Why.INCOMPLETE)
        return reasons

    def declare(self, who: str, percent: int | None) -> None:
        """Declare, revise or retract the case."""
        self.cases.append(CaseSnapshot(percent, who))

    # --- decisions --------------------------------------------------------------------------------

    def _why_not_settle(self, tab: Tab, rationale: str) -> set[Why]:
        known = (tab.asked, tab.case) == (self.asked, len(self.cases))
        reasons = set() if known else {Why.STALE}
        return reasons if rationale.strip() else reasons | {Why.INCOMPLETE}

    def why_not_decide(
        self, who: str, tab: Tab, outcome: str, acknowledgement: str, rationale: str
    ) -> set[Why]:
        """Why a request is not decided."""
        request = self.requests[tab.request]
        reasons = self._why_not_settle(tab, rationale)
        if tab.revision != request.revision:
            reasons.add(Why.STALE)
        if request.state != "submitted":
            reasons.add(Why.NOT_NOW)
        elif self.authority(who, self._taken(request, outcome)) is None:
            reasons.add(Why.NOT_THEIRS)
        if self.authority(who, set()) is None:
            reasons.add(Why.NOT_THEIRS)
        fitting = {"no_value"} if self.declared is None else {"agreed", "other_reason"}
        if outcome == "approved" and acknowledgement not in fitting:
            reasons.add(Why.INCOMPLETE)
        return reasons

    def _taken(self, request: Request, outcome: str) -> set[str]:
        second = outcome == "approved" and self.needs_two
        return self.first_of_two(request) if second else set()

    def _record(self, who: str, behind: str, outcome: str, acknowledgement: str) -> None:
        named = ("" if behind == who else behind, self.asked, self.named_case)
        self.decisions.append(Decision(outcome, acknowledgement, who, *named))

    def _confirm(self, basis: str) -> None:
        if self.pending:
            self.estimates[-1].basis = basis

    def decide(self, who: str, outcome: str, acknowledgement: str) -> None:
        """Approve, return or reject; the first approval of two leaves the request waiting."""
        request = self.requests[-1]
        taken = self._taken(request, outcome)
        behind = self.authority(who, taken) or ""
        if outcome == "approved" and self.needs_two and not taken:
            self._record(who, behind, "first_approval", acknowledgement)
            request.go("submitted", who)
            self.first = ({who, behind}, request.revision, self.asked, self.named_case)
            return
        self._record(who, behind, outcome, acknowledgement if outcome == "approved" else "")
        request.go(outcome, who)
        if outcome == "approved":
            self.claimed = True
            self._confirm("decision")
        elif outcome == "rejected":
            self._decline()

    def why_not_confirm(self, who: str, tab: Tab, rationale: str) -> set[Why]:
        """Why an estimate that waits is not confirmed: one person does that, never two."""
        reasons = self._why_not_settle(tab, rationale)
        if self.authority(who, set()) is None:
            reasons.add(Why.NOT_THEIRS)
        if not self.pending or not self.claimed or self.waiting or self.needs_two:
            reasons.add(Why.NOT_NOW)
        return reasons

    def confirm(self, who: str) -> None:
        """Confirm the estimate that waits."""
        self._record(who, self.authority(who, set()) or "", "confirmed", "")
        self._confirm("admin")
