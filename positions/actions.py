"""Every change to saved views."""

from dataclasses import dataclass

from django.db import transaction

from accounts.models import User
from positions.models import QUERY_VERSION, SavedView
from spaces.access import is_read, spaces_read
from spaces.models import Space
from valueboard.lib.errors import RefusedError, StaleError
from valueboard.lib.history import drop, keep


@dataclass(frozen=True, slots=True)
class ViewTerms:
    """What a view is called, whom it is shared with, and whether the board opens with it."""

    name: str
    space: Space | None = None
    is_default: bool = False


@transaction.atomic
def save_view(*, actor: User, query: str, terms: ViewTerms) -> SavedView:
    """Keep the text of an address (`Query.urlencode`) under a name."""
    view = SavedView(owner=actor, query=query, query_version=QUERY_VERSION)
    _write(actor, view, terms)
    return view


@transaction.atomic
def change_view(*, actor: User, view: SavedView, seen: str, terms: ViewTerms) -> None:
    """Rename a view, share it or not, or have the board open with it.

    `seen` is the view's as the page showed it; raise `StaleError` if another tab was faster.
    """
    locked = _locked(actor, view)
    if locked.seen != seen:
        message = "This view was changed since you opened this page. Nothing was overwritten."
        raise StaleError(message)
    _write(actor, locked, terms)


@transaction.atomic
def delete_view(*, actor: User, view: SavedView) -> None:
    """Delete a view; the addresses that were copied from it still open."""
    drop(_locked(actor, view), actor=actor, reason="")


def _locked(actor: User, view: SavedView) -> SavedView:
    found = SavedView.objects.select_for_update().filter(pk=view.pk, owner=actor).first()
    if found is None:
        message = "This view was deleted meanwhile."
        raise StaleError(message)
    return found


def _write(actor: User, view: SavedView, terms: ViewTerms) -> None:
    if terms.space and not is_read(terms.space, spaces_read(actor)):
        message = "You can share a view with Spaces that you read."
        raise RefusedError(message)
    if terms.is_default and not view.is_default:
        # The person is locked, so that of two views at once one remains the default.
        User.objects.select_for_update(no_key=True).get(pk=actor.pk)
        defaults = SavedView.objects.select_for_update().filter(owner=actor, is_default=True)
        for other in defaults:
            other.is_default = False
            keep(other, actor=actor, reason=f"“{terms.name}” opens with the board instead.")
    view.name, view.space, view.is_default = terms.name.strip(), terms.space, terms.is_default
    keep(view, actor=actor, reason="", beside="name")
