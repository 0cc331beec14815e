"""Who may do what with a saved view: its owner changes it, whoever reads its Space opens it."""

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from accounts.models import User
from positions.models import SavedView


def views_of(user: User) -> QuerySet[SavedView]:
    """Return the views that a person may open, by name."""
    return SavedView.objects.visible_to(user).select_related("owner", "space")


def get_own_view(user: User, pk: int) -> SavedView:
    """Return a view that the person may change, or raise 404."""
    return get_object_or_404(SavedView.objects.select_related("space"), pk=pk, owner=user)
