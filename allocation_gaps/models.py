"""What was done about Allocation Gaps. The gaps themselves are found from the facts."""

from typing import ClassVar

from django.db import models

from records.models import FrozenRecord
from spaces.models import Workload


class GapKind(models.TextChoices):
    """The kinds of gap that are found so far (METHOD 8)."""

    UNBACKED = "unbacked", "Unbacked AI workload"
    NO_ESTIMATE = "no_estimate", "No estimate"
    UNCLAIMED = "unclaimed", "Unclaimed AI spend"
    OVER_PLAN = "over_plan", "Over plan"


class GapAction(FrozenRecord):
    """Somebody acted on a gap. Subject: kind and key of the gap.

    `key` is the workload's id, or for unclaimed spend its group (`principal:…`, `account:…`).
    """

    workload_path = "workload"

    class Act(models.TextChoices):
        """What was done."""

        CASE_REQUESTED = "case_requested", "Business case requested"
        ESTIMATE_REQUESTED = "estimate_requested", "Estimate requested"

    kind = models.CharField(max_length=20, choices=GapKind)
    key = models.CharField(max_length=200)
    workload = models.ForeignKey(Workload, on_delete=models.PROTECT, null=True, related_name="+")
    act = models.CharField(max_length=20, choices=Act)
    rationale = models.TextField()

    class Meta:
        """Actions say why."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "key", "version"], name="gap_action_once"),
            models.CheckConstraint(
                condition=~models.Q(rationale__regex=r"^\s*$"),
                name="gap_action_has_rationale",
            ),
        ]

    def __str__(self) -> str:
        """Return what was done about what."""
        return f"{self.get_act_display()} ({self.key})"
