"""What held in an organisation as of any moment, from the events alone.

Written from the method's text. Nothing of the product is imported; amounts are Fractions, and every
formula is written out.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from tests.model.board import Line, Side
from tests.model.events import (
    BasisChosen,
    BoundsSet,
    Delivered,
    Event,
    MonthClosed,
    MonthReopened,
    SpaceMade,
    ThresholdSet,
)
from tests.model.formulas import first_day
from tests.model.story import Story

DEFAULT_BOUNDS = (Fraction(5), Fraction(2), Fraction(5, 4), Fraction(1))
THRESHOLD = Fraction(10)  # percent
SETTLED = timedelta(days=14)
BASIS = "amortised"
Money = dict[int, dict[str, Fraction]]  # by month and workload


@dataclass
class Then:
    """An organisation as of a moment."""

    at: datetime
    day: date
    month: int
    bounds: tuple[Fraction, ...]
    basis: str
    closed: list[int]
    stories: dict[str, Story]
    spend: dict[str, Money]  # by basis
    parents: dict[str, str]
    lines: dict[tuple[str, str], Line] = field(default_factory=dict)

    def spent(self, slug: str, basis: str = "") -> dict[int, Fraction]:
        """What counts of a workload's months, in the basis of the moment or in another one."""
        spend = self.spend[basis or self.basis]
        return {month: by_slug[slug] for month, by_slug in spend.items() if slug in by_slug}

    def below(self, space: str) -> set[str]:
        """The Space and every one below it."""
        found = {space}
        for _ in self.parents:
            found |= {child for child, parent in self.parents.items() if parent in found}
        return found

    def line(self, slug: str, lens: str = "planned") -> Line:
        """The figures of one workload."""
        if (slug, lens) not in self.lines:
            self.lines[slug, lens] = Line(self.stories[slug], self, lens)
        return self.lines[slug, lens]

    def all(self, lens: str = "planned") -> list[Line]:
        """The figures of every workload, on the map or not."""
        return [self.line(slug, lens) for slug in self.stories]

    def board(self, lens: str = "planned") -> list[Line]:
        """Who is on the map: the claimed ones that have not ended."""
        return [line for line in self.all(lens) if line.on_map]

    def sides(self, slug: str) -> list[Side]:
        """The baseline, what the last approval named, and what counts now."""
        story = self.stories[slug]
        pairs = [([story.estimates[0]], story.cases[0] if story.cases else None)]
        if story.approvals:
            _, estimate, case = story.approvals[-1]
            before = [v for v in story.force if v.number < estimate]
            named = story.cases[case - 1] if case else None
            pairs.append(([*before, story.estimates[estimate - 1]], named))
        pairs.append((story.force, story.case))
        return [Side(self, [v.schedule for v in versions], case) for versions, case in pairs]


class Bills:
    """What counts of each month: its latest delivery, or that which finance closed it with."""

    def __init__(self) -> None:
        """Begin without any."""
        self.latest: dict[int, Delivered] = {}
        self.counts: dict[int, Delivered] = {}
        self.closed: set[int] = set()

    def told(self, event: Event) -> None:
        """Take in what happened next."""
        match event:
            case Delivered():
                self.latest[event.month] = event
            case MonthClosed():
                self.closed.add(event.month)
            case MonthReopened():
                self.closed.discard(event.month)
            case _:
                return
        if event.month not in self.closed:
            self.counts[event.month] = self.latest[event.month]


class Organisation:
    """Everything that was recorded, in its order."""

    def __init__(self, zone: str = "UTC") -> None:
        """Begin with nothing; days are days in `zone`."""
        self.events: list[Event] = []
        self.zone = ZoneInfo(zone)
        self._thens: dict[datetime, Then] = {}

    def add(self, *events: Event) -> None:
        """Record what happened next."""
        self.events.extend(events)
        self._thens.clear()

    def known(self, at: datetime) -> Iterable[Event]:
        """Everything recorded by the moment."""
        return (event for event in self.events if event.at <= at)

    def at(self, at: datetime) -> Then:
        """Everything as it was at the moment."""
        if at not in self._thens:
            bases = [e.basis for e in self.known(at) if isinstance(e, BasisChosen)]
            self._thens[at] = Then(
                at,
                self.day(at),
                self.month(at),
                self.bounds(at),
                bases[-1] if bases else BASIS,
                self.closed(at),
                self.stories(at),
                {basis: self.spend(at, basis) for basis in {BASIS, *bases}},
                {e.space: e.parent for e in self.events if isinstance(e, SpaceMade)},
            )
        return self._thens[at]

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
        last = sets[-1]
        return tuple(map(Fraction, (last.strong, last.solid, last.marginal, last.thin)))

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
        last: dict[str, Story] = {}
        for _, last in self.lived(at):  # noqa: B007 - the last one
            pass
        return last

    def lived(self, until: datetime) -> Iterator[tuple[Event, dict[str, Story]]]:
        """Go through what happened; each time with the workloads as they then stood."""
        stories: dict[str, Story] = {}
        bills = Bills()
        for event in self.known(until):
            bills.told(event)
            slug = getattr(event, "workload", None)
            if slug is not None:
                told = stories.setdefault(slug, Story(slug)).told
                told(event, self.threshold(event.at))
            elif isinstance(event, (Delivered, MonthReopened)):
                for spender, _ in bills.counts[event.month].amounts:
                    stories[spender].claimed = True
            yield event, stories

    def spend(self, at: datetime, basis: str) -> Money:
        """What counts of each month, in a basis."""
        bills = Bills()
        for event in self.known(at):
            bills.told(event)
        return {
            month: {
                slug: Fraction(amount) * (Fraction(bill.net) if basis.startswith("net") else 1)
                for slug, amount in bill.amounts
            }
            for month, bill in bills.counts.items()
        }

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
