"""What the product says, beside what the method says of the same."""

from decimal import Decimal
from fractions import Fraction
from random import Random

from business_cases.standing import Lens
from positions.compare import Comparison, Delta, Mover
from positions.query import BANDS, STATES, Query
from positions.reader import Tree
from positions.row import Row
from positions.totals import Group, Totals
from tests.model import board, comparing
from tests.model.board import Line, Wanted
from tests.model.comparing import Change, Moved
from tests.model.formulas import first_day
from tests.model.organisation import Then
from valueboard.lib.figure import Figure, ValueType


def exact(amount: Decimal | Figure) -> Fraction:
    """Return an amount of the product as a Fraction."""
    return Fraction(amount.amount if isinstance(amount, Figure) else amount)


def known(amount: Decimal | Figure | None) -> Fraction | None:
    """Return an amount of the product as a Fraction, None where there is none."""
    return None if amount is None else exact(amount)


def of_row(row: Row, tree: Tree) -> dict[str, object]:
    """Return what the product says of a workload."""
    standing, score = row.standing, row.score
    return {
        "name": row.name,
        "space": tree.slug(row.space_id),
        "owner": row.owner,
        "state": str(row.state),
        "states": set(row.states),
        "on the map": row.on_map,
        "versions": (row.estimates, row.cases),
        "revised": (row.estimate_revised, row.case_revised, row.revised),
        "in force": [e.mark.version for e in standing.estimates if e.confirmed_at],
        "pending": standing.pending.mark.version if standing.pending else 0,
        "projected": (known(row.p), known(row.projected)),
        "funded": row.f,
        "year": row.year and (row.year.number, row.year.ended),
        "opportunity": (known(row.o), known(row.opportunity)),
        "prospect": score.ratio,
        "band": row.band,
        "value type": row.value_type.value if row.value_type else "",
        "actual": (row.actual.months, exact(row.actual.amount), exact(row.actual.outside)),
        "run-rate": (exact(row.rate.amount), row.rate.months),
        "last closed month": exact(row.last_closed or Decimal(0)),
        "size": exact(row.size),
        "ended": row.ended,
        "not acknowledged since": row.not_acknowledged_since,
    }


def of_line(line: Line) -> dict[str, object]:
    """Return what the method says of a workload."""
    story, score, year = line.story, line.score, line.year
    cost = year.cost if year else None
    return {
        "name": story.name,
        "space": story.space,
        "owner": story.owner,
        "state": story.state,
        "states": line.states,
        "on the map": line.on_map,
        "versions": (len(story.estimates), len(story.cases)),
        "revised": (len(story.estimates) > 1, len(story.cases) > 1, story.revised),
        "in force": [version.number for version in story.force],
        "pending": story.pending.number if story.pending else 0,
        "projected": (cost, cost),
        "funded": year.funded if year else 0,
        "year": year and (year.number, year.ended),
        "opportunity": (score.opportunity, score.opportunity),
        "prospect": score.prospect,
        "band": score.band,
        "value type": line.value_type,
        "actual": (
            tuple(map(first_day, line.actual.months)),
            line.actual.amount,
            line.actual.outside,
        ),
        "run-rate": (line.rate.amount, line.rate.months),
        "last closed month": board.last_closed(line),
        "size": line.size,
        "ended": line.ended,
        "not acknowledged since": story.not_acknowledged_since,
    }


def differences(row: Row, line: Line, tree: Tree) -> dict[str, object]:
    """Return what product and method say otherwise: `what: (product, method)`."""
    shown, meant = of_row(row, tree), of_line(line)
    return {what: (shown[what], meant[what]) for what in shown if shown[what] != meant[what]}


def of_totals(totals: Totals) -> board.Totals:
    """Return sums of the product as those of the model."""
    return board.Totals(
        totals.count,
        exact(totals.projected),
        exact(totals.run_rate),
        exact(totals.cost_saving),
        exact(totals.revenue_driving),
        totals.cost_saving_cases,
        totals.revenue_driving_cases,
        totals.unbacked,
        exact(totals.unbacked_projected),
        exact(totals.unbacked_run_rate),
    )


def of_group(group: Group, tree: Tree) -> tuple[str, bool]:
    """Return which Space a group is, and whether it is what lies in it itself."""
    return tree.slug(group.space_id), group.own


def of_delta(delta: Delta | None) -> Change:
    """Return a difference of the product as one of the model: no figure counts 0."""
    if delta is None:
        return Change(Fraction(0), Fraction(0), ())
    parts = tuple((str(part.cause), Fraction(part.amount)) for part in delta.parts)
    before, after = exact(delta.before or Decimal(0)), exact(delta.after or Decimal(0))
    assert Fraction(delta.amount) == after - before == sum(amount for _, amount in parts)
    return Change(before, after, parts)


def of_mover(mover: Mover) -> Moved:
    """Return a mover of the product as one of the model."""
    return Moved(
        str(mover.move),
        tuple(map(str, mover.why)),
        of_delta(mover.projected),
        of_delta(mover.run_rate),
        {kind.value: of_delta(delta) for kind, delta in mover.opportunities.items()},
    )


def must_move(shown: Comparison, meant: dict[str, Moved]) -> None:
    """Compare every mover, and the sums of all by cause."""
    found = {mover.row.slug: of_mover(mover) for mover in shown.all}
    other = {slug: (found.get(slug), meant.get(slug)) for slug in {**found, **meant}}
    other = {slug: (one, two) for slug, (one, two) in other.items() if one != two}
    assert not other, f"from {shown.before.known_at} to {shown.after.known_at}: {other}"
    for delta, changes in (
        (shown.projected, [moved.projected for moved in meant.values()]),
        (shown.run_rate, [moved.rate for moved in meant.values()]),
        *(
            (
                shown.opportunities[kind],
                [m.declared[kind.value] for m in meant.values() if kind.value in m.declared],
            )
            for kind in ValueType
        ),
    ):
        sums, wanted = of_delta(delta), comparing.summed(changes)
        assert (sums.before, sums.after) == (wanted.before, wanted.after)
        assert dict(sums.parts) == dict(wanted.parts)


def wanted(chance: Random, then: Then, spaces: list[str], owners: list[str]) -> Wanted:
    """Make a query up; most of the time it asks for one thing, or two."""
    lines = then.all()
    asks = chance.sample(
        ("space", "space", "types", "bands", "owner", "states", "revised", "above"),
        k=chance.choice([0, 1, 1, 2]),
    )
    some = chance.sample
    kinds = sorted(kind.value for kind in ValueType)
    return Wanted(
        chance.choice(spaces) if "space" in asks else "",
        frozenset(some(kinds, k=1) if "types" in asks else ()),
        frozenset(some(BANDS, k=chance.choice([1, 3])) if "bands" in asks else ()),
        chance.choice(owners) if "owner" in asks else "",
        frozenset(some(sorted(STATES), k=chance.choice([1, 2])) if "states" in asks else ()),
        "revised" in asks,
        chance.choice([Fraction(0), *(line.size for line in lines)]) if "above" in asks else None,
    )


def query_of(asked: Wanted, lens: str, owners: dict[str, int]) -> Query:
    """Return the product's query for the same."""
    above = asked.above
    return Query(
        space=asked.space,
        types=frozenset(map(ValueType, asked.types)),
        bands=asked.bands,
        owner=owners[asked.owner] if asked.owner else None,
        states=asked.states,
        revised=asked.revised,
        above=None if above is None else Decimal(int(above * 100)).scaleb(-2),
        lens=Lens(lens),
    )
