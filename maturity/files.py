"""What a workbook of rows says of itself: which rows they are, by what, as of when, for whom."""

from collections.abc import Iterator, Sequence

from maturity.formulas import Scored
from maturity.pages import percent_of
from maturity.rows import YES, RowsShown
from maturity.scope import Scope
from valueboard.lib.sheets import Cell, Sheet


def about(scored: Scored, listed: RowsShown, scope: Scope, who: str, counts: str) -> Sheet:
    """Return the sheet that says what the rows are."""
    return Sheet("About", _lines(scored, listed, scope, who, counts), (36, 60))


def _lines(
    scored: Scored, listed: RowsShown, scope: Scope, who: str, counts: str
) -> Iterator[Sequence[Cell]]:
    which = "all" if not counts else "in the numerator" if counts == YES else "not in the numerator"
    yield ("what", "value")
    yield ("dimension", scored.dimension.label)
    yield ("measure", listed.measure.value)
    yield ("rows", which)
    yield ("of", scope.title)
    yield ("as of", scope.known_at.isoformat())
    yield ("formula version", scored.version)
    yield ("percentage", percent_of(scored))
    yield ("tier", scored.tier.label if scored.tier else "no data")
    for key, value in sorted(scored.limits.items()):
        if key.startswith(f"{scored.dimension}."):
            yield (f"threshold {key}", value)
    if listed.evidence.charges:
        yield ("cost basis", listed.evidence.charges.basis)
    if listed.evidence.period:
        yield ("last closed month", f"{listed.evidence.period:%Y-%m}")
    yield ("for", who)
