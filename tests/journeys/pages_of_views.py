"""The pages of saved views."""

from positions.actions import ViewTerms, save_view
from spaces.models import Workload
from tests.cast import Cast


def full(cast: Cast, workload: Workload) -> dict[str, list[str]]:
    mine = ViewTerms("Weak ones", cast.commerce, is_default=False)
    view = save_view(actor=cast.felix, query="band=weak", terms=mine)
    save_view(actor=cast.erin, query="", terms=ViewTerms("All of Commerce", cast.commerce))
    return {"felix": ["/views/", "/views/save/?band=weak", f"/views/{view.pk}/edit/"]}


def empty(cast: Cast) -> dict[str, list[str]]:
    return {"felix": ["/views/"]}
