"""The life of a request, done twice: for real with commits, and by a model in plain Python."""

from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from accounts.actions import grant_role, revoke_role
from accounts.models import Role, User
from approvals.actions import (
    comment_on_request,
    confirm_pending_estimate,
    decide_request,
    delegate_approving,
    take_delegation_back,
)
from approvals.models import Delegation
from approvals.reports import Seen
from business_cases.actions import (
    add_workload,
    retract_case,
    revise_case,
    revise_estimate,
    save_draft,
    send_to_approval,
    submit_again,
    submit_request,
    withdraw_request,
)
from records.clock import today
from records.models import ThresholdVersion
from spaces.models import Membership
from tests.cast import Cast, person
from tests.life.model import TWO_ABOVE, Estimate, EstimateSnapshot, Life, Request, Tab, Why
from tests.life.world import Place, Real, case_of, outcome_of
from tests.soak import SOAK, rounds

STEPS = 20
PARTS = 4  # so that several processes share the work
CLOSED = ("rejected", "withdrawn")

# Olivia and Pia own the Space, and Pia decides too; Priya and Felix decide, Felix not always; Dana
# decides for whoever lets her; Mona is a member, Oscar a stranger.
WHO = st.sampled_from(["olivia"] * 7 + ["pia", "mona", "oscar", "priya"])
DECIDERS = st.sampled_from(["priya", "priya", "priya", "felix", "felix", "dana", "pia", "olivia"])
OWNERS = st.sampled_from(["olivia", "olivia", "olivia", "mona", "pia"])
# Around the threshold: 10 % above 1,000 and 1,050; two years or 2,000 a month need two approvers.
ESTIMATES = st.builds(
    Estimate,
    monthly=st.sampled_from(
        [Decimal(m) for m in ("1000", "1050", "1099.99", "1100", "1100.01", "1155", "2000")]
    ),
    growth=st.sampled_from([0, 0, 0, 3]),
    months=st.sampled_from([12, 12, 12, 13, 24]),
    effective=st.sampled_from([0, 0, 6]),
)
PERCENTS = st.sampled_from([10, 20, 30])
CASES = st.one_of(st.none(), PERCENTS)
REASONS = st.sampled_from([*["Because."] * 7, " \n "])
OUTCOMES = st.sampled_from(["approved"] * 4 + ["returned", "rejected"])


class LifeMachine(RuleBasedStateMachine):
    """A fresh workload in each run; when it comes to nothing, another one begins."""

    place: ClassVar[Place]
    adam: ClassVar[User]
    done: ClassVar[Counter[str]]
    begun: ClassVar[int] = 0
    model: Life
    real: Real
    tabs: list[tuple[Tab, Seen]]
    given: list[Delegation]
    tried: set[tuple[str, str]]

    # --- how a step is taken ----------------------------------------------------------------------

    @initialize(
        author=st.sampled_from(["olivia", "olivia", "pia"]),
        add=st.sampled_from([0, 0, 1]),
        estimate=ESTIMATES,
        percent=CASES,
    )
    def begin_far(self, author: str, add: int, estimate: Estimate, percent: int | None) -> None:
        """Begin with a request that waits already, or a workload that was added."""
        self.begin(author, add)
        if not add:
            self.do_submit(author, self.model.tab, estimate, percent, "olivia")

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

    # --- requests ---------------------------------------------------------------------------------

    @precondition(lambda self: self.in_time("save", "new_workload draft", "new_workload returned"))
    @rule(data=st.data(), who=WHO)
    def save(self, data: st.DataObject, who: str) -> None:
        """Save a draft."""
        tab, _ = self.opened(data)
        if self.step(
            "save",
            self.model.why_not_save(who, tab),
            lambda: save_draft(
                actor=self.real.actor(who),
                request=self.real.requests[tab.request],
                seen=tab.revision,
                typed={"name": self.name},
                space=self.place.space,
            ),
        ):
            self.model.save(who)

    @precondition(
        lambda self: self.in_time("submit", "new_workload draft", "new_workload returned")
    )
    @rule(data=st.data(), who=WHO, estimate=ESTIMATES, percent=CASES, owner=OWNERS)
    def submit(
        self, data: st.DataObject, who: str, estimate: Estimate, percent: int | None, owner: str
    ) -> None:
        """Submit, or submit again."""
        self.do_submit(who, self.opened(data)[0], estimate, percent, owner)

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

    @precondition(
        lambda self: (
            self.model.exists
            and self.in_time("submit again", "more_funding returned", "existing_workload returned")
        )
    )
    @rule(data=st.data(), who=WHO, note=REASONS)
    def submit_again(self, data: st.DataObject, who: str, note: str) -> None:
        """Submit a request about a workload that is there as it is."""
        tab, _ = self.opened(data)
        if tab.request >= 0:
            self.do_submit_again(who, tab, note)

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

    @precondition(
        lambda self: (
            self.model.exists and (not self.model.requests or self.in_time("send", "no such state"))
        )
    )
    @rule(data=st.data(), who=WHO)
    def send(self, data: st.DataObject, who: str) -> None:
        """Send a workload that was added in its Space to approval."""
        tab, _ = self.opened(data)
        if self.step(
            "send",
            self.model.why_not_send(who, tab),
            lambda: send_to_approval(
                actor=self.real.actor(who),
                workload=self.real.workload,
                versions=(tab.estimate, tab.case),
            ),
        ):
            self.model.ask(who, "existing_workload")

    @precondition(lambda self: self.in_time("withdraw", "draft", "submitted", "returned"))
    @rule(data=st.data(), who=WHO, sure=st.sampled_from([False, False, False, True]))
    def withdraw(self, data: st.DataObject, who: str, *, sure: bool) -> None:
        """Take it back; not too often, or no life is long."""
        tab, _ = self.opened(data)
        reasons = self.model.why_not_withdraw(who, tab) if tab.request >= 0 else set()
        if tab.request < 0 or (not reasons and not sure):
            return
        if self.step(
            "withdraw",
            reasons,
            lambda: withdraw_request(
                actor=self.real.actor(who),
                request=self.real.requests[tab.request],
                seen=tab.revision,
            ),
        ):
            self.model.withdraw(who)

    @precondition(lambda self: self.model.exists and self.model.requests)
    @rule(who=st.sampled_from(["olivia", "mona", "priya", "felix", "oscar"]), text=REASONS)
    def comment(self, who: str, text: str) -> None:
        """Say something of the latest request."""
        reasons = {Why.NOT_THEIRS} if who == "oscar" else set()
        # Felix is in Finance: he reads everything, whether he decides or not.
        if not text.strip():
            reasons.add(Why.INCOMPLETE)
        if self.step(
            "comment",
            reasons,
            lambda: comment_on_request(
                actor=self.real.actor(who), request=self.real.requests[-1], text=text
            ),
        ):
            self.model.requests[-1].comments += 1

    @precondition(lambda self: self.state.endswith(("draft", "submitted", "returned", "approved")))
    @rule(data=st.data(), estimate=ESTIMATES, percent=CASES, outcome=OUTCOMES)
    def go_on(
        self, data: st.DataObject, estimate: Estimate, percent: int | None, outcome: str
    ) -> None:
        """Do what is next, and right: lives would be short of it if people only erred."""
        tab, seen = self.model.tab, self.real.seen(self.model)
        if self.state in {"new_workload draft", "new_workload returned"}:
            self.do_submit(self.model.requests[-1].author, tab, estimate, percent, "olivia")
        elif self.state.endswith("approved"):
            self.do_estimate("olivia", tab, estimate, "Because.")
        elif self.state.endswith("returned"):
            self.do_submit_again(self.model.requests[-1].author, tab, "Done.")
        elif self.state.endswith("submitted"):
            people = ("priya", "felix", "pia", "dana")
            able = [
                who
                for who in people
                if not self.model.why_not_decide(who, tab, outcome, self.fitting, "Because.")
            ]
            if able:
                who = data.draw(st.sampled_from(able))
                self.do_decide(
                    who, (tab, seen), outcome=outcome, said=self.fitting, rationale="Because."
                )

    # --- figures ----------------------------------------------------------------------------------

    @precondition(lambda self: self.model.exists)
    @rule(data=st.data(), who=WHO, estimate=ESTIMATES, reason=REASONS)
    def estimate(self, data: st.DataObject, who: str, estimate: Estimate, reason: str) -> None:
        """Revise the estimate, within the threshold or beyond."""
        self.do_estimate(who, self.opened(data)[0], estimate, reason)

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

    @precondition(lambda self: self.model.exists)
    @rule(data=st.data(), who=WHO, percent=CASES, reason=REASONS)
    def declare(self, data: st.DataObject, who: str, percent: int | None, reason: str) -> None:
        """Declare a case, revise it, or retract it."""
        tab, _ = self.opened(data)
        actor, workload = self.real.actor(who), self.real.workload

        def act() -> object:
            if percent is None:
                return retract_case(actor=actor, workload=workload, seen=tab.case, reason=reason)
            case = case_of(percent)
            return revise_case(
                actor=actor, workload=workload, seen=tab.case, case=case, reason=reason
            )

        reasons = self.model.why_not_declare(who, tab, percent, reason)
        if self.step("declare" if percent else "retract", reasons, act):
            self.model.declare(who, percent)

    # --- decisions --------------------------------------------------------------------------------

    @precondition(lambda self: self.in_time("decide", "submitted"))
    @rule(data=st.data(), who=DECIDERS, outcome=OUTCOMES, rationale=REASONS)
    def decide(self, data: st.DataObject, who: str, outcome: str, rationale: str) -> None:
        """Approve, return or reject."""
        tab, seen = self.opened(data)
        if tab.request < 0:
            return
        self.tried.add(("decide", self.state))
        said = data.draw(st.sampled_from([*[self.fitting] * 6, "other_reason", ""]))
        page = (tab, seen)
        self.do_decide(who, page, outcome=outcome, said=said, rationale=rationale)

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

    @precondition(
        lambda self: (
            self.model.exists
            and (self.model.pending or self.in_time("confirm", "no such state"))
            and not (self.model.waiting and ("confirm", self.state) in self.tried)
        )
    )
    @rule(data=st.data(), who=DECIDERS, rationale=REASONS)
    def confirm(self, data: st.DataObject, who: str, rationale: str) -> None:
        """Confirm an estimate that waits without a request."""
        tab, seen = self.opened(data)
        if self.step(
            "confirm",
            self.model.why_not_confirm(who, tab, rationale),
            lambda: confirm_pending_estimate(
                actor=self.real.actor(who),
                workload=self.real.workload,
                seen=seen,
                rationale=rationale,
            ),
        ):
            self.model.confirm(who)

    # --- who decides ------------------------------------------------------------------------------

    @precondition(lambda self: self.model.exists)
    @rule(may=st.booleans())
    def change_felix_role(self, *, may: bool) -> None:
        """Take the role from Felix, or give it back."""
        self.let_felix_decide(may=may)
        self.model.deciders = self.model.deciders - {"felix"} | ({"felix"} if may else set())

    def let_felix_decide(self, *, may: bool) -> None:
        """Grant or revoke, where it changes anything."""
        felix, role = User.objects.get(pk=self.place.people["felix"].pk), Role.FINANCIAL_ADMIN
        if may is not (role in felix.roles):
            change = grant_role if may else revoke_role
            change(actor=self.adam, user=felix, role=role, reason="Because.")

    @precondition(lambda self: self.model.exists and len(self.given) < 2)
    @rule(giver=st.sampled_from(["priya", "felix", "pia", "olivia"]), to=st.sampled_from(["dana"]))
    def delegate(self, giver: str, to: str) -> None:
        """Let somebody decide today."""
        reasons = set() if giver in self.model.deciders else {Why.NOT_THEIRS}

        def act() -> None:
            day = today()
            made = delegate_approving(
                actor=self.real.actor(giver),
                delegate=self.real.actor(to),
                first_day=day,
                last_day=day,
                reason="A holiday.",
            )
            self.given.append(made)

        if self.step("delegate", reasons, act):
            self.model.delegations.append((giver, to))

    @precondition(lambda self: self.given)
    @rule(data=st.data(), who=st.sampled_from(["giver", "giver", "olivia"]))
    def take_back(self, data: st.DataObject, who: str) -> None:
        """Take a delegation back; once, and by who gave it."""
        number = data.draw(st.integers(0, len(self.given) - 1))
        delegation = self.given[number]
        giver = self.real.names[delegation.recorded_by_id or 0]
        by = giver if who == "giver" else who
        reasons = set() if by == giver else {Why.NOT_THEIRS}
        if self.model.delegations[number] is None:
            reasons.add(Why.NOT_NOW)
        if self.step(
            "take back",
            reasons,
            lambda: take_delegation_back(
                actor=self.real.actor(by), delegation=delegation, reason="Back early."
            ),
        ):
            self.model.delegations[number] = None

    # --- afterwards -------------------------------------------------------------------------------

    @precondition(
        lambda self: self.model.requests and not self.model.claimed and self.state.endswith(CLOSED)
    )
    @rule(author=st.sampled_from(["olivia", "pia"]), add=st.sampled_from([0, 1]))
    def begin_anew(self, author: str, add: int) -> None:
        """What was rejected or withdrawn stays; the next request is another one."""
        self.begin(author, add)

    @invariant()
    def the_database_equals_the_model(self) -> None:
        """After every step."""
        if hasattr(self, "model"):
            self.real.must_be(self.model)


@pytest.fixture
def place(cast: Cast) -> Place:
    """The Space and the people of all runs; above `TWO_ABOVE` two approve."""
    pia = person("Pia", Role.FINANCIAL_ADMIN)
    Membership.objects.create(space=cast.commerce, user=pia, role=Membership.Role.PRODUCT_OWNER)
    ThresholdVersion.objects.create(
        key="approval.second_above", value=TWO_ABOVE, effective_from="2020-01-01", reason="Test."
    )
    names = ("olivia", "mona", "oscar", "priya", "felix")
    people = {name: getattr(cast, name) for name in names} | {"pia": pia, "dana": person("Dana")}
    return Place(cast.commerce, people, today().replace(year=today().year + 1, month=1, day=1))


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.django_db(transaction=True)
def test_the_product_and_the_model_never_differ(cast: Cast, place: Place, part: int) -> None:
    class Machine(LifeMachine):
        pass

    Machine.place, Machine.adam, Machine.done = place, cast.adam, Counter()
    # The sample is the same in every run, and another one in each part.
    run_state_machine_as_test(
        Machine if SOAK else seed(part)(Machine),
        settings=settings(
            max_examples=rounds(200, 2_000) // PARTS,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            derandomize=False,
            suppress_health_check=list(HealthCheck),
        ),
    )
    # A machine that never gets far would show nothing.
    far = ["submit", "approved", "estimate", "declare"]
    assert all(Machine.done[f"{what}: done"] for what in far), Machine.done
