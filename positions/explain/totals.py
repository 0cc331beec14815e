"""How totals of the board are made: the workloads that were added up, a page of them at a time.

`q:` is followed by a board's query, `o:` by the query of a Space whose own workloads alone count.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.timezone import localdate

from accounts.models import User
from business_cases.figure_names import workload_about
from business_cases.reading import read_facts
from business_cases.standing import UNBACKED, Lens
from positions.explain.formulas import FORMULAS
from positions.explain.moves import explain_move
from positions.fiscal import fiscal_cost
from positions.query import Query
from positions.reader import Reader
from positions.row import Row
from positions.rows import chosen, rows_at, totals
from positions.totals import Totals
from valueboard.lib.explained import Explanation, Given, Rows_, UnexplainedError, What
from valueboard.lib.figure import About, Figure, Made

EVERY, OWN = "q", "o"  # what an `of` begins with
ROWS_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Total:
    """One total: its name, a figure of its kind, and what each row adds to it, None for nothing."""

    title: str
    figure: Callable[[Totals], Figure]
    term: Callable[[Row], Decimal | None]
    what: What
    note: str = ""


def _unbacked(term: Callable[[Row], Decimal | None]) -> Callable[[Row], Decimal | None]:
    return lambda row: term(row) if row.band == UNBACKED else None


def _projected(row: Row) -> Decimal | None:
    return row.p


def _rate(row: Row) -> Decimal | None:
    return row.rate.amount if row.rate.months else None


def _declared(value_type: str) -> Callable[[Row], Decimal | None]:
    return lambda row: row.o if row.value_type == value_type else None


OWN_YEAR = "Each workload adds its own funding year."
SCALED = "Run-rates that are scaled to a year; a month to date is none."
TOTALS: dict[What, Total] = {
    What.TOTAL_PROJECTED: Total(
        "Projected annual cost", lambda t: t.projected, _projected, What.PROJECTED, OWN_YEAR
    ),
    What.TOTAL_RUN_RATE: Total(
        "Actual run-rate", lambda t: t.run_rate, _rate, What.RUN_RATE, SCALED
    ),
    What.TOTAL_COST_SAVING: Total(
        "Declared annual opportunity, Cost Saving",
        lambda t: t.cost_saving,
        _declared("cost_saving"),
        What.OPPORTUNITY,
    ),
    What.TOTAL_REVENUE_DRIVING: Total(
        "Declared annual opportunity, Revenue Driving",
        lambda t: t.revenue_driving,
        _declared("revenue_driving"),
        What.OPPORTUNITY,
        "Revenue, not margin, and never added to savings.",
    ),
    What.TOTAL_UNBACKED_PROJECTED: Total(
        "Projected annual cost of Unbacked workloads",
        lambda t: t.unbacked_projected,
        _unbacked(_projected),
        What.PROJECTED,
        OWN_YEAR,
    ),
    What.TOTAL_UNBACKED_RUN_RATE: Total(
        "Actual run-rate of Unbacked workloads",
        lambda t: t.unbacked_run_rate,
        _unbacked(_rate),
        What.RUN_RATE,
        SCALED,
    ),
    What.TOTAL_SPENT: Total(
        "Actual spend of the closed months inside the funding",
        lambda t: t.run_rate,
        lambda row: row.actual.amount if row.actual.months else None,
        What.SPENT,
    ),
    What.TOTAL_FISCAL: Total(
        "Projected cost of the fiscal year",
        lambda t: t.projected,
        fiscal_cost,
        What.FISCAL,
    ),
}


def totals_about(query: Query, at: str = "", *, own: bool = False) -> About:
    """Return what names the totals of a board's rows; `own` of a Space without those inside it."""
    plain = query.figures_of(as_of=None, compare=None, lens=Lens.PLANNED)
    return About(f"{OWN if own else EVERY}:{plain.urlencode()}", at)


def named(found: Totals, about: About) -> Totals:
    """Return totals whose figures name their explanations."""
    return replace(
        found,
        projected=found.projected.explained_as(about.made(What.TOTAL_PROJECTED)),
        run_rate=found.run_rate.explained_as(about.made(What.TOTAL_RUN_RATE)),
        cost_saving=found.cost_saving.explained_as(about.made(What.TOTAL_COST_SAVING)),
        revenue_driving=found.revenue_driving.explained_as(about.made(What.TOTAL_REVENUE_DRIVING)),
        unbacked_projected=found.unbacked_projected.explained_as(
            about.made(What.TOTAL_UNBACKED_PROJECTED)
        ),
        unbacked_run_rate=found.unbacked_run_rate.explained_as(
            about.made(What.TOTAL_UNBACKED_RUN_RATE)
        ),
    )


def explain_totals(user: User, made: Made, known_at: datetime, page: int = 1) -> Explanation:
    """Explain a total: what was added up, as far as the person reads it.

    Rows come a page at a time, never all at once.
    """
    if made.what in {What.MOVED, What.MOVED_PART}:
        return explain_move(user, made, known_at)
    total = next((t for what, t in TOTALS.items() if what == made.what), None)
    if total is None:
        raise UnexplainedError(made.what)
    prefix, _, text = made.of.partition(":")
    reader = Reader.of(user)
    query, problems = Query.read(text, localdate(known_at))
    if problems:
        raise UnexplainedError(made.of)
    lens = Lens.ACTUAL if "lens=actual" in made.at else Lens.PLANNED
    rows = chosen(rows_at(read_facts(reader, [known_at]), known_at, lens), query, reader.tree)
    found = list(rows.rows)
    if prefix == OWN:
        found = [row for row in found if row.space_id == reader.tree.find(query.space)]
    terms = [(row, amount) for row in found if (amount := total.term(row)) is not None]
    like = total.figure(totals([]))
    amount_of_all = sum((amount for _, amount in terms), Decimal(0))
    figure = replace(like, amount=amount_of_all, made=made)
    begin = (page - 1) * ROWS_SHOWN
    shown = terms[begin : begin + ROWS_SHOWN]
    listed = Rows_(
        "terms",
        "Workloads that were added up",
        ("Workload", "Amount"),
        tuple(_term(row, amount, figure, total.what, made.at) for row, amount in shown),
        len(terms),
        more=_next(made, page) if begin + ROWS_SHOWN < len(terms) else "",
    )
    board = f"{reverse('board')}?{text}" if text else reverse("board")
    return Explanation(
        made,
        figure,
        f"Total: {total.title}",
        "total@1",
        FORMULAS["total@1"],
        (Given("n", "Workloads", len(terms)), listed),
        rows.today,
        known_at,
        about=("Value Board", board),
        notes=tuple(filter(None, (total.note,))),
    )


def _term(row: Row, amount: Decimal, figure: Figure, what: What, at: str) -> tuple[Given, ...]:
    made = workload_about(row.slug, at).made(what)
    url = f"{reverse('figure')}?{made.query}" if made else ""
    return (
        Given("workload", "Workload", row.name, url=row.url),
        Given("amount", "Amount", amount, figure.unit, figure.kind, url=url),
    )


def _next(made: Made, page: int) -> str:
    return f"{reverse('figure')}?{made.query}&{urlencode({'page': page + 1})}"
