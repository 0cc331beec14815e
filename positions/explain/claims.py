"""How what several cases claim of one cost or revenue is made (docs/method.md 10).

`claims:` is followed by the workload whose page shows it; for what one case claims that the person
does not read, by its number: of that they learn the name, the owner and the amount, and no more.
"""

from datetime import datetime

from django.urls import reverse
from django.utils.timezone import localdate

from accounts.models import User
from approvals.access import get_workload_to_read, stands_in
from business_cases.access import sees_claims
from business_cases.claims import Arithmetic, Claims, Row, claims_of
from business_cases.figures import CURRENCY
from business_cases.reports import standing_of
from positions.explain.formulas import FORMULAS
from valueboard.lib.explained import Explanation, Given, Rows_, UnexplainedError, What
from valueboard.lib.figure import Figure, Kind, Made

NOT_YOURS = "How it was reached stands on a page that is not yours to read."
OF_TODAY = "Of workloads that are claimed now, and of requests that wait now. It blocks nothing."


def explain_claims(user: User, made: Made, known_at: datetime, _page: int = 1) -> Explanation:
    """Explain what current cases claim together, for who is concerned."""
    _, slug, *rest = made.of.split(":")
    workload = get_workload_to_read(user, slug)
    if not (sees_claims(user, workload) or stands_in(user)):
        raise UnexplainedError(made.of)
    found = claims_of(user, workload, standing_of(workload.pk, known_at).declared, known_at)
    if found is None or found.sum is None:
        raise UnexplainedError(made.of)
    figure, title, formula, inputs = _of(found, found.sum, made.what, *rest)
    return Explanation(
        made,
        figure.explained_as(made),
        title,
        formula,
        FORMULAS[formula],
        inputs,
        localdate(known_at),
        known_at,
        about=(f"Cases on “{found.name}”", f"{workload.get_absolute_url()}?part=claims"),
        notes=(NOT_YOURS if rest else OF_TODAY,),
    )


def _of(
    found: Claims, added: Arithmetic, what: str, row: str = ""
) -> tuple[Figure, str, str, tuple[Given | Rows_, ...]]:
    """Return the figure, its title, its formula and what went in."""
    if row:
        claim = next((each for each in found.rows if not each.sees and str(each.id) == row), None)
        if claim is None or what != What.OPPORTUNITY:
            raise UnexplainedError(row)
        figure = claim.opportunity
        value = Given("value", "As declared", figure.amount, figure.unit, figure.kind)
        who = (Given("workload", "Workload", claim.name), Given("owner", "Owner", claim.owner))
        return figure, "Declared annual opportunity", "stated@1", (value, *who)
    named = added.declared.made
    if named and what == named.what:
        return added.declared, "Declared together", "total@1", (_terms(found),)
    if what == What.CLAIMED_LARGEST:
        return added.largest, "The largest stated annual amount", "largest@1", (_stated(found),)
    if what == What.CLAIMED_SHARE:
        sides = (("a", "Declared together", added.declared), ("b", "Largest", added.largest))
        return (
            added.share,
            "What they claim together, of the largest annual amount",
            "claimed_share@1",
            tuple(_given(symbol, label, figure) for symbol, label, figure in sides),
        )
    raise UnexplainedError(what)


def _terms(found: Claims) -> Rows_:
    rows = tuple((_name(row), _given("amount", "Amount", row.opportunity)) for row in found.rows)
    return Rows_("terms", "Cases", ("Workload", "Opportunity"), rows, len(rows))


def _stated(found: Claims) -> Rows_:
    """Return the amounts that the person reads; the largest, which they see, without its name."""
    seen = [(row, row.current) for row in found.rows if row.current]
    rows = [(_name(row), _given("amount", "Amount", current)) for row, current in seen]
    largest = found.sum.largest.amount if found.sum else None
    if largest is not None and largest not in {current.amount for _, current in seen}:
        whose = Given("workload", "Workload", "A case that is not yours to read")
        rows.append((whose, Given("amount", "Amount", largest, CURRENCY, Kind.DECLARED)))
    return Rows_("stated", "Stated a year", ("Workload", "Amount"), tuple(rows), len(rows))


def _name(row: Row) -> Given:
    return Given("workload", "Workload", row.name, url=row.url)


def _given(symbol: str, label: str, figure: Figure) -> Given:
    url = f"{reverse('figure')}?{figure.made.query}" if figure.made else ""
    return Given(symbol, label, figure.amount, figure.unit, figure.kind, url=url)
