"""Random organisations, lived through the product's actions and told to the model.

What a step does is chosen here at random, among what is allowed at that moment. The model hears
what was done, never what came of it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from random import Random

from accounts.models import User
from allocation_gaps.actions import stop_from_gap
from approvals.actions import confirm_pending_estimate, decide_request
from approvals.reports import Seen
from business_cases.actions import (
    Proposal,
    add_workload,
    change_workload,
    retract_case,
    revise_case,
    revise_estimate,
    save_draft,
    send_to_approval,
    submit_request,
    withdraw_request,
)
from business_cases.case import CaseTerms
from business_cases.models import BusinessRequest
from business_cases.reports import standing_of
from records.clock import now
from spaces.actions import create_space
from spaces.models import Space, Workload
from tests.cast import Cast
from tests.model import billing, made_up, setting
from tests.model.events import (
    Approved,
    CaseRecorded,
    Claimed,
    Confirmed,
    Declined,
    EstimateRecorded,
    Event,
    Placed,
    Schedule,
    SpaceMade,
    Stopped,
)
from tests.model.made_up import plain, terms_of
from tests.model.organisation import Organisation
from tests.model.story import Story
from tests.spend import rule_for
from valueboard.lib.errors import RefusedError

Travel = Callable[[datetime], None]
BEGIN = datetime(2026, 1, 3, 9, tzinfo=UTC)
DELIVERIES = 0.2  # how many of the steps are about the bill
VERSIONS = 0.12  # how many set bounds, a threshold or the basis
EDGES = 0.3  # how many steps are at the edge of a day or month, of the zone or of UTC
NETS = 0.6  # how many begin with another basis than the usual one
STOPS = 0.06  # how many of what is done about a workload stop it
NEAR = 0.6  # how many cases are at the bound of a band, or a cent beside
EDGE = timedelta(minutes=1)
# How long it is to the next step: minutes, so that some share a day and some skip months.
PAUSES = (1, 7, 60, 600, 1440, 3 * 1440, 10 * 1440, 40 * 1440)


@dataclass
class Held:
    """A workload with the request that is open for it."""

    slug: str
    request: BusinessRequest | None = None
    approved: bool = False
    only_proposed: bool = False
    stopped: bool = False


@dataclass
class Life:
    """An organisation that lives on, a step at a time."""

    cast: Cast
    travel: Travel
    folder: Path
    random: Random
    model: Organisation
    spaces: list[Space] = field(default_factory=list)
    held: dict[str, Held] = field(default_factory=dict)
    at: datetime = BEGIN
    before: list[datetime] = field(default_factory=list)

    def begin(self) -> None:
        """Found the Spaces."""
        self._pass_time()
        made = [self.cast.commerce, self.cast.search, self.cast.support]
        for number in range(self.random.randint(0, 2)):
            parent = self.random.choice([*made, None])
            made.append(create_space(actor=self.cast.adam, name=f"Place {number}", parent=parent))
        # Oscar's own Space lets nobody of Commerce in: Olivia works where she is product owner.
        self.spaces = [s for s in made if s.slug != "support" and self._below_commerce(s)]
        self.tell(
            *(SpaceMade(now(), s.slug, s.parent.slug if s.parent else "") for s in made),
        )
        # Else few of those whose bill comes and who are asked later are on a net basis.
        if self.random.random() < NETS:
            setting.basis(self)

    def _below_commerce(self, space: Space) -> bool:
        while space.parent:
            space = space.parent
        return space == self.cast.commerce

    def tell(self, *events: Event) -> None:
        """Tell the model."""
        self.model.add(*events)

    def _pass_time(self) -> None:
        minutes = self.random.choice(PAUSES)
        self.at = max(self.at, now()) if self.before else self.at
        self.at += timedelta(minutes=minutes, seconds=self.random.randint(0, 3600))
        if self.random.random() < EDGES:
            zone = self.random.choice([UTC, self.model.zone])
            day = self.at.astimezone(zone).date() + timedelta(days=1)
            while self.random.random() < 0.5 and day.day != 1:
                day += timedelta(days=1)
            midnight = datetime.combine(day, time(), zone).astimezone(UTC)
            self.at = midnight + self.random.choice([-EDGE, timedelta(seconds=1)])
        self.travel(self.at)
        self.before.append(now())

    def step(self) -> str:
        """Live on: some time passes, and something is done; return what."""
        self._pass_time()
        if not self.held or (len(self.held) < 6 and self.random.random() < 0.25):
            return self.begin_workload()
        if self.random.random() < VERSIONS:
            return self.random.choice(setting.DEEDS)(self)
        if self.random.random() < DELIVERIES:
            return self.random.choice([billing.deliver, billing.deliver, billing.close])(self)
        alive = [held for held in self.held.values() if not held.stopped]
        if not alive:
            return billing.deliver(self)
        held = self.random.choice(alive)
        story = self.story(held)
        deeds: list[Callable[[Held, Story], str]] = [
            self.revise_estimate,
            self.revise_estimate,
            self.revise_case,
            self.revise_case,
            self.retract,
            self.move,
        ]
        if story.claimed and not held.request and self.random.random() < STOPS:
            deeds = [self.stop]
        if held.request and held.request.state == "submitted":
            deeds += [self.decide, self.decide, self.decide, self.withdraw]
        if held.request and held.request.state == "returned" and held.only_proposed:
            deeds += [self.submit_again]
        if story.claimed and not held.request:
            deeds += [self.confirm] if story.pending else []
            deeds += [self.send] if not held.approved else []
        return self.random.choice(deeds)(held, story)

    # --- what is made up --------------------------------------------------------------------------

    @property
    def today(self) -> int:
        """Return the month it is, counted."""
        return self.model.month(now())

    def schedule(self, *, revision: bool) -> Schedule:
        """Make an estimate up."""
        return made_up.schedule(self.random, self.today, revision=revision)

    def near(self, last: Schedule) -> Schedule:
        """Make an estimate up that is near the last one, so that thresholds are met."""
        return made_up.near(self.random, self.today, last)

    def case(self, story: Story | None = None) -> CaseTerms:
        """Make a case up; often, of what is funded already, so that its score is at a bound."""
        made = made_up.case(self.random)
        if story is None or self.random.random() > NEAR:
            return made
        near = made_up.at_a_bound(self.random, self.model.at(now()).line(story.slug), plain(made))
        return replace(made, current_amount=near.current, percent=near.percent)

    def story(self, held: Held) -> Story:
        """Return the workload as the model knows it."""
        return self.model.stories(now())[held.slug]

    # --- what is done -----------------------------------------------------------------------------

    def begin_workload(self) -> str:
        """Add a workload in its Space, or submit a request for one."""
        pick, number = self.random.choice, len(self.held)
        schedule = self.schedule(revision=False)
        case = pick([None, self.case(), self.case()])
        space, owner = pick(self.spaces), pick([self.cast.olivia, self.cast.mona])
        name = f"Workload {number}"
        asked = Proposal(name, "Reads.", space, owner, terms_of(schedule), case)
        by = self.cast.olivia
        if pick([True, False]):
            workload = add_workload(actor=by, proposal=asked)
            held, done = Held(workload.slug), "add"
            self.tell(Claimed(now(), workload.slug))
        else:
            request = save_draft(actor=by, request=None, seen=0, typed={}, space=space)
            workload = submit_request(
                actor=by, request=request, seen=request.revision, proposal=asked
            )
            held, done = Held(workload.slug, request, only_proposed=True), "submit"
        self.held[workload.slug] = held
        rule_for(self.cast.felix, workload, workload.slug)
        self.tell(
            Placed(now(), workload.slug, name, space.slug, owner.name),
            EstimateRecorded(now(), workload.slug, schedule),
            *([CaseRecorded(now(), workload.slug, plain(case))] if case else []),
        )
        return done

    def revise_estimate(self, held: Held, story: Story) -> str:
        """Append an estimate."""
        last = story.estimates[-1].schedule
        schedule = self.random.choice(
            [
                self.near(last),
                self.near(last),
                self.schedule(revision=True),
            ]
        )
        try:
            revise_estimate(
                actor=self.cast.olivia,
                workload=workload_of(held),
                seen=len(story.estimates),
                terms=terms_of(schedule),
                reason="Measured.",
            )
        except RefusedError:
            return "estimate refused"
        self.tell(EstimateRecorded(now(), held.slug, schedule))
        self._look(held)
        return "estimate"

    def revise_case(self, held: Held, story: Story) -> str:
        """Declare or revise a case."""
        case = self.case(story)
        if story.case == plain(case):
            return "case refused"
        revise_case(
            actor=self.cast.olivia,
            workload=workload_of(held),
            seen=len(story.cases),
            case=case,
            reason="Measured.",
        )
        self.tell(CaseRecorded(now(), held.slug, plain(case)))
        return "case"

    def retract(self, held: Held, story: Story) -> str:
        """Take the case back."""
        if not story.case:
            return self.revise_case(held, story)
        retract_case(
            actor=self.cast.olivia,
            workload=workload_of(held),
            seen=len(story.cases),
            reason="No more.",
        )
        self.tell(CaseRecorded(now(), held.slug, None))
        return "retract"

    def stop(self, held: Held, _story: Story) -> str:
        """Use it no more."""
        workload = workload_of(held)
        stop_from_gap(
            actor=self.cast.olivia, workload=workload, seen=workload.seen, reason="No more."
        )
        held.stopped = True
        self.tell(Stopped(now(), held.slug))
        return "stop"

    def move(self, held: Held, story: Story) -> str:
        """Move, rename or hand over."""
        pick, workload = self.random.choice, workload_of(held)
        owner: User = pick([self.cast.olivia, self.cast.mona])
        space, name = pick(self.spaces), f"{story.name}'" if pick([True, False]) else story.name
        try:
            change_workload(
                actor=self.cast.olivia,
                workload=workload,
                seen=workload.seen,
                name=name,
                purpose="Reads.",
                space=space,
                owner=owner,
                reason="So it is.",
            )
        except RefusedError:
            return "move refused"
        self.tell(Placed(now(), held.slug, name, space.slug, owner.name))
        self._look(held)
        return "move"

    def decide(self, held: Held, story: Story) -> str:
        """Decide on the open request."""
        request = held.request
        assert request
        outcome = self.random.choice(["approved", "approved", "approved", "returned", "rejected"])
        fitting = ["agreed", "other_reason"] if story.case else ["no_value"]
        said = self.random.choice(fitting) if outcome == "approved" else ""
        decide_request(
            actor=self.cast.priya,
            request=request,
            revision=request.revision,
            seen=Seen.of(standing_of(workload_of(held).pk, now())),
            outcome=outcome,
            acknowledgement=said,
            rationale="We looked.",
        )
        if outcome == "approved":
            self.tell(Approved(now(), held.slug, said))
            held.approved = True
        elif outcome == "rejected" and story.force:
            self.tell(Declined(now(), held.slug))
        self._look(held)
        return outcome

    def withdraw(self, held: Held, story: Story) -> str:
        """Withdraw the open request."""
        assert held.request
        withdraw_request(
            actor=self.cast.olivia, request=held.request, seen=held.request.revision, note="No."
        )
        if story.force:
            self.tell(Declined(now(), held.slug))
        self._look(held)
        return "withdraw"

    def submit_again(self, held: Held, story: Story) -> str:
        """Submit a returned request for a new workload again, with other figures or the same."""
        assert held.request
        workload = workload_of(held)
        asked = story.pending or story.force[-1]
        schedule = self.random.choice([asked.schedule, self.schedule(revision=False)])
        case = self.random.choice([None, self.case()])
        submit_request(
            actor=self.cast.olivia,
            request=held.request,
            seen=held.request.revision,
            proposal=Proposal(
                workload.name, "Reads.", workload.space, workload.owner, terms_of(schedule), case
            ),
            reason="Changed.",
        )
        if schedule != asked.schedule:
            self.tell(EstimateRecorded(now(), held.slug, schedule))
        declared = plain(case) if case else None
        if declared != story.case:
            self.tell(CaseRecorded(now(), held.slug, declared))
        self._look(held)
        return "submit again"

    def confirm(self, held: Held, _story: Story) -> str:
        """Confirm the estimate that waits without a request."""
        workload = workload_of(held)
        confirm_pending_estimate(
            actor=self.cast.priya,
            workload=workload,
            seen=Seen.of(standing_of(workload.pk, now())),
            rationale="Plausible.",
        )
        self.tell(Confirmed(now(), held.slug))
        return "confirm"

    def send(self, held: Held, story: Story) -> str:
        """Send to approval what was added in its Space."""
        held.request = send_to_approval(
            actor=self.cast.olivia,
            workload=workload_of(held),
            versions=(len(story.estimates), len(story.cases)),
        )
        return "send"

    def _look(self, held: Held) -> None:
        """See which request is open now, as a person would on the page."""
        states = ("submitted", "returned")
        found = BusinessRequest.objects.filter(workload__slug=held.slug, state__in=states)
        held.request = found.order_by("pk").last()
        if held.request:
            held.only_proposed = held.request.kind == "new_workload"


def workload_of(held: Held) -> Workload:
    """Return the workload as it now stands."""
    return Workload.objects.select_related("space", "owner").get(slug=held.slug)
