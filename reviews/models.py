"""Budget reviews: what was looked at, what was said of it, and what stands frozen afterwards."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from accounts.models import User
from records.models import FrozenRecord
from spaces.models import Workload
from valueboard.lib.history import History


class Direction(models.TextChoices):
    """Where a band points to (METHOD 5), and so what a review proposes."""

    SCALE = "scale", "Candidate to scale"
    WATCH = "watch", "On course; watch for growth"
    REVIEW_SCOPE = "review_scope", "Review the scope"
    REVISIT_CASE = "revisit_case", "Revisit the case before the next cycle"
    RECONSIDER = "reconsider", "Continued funding is weak unless the case changes"
    REQUEST_CASE = "request_case", "Request the case"
    REQUEST_ESTIMATE = "request_estimate", "Request the estimate"


POINTS_TO = {
    "strong": Direction.SCALE,
    "solid": Direction.WATCH,
    "marginal": Direction.REVIEW_SCOPE,
    "thin": Direction.REVISIT_CASE,
    "weak": Direction.RECONSIDER,
    "unbacked": Direction.REQUEST_CASE,
    "not_scored": Direction.REQUEST_ESTIMATE,
}
KNOWN_DIRECTIONS = ["", *sorted(Direction.values)]


class Review(models.Model):
    """A meeting over the figures of one day: its name, the day, and the filters.

    `query` is the board's address without what only orders it. `revision` counts its changes.
    Once its `Closing` is there, the database lets nothing of it or of its notes change.
    """

    name = models.CharField(max_length=120)
    query = models.TextField(blank=True, default="")
    as_of = models.DateField()
    previous = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    revision = models.PositiveIntegerField(default=1)

    history = History(leaving_out=("revision",))

    class Meta:
        """Names tell reviews apart; none follows itself."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                Lower("name"),
                name="review_name_once",
                violation_error_message="Another review has this name.",
            ),
            models.CheckConstraint(
                condition=Q(previous__isnull=True) | ~Q(previous=F("id")),
                name="review_follows_another",
            ),
        ]

    def __str__(self) -> str:
        """Return the name."""
        return self.name


class Note(models.Model):
    """What an open review says of one workload; `direction` is empty while none is proposed."""

    review = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="+")
    workload = models.ForeignKey(Workload, on_delete=models.PROTECT, related_name="+")
    notes = models.TextField(blank=True, default="")
    direction = models.CharField(max_length=20, choices=Direction, blank=True, default="")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    revision = models.PositiveIntegerField(default=1)

    history = History(leaving_out=("by", "at", "revision"))

    class Meta:
        """One per workload and review."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["review", "workload"], name="note_once_per_workload"),
            models.CheckConstraint(
                condition=Q(direction__in=KNOWN_DIRECTIONS), name="note_direction_is_known"
            ),
        ]

    def __str__(self) -> str:
        """Return what it is about."""
        return f"{self.review}: {self.workload}"


class Closing(FrozenRecord):
    """A review as it was closed: what was asked, and what the figures came from. Subject: review.

    `known_at` is the moment whose facts were looked at, `bounds_version` that of the bands' bounds,
    `deliveries` the ids of the cost data that counted, `workloads` how many were listed, and
    `totals` what they came to, by kind and value type, as texts. Its rows are `Reviewed`.
    """

    workload_path = ""

    review = models.OneToOneField(Review, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=120)
    query = models.TextField(blank=True)
    as_of = models.DateField()
    known_at = models.DateTimeField()
    workloads = models.PositiveIntegerField()
    bounds_version = models.PositiveIntegerField()
    basis = models.CharField(max_length=15)
    deliveries = models.JSONField(default=list)
    totals = models.JSONField(default=dict)
    summary = models.TextField(blank=True)

    def __str__(self) -> str:
        """Return what was closed."""
        return f"{self.name}, closed"


class Reviewed(FrozenRecord):
    """One workload as a review left it. Subject: the closing and the workload.

    `decision` names its last approval, or is empty; `stands` the baseline, the acknowledged and the
    current versions with their figures (`reviews.stands`), as texts, and under `over` why nothing
    more was spent on it. `proposed` is the direction that the method pointed to, `direction` the
    one that the review took, empty for none. `carried` is a workload that the filters didn't find
    any more, and that was listed all the same.
    """

    workload_path = "workload"

    closing = models.ForeignKey(Closing, on_delete=models.PROTECT, related_name="+")
    workload = models.ForeignKey(Workload, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveIntegerField()
    name = models.CharField(max_length=200)
    space = models.TextField()
    owner = models.CharField(max_length=150)
    carried = models.BooleanField(default=False)
    decision = models.JSONField(default=dict)
    stands = models.JSONField(default=dict)
    band = models.CharField(max_length=20)
    proposed = models.CharField(max_length=20)
    direction = models.CharField(max_length=20, blank=True)
    notes = models.TextField(blank=True)

    class Meta:
        """As many as the closing says, each once."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["closing", "workload"], name="reviewed_once"),
            models.UniqueConstraint(fields=["closing", "position"], name="reviewed_in_order"),
            models.CheckConstraint(
                condition=Q(direction__in=KNOWN_DIRECTIONS), name="reviewed_direction_is_known"
            ),
        ]

    def __str__(self) -> str:
        """Return the workload and the review."""
        return f"{self.name} in {self.closing}"
