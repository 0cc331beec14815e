"""Asking the product and the model the same about facts that were read once."""

from datetime import datetime
from itertools import pairwise
from random import Random
from typing import Any

from business_cases.facts import Facts
from business_cases.standing import Lens
from positions.compare import compare
from positions.query import SORTS
from positions.reader import Tree
from positions.rows import Row, Rows, chosen, ordered, rows_at
from positions.totals import groups, totals
from tests.model import beside, board, comparing
from tests.model.organisation import Organisation
from valueboard.board.columns import COLUMN_OF, NAME

LENSES = ("planned", "actual")
TOP = 2


def must_agree(
    model: Organisation,
    facts: Facts,
    tree: Tree,
    owners: dict[str, int],
    chance: Random,
) -> None:
    """Compare every row at every moment of the facts, and what is chosen of them, at two too."""
    moments = facts.moments
    spaces = [space.slug for space in tree.spaces.values()]
    shown: dict[tuple[datetime, str], Rows] = {}
    for at in moments:
        for lens in LENSES:
            shown[at, lens] = rows_at(facts, at, Lens(lens))
            must_show(shown[at, lens], model, lens, tree)
    pairs = [*pairwise(moments), (moments[0], moments[-1])]
    for before, after in pairs:
        for lens in LENSES:
            then, now = model.at(before), model.at(after)
            asked = beside.wanted(chance, now, spaces, sorted(owners))
            query = beside.query_of(asked, lens, owners)
            was, is_now = (chosen(shown[at, lens], query, tree) for at in (before, after))
            must_choose(is_now, board.chosen(now, lens, asked), tree, chance)
            meant = comparing.compare(then, now, lens, asked)
            beside.must_move(compare(was, is_now, facts), meant)


def must_show(rows: Rows, model: Organisation, lens: str, tree: Tree) -> None:
    """Compare every workload at a moment, on the map or not."""
    then = model.at(rows.known_at)
    lines = {line.story.slug: line for line in then.all(lens)}
    assert {row.slug for row in rows.rows} == set(lines)
    found = {row.slug: beside.differences(row, lines[row.slug], tree) for row in rows.rows}
    other = {slug: each for slug, each in found.items() if each}
    assert not other, f"as of {rows.known_at}, {lens}: {other}"
    assert rows.basis == then.basis


def must_choose(rows: Rows, lines: dict[str, board.Line], tree: Tree, chance: Random) -> None:
    """Compare who is chosen, what they come to, and how they are grouped below a Space."""
    assert {row.slug for row in rows.rows} == set(lines)
    sizes = [row.size for row in rows.rows]
    assert sizes == sorted(sizes, reverse=True)
    must_order(rows, chance.choice(SORTS), tree)
    assert beside.of_totals(totals(rows.rows)) == board.totals(lines.values())
    under = chance.choice([None, *tree.spaces])
    inside = tree.below(under) if under else set(tree.spaces)
    name = tree.slug(under) if under else ""
    found = {
        beside.of_group(group, tree): group
        for group in groups([r for r in rows.rows if r.space_id in inside], tree, under, TOP)
    }
    meant = board.grouped(
        [line for line in lines.values() if tree.find(line.story.space) in inside], name
    )
    assert set(found) == set(meant)
    for place, group in found.items():
        slugs = [row.slug for row in (*group.rows, *group.smaller)]
        assert set(slugs) == {line.story.slug for line in meant[place]}
        assert beside.of_totals(group.totals) == board.totals(meant[place])


def must_order(rows: Rows, column: str, tree: Tree) -> None:
    """Have a column sort by what it shows, those that show nothing last, either way round."""

    def shown(row: Row) -> Any:
        match column:
            case "size":
                return row.size
            case "months":
                return row.f or None
            case "decision":
                return row.last_decision.at if row.last_decision else None
        cell = (NAME if column == "name" else COLUMN_OF[column]).cell(row, tree)
        return cell.figure.amount if cell.figure else cell.text.strip("—").casefold() or None

    for sort in (column, f"-{column}"):
        found = [shown(row) for row in ordered(rows.rows, sort, tree)]
        have = [each for each in found if each is not None]
        assert have == sorted(have, reverse=sort != column), sort
        assert found == [*have, *[None] * (len(found) - len(have))], sort
