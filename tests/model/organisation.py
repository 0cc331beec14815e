"""The method's figures as of any moment, from the events alone.

Written from the method's text. Nothing of the product is imported; amounts are Fractions, and every
formula is written out.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from tests.model.events import (
    Approved,
    BoundsSet,
    Case,
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
    Schedule,
    SpaceMade,
    ThresholdSet,
)
from tests.model.formulas import (
    Year,
    cents,
    first_day,
    opportunity,
    projected,
    term_cost,
    whole_term,
)

DEFAULT_BOUNDS = (Fraction(5), Fraction(2), Fraction(5, 4), Fraction(1))
BANDS = ("strong", "solid", "marginal", "thin")
THRESHOLD = Fraction(10)  # percent
SETTLED = timedelta(days=14)
Money = dict[int, dict[str, Fraction]]  # by month and workload


@dataclass
class Version:
    """One version of an estimate, and what became of it."""

    number: int
    schedule: Schedule
    fate: str = "pending"  # decision, admin, threshold, declined


@dataclass
class Story:
    """A workload at a moment."""

    slug: str
    name: str = ""
    space: str = ""
    owner: str = ""
    claimed: bool = False
    estimates: list[Version] = field(default_factory=list)
    force: list[Version] = field(default_factory=list)
    cases: list[Case | None] = field(default_factory=list)
    approvals: list[tuple[str, int, int]] = field(default_factory=list)

    @property
    def case(self) -> Case | None:
        """What is declared now."""
        return self.cases[-1] if self.cases else None

    @property
    def pending(self) -> Version | None:
        """The estimate that waits: the last recorded one, if nothing became of it."""
        last = self.estimates[-1] if self.estimates else None
        return last if last and last.fate == "pending" else None

    @property
    def revised(self) -> bool:
        """Whether there is more than one version of either."""
        return len(self.estimates) > 1 or len(self.cases) > 1

    @property
    def acknowledged(self) -> int | None:
        """The case version that the last approval named, 0 for none; None before an approval."""
        return self.approvals[-1][2] if self.approvals else None

    @property
    def not_acknowledged_since(self) -> int | None:
        """The version N of "Not acknowledged since vN"; None where the current case is it."""
        current = len(self.cases)
        if self.acknowledged is None or not current or current == self.acknowledged:
            return None
        if self.acknowledged == 0 and self.case is None:
            return None
        return self.acknowledged

    def told(self, event: Event, threshold: Fraction) -> None:
        """Take in what happened next; `threshold` is that of the moment, in percent."""
        match event:
            case Placed():
                self.name, self.space, self.owner = event.name, event.space, event.owner
            case Claimed():
                self.claimed = True
            case EstimateRecorded():
                self.estimates.append(Version(len(self.estimates) + 1, event.schedule))
                self._within(threshold)
            case Confirmed():
                self._confirm("admin")
            case Declined() if self.pending:
                self.pending.fate = "declined"
            case CaseRecorded():
                self.cases.append(event.case)
            case Approved():
                asked = self.pending or (self.force[-1] if self.force else None)
                assert asked, "an approval names an estimate"
                named = len(self.cases) if self.case else 0
                self.approvals.append((event.acknowledgement, asked.number, named))
                self.claimed = True
                self._confirm("decision")

    def _confirm(self, fate: str) -> None:
        if waits := self.pending:
            waits.fate = fate
            self.force.append(waits)

    def _within(self, threshold: Fraction) -> None:
        decided = [n for n, v in enumerate(self.force) if v.fate in {"decision", "admin"}]
        if not decided:
            return
        before = [v.schedule for v in self.force[: decided[-1] + 1]]
        after = [*(v.schedule for v in self.force), self.estimates[-1].schedule]
        if term_cost(after, since=before[-1].first) <= term_cost(before) * (1 + threshold / 100):
            self._confirm("threshold")


@dataclass(frozen=True)
class Score:
    """What one pair of versions says: O, P, f, S and the band."""

    opportunity: Fraction | None
    cost: Fraction | None
    funded: int
    prospect: Fraction | None
    band: str


@dataclass(frozen=True)
class Side:
    """A pair of versions, scored for the funding year of the moment and over the whole term."""

    year: Score
    term: Score


@dataclass(frozen=True)
class Rate:
    """The actual run-rate: scaled to a year from closed months, or the month to date of none."""

    amount: Fraction
    months: int


@dataclass(frozen=True)
class Line:
    """A workload on the board; `ended` ones are on it no more."""

    story: Story
    score: Score
    year: Year | None
    rate: Rate
    ended: bool

    @property
    def size(self) -> Fraction:
        """The area of its tile: P, or without an estimate in force the run-rate."""
        return self.rate.amount if self.score.cost is None else self.score.cost


@dataclass(frozen=True)
class Totals:
    """The sums of the board: unlike kinds of dollars stay apart."""

    projected: Fraction
    saving: Fraction
    revenue: Fraction
    unbacked: Fraction
    unbacked_rate: Fraction
    unbacked_count: int
    rate: Fraction


class Organisation:
    """Everything that was recorded, in its order."""

    def __init__(self, zone: str = "UTC") -> None:
        """Begin with nothing; days are days in `zone`."""
        self.events: list[Event] = []
        self.zone = ZoneInfo(zone)

    def add(self, *events: Event) -> None:
        """Record what happened next."""
        self.events.extend(events)

    def known(self, at: datetime) -> Iterable[Event]:
        """Everything recorded by the moment."""
        return (event for event in self.events if event.at <= at)

    def day(self, at: datetime) -> date:
        """The day where the organisation is."""
        return at.astimezone(self.zone).date()

    def month(self, at: datetime) -> int:
        """The month where the organisation is."""
        day = self.day(at)
        return 12 * day.year + day.month - 1

    def bounds(self, at: datetime) -> tuple[Fraction, ...]:
        """The bounds that count at the moment: of those in effect, the latest version."""
        sets = [
            event
            for event in self.known(at)
            if isinstance(event, BoundsSet) and event.effective <= self.day(at)
        ]
        if not sets:
            return DEFAULT_BOUNDS
        latest = sets[-1]
        return tuple(
            Fraction(bound) for bound in (latest.strong, latest.solid, latest.marginal, latest.thin)
        )

    def threshold(self, at: datetime) -> Fraction:
        """The threshold that counts at the moment, in percent: of those in effect, the latest."""
        sets = [
            event
            for event in self.known(at)
            if isinstance(event, ThresholdSet) and event.effective <= self.day(at)
        ]
        return Fraction(sets[-1].percent) if sets else THRESHOLD

    def stories(self, at: datetime) -> dict[str, Story]:
        """Every workload as it then stood, proposed ones too."""
        stories: dict[str, Story] = {}
        for event in self.known(at):
            slug = getattr(event, "workload", None)
            if slug is not None:
                told = stories.setdefault(slug, Story(slug)).told
                told(event, self.threshold(event.at))
            elif isinstance(event, (Delivered, MonthReopened)):
                for spender in self.spend(event.at).get(event.month, {}):
                    stories[spender].claimed = True
        return stories

    def spend(self, at: datetime) -> Money:
        """What counts of each month: its latest delivery, or that which finance closed it with."""
        counts: Money = {}
        latest: Money = {}
        closed: set[int] = set()
        for event in self.known(at):
            match event:
                case Delivered():
                    latest[event.month] = {w: Fraction(amount) for w, amount in event.amounts}
                case MonthClosed():
                    closed.add(event.month)
                case MonthReopened():
                    closed.discard(event.month)
            counts |= {month: amounts for month, amounts in latest.items() if month not in closed}
        return counts

    def closed(self, at: datetime) -> list[int]:
        """The closed months: by finance; by rule while finance had closed none, and those stay."""
        acts = [e for e in self.known(at) if isinstance(e, (MonthClosed, MonthReopened))]
        ruled_at = acts[0].at if acts else at
        found = {
            event.month
            for event in self.known(ruled_at)
            if isinstance(event, Delivered)
            and event.at.astimezone(UTC).date() >= first_day(event.month + 1)
            and self.day(ruled_at) > first_day(event.month + 1) + SETTLED
        }
        for act in acts:
            (found.add if isinstance(act, MonthClosed) else found.discard)(act.month)
        return sorted(found)

    def rate(self, slug: str, at: datetime) -> Rate:
        """The closed months of the last three, scaled; or the month to date."""
        today, spend = self.month(at), self.spend(at)
        months = [month for month in self.closed(at) if today - 3 <= month < today]
        if not months:
            return Rate(cents(spend.get(today, {}).get(slug, Fraction(0))), 0)
        sums = sum((spend[month].get(slug, Fraction(0)) for month in months), Fraction(0))
        return Rate(cents(sums * 12 / len(months)), len(months))

    def ended(self, story: Story, at: datetime) -> bool:
        """Whether the funding is over and three closed months had no spend."""
        closed, spend = self.closed(at), self.spend(at)
        window = story.force[-1].schedule if story.force else None
        if window is None or self.month(at) < window.first + window.months or len(closed) < 3:
            return False
        return not any(spend[month].get(story.slug) for month in closed[-3:])

    def below(self, space: str, at: datetime) -> set[str]:
        """The Space and every one below it."""
        found = {space}
        parents = {e.space: e.parent for e in self.known(at) if isinstance(e, SpaceMade)}
        for _ in parents:
            found |= {child for child, parent in parents.items() if parent in found}
        return found

    def band(self, prospect: Fraction, at: datetime) -> str:
        """The band of an unrounded ratio."""
        for band, bound in zip(BANDS, self.bounds(at), strict=True):
            if prospect >= bound:
                return band
        return "weak"

    def sides(self, story: Story, at: datetime) -> list["Side"]:
        """The baseline, what the last approval named, and what counts now."""
        pairs = [([story.estimates[0]], story.cases[0] if story.cases else None)]
        if story.approvals:
            _, estimate, case = story.approvals[-1]
            before = [v for v in story.force if v.number < estimate]
            named = story.cases[case - 1] if case else None
            pairs.append(([*before, story.estimates[estimate - 1]], named))
        pairs.append((story.force, story.case))
        sides = []
        for versions, case_of in pairs:
            force = [version.schedule for version in versions]
            year = projected(force, self.month(at)) if force else None
            term = whole_term(force) if force else None
            sides.append(Side(self.score(case_of, year, at), self.score(case_of, term, at)))
        return sides

    def score(self, case: Case | None, year: Year | None, at: datetime) -> Score:
        """Score a case against a projected year, or a whole term."""
        declared = opportunity(case) if case else None
        cost, funded = (year.cost, year.funded) if year else (None, 0)
        if declared is None:
            return Score(None, cost, funded, None, "unbacked")
        if not cost:
            return Score(declared, cost, funded, None, "not_scored")
        prospect = declared * funded / 12 / cost
        return Score(declared, cost, funded, prospect, self.band(prospect, at))

    def line(self, story: Story, at: datetime) -> Line:
        """Return the figures of one workload."""
        force = [version.schedule for version in story.force]
        year = projected(force, self.month(at)) if force else None
        score = self.score(story.case, year, at)
        return Line(story, score, year, self.rate(story.slug, at), self.ended(story, at))

    def board(self, at: datetime) -> dict[str, Line]:
        """Who is on the map: the claimed ones that have not ended."""
        lines = {s.slug: self.line(s, at) for s in self.stories(at).values() if s.claimed}
        return {slug: line for slug, line in lines.items() if not line.ended}

    def waiting(self, at: datetime) -> set[str]:
        """Proposed workloads."""
        return {slug for slug, story in self.stories(at).items() if not story.claimed}


def totals(lines: Iterable[Line]) -> Totals:
    """Add up the board."""
    rows = list(lines)

    def declared(value_type: str) -> Fraction:
        return sum(
            (
                row.score.opportunity or Fraction(0)
                for row in rows
                if row.story.case and row.story.case.value_type == value_type
            ),
            Fraction(0),
        )

    unbacked = [row for row in rows if row.score.band == "unbacked"]
    return Totals(
        sum((row.score.cost or Fraction(0) for row in rows), Fraction(0)),
        declared("cost_saving"),
        declared("revenue_driving"),
        sum((row.score.cost or Fraction(0) for row in unbacked), Fraction(0)),
        sum((row.rate.amount for row in unbacked if row.rate.months), Fraction(0)),
        len(unbacked),
        sum((row.rate.amount for row in rows if row.rate.months), Fraction(0)),
    )
