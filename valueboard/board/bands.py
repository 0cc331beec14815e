"""The bands in words: their bounds in force, and what each points to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from business_cases.standing import NOT_SCORED, UNBACKED, Lens
from positions.rows import Row
from valueboard.lib import formats
from valueboard.lib.bands import Bound

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


def legend(bounds: Sequence[Bound], lens: Lens) -> list[LegendEntry]:
    """Return the bands with the bounds in force, from the highest, and the two without a score."""
    entries: list[LegendEntry] = []
    above = ""
    for bound in bounds:
        multiple = f"{formats.number(bound.at_least)}×"
        if not entries:
            said = f"{multiple} and more"
        elif bound.at_least:
            said = f"from {multiple}"
        else:
            said = f"below {above}"
        entries.append(LegendEntry(bound.band, said, POINTS_TO[bound.band]))
        above = multiple
    planned = lens is Lens.PLANNED
    missing = "no estimate in force" if planned else "no spend in a closed, funded month"
    return [
        *entries,
        LegendEntry(UNBACKED, "no declared case", POINTS_TO[UNBACKED]),
        LegendEntry(NOT_SCORED, missing, POINTS_TO[NOT_SCORED]),
    ]


def to_look_at(rows: Iterable[Row]) -> list[ToLookAt]:
    """Return the largest rows whose band asks for something."""
    asking = sorted((row for row in rows if row.band in TO_LOOK_AT), key=lambda row: -row.size)
    return [ToLookAt(row, POINTS_TO[row.band]) for row in asking[:MOST_TO_LOOK_AT]]
