"""The POSTs of saved views of the board."""

from positions.actions import ViewTerms, save_view
from positions.models import SavedView
from tests.cast import Cast
from tests.forms.edits import Edit
from tests.forms.pages import Post


def _view(cast: Cast) -> SavedView:
    return save_view(actor=cast.felix, query="band=weak", terms=ViewTerms("Weak ones"))


def of_view_save(cast: Cast) -> Post:
    return Post(cast.felix, "/views/save/?band=weak", {"name": "Weak ones"}, "/views/save/")


def of_view_edit(cast: Cast) -> Post:
    return Post(cast.felix, f"/views/{_view(cast).pk}/edit/", {"name": "The weak"})


def of_view_delete(cast: Cast) -> Post:
    view = _view(cast)
    return Post(cast.felix, f"/views/{view.pk}/edit/", {}, f"/views/{view.pk}/delete/")


POSTS = {"view-save": of_view_save, "view-edit": of_view_edit, "view-delete": of_view_delete}
EDITS = {
    "view-edit": Edit({"name": "One"}, {"name": "Two & three"}, ("One", "Two &amp; three")),
}
MAKE = {"view-save"}
SAME = {"view-delete"}
