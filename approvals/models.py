"""Decisions with value acknowledgement."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from business_cases.models import BusinessRequest
from records.models import FrozenRecord
from spaces.models import Workload


class Decision(FrozenRecord):
    """What a Financial Admin decided on a workload's funding. Subject: the workload.

    The items name the exact snapshots that the approver saw. The database refuses a decision by
    somebody who recorded the estimate or the case, who wrote or submitted the request, who owns
    the workload or ever owned it, or who isn't a Financial Admin.
    """

    workload_path = "workload"

    class Kind(models.TextChoices):
        """What is decided; more kinds come with reviews."""

        FUNDING = "funding", "Funding"
        ESTIMATE = "estimate", "Estimate"

    class Outcome(models.TextChoices):
        """How it was decided."""

        APPROVED = "approved", "Approved"
        RETURNED = "returned", "Returned for changes"
        REJECTED = "rejected", "Rejected"
        CONFIRMED = "confirmed", "Estimate confirmed"

    class Acknowledgement(models.TextChoices):
        """What the approver says of the declared value (METHOD 7)."""

        AGREED = "agreed", "Value reviewed and agreed"
        OTHER_REASON = (
            "other_reason",
            "Value reviewed, not agreed, funded for another reason",
        )
        NO_VALUE = "no_value", "No declared value, funded knowingly"

    workload = models.ForeignKey(Workload, on_delete=models.PROTECT, related_name="+")
    request = models.ForeignKey(
        BusinessRequest, on_delete=models.PROTECT, null=True, related_name="+"
    )
    kind = models.CharField(max_length=10, choices=Kind)
    outcome = models.CharField(max_length=10, choices=Outcome)
    acknowledgement = models.CharField(max_length=20, choices=Acknowledgement, blank=True)
    rationale = models.TextField()

    class Meta:
        """An approval carries an acknowledgement, and only an approval does."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workload", "version"], name="decision_version_once"),
            models.CheckConstraint(
                condition=Q(
                    kind="funding",
                    outcome="approved",
                    acknowledgement__in=["agreed", "other_reason", "no_value"],
                )
                | Q(
                    kind="funding",
                    outcome__in=["returned", "rejected"],
                    acknowledgement="",
                )
                | Q(kind="estimate", outcome="confirmed", acknowledgement=""),
                name="decision_acknowledges_if_approved",
            ),
            models.CheckConstraint(
                condition=~Q(rationale__regex=r"^\s*$"), name="decision_has_rationale"
            ),
            models.CheckConstraint(
                condition=Q(recorded_by__isnull=False), name="decision_has_decider"
            ),
            models.UniqueConstraint(
                fields=["request"],
                condition=Q(outcome__in=["approved", "rejected"]),
                name="request_finally_decided_once",
            ),
        ]

    def __str__(self) -> str:
        """Return the outcome and what it is about."""
        return f"{self.get_outcome_display()}: {self.workload}"


class DecisionItem(FrozenRecord):
    """One snapshot that the decider saw: kind, id and hash. Subject: the decision."""

    workload_path = "decision__workload"

    class Record(models.TextChoices):
        """The kinds of record a decision can name."""

        ESTIMATE = "estimate", "Estimate"
        CASE = "case", "Business case"

    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="+")
    record = models.CharField(max_length=10, choices=Record)
    record_id = models.BigIntegerField()
    record_version = models.PositiveIntegerField()
    record_hash = models.CharField(max_length=64)

    class Meta:
        """A decision names one record of each kind."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["decision", "record"], name="decision_names_one_of_a_kind"
            )
        ]

    def __str__(self) -> str:
        """Return what was seen."""
        return f"{self.get_record_display()} v{self.record_version}"
