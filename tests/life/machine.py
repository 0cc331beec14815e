"""The rules of the state machine: what people try, in time and out of time."""

from decimal import Decimal

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from approvals.actions import (
    comment_on_request,
    confirm_pending_estimate,
    delegate_approving,
    take_delegation_back,
)
from business_cases.actions import (
    retract_case,
    revise_case,
    save_draft,
    send_to_approval,
    withdraw_request,
)
from records.clock import today
from tests.life.parts import Estimate, Why
from tests.life.steps import Steps
from tests.life.world import case_of

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


class LifeMachine(Steps):
    """A fresh workload in each run; when it comes to nothing, another one begins."""

    # --- how it begins ----------------------------------------------------------------------------

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
