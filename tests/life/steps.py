"""How a step of a life is taken: product and model are both asked, and must say the same."""

from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine

from accounts.actions import grant_role, revoke_role
from accounts.models import Role, User
from approvals.actions import decide_request, take_delegation_back
from approvals.models import Delegation
from approvals.reports import Seen
from business_cases.actions import (
    add_workload,
    revise_estimate,
    save_draft,
    submit_again,
    submit_request,
)
from tests.life.model import Life
from tests.life.parts import Estimate, EstimateSnapshot, Request, Tab, Why
from tests.life.world import Place, Real, outcome_of


class Steps(RuleBasedStateMachine):
    """One life, here and there; the steps that more than one rule takes are `do_…`."""

    place: ClassVar[Place]
    adam: ClassVar[User]
    done: ClassVar[Counter[str]]
    begun: ClassVar[int] = 0
    model: Life
    real: Real
    tabs: list[tuple[Tab, Seen]]
    given: list[Delegation]
    tried: set[tuple[str, str]]

    def begin(self, author: str, add: int) -> None:
        """Begin a draft, or add a workload without a request."""
        type(self).begun += 1
        self.let_felix_decide(may=True)
        for delegation in Delegation.objects.standing():
            assert delegation.recorded_by
            take_delegation_back(
                actor=delegation.recorded_by, delegation=delegation, reason="A new life."
            )
        self.given, self.tried = [], set()
        self.model = Life(frozenset({"olivia", "pia"}), {"priya", "felix", "pia"})
        actor = self.place.people[author]
        if add:
            estimate = Estimate(Decimal(1000), 0, 12, 0)
            proposal = self.place.proposal(self.name, estimate, None, author)
            self.real = Real(self.place, add_workload(actor=actor, proposal=proposal))
            self.model.estimates.append(EstimateSnapshot(estimate, author))
            self.model.owner, self.model.claimed = author, True
            self.model.owned.add(author)
        else:
            request = save_draft(
                actor=actor, request=None, seen=0, typed={}, space=self.place.space
            )
            self.real = Real(self.place, request)
            self.model.requests.append(Request("new_workload", author, hands={author}))
        self.tabs = [(self.model.tab, self.real.seen(self.model))]

    @property
    def name(self) -> str:
        """What the workload of this run is called."""
        return f"Life {self.begun} of {type(self).__name__}"

    @property
    def state(self) -> str:
        """The state of the latest request, of which kind."""
        last = self.model.requests[-1] if self.model.requests else None
        return f"{last.kind} {last.state}" if last else ""

    def in_time(self, what: str, *states: str) -> bool:
        """Whether this is the time for it; out of time each thing is tried once in each state."""
        if any(self.state.endswith(state) for state in states):
            return True
        return bool(self.state) and (what, self.state) not in self.tried

    def step(self, name: str, reasons: set[Why], act: Callable[[], object]) -> bool:
        """Ask the product, and compare what it did with what the model says."""
        self.tried.add((name, self.state))
        did = outcome_of(act, reasons)
        self.done[f"{name}: {'done' if did else 'refused'}"] += 1
        return did

    def opened(self, data: st.DataObject) -> tuple[Tab, Seen]:
        """Return a tab: mostly the newest one, sometimes one that was opened before."""
        now = (self.model.tab, self.real.seen(self.model))
        if now != self.tabs[-1]:
            self.tabs.append(now)
        age = data.draw(st.sampled_from([*[1] * 8, 2, 3]), label="tab")
        return self.tabs[-min(age, len(self.tabs))]

    def do_submit(
        self, who: str, tab: Tab, estimate: Estimate, percent: int | None, owner: str
    ) -> None:
        """Submit, here and there."""
        if self.step(
            "submit",
            self.model.why_not_submit(who, tab),
            lambda: submit_request(
                actor=self.real.actor(who),
                request=self.real.requests[tab.request],
                seen=tab.revision,
                proposal=self.place.proposal(self.name, estimate, percent, owner),
                reason="Because.",
                versions=(tab.estimate, tab.case),
            ),
        ):
            self.model.submit(who, estimate, percent, owner)

    def do_submit_again(self, who: str, tab: Tab, note: str) -> None:
        """Submit again, here and there."""
        if self.step(
            "submit again",
            self.model.why_not_submit_again(who, tab, note),
            lambda: submit_again(
                actor=self.real.actor(who),
                request=self.real.requests[tab.request],
                seen=tab.revision,
                versions=(tab.estimate, tab.case),
                note=note,
            ),
        ):
            self.model.submit_again(who)

    def do_estimate(self, who: str, tab: Tab, estimate: Estimate, reason: str) -> None:
        """Revise the estimate, here and there."""
        if self.step(
            "estimate",
            self.model.why_not_estimate(who, tab, estimate, reason),
            lambda: revise_estimate(
                actor=self.real.actor(who),
                workload=self.real.workload,
                seen=tab.estimate,
                terms=self.place.terms(estimate),
                reason=reason,
            ),
        ):
            self.model.estimate(who, estimate)

    @property
    def fitting(self) -> str:
        """An acknowledgement that fits what is declared."""
        return "no_value" if self.model.declared is None else "agreed"

    def do_decide(
        self, who: str, page: tuple[Tab, Seen], *, outcome: str, said: str, rationale: str
    ) -> None:
        """Decide, here and there."""
        tab, seen = page
        if self.step(
            outcome,
            self.model.why_not_decide(who, tab, outcome, said, rationale),
            lambda: decide_request(
                actor=self.real.actor(who),
                request=self.real.requests[tab.request],
                revision=tab.revision,
                seen=seen,
                outcome=outcome,
                acknowledgement=said,
                rationale=rationale,
            ),
        ):
            self.model.decide(who, outcome, said)

    def let_felix_decide(self, *, may: bool) -> None:
        """Grant or revoke, where it changes anything."""
        felix, role = User.objects.get(pk=self.place.people["felix"].pk), Role.FINANCIAL_ADMIN
        if may is not (role in felix.roles):
            change = grant_role if may else revoke_role
            change(actor=self.adam, user=felix, role=role, reason="Because.")
