"""Two moments of an organisation beside each other, in plain Python: what moved, and why.

What time brought is told apart first, then what people changed:

- projected: the first estimates at the later month (growth), then the later moment's estimates;
- declared: a case that was declared, revised or retracted, nothing else; another kind of dollars is
  no difference, one ends and one begins;
- run-rate: the same months as the later moment knows them (attribution), then other closed months,
  then another cost basis;
- band: growth, estimate, case, attribution (under the lens of actual spend), bounds: each that,
  put in the place of the earlier one, moves the band. Between scores of unlike dollars there is no
  move up or down, and the case alone is why.

Nothing of the product is imported.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from tests.model.board import Line, Wanted, chosen, scored
from tests.model.formulas import actual, projected, run_rate
from tests.model.organisation import Then

NONE = Fraction(0)
RANKS = ("strong", "solid", "marginal", "thin", "weak")


@dataclass(frozen=True)
class Change:
    """An amount before and after; the parts add up to the difference, those of 0 are left out."""

    before: Fraction
    after: Fraction
    parts: tuple[tuple[str, Fraction], ...]


@dataclass(frozen=True)
class Moved:
    """What became of a workload."""

    move: str
    why: tuple[str, ...]
    projected: Change
    rate: Change
    declared: Mapping[str, Change]


def compare(before: Then, after: Then, lens: str, wanted: Wanted) -> dict[str, Moved]:
    """Compare what a query asks for at two moments, by slug."""
    was, now = chosen(before, lens, wanted), chosen(after, lens, wanted)
    return {
        slug: both(was[slug], now[slug])
        if slug in was and slug in now
        else new(now[slug], before, wanted)
        if slug in now
        else gone(was[slug], after, wanted)
        for slug in {**was, **now}
    }


def change(before: Fraction | None, *steps: tuple[str, Fraction | None]) -> Change:
    """Go from the amount before to the last one, a cause at a time; None is no figure."""
    at, parts = before or NONE, []
    for cause, reached in steps:
        parts.append((cause, (reached or NONE) - at))
        at = reached or NONE
    return Change(before or NONE, at, tuple(part for part in parts if part[1]))


def summed(changes: Iterable[Change]) -> Change:
    """Add changes up, cause by cause, in the order in which the causes come."""
    rows = list(changes)
    parts: dict[str, Fraction] = {}
    for row in rows:
        for cause, amount in row.parts:
            parts[cause] = parts.get(cause, NONE) + amount
    return Change(
        sum((row.before for row in rows), NONE),
        sum((row.after for row in rows), NONE),
        tuple((cause, amount) for cause, amount in parts.items() if amount),
    )


def yearly(line: Line) -> Fraction | None:
    """The run-rate where it is a year's; a month to date is none."""
    return line.rate.amount if line.rate.months else None


def both(was: Line, now: Line) -> Moved:
    """A workload that is there at both moments."""
    grown = projected(was.force, now.then.month).cost if was.force else None
    known = now.then.spent(now.story.slug, was.then.basis)
    same = run_rate(was.then.month, was.then.closed, known)
    other = run_rate(now.then.month, now.then.closed, known)
    step = move(was, now)
    return Moved(
        step,
        ("case",) if step == "retyped" else tuple(band_causes(was, now)),
        change(
            was.year.cost if was.year else None,
            ("growth", grown),
            ("estimate", now.year.cost if now.year else None),
        ),
        change(
            yearly(was),
            ("attribution", same.amount if same.months else None),
            ("months", other.amount if other.months else None),
            ("basis", yearly(now)),
        ),
        {
            kind: change(declared(was, kind), (case_cause(was, now), declared(now, kind)))
            for kind in {was.value_type, now.value_type} - {""}
        },
    )


def declared(line: Line, kind: str) -> Fraction | None:
    """What is declared of a kind of dollars."""
    return line.score.opportunity if line.value_type == kind else None


def move(was: Line, now: Line) -> str:
    """The name of a step from band to band."""
    before, after = was.score.band, now.score.band
    if before != after and after not in RANKS:
        return {"unbacked": "unbacked", "not_scored": "unscored"}[after]
    if before != after and before not in RANKS:
        return "scored"
    if was.value_type and now.value_type and was.value_type != now.value_type:
        return "retyped"
    if before == after:
        return "same"
    return "up" if RANKS.index(after) < RANKS.index(before) else "down"


def case_cause(was: Line, now: Line) -> str:
    """What became of the case."""
    if not now.value_type:
        return "retracted"
    return "case" if was.value_type else "declared"


def band_causes(was: Line, now: Line) -> Iterator[str]:
    """Put the later in the place of the earlier, one after the other; name what moves the band."""
    month, force, case = was.then.month, was.force, was.story.case
    at, bounds = was, was.then.bounds
    band = was.score.band
    for cause in ("growth", "estimate", "case", "attribution", "bounds"):
        match cause:
            case "growth":
                month = now.then.month
            case "estimate":
                force = now.force
            case "case":
                case = now.story.case
            case "attribution":
                at = now
            case "bounds":
                bounds = now.then.bounds
        measured = actual(force, at.then.closed, at.then.spent(at.story.slug))
        reached = scored(was.lens, force, case, month, bounds, measured).band
        if reached != band:
            yield case_cause(was, now) if cause == "case" else cause
        band = reached


def _alone(move: str, line: Line, why: str) -> Moved:
    def one(amount: Fraction | None) -> Change:
        return change(None, (why, amount)) if move == "new" else change(amount, (why, None))

    kinds = {line.value_type: one(line.score.opportunity)} if line.value_type else {}
    return Moved(move, (why,), one(line.year.cost if line.year else None), one(yearly(line)), kinds)


def new(line: Line, before: Then, wanted: Wanted) -> Moved:
    """A workload that was not there before."""
    slug = line.story.slug
    if slug not in before.stories:
        return _alone("new", line, "added")
    was = before.line(slug, line.lens)
    if was.story.state == "proposed":
        return _alone("new", line, "claimed")
    if not was.on_map:
        return _alone("new", line, "resumed")
    return _alone("new", line, _elsewhere(was, wanted))


def gone(line: Line, after: Then, wanted: Wanted) -> Moved:
    """A workload that is there no more: an act that stopped it is told before what came of it."""
    now = after.line(line.story.slug, line.lens)
    if now.story.state == "stopped":
        return _alone("gone", line, "stopped")
    if now.ended:
        return _alone("gone", line, "ended")
    return _alone("gone", line, _elsewhere(now, wanted))


def _elsewhere(line: Line, wanted: Wanted) -> str:
    outside = bool(wanted.space) and line.story.space not in line.then.below(wanted.space)
    return "moved" if outside else "filtered"
