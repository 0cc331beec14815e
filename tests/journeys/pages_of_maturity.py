"""The pages of Governance Maturity beyond its first."""

from maturity.actions import keep_scores
from spaces.models import Workload
from tests.cast import Cast

ROWS = [f"/maturity/{each}/" for each in ("attribution", "estimate", "accuracy", "response")]


def full(cast: Cast, workload: Workload) -> dict[str, list[str]]:
    keep_scores()
    pages = ["/maturity/?space=commerce", "/maturity/what-if/?way=estimate", *ROWS]
    return {"felix": pages}


def empty(cast: Cast) -> dict[str, list[str]]:
    return {"felix": ["/maturity/what-if/", *ROWS]}
