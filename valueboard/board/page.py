"""The Value Board as one value: what is asked for, the rows, and the parts that the page prints."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from urllib.parse import parse_qsl

from django.db.models import OuterRef, Subquery
from django.urls import reverse
from django.utils.timezone import localdate

from accounts.models import User
from business_cases.models import BusinessRequest, RequestState, RequestStep
from business_cases.reading import read_facts
from business_cases.standing import Lens
from positions.cards import Fact
from positions.compare import Comparison, compare
from positions.explain.totals import named, totals_about
from positions.models import SavedView
from positions.query import Asked, Names, Problem, Query
from positions.reader import Reader, Tree
from positions.rows import Rows, beside_the_map, chosen, rows_at
from positions.totals import Group, Totals, groups, totals
from valueboard.board.bands import ToLookAt, to_look_at
from valueboard.board.choices import Choices, choices_of
from valueboard.board.map import MapPart, all_cards, map_of, nodes_of
from valueboard.board.movers import Movers, changed_facts, movers_of
from valueboard.board.strip import Kpi, count, kpis_of, sets_of
from valueboard.board.table import Table, table_of
from valueboard.lib import formats
from valueboard.lib.as_of import end_of
from valueboard.lib.clock import DatabaseNow
from valueboard.lib.figure import About, at_moment

# What an address may ask of the page that is no part of what is shown.
TOP = "top"  # how many tiles a Space has at most
MOST_DIGITS = 4


@dataclass(frozen=True, slots=True)
class Opening:
    """The moment of a request, and the view that a person's board opens with."""

    at: datetime
    default: str | None


def opening(user: User) -> Opening:
    """Read both in one query."""
    default = SavedView.objects.filter(owner=OuterRef("pk"), is_default=True).values("query")
    asked = User.objects.filter(pk=user.pk).values_list(DatabaseNow(), Subquery(default))
    return Opening(*asked.get())


@dataclass(frozen=True, slots=True)
class Waiting:
    """A request that waits for a decision, `since` a moment; `name` and `space` as they were."""

    request: BusinessRequest
    name: str
    space: str
    since: datetime


@dataclass(frozen=True)
class Board:
    """The rows that are asked for, of one moment or two, and all that they were chosen from."""

    query: Query
    problems: Sequence[Problem]
    reader: Reader
    everything: Rows
    rows: Rows
    comparison: Comparison | None
    top: int | None
    latest: date

    @property
    def tree(self) -> Tree:
        """Return the Spaces as the person may know them."""
        return self.reader.tree

    # --- what is asked for ------------------------------------------------------------------------

    @property
    def is_narrowed(self) -> bool:
        """Tell whether anything is filtered for: a day and a lens leave nothing out."""
        plain = self.query.figures_of(as_of=None, compare=None, lens=Lens.PLANNED)
        return plain != Query()

    @cached_property
    def asked(self) -> list[Asked]:
        """Return what is asked for, in words."""
        tree = self.tree
        spaces = {tree.slug(pk): tree.path(pk) for pk in tree.spaces if tree.is_read(pk)}
        return self.query.asked(Names(spaces, self._owners))

    @property
    def text(self) -> str:
        """Return the text of the address."""
        return self.query.urlencode()

    @property
    def address(self) -> str:
        """Return the same for a link to the board."""
        return self.query.address()

    @property
    def above(self) -> str:
        """Return the amount that is filtered for, as its field shows it."""
        return "" if self.query.above is None else formats.number(self.query.above)

    @property
    def kept(self) -> list[tuple[str, str]]:
        """Return what the filters leave as it is: order and columns."""
        return parse_qsl(Query(sort=self.query.sort, columns=self.query.columns).urlencode())

    @cached_property
    def _owners(self) -> dict[int, str]:
        return {row.owner_id: row.owner for row in self.everything.rows}

    @cached_property
    def choices(self) -> Choices:
        """Return what the filters offer."""
        return choices_of(self.query, self.tree, self._owners)

    # --- what is shown ----------------------------------------------------------------------------

    @cached_property
    def totals(self) -> Totals:
        """Return the totals of the rows."""
        return named(totals(self.rows.rows), self.about)

    @property
    def about(self) -> About:
        """Return what names the totals of all rows."""
        return totals_about(self.query, self.rows.at.asked)

    def _changed(self, workload: int) -> tuple[Fact, ...]:
        """Return what the card of a workload says of a comparison."""
        if self.comparison is None or self.query.compare is None:
            return ()
        return changed_facts(self.comparison, self.query.compare, workload)

    @cached_property
    def map(self) -> MapPart:
        """Return the map."""
        return map_of(self.rows, self.query, self.tree, self.top, self._changed)

    def cards(self) -> dict[str, object]:
        """Return the cards of the map, for one that is too large to carry them."""
        return all_cards(self.rows, self.query, self.tree, self.top, self._changed)

    def nodes(self) -> dict[str, object]:
        """Return the rows for the zooming view."""
        return nodes_of(self.rows, self.query, self.tree, self._changed)

    @cached_property
    def table(self) -> Table:
        """Return the page of the table that is asked for."""
        return table_of(self.rows, self.totals, self.query, self.tree)

    @cached_property
    def spaces(self) -> Sequence[tuple[Group, Totals, str]]:
        """Return the Spaces below the one that is shown: totals, and address of their own board."""
        under = self.tree.find(self.query.space) if self.query.space else None
        found = groups(self.rows.rows, self.tree, under, len(self.rows.rows))
        return [
            (group, self._named(group), "" if group.own else self._down(group)) for group in found
        ]

    def _named(self, group: Group) -> Totals:
        """Name the totals of a group by the query that shows it alone."""
        query = self.query.figures_of(space=group.slug)
        about = totals_about(query, self.rows.at.asked, own=group.own)
        return named(group.totals, about)

    def _down(self, group: Group) -> str:
        return f"{reverse('board')}?{self.query.urlencode(space=group.slug, smaller='', page=1)}"

    @cached_property
    def movers(self) -> Movers | None:
        """Return what moved, where two dates are compared."""
        if self.comparison is None or self.query.compare is None:
            return None
        return movers_of(self.comparison, self.query.compare, self.tree, self.about)

    @cached_property
    def beside(self) -> Rows:
        """Return what a search finds that is not on the map."""
        return beside_the_map(self.everything, self.query, self.tree)

    @cached_property
    def to_look_at(self) -> Sequence[ToLookAt]:
        """Return what somebody should look at first."""
        return to_look_at(self.rows.rows)

    @cached_property
    def kpis(self) -> list[Kpi]:
        """Return the strip."""
        return kpis_of(self.totals, self.comparison, self.query.compare, self.about)

    @property
    def sets(self) -> str:
        """Say that projected costs and run-rates are of different workloads, where they are."""
        return sets_of(self.totals)

    @property
    def said(self) -> str:
        """Return what a swap announces."""
        day = f" as of {formats.day(self.query.as_of)}" if self.query.as_of else ""
        return f"{count(len(self.rows.rows), 'workload')}{day}"


def read_board(
    user: User, params: Mapping[str, str], at: datetime, *, printed: bool = False
) -> Board:
    """Read the rows for an address, as a person sees them; `at` is now.

    Figures that are printed lead to what they were at that moment, whenever one looks.
    """
    lists = params.lists() if hasattr(params, "lists") else params.items()
    query, problems = Query.read(
        {name: value for name, value in lists if name != TOP}, localdate(at)
    )
    reader = Reader.of(user)
    moment = end_of(query.as_of) if query.as_of else at
    then = end_of(query.compare) if query.compare else None
    facts = read_facts(reader, [each for each in (then, moment) if each])
    pinned = at_moment(moment) if printed and not query.as_of else ""
    asked = "&".join(filter(None, (pinned, query.moment)))
    everything = rows_at(facts, moment, query.lens, asked=asked)
    rows = chosen(everything, query, reader.tree)
    comparison = None
    if then:
        earlier = replace(query, as_of=query.compare)
        at_first = rows_at(facts, then, query.lens, asked=earlier.moment)
        before = chosen(at_first, query, reader.tree)
        comparison = compare(before, rows, facts)
    return Board(query, problems, reader, everything, rows, comparison, _top(params), localdate(at))


def _top(params: Mapping[str, str]) -> int | None:
    text = params.get(TOP, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS else None


def waiting(user: User, board: Board) -> Iterator[Waiting]:
    """Yield the submissions that waited for a decision at the board's moment, oldest first."""
    steps = RequestStep.objects.filter(
        request__in=BusinessRequest.objects.visible_to(user), recorded_at__lte=board.rows.known_at
    )
    latest = steps.order_by("request_id", "-version").distinct("request_id").values("pk")
    found = (
        RequestStep.objects.filter(pk__in=latest, to_state=RequestState.SUBMITTED)
        .select_related("request__space", "request__created_by")
        .order_by("recorded_at")
    )
    under = board.tree.find(board.query.space) if board.query.space else None
    inside = None if under is None else board.tree.below(under)
    rows = {row.id: row for row in board.everything.rows}
    for step in found:
        request, row = step.request, rows.get(step.request.workload_id or 0)
        if inside is None or (row.space_id if row else request.space_id) in inside:
            name = row.name if row else request.name
            space = board.tree.name(row.space_id) if row else str(request.space)
            yield Waiting(request, name, space, step.recorded_at)
