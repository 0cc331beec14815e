"""Spaces form a tree; a workload lives in one Space and has one product owner."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import ClassVar, Self

from django.db import models
from django.db.models.functions import Lower
from django.urls import reverse

from accounts.models import User
from accounts.policy import reads_everything
from records.models import FrozenRecord
from valueboard.lib.history import History
from valueboard.lib.http import seen_of


class SpaceQuerySet(models.QuerySet["Space"]):
    """Questions about Spaces."""

    def visible_to(self, user: User) -> Self:
        """Return the Spaces that a person reads: all by role, else their own and what is below."""
        if reads_everything(user):
            return self
        return self.filter(pk__in=Reader.of(user).reads)

    def open_to_requests_of(self, user: User) -> Self:
        """Return the Spaces in which a person may submit as product owner."""
        return self.filter(pk__in=Reader.of(user).owns)


class Space(models.Model):
    """A part of the organisation that funds workloads."""

    name = models.CharField(max_length=100)
    slug = models.SlugField(max_length=110, unique=True)
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = SpaceQuerySet.as_manager()
    history = History()

    class Meta:
        """Sister Spaces differ in name; a Space is not its own parent."""

        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                Lower("name"),
                "parent",
                name="space_name_once_per_parent",
                nulls_distinct=False,
                violation_error_message="A Space of this name exists there already.",
            ),
            models.CheckConstraint(
                condition=~models.Q(parent=models.F("id")),
                name="space_not_its_own_parent",
                violation_error_message="A Space can't lie inside itself.",
            ),
        ]

    def __str__(self) -> str:
        """Return the name."""
        return self.name

    def get_absolute_url(self) -> str:
        """Return the page of the Space."""
        return reverse("space", args=[self.slug])

    @property
    def seen(self) -> str:
        """Return what a form says that shows name and parent."""
        return seen_of(self.name, self.parent_id)


def spaces_below(roots: Iterable[int], spaces: Iterable[Space]) -> set[int]:
    """Return the ids of the Spaces `roots` and of all inside them; `spaces` are all there are.

    The tree is small (hundreds at most), so it is walked here and not in SQL.
    """
    children: dict[int | None, list[int]] = {}
    for space in spaces:
        children.setdefault(space.parent_id, []).append(space.pk)
    found: set[int] = set()
    waiting = list(roots)
    while waiting:
        pk = waiting.pop()
        if pk not in found:
            found.add(pk)
            waiting.extend(children.get(pk, []))
    return found


def people_of(space_ids: set[int]) -> models.QuerySet[User]:
    """Return the active people who belong to one of the Spaces or to one above it."""
    parents = dict(Space.objects.values_list("pk", "parent_id"))
    reach: set[int] = set()
    for pk in space_ids:
        above: int | None = pk
        while above is not None and above not in reach:
            reach.add(above)
            above = parents.get(above)
    users = Membership.objects.filter(space__in=reach).values("user")
    return User.objects.filter(pk__in=users, is_active=True)


class Membership(models.Model):
    """Somebody belongs to a Space: reads it, or answers for workloads in it."""

    class Role(models.TextChoices):
        """What a person is in a Space and its sub-Spaces."""

        PRODUCT_OWNER = "product_owner", "Product owner"
        MEMBER = "member", "Member"

    space = models.ForeignKey(Space, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=20, choices=Role)

    history = History()

    class Meta:
        """One membership per person and Space."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["space", "user"],
                name="membership_once",
                violation_error_message="This person belongs to the Space already.",
            ),
            models.CheckConstraint(
                condition=models.Q(role__in=["product_owner", "member"]),
                name="membership_role_is_known",
            ),
        ]

    def __str__(self) -> str:
        """Return who is what where."""
        return f"{self.user}, {self.get_role_display()} of {self.space}"

    @property
    def seen(self) -> str:
        """Return what a form says that shows the role."""
        return seen_of(self.role)


@dataclass(frozen=True)
class Reader:
    """All Spaces by id, in the order of their names, and what one person is in which of them."""

    spaces: dict[int, Space]
    roles: dict[int, str]

    @classmethod
    def of(cls, user: User) -> "Reader":
        """Return what a person is where: one query, and none again while `reading_once` lasts."""
        kept = _readers.get()
        if kept is None:
            return cls._read(user)
        if user.pk not in kept:
            kept[user.pk] = cls._read(user)
        return kept[user.pk]

    @classmethod
    def _read(cls, user: User) -> "Reader":
        role = Membership.objects.filter(user=user, space=models.OuterRef("pk")).values("role")
        found = list(Space.objects.annotate(membership=models.Subquery(role)))
        roles = ((space.pk, getattr(space, "membership", None)) for space in found)
        return cls({space.pk: space for space in found}, {pk: held for pk, held in roles if held})

    @property
    def reads(self) -> set[int]:
        """Return the Spaces that the person reads by membership, ids: theirs and what is below."""
        return self.below(self.roles)

    @property
    def owns(self) -> set[int]:
        """Return the Spaces in which the person answers for workloads, with what is below."""
        owner = Membership.Role.PRODUCT_OWNER
        return self.below([pk for pk, role in self.roles.items() if role == owner])

    def below(self, roots: Iterable[int]) -> set[int]:
        """Return the ids of the Spaces `roots` and of all Spaces inside them."""
        return spaces_below(roots, self.spaces.values())


_readers: ContextVar[dict[int, Reader] | None] = ContextVar("readers", default=None)


@contextmanager
def reading_once() -> Iterator[None]:
    """Read each person's memberships and the tree once, as long as this lasts.

    For what changes nothing. Whoever changes something asks afresh each time: under a lock that
    they waited for, things may be other than before it.
    """
    token = _readers.set({})
    try:
        yield
    finally:
        _readers.reset(token)


class WorkloadQuerySet(models.QuerySet["Workload"]):
    """Questions about workloads."""

    def visible_to(self, user: User) -> Self:
        """Return the workloads that a person reads."""
        if reads_everything(user):
            return self
        return self.filter(models.Q(space__in=Reader.of(user).reads) | models.Q(owner=user))


class WorkloadState(models.TextChoices):
    """Where a workload stands (METHOD 3)."""

    PROPOSED = "proposed", "Proposed"
    CLAIMED = "claimed", "Claimed"
    STOPPED = "stopped", "Stopped"


class Workload(models.Model):
    """One AI use funded as a unit.

    The row is what holds now; every change of it is also a `Placement`, so that a past date
    shows the workload where it then was.
    """

    name = models.CharField(max_length=120)
    slug = models.SlugField(max_length=130, unique=True)
    purpose = models.TextField(blank=True)
    space = models.ForeignKey(Space, on_delete=models.PROTECT, related_name="+")
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=WorkloadState, default=WorkloadState.PROPOSED)

    objects = WorkloadQuerySet.as_manager()
    history = History()

    class Meta:
        """Workloads of one Space differ in name."""

        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                Lower("name"),
                "space",
                name="workload_name_once_per_space",
                violation_error_message="A workload of this name exists in this Space already.",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["proposed", "claimed", "stopped"]),
                name="workload_state_is_known",
            ),
        ]

    def __str__(self) -> str:
        """Return the name."""
        return self.name

    def get_absolute_url(self) -> str:
        """Return the page of the workload."""
        return reverse("workload", args=[self.slug])

    @property
    def seen(self) -> str:
        """Return what a form says that shows name, purpose, Space and owner."""
        return seen_of(self.name, self.purpose, self.space_id, self.owner_id)


class Placement(FrozenRecord):
    """Where a workload was, whose it was and where it stood, from `recorded_at` on.

    Subject: the workload.
    """

    workload_path = "workload"

    workload = models.ForeignKey(Workload, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=120)
    purpose = models.TextField(blank=True)
    space = models.ForeignKey(Space, on_delete=models.PROTECT, related_name="+")
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=WorkloadState)
    reason = models.TextField()

    class Meta:
        """Versions count per workload."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workload", "version"], name="placement_version_once")
        ]
        indexes: ClassVar = [models.Index(fields=["workload", "recorded_at"])]

    def __str__(self) -> str:
        """Return workload and version."""
        return f"{self.name} v{self.version}"

    def as_then(self) -> Workload:
        """Return the workload as this says it was: to be read, never saved."""
        return Workload(
            pk=self.workload_id,
            slug=self.workload.slug,
            name=self.name,
            purpose=self.purpose,
            space=self.space,
            owner=self.owner,
            state=self.state,
        )
