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
            f"cloud cost only; of {of(found.in_projected, found.count)} with an estimate in "
            "force, each in its own funding year",
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
                f"{count(found.unbacked, 'workload')} without a declared case, "
                f"{formats.number(found.in_unbacked_projected)} with an estimate; actual run-rate "
                f"{compact(found.unbacked_run_rate)} of the "
                f"{formats.number(found.in_unbacked_run_rate)} with spend",
                found.unbacked_run_rate.made,
            ),
        ),
    ]


def sets_of(found: Totals) -> str:
    """Say which workloads projected costs and run-rates are of: two sets, which finance compares.

    Empty where both are of the same ones.
    """
    if found.in_projected == found.in_run_rate == found.in_both:
        return ""
    return (
        f"Annual cost is of {count(found.in_projected, 'workload')} with an estimate in force, "
        f"run-rate of {formats.number(found.in_run_rate)} with spend to scale to a year; "
        f"{formats.number(found.in_both)} have both. Their difference is not a variance to plan."
    )


def of(number: int, every: int) -> str:
    """Return a part of all workloads: `24 of 30 workloads`; `30 workloads` where it is all."""
    if number == every:
        return count(number, "workload")
    return f"{formats.number(number)} of {count(every, 'workload')}"


def count(number: int, noun: str) -> str:
    """Return a number of things: `1 workload`, `12 workloads`."""
    return f"{formats.number(number)} {noun}{'' if number == 1 else 's'}"
