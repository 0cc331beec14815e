"""Business Requests: what was asked, by whom, and every step on the way to a decision."""

from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.urls import reverse

from accounts.models import User
from accounts.policy import reads_everything
from records.models import FrozenRecord
from spaces.models import Membership, Space, Workload, spaces_below


class RequestState(models.TextChoices):
    """The life of a Business Request."""

    DRAFT = "draft", "Draft"
    SUBMITTED = "submitted", "Submitted"
    RETURNED = "returned", "Returned for changes"
    APPROVED = "approved", "Approved"
    REJECTED = "rejected", "Rejected"
    WITHDRAWN = "withdrawn", "Withdrawn"


class BusinessRequestQuerySet(models.QuerySet["BusinessRequest"]):
    """Questions about requests."""

    def visible_to(self, user: User) -> Self:
        """Return what a person reads: own drafts, and what was submitted in Spaces they read."""
        mine = Q(created_by=user)
        # Not by state: a draft that was withdrawn was never shown to anybody either.
        submitted = Q(submitted_at__isnull=False)
        if reads_everything(user):
            return self.filter(mine | submitted)
        spaces = spaces_below(Membership.objects.of(user).space_ids())
        return self.filter(mine | submitted & (Q(space__in=spaces) | Q(workload__owner=user)))


class BusinessRequest(models.Model):
    """A request to fund a workload.

    A draft keeps what was typed, valid or not, in `typed` (field name to text). Submitting
    creates the workload and records its first snapshots.
    """

    space = models.ForeignKey(Space, on_delete=models.PROTECT, null=True, related_name="+")
    workload = models.ForeignKey(Workload, on_delete=models.PROTECT, null=True, related_name="+")
    name = models.CharField(max_length=120, blank=True)
    typed = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=RequestState, default=RequestState.DRAFT)
    revision = models.PositiveIntegerField(
        default=0,
        help_text="Counts changes of state and draft, so that two tabs can't overwrite.",
    )
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)

    objects = BusinessRequestQuerySet.as_manager()

    class Meta:
        """A request past its draft has a workload; a workload has one open request."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state__in=RequestState.values),
                name="request_state_is_known",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "withdrawn"]) | Q(workload__isnull=False),
                name="request_past_draft_has_workload",
            ),
            models.UniqueConstraint(
                fields=["workload"],
                condition=Q(state__in=["submitted", "returned"]),
                name="one_open_request_per_workload",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["state", "submitted_at"])]

    def __str__(self) -> str:
        """Return the name of what is asked for."""
        return self.name or "Untitled request"

    def get_absolute_url(self) -> str:
        """Return the page of the request."""
        return reverse("request", args=[self.pk])


class RequestEditor(FrozenRecord):
    """Somebody wrote, changed or submitted a request, whoever began it. Subject: the request.

    Whoever stands here never decides on it (METHOD 7).
    """

    workload_path = "request__workload"

    request = models.ForeignKey(BusinessRequest, on_delete=models.PROTECT, related_name="+")

    class Meta:
        """Each editor once."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["request", "recorded_by"], name="request_editor_once")
        ]

    def __str__(self) -> str:
        """Return who edited what."""
        return f"{self.recorded_by} edited {self.request}"
