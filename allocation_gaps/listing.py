"""The list of gaps as a page or a file: what the address asks for, in groups with totals."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from django.http import QueryDict
from django.utils.timezone import localdate

from accounts.models import User
from accounts.policy import reads_everything
from allocation_gaps.gap import AGES, Gap
from allocation_gaps.gap_filter import GROUPS, GapFilter, read_filter, words_of
from allocation_gaps.models import GapKind
from allocation_gaps.reports import in_order, open_gaps
from allocation_gaps.states import OPEN, GapState
from business_cases.figures import CURRENCY
from spaces.models import Reader, Space
from valueboard.lib.as_of import AsOf, end_of, read_as_of
from valueboard.lib.explained import What
from valueboard.lib.figure import UNNAMED, About, Figure, Kind, total

UNCLAIMED = "Unclaimed AI spend"


@dataclass(frozen=True, slots=True)
class Totals:
    """What gaps come to together: each workload once, whatever gaps it has; unclaimed spend apart.

    `actual` adds run-rates that are scaled to a year. `workloads` counts workloads; nothing is
    projected where none of them has an estimate in force.
    """

    projected: Figure | None
    actual: Figure
    unclaimed: Figure
    workloads: int
    since: date | None = None  # the first month that `unclaimed` adds up

    @staticmethod
    def once(gaps: Iterable[Gap]) -> list[Gap]:
        """Return each workload with one of its gaps, and unclaimed spend."""
        return list({gap.workload.pk if gap.workload else -gap.id: gap for gap in gaps}.values())

    def explained(self, about: About) -> "Totals":
        """Return the same with the addresses of their explanations."""
        return replace(
            self,
            projected=self.projected.explained_as(about.made(What.TOTAL_PROJECTED))
            if self.projected
            else None,
            actual=self.actual.explained_as(about.made(What.TOTAL_RUN_RATE)),
            unclaimed=self.unclaimed.explained_as(about.made(What.TOTAL_UNCLAIMED)),
        )

    @classmethod
    def of(cls, gaps: Iterable[Gap]) -> "Totals":
        """Add up."""
        once = cls.once(gaps)
        plan, spend = (Figure(Decimal(0), CURRENCY, k) for k in (Kind.PROJECTED, Kind.ACTUAL))
        planned = [gap.projected for gap in once if gap.projected]
        return cls(
            total(planned, plan) if planned else None,
            total((gap.actual for gap in once if gap.is_scaled), spend),
            total((gap.actual for gap in once if not gap.workload), spend),
            sum(1 for gap in once if gap.workload),
            min((gap.unclaimed_since for gap in once if not gap.workload), default=None),
        )


@dataclass(frozen=True, slots=True)
class Group:
    """Gaps that belong together; `key` is a word for addresses within the page."""

    key: str
    label: str
    gaps: Sequence[Gap]

    about: About = UNNAMED

    @property
    def totals(self) -> Totals:
        """Return what they come to."""
        return Totals.of(self.gaps).explained(self.about)


@dataclass(frozen=True, slots=True)
class Listing:
    """What an address asks for, and what it gets.

    `every` are the open gaps that the person reads, before any filter, for what filters offer.
    """

    asked: GapFilter
    as_of: AsOf
    known_at: datetime
    every: Sequence[Gap]
    shown: Sequence[Gap]
    problems: Sequence[str]
    spaces: Mapping[str, str]

    @property
    def is_past(self) -> bool:
        """Tell whether it shows a past date."""
        return self.as_of.day is not None

    @property
    def basis(self) -> str:
        """Return the cost basis of the amounts shown, as the latest look has it; '' without any."""
        return next(((gap.stake or gap.opening).basis for gap in self.shown), "")

    @property
    def owners(self) -> dict[str, str]:
        """Return who owns workloads with gaps, by id, by name."""
        found = {str(g.workload.owner_id): g.workload.owner.name for g in self.every if g.workload}
        return dict(sorted(found.items(), key=lambda item: item[1]))

    @property
    def assignees(self) -> dict[str, str]:
        """Return to whom gaps are given, by id, by name."""
        given = [gap.acts.assigned for gap in self.every if gap.acts.assigned]
        found = {str(a.assignee_id): a.assignee.name for a in given if a.assignee}
        return dict(sorted(found.items(), key=lambda item: item[1]))

    @property
    def counts(self) -> dict[str, int]:
        """Return how many of those shown are in each state."""
        states = [gap.state for gap in self.shown]
        return {state.value: states.count(state) for state in GapState}

    @property
    def words(self) -> list[tuple[str, str]]:
        """Return the filters in words."""
        return words_of(self.asked, self.spaces, self.owners | self.assignees)


def read_listing(user: User, query: QueryDict, now: datetime) -> Listing:
    """Read what an address asks for, and the gaps; a constant number of queries."""
    as_of = read_as_of(query, localdate(now))
    known_at = end_of(as_of.day) if as_of.day else now
    asked, problems = read_filter({name: query.getlist(name) for name in query}, user.pk)
    reader = Reader.of(user)
    read = set(reader.spaces) if reads_everything(user) else reader.reads
    spaces = {reader.spaces[pk].slug: reader.spaces[pk] for pk in reader.spaces if pk in read}
    asked = replace(asked, as_of=as_of.day)
    if asked.space in spaces:
        below = frozenset(reader.below([spaces[asked.space].pk]))
        asked = replace(asked, space_ids=below)
    elif asked.space:
        problems.append("There is no such Space, or you don't read it.")
        asked = replace(asked, space="")
    with_resolved = GapFilter(states=frozenset(asked.states | {state.value for state in OPEN}))
    every = open_gaps(user, known_at, with_resolved)
    return Listing(
        asked,
        as_of,
        known_at,
        [gap for gap in every if gap.is_open],
        [gap for gap in every if asked.leaves(gap)],
        [*problems, *([as_of.error] if as_of.error else [])],
        _paths(spaces, reader),
    )


def grouped(gaps: Iterable[Gap], by: str) -> list[Group]:
    """Return gaps in groups, by one of `GROUPS`; the dearest first within each."""
    found: dict[tuple[object, str], list[Gap]] = {}
    for gap in gaps:
        found.setdefault(_group_of(gap, by), []).append(gap)
    ordered = sorted(found.items(), key=lambda item: str(item[0][0]))
    return [
        Group(f"{by}-{number}", label, in_order(inside))
        for number, ((_, label), inside) in enumerate(ordered)
    ]


def _group_of(gap: Gap, by: str) -> tuple[object, str]:
    """Return what a gap is grouped under: what orders it, and its words."""
    if by == "kind":
        return f"{list(GapKind).index(gap.kind):02}", gap.kind.label
    if by == "age":
        order = [words for _, words in AGES][::-1]
        return f"{order.index(gap.age_words):02}", f"Open {gap.age_words}"
    if gap.workload is None:
        return "\uffff", UNCLAIMED
    name = gap.workload.space.name if by == "space" else gap.workload.owner.name
    key = gap.workload.space_id if by == "space" else gap.workload.owner_id
    return f"{name.casefold()} {key}", name


def _paths(spaces: Mapping[str, Space], reader: Reader) -> dict[str, str]:
    """Return the Spaces as a person reads them, by slug: `Commerce / Search`."""

    def path(space: Space) -> str:
        parent = reader.spaces.get(space.parent_id) if space.parent_id else None
        above = f"{path(parent)} / " if parent and parent.slug in spaces else ""
        return f"{above}{space.name}"

    return dict(sorted(((s, path(space)) for s, space in spaces.items()), key=lambda i: i[1]))


def today_of(listing: Listing) -> date:
    """Return the day that a listing is of."""
    return listing.as_of.day or localdate(listing.known_at)


__all__ = ["GROUPS", "Group", "Listing", "Totals", "grouped", "read_listing", "today_of"]
