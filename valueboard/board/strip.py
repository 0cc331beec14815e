"""The strip of key figures above the map. The two value types meet in no total."""

from dataclasses import dataclass
from datetime import date

from positions.compare import Comparison
from positions.explain.moves import delta_of, moved_about
from positions.totals import Totals
from valueboard.board.map import compact
from valueboard.board.movers import change_words
from valueboard.lib import formats
from valueboard.lib.figure import About, Figure, Note


@dataclass(frozen=True, slots=True)
class Kpi:
    """One cell of the strip: one figure, what it counts, and how it changed."""

    label: str
    figure: Figure
    note: Note | str
    change: Note | str = ""


def kpis_of(found: Totals, moved: Comparison | None, since: date | None, about: About) -> list[Kpi]:
    """Return the strip: the four totals, apart, each with its change where two dates compare.

    `about` names the totals.
    """

    def change(key: str) -> Note | str:
        delta = delta_of(moved, key) if moved else None
        if delta is None or since is None:
            return ""
        return Note(change_words(delta, since), moved_about(about, since, key))

    return [
        Kpi(
            "Projected annual cost",
            found.projected,
            "Cloud cost only; each workload in its own funding year",
            change("projected"),
        ),
        Kpi(
            "Declared: Cost Saving",
            found.cost_saving,
            f"a year; {count(found.cost_saving_cases, 'declared case')}",
            change("cost_saving"),
        ),
        Kpi(
            "Declared: Revenue Driving",
            found.revenue_driving,
            f"a year; {count(found.revenue_driving_cases, 'declared case')}; "
            "revenue, not margin, and not added to savings",
            change("revenue_driving"),
        ),
        Kpi(
            "Unbacked: projected",
            found.unbacked_projected,
            Note(
                f"{count(found.unbacked, 'workload')} without a declared case; actual run-rate "
                f"{compact(found.unbacked_run_rate)}",
                found.unbacked_run_rate.made,
            ),
        ),
    ]


def count(number: int, noun: str) -> str:
    """Return a number of things: `1 workload`, `12 workloads`."""
    return f"{formats.number(number)} {noun}{'' if number == 1 else 's'}"
