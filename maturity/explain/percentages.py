"""How the figures of Governance Maturity are made: the rows that were added up, a page at a time.

`maturity:` is followed by a dimension or a measure, by the address of a Space, `*` for the
organisation, and for a row of charges by its key; for a what-if, by what it takes as done.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from urllib.parse import urlencode

from django.urls import reverse

from accounts.models import User
from accounts.policy import reads_everything
from maturity.counting import Counted, window
from maturity.evidence import Evidence
from maturity.explain.charges import explain_charges
from maturity.fixes import candidates, what_if
from maturity.formulas import Scored, score
from maturity.names import EVERYWHERE, PREFIX, Names
from maturity.pages import CURRENCY, LABELS, actual, percent_figure, percent_of, url_of
from maturity.reports import Maturity, read_maturity
from maturity.rows import COLUMNS, Column, named_cell
from maturity.score import Dimension, Measure
from maturity.trying import done_of
from positions.reader import Reader
from records.clock import today
from valueboard.lib.explained import Explanation, Given, Rows_, UnexplainedError, What
from valueboard.lib.figure import Figure, Kind, Made, change

ROWS_SHOWN = 50
SHARE = "100 × the numerator ÷ the denominator, rounded down to a tenth."
POINTS_APART = "The one minus the other."
OF_DIMENSIONS = {What.MATURITY, What.CHANGE}
# What the symbols of a measure begin with, where there are two in one formula.
SYMBOLS = {Measure.CONFIRMED: "ec_", Measure.BACKED: "bc_"}
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
    evidence: Evidence
    scored: Scored
    space: str
    done: int = 0  # things that a what-if takes as done

    @property
    def url(self) -> str:
        """Return the page of the rows, of the same Space and day; a what-if has none."""
        return "" if self.done else reverse("maturity-rows", args=[self.scored.dimension])

    @property
    def page_url(self) -> str:
        """Return the page that shows the figure."""
        of = urlencode(self.scope)
        return f"{reverse('maturity')}?{of}" if of else reverse("maturity")

    @property
    def scope(self) -> dict[str, str]:
        """Return the Space and the day as parts of an address; nothing for all of now."""
        is_past = self.evidence.today < today()
        day = {"as_of": self.evidence.today.isoformat()} if is_past else {}
        return day if self.space == EVERYWHERE else {"space": self.space, **day}


def explain_maturity(user: User, made: Made, known_at: datetime, page: int = 1) -> Explanation:
    """Explain a percentage, or the dollars of a numerator or a denominator."""
    key, slug, rest = [*made.of.removeprefix(f"{PREFIX}:").split(":", 2), "", ""][:3]
    reader = Reader.of(user)
    space = None if slug == EVERYWHERE else reader.tree.find(slug)
    known = set(Dimension) if made.what in OF_DIMENSIONS else set(Measure)
    if not reads_everything(user) or key not in known or (space is None and slug != EVERYWHERE):
        raise UnexplainedError(made.of)
    spaces = None if space is None else reader.tree.below(space)
    if made.what == What.MATURITY_ROW:
        return explain_charges(user, made, known_at, rest)
    found = read_maturity(reader, known_at, spaces, by_group=bool(rest))
    dimension = Dimension(key) if made.what in OF_DIMENSIONS else Measure(key).dimension
    scored = found.scores[dimension]
    now = _Asked(made, known_at, page, found.evidence, scored, slug)
    if made.what in OF_DIMENSIONS:
        asked = _then(now, found, rest.split(",")) if rest else now
        return _percentage(asked) if made.what == What.MATURITY else _points(now, asked)
    asked, measure = now, Measure(key)
    if made.what == What.MATURITY_SHARE:
        return _share(asked, measure)
    if made.what in {What.MATURITY_PART, What.MATURITY_WHOLE} and measure.is_money:
        return _sum(asked, measure)
    raise UnexplainedError(made.what)


def _then(asked: _Asked, found: Maturity, done: Sequence[str]) -> _Asked:
    """Return what is asked of a what-if: the same rows, with what it takes as done."""
    versions = {key: scored.version for key, scored in found.scores.items()}
    ids = done_of(found.evidence, versions, done) & {fix.id for fix in candidates(found.evidence)}
    then = what_if(found.evidence, ids)
    scored = score(then, versions)[asked.scored.dimension]
    return replace(asked, evidence=then, scored=scored, done=len(ids))


def _points(now: _Asked, then: _Asked) -> Explanation:
    """Explain by how many points a percentage would change: the two, each with its panel."""
    was, would = percent_of(now.scored), percent_of(then.scored)
    if was is None or would is None:
        raise UnexplainedError(now.made.of)
    key = f"{PREFIX}:{now.scored.dimension}:{now.space}"
    sides = (
        ("b", "Now", was, Made(What.MATURITY, key, now.made.at)),
        ("a", "Then", would, Made(What.MATURITY, now.made.of, now.made.at)),
    )
    return _explanation(
        then,
        change(was, would),
        f"Change: {now.scored.dimension.label}",
        ("difference@1", POINTS_APART),
        tuple(
            Given(symbol, label, side.amount, side.unit, side.kind,
                  url=f"{reverse('figure')}?{made.query}")
            for symbol, label, side, made in sides
        ),
    )  # fmt: skip


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
        (*givens, *(_rows(asked, measure) for measure in measures)),
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
    return _explanation(asked, amount, title, (f"{asked.made.what}@1", SUM), inputs)


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
        about=("Governance Maturity", asked.page_url),
        notes=(f"What if: with {asked.done} things done that are not.",) if asked.done else (),
    )


def _givens(asked: _Asked, measure: Measure) -> list[Given]:
    share = asked.scored.shares[measure]
    unit, kind = (CURRENCY, Kind.ACTUAL) if measure.is_money else ("", None)
    symbol = _prefix(asked, measure)
    part, whole = share.part, share.whole
    if not measure.is_money:
        part, whole = part.to_integral_value(), whole.to_integral_value()
    return [
        Given(f"{symbol}numerator", LABELS[measure], part, unit, kind),
        Given(f"{symbol}denominator", "Of all", whole, unit, kind),
        *_tolerance(asked, measure),
    ]


def _prefix(asked: _Asked, measure: Measure) -> str:
    return SYMBOLS.get(measure, "") if asked.made.what == What.MATURITY else ""


def _tolerance(asked: _Asked, measure: Measure) -> list[Given]:
    """Return what a row is held against, where that is a number: a percentage or days."""
    limits = asked.scored.limits
    if measure.dimension is Dimension.ACCURACY:
        tier = measure.partition(".")[2]
        tolerance = limits[f"accuracy.{tier}_percent"]
        return [Given("tolerance", "Tolerance", tolerance, "%", Kind.DECLARED)]
    if measure.dimension is Dimension.RESPONSE:
        first, last = window(asked.evidence)
        return [
            Given("days", "Days to answer in", limits["response.days"]),
            Given("first", "Found from", first),
            Given("last", "Found up to", last),
        ]
    return []


def _rows(asked: _Asked, measure: Measure, *, numerator_alone: bool = False) -> Rows_:
    rows: Sequence[Counted] = asked.scored.rows.get(measure, ())
    if numerator_alone:
        rows = [row for row in rows if row.counts]
    begin = (asked.page - 1) * ROWS_SHOWN
    shown = rows[begin : begin + ROWS_SHOWN]
    more = f"{reverse('figure')}?{asked.made.query}&{urlencode({'page': asked.page + 1})}"
    return Rows_(
        f"{_prefix(asked, measure)}rows",
        f"What was added up: {LABELS[measure]}",
        ("What", "Why", "In the numerator", "In the denominator",
         *(column.label for column in _columns(measure))),
        tuple(_row(asked, measure, row) for row in shown),
        len(rows),
        url=asked.url and f"{asked.url}?{urlencode({'measure': measure.value, **asked.scope})}",
        more=more if begin + ROWS_SHOWN < len(rows) else "",
    )  # fmt: skip


def _columns(measure: Measure) -> Sequence[Column]:
    """Return what else is known of a row, where it is counted; dollars say all themselves."""
    return () if measure.is_money else COLUMNS[measure.dimension]


def _row(asked: _Asked, measure: Measure, row: Counted) -> tuple[Given, ...]:
    unit, kind = (CURRENCY, Kind.ACTUAL) if measure.is_money else ("", None)
    return (
        Given("what", "What", row.of.name, url=url_of(row.of, asked.evidence)),
        Given("why", "Why", row.why),
        Given("part", "In the numerator", row.part, unit, kind),
        Given("whole", "In the denominator", row.whole, unit, kind),
        *(_known(asked, column, row) for column in _columns(measure)),
    )


def _known(asked: _Asked, column: Column, row: Counted) -> Given:
    value = column.read(row.of, asked.evidence)
    symbol = column.label.lower().replace(" ", "_")
    if not isinstance(value, Figure):
        return Given(symbol, column.label, value if isinstance(value, date) else str(value or "—"))
    names = Names(asked.space, asked.made.at)
    shown = named_cell(column, value, row.of, names, asked.evidence) if not asked.done else value
    url = f"{reverse('figure')}?{shown.made.query}" if shown.made else ""
    return Given(symbol, column.label, value.amount, value.unit, value.kind, url=url)
