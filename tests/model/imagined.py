"""Random organisations that nobody lived: events as the product would record them, and no database.

Figures lean towards the bounds of the bands, and moments towards the edges of days, months and
zones: a ratio that is exactly at a bound, or a cent beside, is where a formula shows what it is.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from random import Random

from tests.model import made_up
from tests.model.events import (
    Approved,
    BasisChosen,
    BoundsSet,
    CaseRecorded,
    Claimed,
    Confirmed,
    Declined,
    Delivered,
    EstimateRecorded,
    Event,
    MonthClosed,
    MonthReopened,
    Placed,
    SpaceMade,
    Stopped,
    ThresholdSet,
)
from tests.model.formulas import first_day
from tests.model.organisation import Organisation, Then
from tests.model.story import Story

ZONES = ("UTC", "America/New_York", "Asia/Kolkata", "Pacific/Auckland")
BEGIN = datetime(2026, 1, 3, 9, tzinfo=UTC)
SPENT = ("0.25", "850.5", "1000", "12500.75", "0.005", "-3", "123456.004999999999999999999999")
OWNERS = ("Olivia Example", "Mona Example")
# How long it is to the next event: minutes, so that some share a day and some skip months.
PAUSES = (0, 1, 60, 600, 1440, 3 * 1440, 10 * 1440, 40 * 1440)
TICK = timedelta(microseconds=1)


class Imagined:
    """An organisation that is made up an event at a time."""

    def __init__(self, chance: Random) -> None:
        """Found its Spaces."""
        self.chance = chance
        self.model = Organisation(chance.choice(ZONES))
        self.at = BEGIN
        self.slugs: list[str] = []
        self.spaces: list[str] = []
        for number in range(chance.randint(1, 5)):
            parent = chance.choice(["", *self.spaces])
            self.spaces.append(f"space-{number}")
            self.model.add(SpaceMade(self.at, f"space-{number}", parent))

    @property
    def then(self) -> Then:
        """What holds now."""
        return self.model.at(self.at)

    def live(self, steps: int) -> "Imagined":
        """Let as much happen."""
        deeds: list[Callable[[], list[Event]]] = [
            *[self.of_a_workload] * 9,
            *[self.bill] * 4,
            self.closing,
            self.closing,
            *[self.bounds] * 2,
            self.threshold,
            self.basis,
        ]
        for _ in range(steps):
            self.pause()
            short = len(self.slugs) < 5 and self.chance.random() < 0.3
            begins = short or not self.slugs
            self.model.add(*(self.begin() if begins else self.chance.choice(deeds)()))
        return self

    def pause(self) -> None:
        """Let time pass: often to the edge of a day or a month, of the zone or of UTC."""
        pick = self.chance.choice
        self.at += timedelta(minutes=pick(PAUSES), seconds=pick([1, 17]))
        if self.chance.random() < 0.4:
            zone = pick([UTC, self.model.zone])
            day = self.at.astimezone(zone).date() + timedelta(days=1)
            while pick([True, False]) and day.day != 1:
                day += timedelta(days=1)
            edge = datetime.combine(day, time(), zone).astimezone(UTC)
            self.at = edge + pick([-TICK, timedelta(0), TICK])

    # --- what happens -----------------------------------------------------------------------------

    def begin(self) -> list[Event]:
        """Add a workload in its Space, or submit it."""
        pick, slug = self.chance.choice, f"workload-{len(self.slugs)}"
        self.slugs.append(slug)
        made = made_up.schedule(self.chance, self.then.month, revision=False)
        events: list[Event] = [
            Placed(self.at, slug, f"W{len(self.slugs)}", pick(self.spaces), pick(OWNERS)),
            EstimateRecorded(self.at, slug, made),
        ]
        if pick([True, True, False]):
            events.append(CaseRecorded(self.at, slug, made_up.plain(made_up.case(self.chance))))
        return [Claimed(self.at, slug), *events] if pick([True, False]) else events

    def of_a_workload(self) -> list[Event]:
        """Do something about a workload that has not stopped."""
        story = self.then.stories[self.chance.choice(self.slugs)]
        if story.stopped:
            return []
        deeds = [self.estimate, self.estimate, self.case, self.case, self.case, self.move]
        if story.cases and story.case:
            deeds.append(self.retract)
        if story.pending or story.force:
            deeds += [self.approve, self.approve]
        if story.pending and story.claimed:
            deeds.append(self.confirm)
        if story.pending:
            deeds.append(self.decline)
        if story.claimed and self.chance.random() < 0.3:
            deeds.append(self.stop)
        return self.chance.choice(deeds)(story)

    def estimate(self, story: Story) -> list[Event]:
        """Revise the estimate."""
        last, month = story.estimates[-1].schedule, self.then.month
        made = (
            made_up.near(self.chance, month, last)
            if self.chance.random() < 0.6
            else made_up.schedule(self.chance, month, revision=True)
        )
        return [EstimateRecorded(self.at, story.slug, made)]

    def case(self, story: Story) -> list[Event]:
        """Declare: often what is exactly at a bound, or a cent beside it."""
        case = made_up.plain(made_up.case(self.chance))
        if self.chance.random() < 0.7:
            case = made_up.at_a_bound(self.chance, self.then.line(story.slug), case)
        return [CaseRecorded(self.at, story.slug, case)]

    def retract(self, story: Story) -> list[Event]:
        """Take the case back."""
        return [CaseRecorded(self.at, story.slug, None)]

    def approve(self, story: Story) -> list[Event]:
        """Approve what stands."""
        said = self.chance.choice(["agreed", "other_reason"]) if story.case else "no_value"
        return [Approved(self.at, story.slug, said)]

    def confirm(self, story: Story) -> list[Event]:
        """Confirm what waits."""
        return [Confirmed(self.at, story.slug)]

    def decline(self, story: Story) -> list[Event]:
        """Decline what waits."""
        return [Declined(self.at, story.slug)]

    def move(self, story: Story) -> list[Event]:
        """Move it, or hand it over."""
        pick = self.chance.choice
        return [Placed(self.at, story.slug, story.name, pick(self.spaces), pick(OWNERS))]

    def stop(self, story: Story) -> list[Event]:
        """Stop it."""
        return [Stopped(self.at, story.slug)]

    def bill(self) -> list[Event]:
        """Deliver a month, of those that had begun; sometimes what makes a score be at a bound."""
        pick, month = self.chance.choice, self.at.year * 12 + self.at.month - 1
        some = [slug for slug in self.slugs if pick([True, True, False])]
        amounts = tuple((slug, Decimal(pick(SPENT))) for slug in some)
        of = month - pick([0, 0, 1, 1, 1, 2, 3, 4])
        return [Delivered(self.at, of, amounts, Decimal(pick(["1", "0.9", "0.333"])))]

    def closing(self) -> list[Event]:
        """Close a month that is over, or open one again."""
        acts = [e for e in self.model.events if isinstance(e, (MonthClosed, MonthReopened))]
        last = {act.month: isinstance(act, MonthClosed) for act in acts}
        today = self.at.astimezone(UTC).date()
        over = {
            e.month
            for e in self.model.events
            if isinstance(e, Delivered) and first_day(e.month + 1) <= today
        }
        shut = sorted(month for month, closed in last.items() if closed)
        free = sorted(over - set(shut))
        if shut and (not free or self.chance.random() < 0.3):
            return [MonthReopened(self.at, self.chance.choice(shut))]
        return [MonthClosed(self.at, self.chance.choice(free))] if free else self.bill()

    def bounds(self) -> list[Event]:
        """Set bounds, from today or from later."""
        numbers = tuple(Decimal(text) for text in self.chance.choice(made_up.BOUNDS))
        effective = self.then.day + timedelta(days=self.chance.choice([0, 0, 1, 12, 60]))
        return [BoundsSet(self.at, effective, *numbers)]

    def threshold(self) -> list[Event]:
        """Set a threshold, from today or from later."""
        effective = self.then.day + timedelta(days=self.chance.choice([0, 0, 30]))
        return [ThresholdSet(self.at, effective, Decimal(self.chance.choice(["5", "10", "50"])))]

    def basis(self) -> list[Event]:
        """Choose a basis."""
        others = [basis for basis in made_up.BASES if basis != self.then.basis]
        return [BasisChosen(self.at, self.chance.choice(others))]


def times_of(model: Organisation) -> list[datetime]:
    """Return when things happened; what counts for all workloads more often."""
    return [
        event.at
        for event in model.events
        for _ in range(4 if isinstance(event, (BasisChosen, BoundsSet, MonthClosed)) else 1)
    ]


def edges(
    times: Sequence[datetime], model: Organisation, chance: Random, count: int
) -> list[datetime]:
    """Choose moments near some times: a hair before, the ends of their days; and one later."""
    found = []
    for at in chance.sample(times, k=min(count, len(times))):
        midnight = datetime.combine(model.day(at) + timedelta(days=1), time(), model.zone)
        found.append(chance.choice([at, at - TICK, midnight.astimezone(UTC) - TICK]))
    later = timedelta(days=chance.choice([0, 0, 20, 100, 400]))
    return sorted({*found, model.events[-1].at + later})
