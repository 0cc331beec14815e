"""Months that finance closed, and what they came to then."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from cur_ingest.models.spend import AttributionRun, Part
from records.models import FrozenRecord


class MonthClosing(FrozenRecord):
    """Finance closed a month of the organisation, or opened it again. Subject: the period.

    `rules` and `signals` are the numbers of the versions by which the month was attributed. What it
    came to stands in its `ClosedTotal`s; one that opens the month has none.
    """

    workload_path = ""

    class Cause(models.TextChoices):
        """What happened to the month."""

        CLOSED = "closed", "Closed"
        TAKEN_OVER = "taken_over", "A later delivery was taken over"
        ATTRIBUTED = "attributed", "Attributed anew on purpose"
        REOPENED = "reopened", "Opened again"

    period = models.DateField(help_text="First day of the billing period.")
    cause = models.CharField(max_length=10, choices=Cause)
    rules = models.JSONField(default=list)
    signals = models.JSONField(default=list)
    reason = models.TextField()

    class Meta:
        """Closings count per month, and each says why."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["period", "version"], name="month_closing_version_once"
            ),
            models.CheckConstraint(
                condition=Q(period__day=1), name="month_closing_period_is_a_month"
            ),
            models.CheckConstraint(
                condition=Q(cause__in=["closed", "taken_over", "attributed", "reopened"]),
                name="month_closing_cause_is_known",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="month_closing_has_a_reason"),
        ]

    def __str__(self) -> str:
        """Return month and version."""
        return f"{self.period:%Y-%m} closing {self.version}"

    @property
    def is_closed(self) -> bool:
        """Tell whether the month is closed from then on."""
        return self.cause != self.Cause.REOPENED


class ClosedTotal(FrozenRecord):
    """What one part of one export came to, in one basis, when its month was closed.

    Subject: the closing. `run` leads to the delivery, and to the totals of each workload.
    """

    workload_path = ""

    closing = models.ForeignKey(MonthClosing, on_delete=models.PROTECT, related_name="+")
    run = models.ForeignKey(AttributionRun, on_delete=models.PROTECT, related_name="+")
    part = models.CharField(max_length=15, choices=Part)
    basis = models.CharField(max_length=15)
    amount = models.DecimalField(max_digits=38, decimal_places=24)

    class Meta:
        """One total per closing, export, part and basis."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["closing", "run", "part", "basis"], name="closed_total_once"
            )
        ]

    def __str__(self) -> str:
        """Return part and basis."""
        return f"{self.closing} {self.part} {self.basis}"
