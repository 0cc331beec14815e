"""Business Requests: what was asked, by whom, and every step on the way to a decision."""

from collections.abc import Mapping
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.urls import reverse

from accounts.models import User
from accounts.policy import reads_everything
from business_cases.models.recorded import CaseSnapshot, EstimateSnapshot
from records.models import FrozenRecord
from spaces.models import Reader, Space, Workload


class RequestState(models.TextChoices):
    """The life of a Business Request."""

    DRAFT = "draft", "Draft"
    SUBMITTED = "submitted", "Submitted"
    RETURNED = "returned", "Returned for changes"
    APPROVED = "approved", "Approved"
    REJECTED = "rejected", "Rejected"
    WITHDRAWN = "withdrawn", "Withdrawn"


# The legal steps of a request (METHOD 7). The trigger `business_cases_request_step` holds the same
# table; nothing leaves a state that is not named here.
LEGAL_STEPS: Mapping[RequestState, frozenset[RequestState]] = {
    RequestState.DRAFT: frozenset({RequestState.SUBMITTED, RequestState.WITHDRAWN}),
    RequestState.SUBMITTED: frozenset(
        {
            RequestState.APPROVED,
            RequestState.RETURNED,
            RequestState.REJECTED,
            RequestState.WITHDRAWN,
        }
    ),
    RequestState.RETURNED: frozenset({RequestState.SUBMITTED, RequestState.WITHDRAWN}),
}


class RequestKind(models.TextChoices):
    """What a request asks for: a workload that is not there yet, one that is, or more for it."""

    NEW_WORKLOAD = "new_workload", "New workload"
    EXISTING_WORKLOAD = "existing_workload", "Existing workload"
    MORE_FUNDING = "more_funding", "More funding"


class BusinessRequestQuerySet(models.QuerySet["BusinessRequest"]):
    """Questions about requests."""

    def open(self) -> Self:
        """Return the requests that wait for a decision or for their author."""
        return self.filter(state__in=[RequestState.SUBMITTED, RequestState.RETURNED])

    def visible_to(self, user: User) -> Self:
        """Return what a person reads: own drafts, and what was submitted in Spaces they read.

        Once submitted a request belongs to its Space, and to that of its workload where that moved
        on: who leaves them reads it no more, its author included.
        """
        mine = Q(created_by=user, submitted_at__isnull=True)
        # Not by state: a draft that was withdrawn was never shown to anybody either.
        submitted = Q(submitted_at__isnull=False)
        if reads_everything(user):
            return self.filter(mine | submitted)
        spaces = Reader.of(user).reads
        theirs = Q(space__in=spaces) | Q(workload__space__in=spaces) | Q(workload__owner=user)
        return self.filter(mine | submitted & theirs)


class BusinessRequest(models.Model):
    """A request to fund a workload.

    A draft keeps what was typed, valid or not, in `typed` (field name to text). Submitting
    creates the workload and records its first snapshots. Requests of the other kinds are about a
    workload that is there already; the product makes and submits them in one transaction.
    """

    space = models.ForeignKey(Space, on_delete=models.PROTECT, null=True, related_name="+")
    workload = models.ForeignKey(Workload, on_delete=models.PROTECT, null=True, related_name="+")
    kind = models.CharField(
        max_length=20, choices=RequestKind, default=RequestKind.NEW_WORKLOAD, editable=False
    )
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
                condition=Q(kind="new_workload")
                | Q(kind__in=["existing_workload", "more_funding"], workload__isnull=False),
                name="request_kind_fits_its_workload",
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


class RequestStep(FrozenRecord):
    """One step of a request: from one state to another, by whom, when and why.

    Subject: the request. `revision` is the one that the step made; a step to *submitted* names the
    snapshots that were submitted. From *submitted* to *submitted* leads a request whose figures
    were revised, or that waits for a second approval. The database lets no state change without
    its step, and takes no step that was not made.
    """

    workload_path = "request__workload"

    request = models.ForeignKey(BusinessRequest, on_delete=models.PROTECT, related_name="+")
    from_state = models.CharField(max_length=10, choices=RequestState)
    to_state = models.CharField(max_length=10, choices=RequestState)
    revision = models.PositiveIntegerField()
    estimate = models.ForeignKey(
        EstimateSnapshot, on_delete=models.PROTECT, null=True, related_name="+"
    )
    case = models.ForeignKey(CaseSnapshot, on_delete=models.PROTECT, null=True, related_name="+")
    note = models.TextField(blank=True)

    class Meta:
        """One step makes one revision, and somebody takes it."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["request", "revision"], name="request_step_once"),
            models.CheckConstraint(
                condition=Q(recorded_by__isnull=False), name="request_step_has_actor"
            ),
        ]

    def __str__(self) -> str:
        """Return where it leads."""
        return f"{self.request}: {self.get_from_state_display()} to {self.get_to_state_display()}"


class Comment(FrozenRecord):
    """What somebody says of a request, for all who read it. Subject: the request."""

    workload_path = "request__workload"

    LONGEST = 5000

    request = models.ForeignKey(BusinessRequest, on_delete=models.PROTECT, related_name="+")
    text = models.CharField(max_length=LONGEST)

    class Meta:
        """A comment says something, and somebody says it."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(text__regex=r"^\s*$"), name="comment_says_something"
            ),
            models.CheckConstraint(
                condition=Q(recorded_by__isnull=False), name="comment_has_author"
            ),
        ]

    def __str__(self) -> str:
        """Return who commented on what."""
        return f"{self.recorded_by} on {self.request}"


class Decline(FrozenRecord):
    """A pending estimate will not come into force; the one in force goes on. Subject: the estimate.

    Because the request that asked for it was rejected, or withdrawn.
    """

    workload_path = "estimate__workload"

    class How(models.TextChoices):
        """What became of the request."""

        DECLINED = "declined", "Declined"
        WITHDRAWN = "withdrawn", "Withdrawn"

    estimate = models.OneToOneField(EstimateSnapshot, on_delete=models.PROTECT, related_name="+")
    request = models.ForeignKey(BusinessRequest, on_delete=models.PROTECT, related_name="+")
    how = models.CharField(max_length=10, choices=How)

    class Meta:
        """Somebody rejected or withdrew it."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(how__in=["declined", "withdrawn"]), name="decline_is_known"
            ),
            models.CheckConstraint(
                condition=Q(recorded_by__isnull=False), name="decline_has_actor"
            ),
        ]

    def __str__(self) -> str:
        """Return what became of which estimate."""
        return f"{self.estimate}: {self.get_how_display()}"
