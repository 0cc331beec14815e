"""Loads: what the worker or the command line is doing with an export, and what came of it.

Operational rows, and no evidence: what was delivered stands in frozen records. A load that found
the same as the one before takes its place, unless a person had asked for that, so they stay few.
"""

from typing import ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from accounts.models import User
from cur_ingest.models.deliveries import Delivery, Export

TRIES = 3


class LoadQuerySet(models.QuerySet["Load"]):
    """Questions about loads."""

    def unfinished(self) -> Self:
        """Return those that wait or run."""
        return self.filter(state__in=Load.UNFINISHED)


class Load(models.Model):
    """One load of a billing period, or one look at which periods an export has (no period).

    `waiting → running → loaded | unchanged | needs a rate | refused | failed`; a look ends as
    `looked`. What may pass goes from running back to waiting, with its error, until the third try.
    """

    class State(models.TextChoices):
        """Where a load stands."""

        WAITING = "waiting", "Waiting"
        RUNNING = "running", "Running"
        LOADED = "loaded", "Loaded"
        UNCHANGED = "unchanged", "Unchanged"
        LOOKED = "looked", "Looked"
        NEEDS_RATE = "needs_rate", "Needs a rate"
        REFUSED = "refused", "Refused"
        FAILED = "failed", "Failed"

    class Phase(models.TextChoices):
        """What a running load is doing."""

        NONE = "", ""
        FINDING = "finding", "Finding out what was delivered"
        FETCHING = "fetching", "Fetching files"
        ADDING_UP = "adding_up", "Adding up"
        WRITING = "writing", "Writing and attributing"

    class Origin(models.TextChoices):
        """Who asked, beside `asked_by`."""

        PERSON = "person", "a person"
        SCHEDULE = "schedule", "the schedule"
        COMMAND = "command", "the command line"

    UNFINISHED: ClassVar = (State.WAITING, State.RUNNING)
    WITH_DELIVERY: ClassVar = (State.LOADED, State.UNCHANGED)

    export = models.ForeignKey(Export, on_delete=models.PROTECT, related_name="+")
    period = models.DateField(null=True, help_text="First day of the billing period.")
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    phase = models.CharField(max_length=10, choices=Phase, blank=True, default="")
    tries = models.PositiveSmallIntegerField(default=0)
    origin = models.CharField(max_length=10, choices=Origin)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    try_again_at = models.DateTimeField(null=True)
    files = models.PositiveIntegerField(default=0)
    files_done = models.PositiveIntegerField(default=0)
    bytes = models.PositiveBigIntegerField(default=0)
    bytes_done = models.PositiveBigIntegerField(default=0)
    rows_done = models.PositiveBigIntegerField(default=0)
    error = models.TextField(blank=True, default="")
    lacking = ArrayField(
        models.TextField(), default=list, help_text="Currencies it waits for a rate of."
    )
    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, null=True, related_name="+")

    objects = LoadQuerySet.as_manager()

    class Meta:
        """One at a time per export and period; a state says what else is there."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["export", "period"],
                condition=Q(state__in=["waiting", "running"]),
                nulls_distinct=False,
                name="load_one_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=[
                        "waiting",
                        "running",
                        "loaded",
                        "unchanged",
                        "looked",
                        "needs_rate",
                        "refused",
                        "failed",
                    ]
                ),
                name="load_state_is_known",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "running"], finished_at__isnull=True)
                | (~Q(state__in=["waiting", "running"]) & Q(finished_at__isnull=False)),
                name="load_finished_has_time",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["loaded", "unchanged"], delivery__isnull=False)
                | (~Q(state__in=["loaded", "unchanged"]) & Q(delivery__isnull=True)),
                name="load_delivery_if_loaded",
            ),
            models.CheckConstraint(
                condition=Q(period__isnull=True) | Q(period__day=1), name="load_period_is_a_month"
            ),
            models.CheckConstraint(
                condition=Q(files_done__lte=F("files"), tries__lte=TRIES),
                name="load_counts_are_in_range",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["export", "period", "-id"])]

    def __str__(self) -> str:
        """Return export, month and state."""
        month = f" {self.period:%Y-%m}" if self.period else ""
        return f"{self.export}{month}: {self.get_state_display()}"

    @property
    def is_unfinished(self) -> bool:
        """Tell whether it waits or runs."""
        return self.state in self.UNFINISHED
