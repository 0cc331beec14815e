"""The strip of key figures above the map. The two value types meet in no total."""

from dataclasses import dataclass
from datetime import date

from positions.compare import Comparison
from positions.totals import Totals
from valueboard.board.map import compact
from valueboard.board.movers import change_words
from valueboard.lib import formats
from valueboard.lib.figure import Figure, ValueType


@dataclass(frozen=True, slots=True)
class Kpi:
    """One cell of the strip: one figure, what it counts, and how it changed."""

    label: str
    figure: Figure
    note: str
    change: str = ""


def kpis_of(found: Totals, moved: Comparison | None, since: date | None) -> list[Kpi]:
    """Return the strip: the four totals, apart, each with its change where two dates compare."""

    def change(value_type: ValueType | None = None) -> str:
        if moved is None or since is None:
            return ""
        delta = moved.opportunity(value_type) if value_type else moved.projected
        return change_words(delta, since)

    return [
        Kpi(
            "Projected annual cost",
            found.projected,
            "Cloud cost only; each workload in its own funding year",
            change(),
        ),
        Kpi(
            "Declared: Cost Saving",
            found.cost_saving,
            f"a year; {count(found.cost_saving_cases, 'declared case')}",
            change(ValueType.COST_SAVING),
        ),
        Kpi(
            "Declared: Revenue Driving",
            found.revenue_driving,
            f"a year; {count(found.revenue_driving_cases, 'declared case')}; "
            "revenue, not margin, and not added to savings",
            change(ValueType.REVENUE_DRIVING),
        ),
        Kpi(
            "Unbacked: projected",
            found.unbacked_projected,
            f"{count(found.unbacked, 'workload')} without a declared case; actual run-rate "
            f"{compact(found.unbacked_run_rate)}",
        ),
    ]


def count(number: int, noun: str) -> str:
    """Return a number of things: `1 workload`, `12 workloads`."""
    return f"{formats.number(number)} {noun}{'' if number == 1 else 's'}"
