"""How plan and spend of an owner's other workloads add up, as a decision page shows them.

`others:` is followed by the workload that is decided on. What is added up is what the person reads.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from django.urls import reverse
from django.utils.timezone import localdate

from accounts.models import User
from approvals.access import get_workload_to_read
from approvals.background import Together, read_background
from business_cases.plan_and_spend import PlanAndSpend
from positions.explain.formulas import FORMULAS
from valueboard.lib.explained import Explanation, Given, Rows_, UnexplainedError, What
from valueboard.lib.figure import Figure, Made

# The title of a total, the total, and the figure of each workload that it adds up.
Total = tuple[str, Callable[[Together], Figure | None], Callable[[PlanAndSpend], Figure]]
TOTALS: dict[What, Total] = {
    What.TOTAL_PLANNED: ("Estimates", lambda t: t.planned, lambda each: each.planned),
    What.TOTAL_SPENT: ("Actual spend", lambda t: t.spent, lambda each: each.spent),
    What.TOTAL_OVER: (
        "Spent above the estimates",
        lambda t: t.over.difference if t.over else None,
        lambda each: each.difference,
    ),
    What.TOTAL_UNDER: (
        "Spent below the estimates",
        lambda t: t.under.difference if t.under else None,
        lambda each: each.difference,
    ),
}
SIGNS = {What.TOTAL_OVER: 1, What.TOTAL_UNDER: -1}
OWN_MONTHS = "Each over its own closed months inside the funding. Spend is no outcome."


def explain_others(user: User, made: Made, known_at: datetime, _page: int = 1) -> Explanation:
    """Explain what the other workloads of an owner were estimated at, and spent."""
    workload = get_workload_to_read(user, made.of.partition(":")[2])
    found = read_background(user, workload, None, known_at)
    what = next((each for each in TOTALS if each == made.what), None)
    if what is None or found.together is None:
        raise UnexplainedError(made.query)
    title, total, term = TOTALS[what]
    figure = total(found.together)
    if figure is None:
        raise UnexplainedError(made.query)
    added = [
        (each, term(each.against))
        for each in found.declarations
        if each.against and _is_of(what, each.against.difference.amount)
    ]
    rows = tuple(
        (
            Given("workload", "Workload", each.workload.name, url=each.workload.get_absolute_url()),
            _given(amount),
        )
        for each, amount in added
    )
    return Explanation(
        made,
        replace(figure, made=made),
        f"Other workloads of {workload.owner}: {title}",
        "total@1",
        FORMULAS["total@1"],
        (Rows_("terms", "Workloads that were added up", ("Workload", "Amount"), rows, len(rows)),),
        localdate(known_at),
        known_at,
        about=(workload.name, workload.get_absolute_url()),
        notes=(OWN_MONTHS,),
    )


def _is_of(what: What, difference: Decimal) -> bool:
    """Tell whether a workload counts: over and under plan are never set off against each other."""
    return what not in SIGNS or difference * SIGNS[what] > 0


def _given(figure: Figure) -> Given:
    url = f"{reverse('figure')}?{figure.made.query}" if figure.made else ""
    return Given("amount", "Amount", figure.amount, figure.unit, figure.kind, url=url)
