"""Views of the board that people save: a name for an address."""

from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.urls import reverse

from accounts.models import User
from positions.query import EVERYTHING
from spaces.models import Space
from valueboard.lib.history import History
from valueboard.lib.http import seen_of

LONGEST_QUERY = 2000
# Of the text that `Query.urlencode` writes; a later writer counts on.
QUERY_VERSION = 1


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    """Questions about saved views."""

    def visible_to(self, user: User) -> Self:
        """Return a person's own views, and those shared with a Space that they read."""
        return self.filter(Q(owner=user) | Q(space__in=Space.objects.visible_to(user)))


class SavedView(models.Model):
    """Filters, lens, dates, order and columns of the board under a name.

    What is kept is the text of the address, so that a copied link does not depend on the view. It
    shows everybody what they themselves read. `space` shares it with whoever reads that Space.
    """

    name = models.CharField(max_length=80)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    space = models.ForeignKey(
        Space, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    query = models.CharField(max_length=LONGEST_QUERY, blank=True)
    query_version = models.PositiveSmallIntegerField(default=QUERY_VERSION)
    is_default = models.BooleanField(default=False)

    objects = SavedViewQuerySet.as_manager()
    history = History()

    class Meta:
        """A person's views differ in name, and one at most opens by itself."""

        ordering: ClassVar = [Lower("name"), "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                "owner",
                Lower("name"),
                name="view_name_once_per_person",
                violation_error_message="You have a view of this name already.",
            ),
            models.UniqueConstraint(
                fields=["owner"], condition=Q(is_default=True), name="view_one_default_per_person"
            ),
            models.CheckConstraint(
                condition=~Q(name__regex=r"^\s*$"),
                name="view_has_a_name",
                violation_error_message="Give the view a name.",
            ),
        ]

    def __str__(self) -> str:
        """Return the name."""
        return self.name

    def get_absolute_url(self) -> str:
        """Return the board as the view shows it."""
        return f"{reverse('board')}?{self.query or EVERYTHING}"

    @property
    def seen(self) -> str:
        """Return what a form says that shows the view."""
        return seen_of(self.name, self.space_id, self.query, self.is_default)
