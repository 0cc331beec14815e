"""Allocation Gaps as they were found, and what was done about them: frozen, both.

A gap is a `GapOpening`: the system found its condition in the facts. It is open until a `GapAction`
says that the condition is gone, which the system records too, and nobody else. What state a gap is
in follows from its actions (`states`).
"""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.urls import reverse

from accounts.models import User
from records.models import FrozenRecord
from spaces.models import Workload


class GapKind(models.TextChoices):
    """The kinds of gap (METHOD 8)."""

    UNBACKED = "unbacked", "Unbacked AI workload"
    NO_ESTIMATE = "no_estimate", "No estimate"
    UNCLAIMED = "unclaimed", "Unclaimed AI spend"
    NOT_APPROVED = "not_approved", "Spend without approval"
    OVER_PLAN = "over_plan", "Over plan"
    FUNDING_ENDED = "funding_ended", "Funding ended"
    NO_OWNER = "no_owner", "No owner"


class GapOpening(FrozenRecord):
    """A gap was found. Subject: its kind and key; a gap that comes back is the next version.

    `key` is the workload's id, or for unclaimed spend its `group` (`principal:…`, `account:…`),
    shortened where that is long. `since` is the day on which the condition began. The amounts are
    those of the moment it was found: `projected` is P, `actual` a year at the run-rate of `months`
    closed months (0: what was spent so far), `excess` by how much the month `period` went over its
    estimate.
    `early` marks a question about a day of an open month. `found_after` names the fact that
    the look came after, such as `estimate v2`; rows from before it was kept have none.
    """

    workload_path = "workload"

    class FoundBy(models.TextChoices):
        """When the system looked: what it came after, as far as that concerns the gap."""

        LOAD = "load", "after a load"
        SNAPSHOT = "snapshot", "after a snapshot"
        DECISION = "decision", "after a decision"
        CHANGE = "change", "after a change of the facts"
        NIGHTLY = "nightly", "at night"

    kind = models.CharField(max_length=20, choices=GapKind)
    key = models.CharField(max_length=200)
    workload = models.ForeignKey(Workload, on_delete=models.PROTECT, null=True, related_name="+")
    since = models.DateField()
    found_by = models.CharField(max_length=10, choices=FoundBy)
    found_after = models.TextField(blank=True, default="")
    label = models.TextField()
    detail = models.TextField()
    projected = models.DecimalField(max_digits=20, decimal_places=2, null=True)
    actual = models.DecimalField(max_digits=20, decimal_places=2)
    excess = models.DecimalField(max_digits=20, decimal_places=2, null=True)
    period = models.DateField(null=True)
    basis = models.CharField(max_length=20)
    months = models.PositiveSmallIntegerField()
    early = models.BooleanField(default=False)
    group = models.TextField(blank=True)
    rule_query = models.TextField(blank=True)

    class Meta:
        """A gap is of a workload, unless it is unclaimed spend."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["kind", "key", "version"], name="gap_opening_version_once"
            ),
            models.CheckConstraint(condition=Q(kind__in=GapKind.values), name="gap_kind_is_known"),
            models.CheckConstraint(
                condition=Q(kind="unclaimed", workload=None)
                | ~Q(kind="unclaimed") & Q(workload__isnull=False),
                name="gap_is_of_a_workload_or_unclaimed",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["workload"], name="gap_of_workload")]

    def __str__(self) -> str:
        """Return the kind, and what it is of."""
        return f"{self.get_kind_display()}: {self.label}"

    def get_absolute_url(self) -> str:
        """Return the page of the gap."""
        return reverse("gap", args=[self.pk])


class GapAction(FrozenRecord):
    """Something was done about a gap, or found of it. Subject: kind and key of the gap.

    `assignee` is who was asked, or whom the gap was given to; `due` the day by which an answer is
    expected, or of the next reminder. `takes_back` is the action that a recall takes back. Rows
    without an `opening` are older than openings.
    """

    workload_path = "workload"

    class Act(models.TextChoices):
        """What was done."""

        CASE_REQUESTED = "case_requested", "Business case requested"
        ESTIMATE_REQUESTED = "estimate_requested", "Estimate requested"
        APPROVAL_REQUESTED = "approval_requested", "Request for approval requested"
        REVISION_REQUESTED = "revision_requested", "Revised estimate requested"
        RENEWAL_REQUESTED = "renewal_requested", "Renewal requested"
        OWNER_REQUESTED = "owner_requested", "Owner requested"
        STOPPED = "stopped", "Workload stopped"
        ASSIGNED = "assigned", "Assigned"
        RECALLED = "recalled", "Recalled"
        REMINDED = "reminded", "Reminded"
        OVERRUN = "overrun", "Closed over plan"
        RESOLVED = "resolved", "Resolved"

    kind = models.CharField(max_length=20, choices=GapKind)
    key = models.CharField(max_length=200)
    workload = models.ForeignKey(Workload, on_delete=models.PROTECT, null=True, related_name="+")
    act = models.CharField(max_length=20, choices=Act)
    rationale = models.TextField()
    opening = models.ForeignKey(GapOpening, on_delete=models.PROTECT, null=True, related_name="+")
    assignee = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    due = models.DateField(null=True)
    takes_back = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        """Actions say why; what the system finds, nobody records by hand."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "key", "version"], name="gap_action_once"),
            models.CheckConstraint(
                condition=~Q(rationale__regex=r"^\s*$"), name="gap_action_has_rationale"
            ),
            models.CheckConstraint(
                condition=Q(act__in=["resolved", "reminded", "overrun"], recorded_by=None)
                | ~Q(act__in=["resolved", "reminded", "overrun"]) & Q(recorded_by__isnull=False),
                name="gap_action_by_whom_it_is_done",
            ),
            models.CheckConstraint(
                condition=Q(act="recalled", takes_back__isnull=False)
                | ~Q(act="recalled") & Q(takes_back=None),
                name="gap_recall_names_an_action",
            ),
            models.UniqueConstraint(
                fields=["opening"], condition=Q(act="resolved"), name="gap_resolved_once"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["opening", "act"], name="gap_action_of_opening")]

    def __str__(self) -> str:
        """Return what was done about what."""
        return f"{self.get_act_display()} ({self.key})"


class GapStake(models.Model):
    """What an open gap is about as the facts are now: figures of the latest look, no evidence.

    Amounts as in `GapOpening`; written anew at every look, and gone with the gap. `note` says that
    an estimate waits or was declined; `waits` that an answer is there and waits for a decision.
    """

    opening = models.OneToOneField(GapOpening, on_delete=models.PROTECT, related_name="+")
    detail = models.TextField()
    note = models.TextField(blank=True)
    waits = models.BooleanField(default=False)
    projected = models.DecimalField(max_digits=20, decimal_places=2, null=True)
    actual = models.DecimalField(max_digits=20, decimal_places=2)
    excess = models.DecimalField(max_digits=20, decimal_places=2, null=True)
    period = models.DateField(null=True)
    basis = models.CharField(max_length=20)
    months = models.PositiveSmallIntegerField()

    def __str__(self) -> str:
        """Return what it is of."""
        return f"Stake of {self.opening_id}"


class LookedAt(models.Model):
    """When the system looked for gaps the last time; one row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    at = models.DateTimeField()

    class Meta:
        """One row."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(id=1), name="looked_at_is_one_row")
        ]

    def __str__(self) -> str:
        """Return the time."""
        return f"Looked at {self.at}"
