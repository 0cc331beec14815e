"""How the figures of a workload are made, as panels show it (METHOD 4 to 6).

Each panel names what went into its figure, down to the frozen snapshots, the attribution runs with
their deliveries, and the daily lines for those who read them.
"""

from datetime import datetime

from accounts.models import User
from business_cases.figure_names import read_subject
from positions.explain.asking import Asked, ask
from positions.explain.cases import EXPLAINED as OF_CASES
from positions.explain.changes import change
from positions.explain.days import EXPLAINED as OF_DAYS
from positions.explain.plans import EXPLAINED as OF_PLANS
from positions.explain.spend import EXPLAINED as OF_SPEND
from valueboard.lib.explained import Explanation, UnexplainedError, What
from valueboard.lib.figure import Made

__all__ = ["explain_workload"]

EXPLAINED = OF_CASES | OF_SPEND | OF_DAYS | OF_PLANS


def explain_workload(user: User, made: Made, known_at: datetime, page: int = 1) -> Explanation:
    """Explain a figure of a workload, as known at a moment.

    Raise `UnexplainedError` for a figure that there is not, and 404 for a workload that the person
    does not read.
    """
    return _explained(ask(user, made, read_subject(made.of), known_at, page))


def _explained(asked: Asked) -> Explanation:
    try:
        what = What(asked.made.what)
    except ValueError as error:
        raise UnexplainedError(asked.made.what) from error
    if what is What.CHANGE:
        return change(asked, _explained)
    explain = EXPLAINED.get(what)
    if explain is None:
        raise UnexplainedError(what)
    return explain(asked)
