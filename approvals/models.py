"""Decisions with value acknowledgement."""

from datetime import datetime, timedelta
from typing import ClassVar, Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from accounts.models import Role, RoleGrant, User
from business_cases.models import BusinessRequest
from records.models import FrozenRecord
from spaces.models import Workload
from valueboard.lib.clock import DatabaseNow


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

        FIRST_APPROVAL = "first_approval", "First approval"
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
    outcome = models.CharField(max_length=20, choices=Outcome)
    acknowledgement = models.CharField(max_length=20, choices=Acknowledgement, blank=True)
    rationale = models.TextField()
    request_revision = models.PositiveIntegerField(null=True)
    approvers_needed = models.PositiveSmallIntegerField(default=1)
    completes = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="+")
    on_behalf_of = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        """An approval carries an acknowledgement, and only an approval does."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workload", "version"], name="decision_version_once"),
            models.CheckConstraint(
                condition=Q(
                    kind="funding",
                    outcome__in=["approved", "first_approval"],
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
            models.CheckConstraint(
                condition=Q(outcome="first_approval", approvers_needed=2, completes=None)
                | Q(outcome="approved", approvers_needed=2, completes__isnull=False)
                | ~Q(outcome="first_approval") & Q(approvers_needed=1, completes=None),
                name="decision_counts_its_approvers",
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


LONGEST_DELEGATION = timedelta(days=92)
AN_HOUR = timedelta(hours=1)  # a day in autumn has 25


class DelegationQuerySet(models.QuerySet["Delegation"]):
    """Questions about delegations."""

    def given(self) -> Self:
        """Return the delegations themselves, without the rows that take one back."""
        return self.filter(takes_back=None)

    def standing(self) -> Self:
        """Return those that were not taken back."""
        back = Delegation.objects.filter(takes_back=OuterRef("pk"))
        return self.given().exclude(Exists(back))

    def at(self, moment: datetime | DatabaseNow) -> Self:
        """Return those by which people decide for others at a moment.

        Only while the one who delegated could decide: active, and a Financial Admin still.
        """
        admins = RoleGrant.objects.filter(role=Role.FINANCIAL_ADMIN).values("user")
        return self.standing().filter(
            begins_at__lte=moment,
            ends_at__gt=moment,
            recorded_by__in=admins,
            recorded_by__is_active=True,
        )

    def to(self, user: User, moment: datetime | DatabaseNow) -> Self:
        """Return those by which one person decides for others at a moment."""
        return self.at(moment).filter(delegate=user)


class Delegation(FrozenRecord):
    """A Financial Admin lets somebody decide for them during an absence. Subject: the admin.

    Who delegates is who records it. From `begins_at` until before `ends_at`, both midnights of the
    organisation. A later row that names it in `takes_back` ends it early, at once.
    """

    workload_path = ""

    delegate = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    reason = models.TextField()
    takes_back = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="+")

    objects = DelegationQuerySet.as_manager()

    class Meta:
        """Bounded, to somebody else, with a reason."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(recorded_by__isnull=False) & ~Q(delegate=F("recorded_by")),
                name="delegation_to_somebody_else",
            ),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("begins_at"))
                & Q(ends_at__lte=F("begins_at") + (LONGEST_DELEGATION + AN_HOUR)),
                name="delegation_is_bounded",
            ),
            models.CheckConstraint(
                condition=Q(takes_back__isnull=False)
                | Q(begins_at__gt=F("recorded_at") - timedelta(days=1, hours=1)),
                name="delegation_begins_today_at_the_earliest",
            ),
            models.CheckConstraint(
                condition=~Q(reason__regex=r"^\s*$"), name="delegation_has_reason"
            ),
        ]

    def __str__(self) -> str:
        """Return who decides for whom."""
        return f"{self.delegate} for {self.recorded_by}"
