"""How the figures of Governance Maturity are made: the rows that were added up, a page at a time.

`maturity:` is followed by a dimension or a measure, and by the address of a Space, `*` for the
organisation.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.urls import reverse

from accounts.models import User
from accounts.policy import reads_everything
from maturity.counting import Counted
from maturity.evidence import Evidence
from maturity.formulas import Scored
from maturity.names import EVERYWHERE, PREFIX
from maturity.pages import CURRENCY, LABELS, actual, percent_figure, percent_of, url_of
from maturity.reports import Maturity, read_maturity
from maturity.score import Dimension, Measure
from positions.reader import Reader
from valueboard.lib.explained import Explanation, Given, Rows_, UnexplainedError, What
from valueboard.lib.figure import Figure, Kind, Made

ROWS_SHOWN = 50
SHARE = "100 × the numerator ÷ the denominator, rounded down to a tenth."
SUM = "The rows, added up and rounded half up to the cent."
WORDS = {
    Dimension.ATTRIBUTION: SHARE,
    Dimension.ESTIMATE: "The mean of EC and BC, each 100 × its numerator ÷ its denominator, "
    "rounded down to a tenth.",
    Dimension.APPROVAL: SHARE,
    Dimension.ACCURACY: SHARE,
    Dimension.RESPONSE: SHARE,
}


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is to be explained, with what it was scored from."""

    made: Made
    known_at: datetime
    page: int
    found: Maturity
    scored: Scored
    url: str

    @property
    def evidence(self) -> Evidence:
        return self.found.evidence


def explain_maturity(user: User, made: Made, known_at: datetime, page: int = 1) -> Explanation:
    """Explain a percentage, or the dollars of a numerator or a denominator."""
    key, _, slug = made.of.removeprefix(f"{PREFIX}:").partition(":")
    reader = Reader.of(user)
    space = None if slug == EVERYWHERE else reader.tree.find(slug)
    known = {*Dimension, *Measure} if made.what == What.MATURITY else set(Measure)
    if not reads_everything(user) or key not in known or (space is None and slug != EVERYWHERE):
        raise UnexplainedError(made.of)
    spaces = None if space is None else reader.tree.below(space)
    found = read_maturity(reader, known_at, spaces, by_group=False)
    dimension = Dimension(key) if key in set(Dimension) else Measure(key).dimension
    scored = found.scores[dimension]
    url = f"{reverse('maturity-rows', args=[dimension])}"
    asked = _Asked(made, known_at, page, found, scored, url)
    if made.what == What.MATURITY:
        return _percentage(asked)
    measure = Measure(key)
    if made.what == What.MATURITY_SHARE:
        return _share(asked, measure)
    if made.what in {What.MATURITY_PART, What.MATURITY_WHOLE} and measure.is_money:
        return _sum(asked, measure)
    raise UnexplainedError(made.what)


def _percentage(asked: _Asked) -> Explanation:
    scored = asked.scored
    measures = [measure for measure in scored.formula.measures if not measure.is_beside]
    if scored.dimension is Dimension.ACCURACY:
        measures = measures[:1]
    givens = [given for measure in measures for given in _givens(asked, measure)]
    return _explanation(
        asked,
        percent_of(scored),
        scored.dimension.label,
        (f"maturity_{scored.dimension}@{scored.version}", WORDS[scored.dimension]),
        (*givens, _rows(asked, measures[0])),
    )


def _share(asked: _Asked, measure: Measure) -> Explanation:
    return _explanation(
        asked,
        percent_figure(asked.scored.shares[measure].percent, ""),
        LABELS[measure],
        ("maturity_share@1", SHARE),
        (*_givens(asked, measure), _rows(asked, measure)),
    )


def _sum(asked: _Asked, measure: Measure) -> Explanation:
    share = asked.scored.shares[measure]
    is_part = asked.made.what == What.MATURITY_PART
    title = f"{LABELS[measure]}: {'numerator' if is_part else 'denominator'}"
    amount = actual(share.part if is_part else share.whole, asked.evidence)
    inputs = (_rows(asked, measure, numerator_alone=is_part),)
    return _explanation(asked, amount, title, ("maturity_sum@1", SUM), inputs)


def _explanation(
    asked: _Asked,
    figure: Figure | None,
    title: str,
    formula: tuple[str, str],
    inputs: tuple[Given | Rows_, ...],
) -> Explanation:
    """Put an explanation together; `formula` is its name with the version, and it in words."""
    if figure is None:
        raise UnexplainedError(asked.made.of)
    return Explanation(
        asked.made,
        figure.explained_as(asked.made),
        title,
        *formula,
        inputs,
        asked.evidence.today,
        asked.known_at,
        about=("Governance Maturity", reverse("maturity")),
    )


def _givens(asked: _Asked, measure: Measure) -> list[Given]:
    share = asked.scored.shares[measure]
    unit, kind = (CURRENCY, Kind.ACTUAL) if measure.is_money else ("", None)
    symbol = {Measure.CONFIRMED: "EC ", Measure.BACKED: "BC "}.get(measure, "")
    part, whole = share.part, share.whole
    if not measure.is_money:
        part, whole = part.to_integral_value(), whole.to_integral_value()
    return [
        Given(f"{symbol}numerator", LABELS[measure], part, unit, kind),
        Given(f"{symbol}denominator", "Of all", whole, unit, kind),
    ]


def _rows(asked: _Asked, measure: Measure, *, numerator_alone: bool = False) -> Rows_:
    rows: Sequence[Counted] = asked.scored.rows.get(measure, ())
    if numerator_alone:
        rows = [row for row in rows if row.counts]
    begin = (asked.page - 1) * ROWS_SHOWN
    shown = rows[begin : begin + ROWS_SHOWN]
    more = f"{reverse('figure')}?{asked.made.query}&{urlencode({'page': asked.page + 1})}"
    return Rows_(
        "rows",
        "What was added up",
        ("What", "Why", "In the numerator", "In the denominator"),
        tuple(_row(asked, measure, row) for row in shown),
        len(rows),
        url=f"{asked.url}?{urlencode({'measure': measure.value})}",
        more=more if begin + ROWS_SHOWN < len(rows) else "",
    )


def _row(asked: _Asked, measure: Measure, row: Counted) -> tuple[Given, ...]:
    unit, kind = (CURRENCY, Kind.ACTUAL) if measure.is_money else ("", None)
    return (
        Given("what", "What", row.of.name, url=url_of(row.of, asked.evidence)),
        Given("why", "Why", row.why),
        Given("part", "In the numerator", row.part, unit, kind),
        Given("whole", "In the denominator", row.whole, unit, kind),
    )
