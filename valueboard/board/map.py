"""The map of the board: Spaces of the tree as groups, workloads as tiles, the small ones as one."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.safestring import SafeString

from business_cases.figures import CURRENCY
from business_cases.standing import Lens
from positions.cards import Card, Fact, card
from positions.query import Query
from positions.reader import Tree
from positions.rows import Row, Rows
from positions.totals import Group, Sums, groups
from valueboard.board.bands import LegendEntry, legend
from valueboard.lib import formats
from valueboard.lib.figure import Figure
from valueboard.lib.money import compact_money, format_money
from valueboard.lib.palette import LOOK_OF
from valueboard.lib.svg import map_svg
from valueboard.lib.tiles import Block, Section, draw, shortened

WIDE, NARROW = (1000, 500), (340, 560)
# Tiles that people can tell apart: beyond, each Space shows its largest, and the rest as one.
MOST_TILES = 300
FEWEST_A_SPACE = 5
MOST_NAMED = 20  # of the workloads without an area
PLANNED_TITLE = "Declared opportunity against projected annual cost"
ACTUAL_TITLE = "Declared opportunity against actual spend"

# What cards say of a comparison, by the id of the workload.
Changed = Callable[[int], tuple[Fact, ...]]


@dataclass(frozen=True, slots=True)
class Step:
    """A Space on the way down the tree; the last one, which is shown, has no address."""

    name: str
    url: str


@dataclass(frozen=True, slots=True)
class MapPart:
    """The map as its template prints it."""

    title: str
    hint: str
    legend: Sequence[LegendEntry]
    trail: Sequence[Step]
    drawings: Sequence[SafeString]
    cards: dict[str, object] | None
    cards_url: str
    zoom_url: str
    unsized: Sequence[Row]
    unsized_count: int

    @property
    def unsized_more(self) -> int:
        """Return how many without an area are not named."""
        return self.unsized_count - len(self.unsized)


def map_of(rows: Rows, query: Query, tree: Tree, top: int | None, changed: Changed) -> MapPart:
    """Lay out the rows that have an area; `top` fixes how many tiles a Space has at most."""
    title, hint = titles(rows)
    shown = _shown(rows, query, tree, top)
    cards = dict(_cards(shown, tree, changed))
    sections = [_section(group, query, cards) for group in shown]
    tiles = sum(len(section.blocks) for section in sections)
    few = tiles <= MOST_TILES
    said = f"{title}. {_spoken(rows)} The table below has the same figures."
    unsized = [row for row in rows.rows if row.size <= 0]
    address = query.urlencode(page=1)
    return MapPart(
        title=title,
        hint=hint,
        legend=legend(rows.bounds, rows.lens),
        trail=_trail(query, tree),
        # A map of many tiles is drawn once: a second layout would double the page.
        drawings=[
            map_svg(draw(sections, *size), said, ids=size is WIDE)
            for size in ((WIDE, NARROW) if few else (WIDE,))
            if tiles
        ],
        cards=_plain(cards) if few else None,
        cards_url=f"{reverse('board-cards')}?{address}",
        zoom_url=f"{reverse('board-map')}?{address}",
        unsized=unsized[:MOST_NAMED],
        unsized_count=len(unsized),
    )


def titles(rows: Rows) -> tuple[str, str]:
    """Return what the map shows and how it is read: which figure is of which kind, and of when."""
    area = (
        "Area: projected annual cost, or the actual run-rate where no estimate is in force; "
        "dollars are projected unless marked actual. "
    )
    if rows.lens is Lens.PLANNED:
        return PLANNED_TITLE, (
            f"{area}Colour: Investment Prospect, declared opportunity over projected cost for the "
            f"funded months of the funding year that holds {formats.day(rows.today)}."
        )
    months = sorted({month for row in rows.rows for month in row.actual.months})
    if not months:
        return ACTUAL_TITLE, f"{area}No month is closed within a funding window: nothing is scored."
    first, last = formats.month(months[0]), formats.month(months[-1])
    span = f"{first} to {last}" if first != last else first
    return f"{ACTUAL_TITLE}, {span}", (
        f"{area}Colour: the declared opportunity's share of each workload's closed and funded "
        f"months in {span}, over the spend that was measured in them."
    )


def _spoken(rows: Rows) -> str:
    if rows.lens is Lens.PLANNED:
        return "One was declared, the other projected; neither is an outcome."
    return "The opportunity was declared, the spend measured; the area is the projected cost."


# --- which rows -----------------------------------------------------------------------------------


def _shown(rows: Rows, query: Query, tree: Tree, top: int | None) -> list[Group]:
    """Return the Spaces below the one that is shown, or one Space's smaller workloads."""
    sized = [row for row in rows.rows if row.size > 0]
    under = tree.find(query.space) if query.space else None
    found = groups(sized, tree, under, top or MOST_TILES)
    if top is None and len(sized) > MOST_TILES:
        fewer = max(FEWEST_A_SPACE, MOST_TILES // len(found) - 1)
        found = [group.cut(fewer) for group in found]
    opened = next((group for group in found if group.slug == query.smaller), None)
    if opened and opened.smaller:
        return groups(opened.smaller, tree, opened.space_id, MOST_TILES)
    return found


def _trail(query: Query, tree: Tree) -> list[Step]:
    """Return the way from the top down to what is shown; nothing at the top."""
    space = tree.find(query.space) if query.space else None
    opened = tree.find(query.smaller) if query.smaller else None
    if space is None and opened is None:
        return []
    steps = [Step("All Spaces", _url(query, space="", smaller="", page=1))]
    for pk in tree.trail(space) if space is not None else ():
        url = _url(query, space=tree.slug(pk), smaller="", page=1)
        steps.append(Step(tree.name(pk), url))
    if opened is not None:
        steps.append(Step(f"Smaller workloads of {tree.name(opened)}", ""))
    return [*steps[:-1], Step(steps[-1].name, "")]


def _url(query: Query, **changes: Any) -> str:
    return f"{reverse('board')}?{query.address(**changes)}"


# --- tiles ----------------------------------------------------------------------------------------


def _section(group: Group, query: Query, cards: Mapping[str, Card]) -> Section:
    blocks = [_block(row, cards[row.slug]) for row in group.rows]
    if group.smaller:
        key = _smaller_key(group)
        blocks.append(_smaller(group, key, cards[key], query))
    sums = Sums((*group.rows, *group.smaller))
    projected = compact_money(sums.projected, CURRENCY)
    actual = f" · {compact_money(sums.run_rate, CURRENCY)} actual" if sums.run_rate else ""
    down = "" if group.own else _url(query, space=group.slug, smaller="", page=1)
    return Section(
        key=f"{group.space_id}-own" if group.own else f"{group.space_id}",
        names=shortened(f"directly in {group.name}" if group.own else group.name),
        totals=(f"{projected} projected{actual}", f"{projected} projected", projected),
        blocks=blocks,
        href=down,
        details=f"Show {group.path} alone." if down else "",
    )


def _block(row: Row, said: Card) -> Block:
    look = LOOK_OF[row.band]
    return Block(
        key=row.slug,
        size=row.size,
        name=row.name,
        figure=_figure(row),
        details=said.words,
        band=look.key,
        glyph=look.glyph,
        pattern=look.pattern.value,
        href=row.url,
        revised=row.revised,
    )


def _figure(row: Row) -> str:
    """Return what stands below a name on the map."""
    amount = compact_money(row.size, CURRENCY)
    # A tile without an estimate in force is as large as what was spent: another kind of figure.
    if row.p is None:
        amount = f"{amount} actual"
    return f"{amount} · {row.multiple}" if row.multiple else amount


def _smaller_key(group: Group) -> str:
    return f"smaller-{group.space_id}"


def _smaller(group: Group, key: str, said: Card, query: Query) -> Block:
    """Return the tile that stands for all that are too small, and opens them."""
    return Block(
        key=key,
        size=_size(group.smaller),
        name=said.name,
        figure=_sizes(group.smaller),
        details=said.words,
        band="smaller",
        glyph="…",
        pattern="",
        # Those that are too many even so stand in the table.
        href="#table-title" if query.smaller else _url(query, smaller=group.slug, page=1),
        last=True,
    )


def _size(rows: Iterable[Row]) -> Decimal:
    return sum((row.size for row in rows), Decimal(0))


def _sizes(rows: Sequence[Row]) -> str:
    """Return areas in words: projected dollars and actual ones stay apart."""
    projected = _size(row for row in rows if row.p is not None)
    actual = _size(row for row in rows if row.p is None)
    parts = [compact_money(projected, CURRENCY)] if projected else []
    return " + ".join([*parts, *([f"{compact_money(actual, CURRENCY)} actual"] if actual else [])])


def compact(figure: Figure) -> str:
    """Return a figure in few characters."""
    return compact_money(figure.amount, figure.unit)


# --- cards ----------------------------------------------------------------------------------------


def all_cards(
    rows: Rows, query: Query, tree: Tree, top: int | None, changed: Changed
) -> dict[str, object]:
    """Return the cards of a map that is too large to carry them itself."""
    return _plain(dict(_cards(_shown(rows, query, tree, top), tree, changed)))


def _plain(cards: Mapping[str, Card]) -> dict[str, object]:
    """Return the card of every tile as JSON, by the key of the tile."""
    return {key: each.plain() for key, each in cards.items()}


def _cards(shown: Iterable[Group], tree: Tree, changed: Changed) -> Iterator[tuple[str, Card]]:
    for group in shown:
        for row in group.rows:
            yield row.slug, card(row, tree.path(row.space_id), changed(row.id))
        if group.smaller:
            yield _smaller_key(group), _smaller_card(group, tree)


def _smaller_card(group: Group, tree: Tree) -> Card:
    rows = group.smaller
    counts = Counter(row.band for row in rows)
    counted = [f"{counts[band]} {look.short}" for band, look in LOOK_OF.items() if counts[band]]
    return Card(
        f"{len(rows)} smaller workloads",
        (
            Fact("Space", tree.path(group.space_id)),
            _projected(rows),
            Fact("Investment Prospect", ", ".join(counted)),
        ),
    )


def _projected(rows: Iterable[Row]) -> Fact:
    amount = sum((row.p for row in rows if row.p is not None), Decimal(0))
    return Fact(
        "Projected annual cost",
        format_money(amount, CURRENCY, 2),
        "each workload in its own funding year",
    )


# --- the zooming view -----------------------------------------------------------------------------


def nodes_of(rows: Rows, query: Query, tree: Tree, changed: Changed) -> dict[str, object]:
    """Return the same rows as a tree for plotly: Spaces above, every workload with an area below.

    Values are texts: amounts are no floats here, and the script makes areas of them.
    """
    sized = [row for row in rows.rows if row.size > 0]
    inside: dict[int, list[Row]] = {}
    for row in sized:
        for pk in tree.trail(row.space_id):
            inside.setdefault(pk, []).append(row)
    under = tree.find(query.space) if query.space else None
    nodes: list[dict[str, object]] = [_above("all", "", "All Spaces", sized)]
    for pk in tree.order(inside):
        parent = tree.parent(pk)
        above = "all" if parent is None else f"space-{parent}"
        nodes.append(_above(f"space-{pk}", above, tree.name(pk), inside[pk]))
    nodes += [_below(row, tree, changed(row.id)) for row in sized]
    return {"top": f"space-{under}" if under in inside else "all", "nodes": nodes}


def _above(key: str, parent: str, name: str, rows: Sequence[Row]) -> dict[str, object]:
    said = Card(name, (Fact("Workloads", formats.number(len(rows))), _projected(rows)))
    return {
        "id": key,
        "parent": parent,
        "label": name,
        "figure": _sizes(rows),
        "value": "0",
        "card": said.plain(),
    }


def _below(row: Row, tree: Tree, changed: tuple[Fact, ...]) -> dict[str, object]:
    look = LOOK_OF[row.band]
    return {
        "id": f"workload-{row.slug}",
        "parent": f"space-{row.space_id}",
        "label": row.name,
        "figure": f"{look.glyph} {_figure(row)}",
        "value": f"{row.size:f}",
        "band": look.key,
        "pattern": look.pattern.value,
        "url": row.url,
        "card": card(row, tree.path(row.space_id), changed).plain(),
    }
