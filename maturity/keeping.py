"""What is kept of scores, and which versions counted: rows of one query, read purely. No Django."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from maturity.formulas import Scored, overall
from maturity.score import Dimension, Measure, Share, Tier
from valueboard.lib.months import add_months, month_of

MONTHS = 24
LIMIT, FORMULA = "maturity.", "formula."  # what the keys of versions begin with


@dataclass(frozen=True, slots=True)
class Kept:
    """What one measure came to on a day, in some Spaces together."""

    day: date
    measure: Measure
    formula: int
    share: Share
    kept_at: datetime


@dataclass(frozen=True, slots=True)
class Version:
    """A value that counts from a day on: of a threshold by its key, of a formula by dimension."""

    key: str
    number: int
    value: Decimal
    effective_from: date
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Point:
    """The scores of one day, as they were kept; `kept_at` is when."""

    day: date
    kept_at: datetime
    scores: Mapping[Dimension, Scored]

    @property
    def overall(self) -> Tier | None:
        """Return the lowest tier among dimensions with data."""
        return overall(self.scores)


def in_force(versions: Iterable[Version], day: date, known_at: datetime) -> dict[str, Decimal]:
    """Return what counts on `day` by what was recorded by `known_at`; of those the latest version.

    The first version of each came with the product and was always known.
    """
    found: dict[str, Decimal] = {}
    for each in sorted(versions, key=lambda version: version.number):
        if each.effective_from <= day and (each.number == 1 or each.recorded_at <= known_at):
            found[each.key] = each.value
    return found


def limits(versions: Iterable[Version], day: date, known_at: datetime) -> dict[str, Decimal]:
    """Return the thresholds that count on a day, without their prefix: `attribution.walk`."""
    return _of(LIMIT, in_force(versions, day, known_at))


def numbers(versions: Iterable[Version], day: date, known_at: datetime) -> dict[Dimension, int]:
    """Return the number of the formula that scores each dimension on a day."""
    found = _of(FORMULA, in_force(versions, day, known_at))
    return {Dimension(key): int(number) for key, number in found.items()}


def _of(prefix: str, values: Mapping[str, Decimal]) -> dict[str, Decimal]:
    return {
        key.removeprefix(prefix): value for key, value in values.items() if key.startswith(prefix)
    }


def month_ends(today: date) -> list[date]:
    """Return the last days of the 24 months before this one, oldest first."""
    this = month_of(today)
    return [date.fromordinal(add_months(this, -k).toordinal() - 1) for k in reversed(range(MONTHS))]


def points(
    kept: Iterable[Kept],
    versions: Collection[Version],
    known_at: Mapping[date, datetime],
) -> dict[date, Point]:
    """Return the scores of each kept day, by the thresholds of the day and its formula.

    `known_at` says for each day up to when what was recorded counts: the end of the day.
    """
    by_day: dict[date, list[Kept]] = defaultdict(list)
    for row in kept:
        by_day[row.day].append(row)
    return {
        day: Point(
            day,
            max(row.kept_at for row in rows),
            _scores(rows, limits(versions, day, known_at[day])),
        )
        for day, rows in sorted(by_day.items())
    }


def _scores(rows: Iterable[Kept], limits: Mapping[str, Decimal]) -> dict[Dimension, Scored]:
    shares: dict[tuple[Dimension, int], dict[Measure, Share]] = defaultdict(dict)
    for row in rows:
        shares[row.measure.dimension, row.formula][row.measure] = row.share
    return {
        dimension: Scored(dimension, formula, found, limits, {})
        for (dimension, formula), found in shares.items()
    }
