"""Views of the board that people save in the demo."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from demo.happening import Happening
from demo.people import Made
from demo.plan.organisation import COMMERCE, ERIN, FELIX
from positions.actions import ViewTerms, save_view
from positions.query import Query


@dataclass(frozen=True, slots=True)
class PlannedView:
    """Who saves which address under which name, shared with which Space; "" for nobody."""

    who: str
    name: str
    query: str
    space: str = ""


VIEWS = (
    PlannedView(FELIX, "Unbacked, largest first", "band=unbacked"),
    PlannedView(FELIX, "Commerce, against actual spend", "space=commerce&lens=actual", COMMERCE),
    PlannedView(FELIX, "Not acknowledged since approval", "state=not_acknowledged&revised=1"),
    PlannedView(
        ERIN,
        "Cost Saving above $100k",
        "type=cost_saving&above=100000&columns=opportunity,projected,prospect,baseline",
    ),
)


def happenings(made: Made, until: datetime) -> Iterator[Happening]:
    """Yield what happens until a moment, which is now: the views are a few weeks old."""
    for number, view in enumerate(VIEWS):
        moment = until - timedelta(days=21 - number)
        yield Happening(moment, "saved view", partial(_save, made, view))


def _save(made: Made, view: PlannedView) -> None:
    terms = ViewTerms(view.name, made.spaces.get(view.space))
    query, _ = Query.read(view.query, made.today)
    save_view(actor=made.people[view.who], query=query.urlencode(), terms=terms)
