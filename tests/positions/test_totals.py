"""Groups of the Space tree: each row in one, totals of all of it, small ones together."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

import pytest

from accounts.models import User
from business_cases.reading import read_facts
from positions.query import Query
from positions.reader import Reader
from positions.rows import chosen, groups, rows_at, totals
from records.clock import now
from spaces.models import Membership, Space
from tests.cast import REVENUE, Cast, added, proposal
from tests.test_board import JANUARY, workload

pytestmark = pytest.mark.django_db


def names(user: User, under: Space | None, top: int = 10) -> dict[str, tuple[list[str], int]]:
    """The rows and the number of smaller ones of each group, by its path."""
    reader, at = Reader.of(user), now()
    rows = rows_at(read_facts(reader, [at]), at)
    found = groups(rows.on_map.rows, reader.tree, under.pk if under else None, top)
    return {
        f"{group.path}{' itself' if group.own else ''}": (
            [row.name for row in group.rows],
            len(group.smaller),
        )
        for group in found
    }


@pytest.fixture
def four(cast: Cast) -> None:
    """Three workloads in Commerce, one of them below it in Search."""
    added(cast, proposal(cast, name="One"))
    added(cast, proposal(cast, name="Two", case=REVENUE))
    added(cast, proposal(cast, name="Below", space=cast.search))


@pytest.mark.usefixtures("four")
def test_one_goes_down_the_tree_and_nothing_is_lost(cast: Cast) -> None:
    assert names(cast.felix, None) == {"Commerce": (["Below", "One", "Two"], 0)}
    assert names(cast.felix, cast.commerce) == {
        "Commerce itself": (["One", "Two"], 0),
        "Commerce / Search": (["Below"], 0),
    }
    inside = names(cast.felix, cast.search)
    assert inside["Commerce / Search itself"] == (["Below"], 0)


@pytest.mark.usefixtures("four")
def test_names_above_what_one_reads_are_not_said(cast: Cast) -> None:
    Membership.objects.create(space=cast.search, user=cast.sam, role="member")
    assert names(cast.sam, None) == {"Search": (["Below"], 0)}
    reader = Reader.of(cast.sam)
    assert reader.tree.find("commerce") is None
    assert reader.tree.children(None) == [cast.search.pk]


@pytest.mark.usefixtures("four")
def test_one_alone_is_never_hidden_behind_a_tile_for_the_smaller_ones(cast: Cast) -> None:
    assert names(cast.felix, None, top=2) == {"Commerce": (["Below", "One", "Two"], 0)}
    assert names(cast.felix, None, top=1) == {"Commerce": (["Below"], 2)}


def test_the_largest_group_comes_first_with_what_of_it_is_cut_off(
    cast: Cast, travel: Callable[[datetime], None]
) -> None:
    travel(JANUARY)
    for name in ("One", "Three", "Two"):
        workload(cast, name)
    workload(cast, "Large", monthly=20_000, space=cast.search)
    assert list(names(cast.felix, cast.commerce, top=1).items()) == [
        ("Commerce itself", (["One"], 2)),
        ("Commerce / Search", (["Large"], 0)),
    ]


@pytest.mark.usefixtures("four")
def test_totals_keep_the_two_kinds_of_dollars_apart(cast: Cast) -> None:
    reader, at = Reader.of(cast.felix), now()
    rows = rows_at(read_facts(reader, [at]), at).on_map.rows
    found = totals(rows)
    assert (found.count, found.cost_saving_cases, found.revenue_driving_cases) == (3, 2, 1)
    saving = sum((r.o or Decimal(0) for r in rows if r.name != "Two"), Decimal(0))
    assert found.cost_saving.amount == saving
    assert found.cost_saving.value_type != found.revenue_driving.value_type


@pytest.mark.usefixtures("four")
@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("", ["Below", "One", "Two"]),
        ("space=search", ["Below"]),
        ("space=nowhere", ["Below", "One", "Two"]),
        ("type=revenue_driving", ["Two"]),
        ("q=bel", ["Below"]),
        ("q=search+olivia", ["Below"]),
        ("q=100%25", []),
        ("q=counsel", ["Below", "One"]),
        ("above=1000b", []),
        ("revised=1", []),
        ("state=not_approved", ["Below", "One", "Two"]),
        ("state=running&state=not_started", []),
        ("state=pending&sort=-name", ["Two", "One", "Below"]),
        ("band=strong", []),
        ("band=not_scored", ["Below", "One", "Two"]),
    ],
)
def test_every_filter_filters(cast: Cast, asked: str, found: list[str]) -> None:
    at: datetime = now()
    reader = Reader.of(cast.felix)
    rows = rows_at(read_facts(reader, [at]), at)
    query, problems = Query.read(asked, at.date())
    assert problems == []
    assert [row.name for row in chosen(rows, query, reader.tree).rows] == found
