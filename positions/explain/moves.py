"""How a difference between two days is made, of one workload or of all that a query shows.

The address names the later day as every figure does, `compare` the earlier one, `figure` what moved
and `workload` of which one alone. `cause`, if it is asked about, is what did a part of it: whether
a workload is new or gone depends on the query, so that one workload is asked about within it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from urllib.parse import parse_qsl, urlencode

from django.urls import reverse
from django.utils.timezone import localdate

from accounts.models import User
from approvals.access import get_workload_to_read
from business_cases.figure_names import workload_about
from business_cases.figures import CURRENCY
from business_cases.reading import read_facts
from business_cases.standing import Lens
from positions.causes import Cause
from positions.compare import Comparison, Delta, compare
from positions.explain.formulas import FORMULAS
from positions.query import Query
from positions.reader import Reader
from positions.rows import chosen, rows_at
from valueboard.lib.explained import Explanation, Given, Rows_, UnexplainedError, What
from valueboard.lib.figure import About, Figure, Kind, Made, ValueType
from valueboard.lib.moment import end_of
from valueboard.lib.months import DAWN


@dataclass(frozen=True, slots=True)
class Moving:
    """A figure that moves: what it is of a workload, what of many, its kind and value type."""

    label: str
    what: What
    total: What
    kind: Kind
    value_type: ValueType | None = None


MOVING = {
    "projected": Moving(
        "Projected annual cost", What.PROJECTED, What.TOTAL_PROJECTED, Kind.PROJECTED
    ),
    "run_rate": Moving("Actual run-rate", What.RUN_RATE, What.TOTAL_RUN_RATE, Kind.ACTUAL),
    "cost_saving": Moving(
        "Declared: Cost Saving",
        What.OPPORTUNITY,
        What.TOTAL_COST_SAVING,
        Kind.DECLARED,
        ValueType.COST_SAVING,
    ),
    "revenue_driving": Moving(
        "Declared: Revenue Driving",
        What.OPPORTUNITY,
        What.TOTAL_REVENUE_DRIVING,
        Kind.DECLARED,
        ValueType.REVENUE_DRIVING,
    ),
}


def delta_of(comparison: Comparison, key: str, workload: int | None = None) -> Delta | None:
    """Return how a figure moved, of one workload or of all."""
    value_type = MOVING[key].value_type
    if workload is None:
        if value_type:
            return comparison.opportunities[value_type]
        return comparison.projected if key == "projected" else comparison.run_rate
    mover = comparison.by_id.get(workload)
    if mover is None:
        return None
    if value_type:
        return mover.opportunities.get(value_type)
    return mover.projected if key == "projected" else mover.run_rate


def moved_about(
    about: About, since: date, key: str, workload: str = "", cause: Cause | None = None
) -> Made | None:
    """Return what names a difference; `about` is of all rows of the later day."""
    more = {"compare": since.isoformat(), "figure": key}
    more |= {"workload": workload} if workload else {}
    more |= {"cause": cause.value} if cause else {}
    at = urlencode([*parse_qsl(about.at), *more.items()])
    return replace(about, at=at).made(What.MOVED_PART if cause else What.MOVED)


def explain_move(user: User, made: Made, known_at: datetime) -> Explanation:
    """Explain a difference between two days, or what one cause did to it."""
    asked = dict(parse_qsl(made.at))
    moving = MOVING.get(asked.get("figure", ""))
    since = _day(asked)
    if moving is None or not DAWN <= since < localdate(known_at):
        raise UnexplainedError(made.of)
    then = end_of(since)
    reader = Reader.of(user)
    comparison, workload, name, url = _compared(reader, made, then, known_at, asked)
    delta = delta_of(comparison, asked["figure"], workload)
    if delta is None:
        raise UnexplainedError(made.of)
    cause = asked.get("cause", "")
    part = next((part for part in delta.parts if part.cause.value == cause), None)
    if (made.what == What.MOVED_PART) != (part is not None):
        raise UnexplainedError(made.of)
    amount = part.amount if part else delta.amount
    figure = Figure(amount, CURRENCY, Kind.DERIVED, moving.value_type, made=made)
    formula = "moved_part@1" if part else "moved@1"
    lens = {name: text for name, text in asked.items() if name in {"as_of", "known_at", "lens"}}
    before = {"as_of": since.isoformat()} | {n: t for n, t in lens.items() if n == "lens"}
    what, of = moving.total, made.of
    if workload is not None:
        what, of = moving.what, workload_about(asked["workload"]).of
    rows = tuple(
        (
            Given("cause", "Because of", each.cause.value, note=each.cause.label),
            Given("amount", "Amount", each.amount, CURRENCY, Kind.DERIVED),
        )
        for each in delta.parts
    )
    return Explanation(
        made,
        figure,
        f"{moving.label}: {part.cause.label}" if part else f"{moving.label}: difference",
        formula,
        FORMULAS[formula],
        (
            _side("b", "Earlier", delta.before, moving, Made(what, of, urlencode(before))),
            _side("a", "Later", delta.after, moving, Made(what, of, urlencode(lens))),
            *((Given("c", "Cause", cause),) if part else ()),
            Rows_("parts", "What each cause did", ("Because of", "Amount"), rows, len(rows)),
        ),
        localdate(known_at),
        known_at,
        about=(name, url),
    )


def _compared(
    reader: Reader, made: Made, then: datetime, now: datetime, asked: Mapping[str, str]
) -> tuple[Comparison, int | None, str, str]:
    lens = Lens.ACTUAL if asked.get("lens") == Lens.ACTUAL else Lens.PLANNED
    text = made.of.partition(":")[2]
    query, _ = Query.read(text, localdate(now))
    name, url, only = "Value Board", f"{reverse('board')}?{text}", None
    if "workload" in asked:
        workload = get_workload_to_read(reader.user, asked["workload"])
        name, url, only = workload.name, workload.get_absolute_url(), [workload.pk]
    facts = read_facts(reader, [then, now], only=only)
    before, after = (
        chosen(rows_at(facts, moment, lens), query, reader.tree) for moment in (then, now)
    )
    return compare(before, after, facts), only[0] if only else None, name, url


def _side(symbol: str, label: str, amount: Decimal | None, moving: Moving, made: Made) -> Given:
    if amount is None:
        return Given(symbol, label, Decimal(0), CURRENCY, note="there was none")
    url = f"{reverse('figure')}?{made.query}"
    return Given(symbol, label, amount, CURRENCY, moving.kind, url=url)


def _day(asked: Mapping[str, str]) -> date:
    try:
        return date.fromisoformat(asked.get("compare", ""))
    except ValueError as error:
        raise UnexplainedError(asked) from error
