"""The parts of the board's page: KPI strip, map, legend, and what to look at first."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString

from business_cases.figures import CURRENCY
from business_cases.standing import NOT_SCORED, UNBACKED
from positions.rows import Row
from valueboard.board import Board, Group
from valueboard.lib.bands import Bound
from valueboard.lib.figure import Figure
from valueboard.lib.money import compact_money
from valueboard.lib.palette import LOOK_OF
from valueboard.lib.svg import map_svg
from valueboard.lib.tiles import Block, Section, draw
from valueboard.templatetags.figures import words

WIDE = (1000, 500)
NARROW = (340, 560)

# What a band points to (METHOD 5).
POINTS_TO = {
    "strong": "Candidate to scale",
    "solid": "On course; watch for growth",
    "marginal": "Review the scope",
    "thin": "Revisit the case before the next cycle",
    "weak": "Continued funding is weak unless the case changes",
    UNBACKED: "Request the case",
    NOT_SCORED: "Request the estimate",
}
# Bands whose rows somebody should look at first.
TO_LOOK_AT = ("weak", "thin", UNBACKED, NOT_SCORED)
MOST_TO_LOOK_AT = 6
MAP_TITLE = (
    "Declared opportunity against projected annual cost, neither of them an outcome. "
    "The table below has the same figures."
)


@dataclass(frozen=True, slots=True)
class Kpi:
    """One cell of the KPI strip: one figure and what it counts."""

    label: str
    figure: Figure
    note: str


@dataclass(frozen=True, slots=True)
class LegendEntry:
    """A band, its bound in words, and what it points to."""

    band: str
    bound: str
    points_to: str


@dataclass(frozen=True, slots=True)
class ToLookAt:
    """A row to look at first, and why."""

    row: Row
    points_to: str


def kpis(board: Board) -> list[Kpi]:
    """Return the strip. The two value types stand in separate cells and meet in no total."""
    totals = board.totals
    return [
        Kpi(
            "Projected annual cost",
            totals.projected,
            "Cloud cost only; each workload in its own funding year",
        ),
        Kpi(
            "Declared: Cost Saving",
            totals.cost_saving,
            f"a year; {_count(totals.cost_saving_cases, 'declared case')}",
        ),
        Kpi(
            "Declared: Revenue Driving",
            totals.revenue_driving,
            f"a year; {_count(totals.revenue_driving_cases, 'declared case')}; "
            "revenue, not margin, and not added to savings",
        ),
        Kpi(
            "Unbacked: projected",
            totals.unbacked_projected,
            f"{_count(totals.unbacked, 'workload')} without a declared case; actual run-rate "
            f"{words(totals.unbacked_run_rate, compact=True)}",
        ),
    ]


def drawings(board: Board) -> list[SafeString]:
    """Draw the rows that have an area, once wide and once narrow."""
    sections = [_section(group) for group in board.groups]
    sections = [section for section in sections if section.blocks]
    return [
        map_svg(draw(sections, *WIDE), MAP_TITLE, ids=True),
        map_svg(draw(sections, *NARROW), MAP_TITLE, ids=False),
    ]


def legend(bounds: Sequence[Bound]) -> list[LegendEntry]:
    """Return the bands with the bounds in force, from the highest, and the two without a score."""
    entries: list[LegendEntry] = []
    above = ""
    for bound in bounds:
        multiple = f"{bound.at_least.normalize():f}×"
        if not entries:
            said = f"{multiple} and more"
        elif bound.at_least:
            said = f"from {multiple}"
        else:
            said = f"below {above}"
        entries.append(LegendEntry(bound.band, said, POINTS_TO[bound.band]))
        above = multiple
    return [
        *entries,
        LegendEntry(UNBACKED, "no declared case", POINTS_TO[UNBACKED]),
        LegendEntry(NOT_SCORED, "no estimate in force", POINTS_TO[NOT_SCORED]),
    ]


def to_look_at(board: Board) -> list[ToLookAt]:
    """Return the largest rows whose band asks for something."""
    rows = [row for row in board.rows if row.band in TO_LOOK_AT][:MOST_TO_LOOK_AT]
    return [ToLookAt(row, POINTS_TO[row.band]) for row in rows]


def _section(group: Group) -> Section:
    blocks = [_block(row, group.path) for row in group.rows if row.size > 0]
    projected = f"{words(group.projected, compact=True)} projected"
    actual = f" · {words(group.run_rate, compact=True)} actual" if group.run_rate.amount else ""
    return Section(
        key=str(group.space.pk),
        names=(group.path, group.space.name),
        totals=(f"{projected}{actual}", projected, words(group.projected, compact=True)),
        blocks=blocks,
    )


def _block(row: Row, path: str) -> Block:
    look = LOOK_OF[row.band]
    amount = compact_money(row.size, CURRENCY)
    # A tile without an estimate in force is as large as what was spent: another kind of figure.
    if row.p is None:
        amount = f"{amount} actual"
    return Block(
        key=row.slug,
        size=row.size,
        name=row.name,
        figure=f"{amount} · {row.multiple}" if row.multiple else amount,
        details=_details(row, path),
        band=look.key,
        glyph=look.glyph,
        pattern=look.pattern.value,
        href=row.url,
        revised=_revised(row),
    )


def _details(row: Row, path: str) -> str:
    """Return what follows the visible text in the tile's accessible name."""
    parts = [path, LOOK_OF[row.band].label]
    if row.opportunity and row.value_type:
        parts.append(
            f"Declared opportunity {words(row.opportunity)} a year, {row.value_type.label}, "
            f"{row.anchor}"
        )
    if row.projected:
        parts.append(f"Projected annual cost {words(row.projected)}, {row.cost_note}")
    if row.spend:
        parts.append(f"Actual spend {words(row.actual_rate)}, {row.rate_note}")
    if _revised(row):
        parts.append("Revised")
    if row.estimate_note:
        parts.append(row.estimate_note.removesuffix("."))
    return ". ".join(parts) + "."


def _revised(row: Row) -> bool:
    return row.revised


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
