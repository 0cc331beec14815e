"""Estimates, business cases and band bounds: what was recorded stays."""

from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from business_cases.projection import Terms
from records.models import FrozenRecord
from spaces.models import Workload
from valueboard.lib.figure import ValueType


class EstimateSnapshot(FrozenRecord):
    """What a workload is expected to cost on the cloud bill (projected). Subject: the workload.

    `growth_percent` compounds monthly; months are first days.
    """

    workload_path = "workload"

    workload = models.ForeignKey(Workload, on_delete=models.PROTECT, related_name="+")
    monthly_amount = models.DecimalField(max_digits=17, decimal_places=2)
    growth_percent = models.DecimalField(max_digits=7, decimal_places=4)
    first_month = models.DateField()
    months = models.PositiveSmallIntegerField()
    effective_month = models.DateField()
    reason = models.TextField()

    class Meta:
        """The bounds of METHOD 3."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workload", "version"], name="estimate_version_once"),
            models.CheckConstraint(
                condition=Q(monthly_amount__gt=0), name="estimate_amount_is_positive"
            ),
            models.CheckConstraint(
                condition=Q(growth_percent__gte=-50, growth_percent__lte=100),
                name="estimate_growth_in_range",
            ),
            models.CheckConstraint(
                condition=Q(months__gte=1, months__lte=120),
                name="estimate_months_in_range",
            ),
            models.CheckConstraint(
                condition=Q(first_month__day=1, effective_month__day=1),
                name="estimate_months_are_first_days",
            ),
        ]

    def __str__(self) -> str:
        """Return workload and version."""
        return f"Estimate v{self.version} of {self.workload}"

    @property
    def terms(self) -> Terms:
        """Return the estimate as a value for the arithmetic."""
        return Terms(
            self.monthly_amount,
            self.growth_percent,
            self.first_month,
            self.months,
            self.effective_month,
        )


class Confirmation(FrozenRecord):
    """An estimate came into force. Subject: the estimate.

    By the approving decision that names it, by a Financial Admin (workloads added in a Space), or
    on recording, when a revision stayed within the threshold of the last approved sum.
    """

    workload_path = "estimate__workload"

    class Basis(models.TextChoices):
        """Why the estimate is in force."""

        DECISION = "decision", "Approving decision"
        FINANCIAL_ADMIN = "financial_admin", "Confirmed by a Financial Admin"
        WITHIN_THRESHOLD = "within_threshold", "Revision within the threshold"

    estimate = models.OneToOneField(EstimateSnapshot, on_delete=models.PROTECT, related_name="+")
    basis = models.CharField(max_length=20, choices=Basis)
    note = models.TextField(blank=True)

    class Meta:
        """A person confirms by role; only the threshold confirms by itself."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(basis__in=["decision", "financial_admin", "within_threshold"]),
                name="confirmation_basis_is_known",
            ),
        ]

    def __str__(self) -> str:
        """Return what was confirmed."""
        return f"{self.estimate} confirmed"


class BusinessCase(models.Model):
    """The head that owns the case snapshots of a workload."""

    workload = models.OneToOneField(Workload, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        """Return whose case it is."""
        return f"Business case of {self.workload}"


class CaseSnapshot(FrozenRecord):
    """What a workload is declared to be worth: one value type, or a retraction. Subject: the case.

    `current_amount` is what is paid (Cost Saving) or earned (Revenue Driving) in a year today,
    `percent` the expected relative change of it.
    """

    workload_path = "case__workload"

    class Type(models.TextChoices):
        """The two kinds of dollars, never added."""

        COST_SAVING = ValueType.COST_SAVING.value, ValueType.COST_SAVING.label
        REVENUE_DRIVING = (
            ValueType.REVENUE_DRIVING.value,
            ValueType.REVENUE_DRIVING.label,
        )

    class Direction(models.TextChoices):
        """What happens to the revenue stream."""

        GROW = "grow", "Grow"
        PROTECT = "protect", "Protect"

    class Mechanism(models.TextChoices):
        """How revenue is driven."""

        CONVERSION = "conversion", "Conversion"
        CAPACITY = "capacity", "Capacity"
        CHURN = "churn", "Churn"
        OTHER = "other", "Other"

    class NetOfReview(models.TextChoices):
        """Whether the percentage is net of the human review that AI output needs."""

        YES = "yes", "Yes"
        NO = "no", "No"
        NOT_KNOWN = "not_known", "Not known"

    case = models.ForeignKey(BusinessCase, on_delete=models.PROTECT, related_name="+")
    retracted = models.BooleanField(default=False)
    value_type = models.CharField(max_length=20, choices=Type, blank=True)
    anchor = models.CharField(
        max_length=200,
        blank=True,
        help_text="Process, tool or vendor; or revenue stream.",
    )
    direction = models.CharField(max_length=10, choices=Direction, blank=True)
    mechanism = models.CharField(max_length=20, choices=Mechanism, blank=True)
    current_amount = models.DecimalField(max_digits=17, decimal_places=2, null=True)
    percent = models.DecimalField(max_digits=8, decimal_places=4, null=True)
    period = models.CharField(max_length=100, blank=True)
    source = models.CharField(max_length=200, blank=True)
    basis = models.TextField(blank=True)
    net_of_review = models.CharField(max_length=10, choices=NetOfReview, blank=True)
    reason = models.TextField()

    class Meta:
        """The bounds of METHOD 3."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case", "version"], name="case_version_once"),
            models.CheckConstraint(
                condition=Q(retracted=True, value_type="", current_amount=None, percent=None)
                # isnull as well: an unknown is not above 0, but for a CHECK it is no breach either.
                | Q(
                    retracted=False,
                    value_type__in=["cost_saving", "revenue_driving"],
                    current_amount__isnull=False,
                    current_amount__gt=0,
                    percent__isnull=False,
                    percent__gt=0,
                ),
                name="case_is_whole_or_retracted",
            ),
            models.CheckConstraint(
                condition=Q(value_type="revenue_driving", direction="grow", percent__lte=1000)
                | Q(percent__lte=100)
                | Q(percent=None),
                name="case_percent_in_range",
            ),
            models.CheckConstraint(
                condition=Q(
                    value_type="revenue_driving",
                    direction__in=["grow", "protect"],
                    mechanism__in=["conversion", "capacity", "churn", "other"],
                )
                | ~Q(value_type="revenue_driving") & Q(direction="", mechanism=""),
                name="case_direction_goes_with_revenue",
            ),
        ]

    def __str__(self) -> str:
        """Return workload and version."""
        return f"Case v{self.version} of {self.case.workload}"


class AnchorMerge(FrozenRecord):
    """Finance said that two names stand for one thing. Subject: the value type.

    The latest version about a name (`key`, folded) holds; one with an empty `into` takes the merge
    back. Cases keep what was typed. The database refuses a merge that would close a circle.
    """

    workload_path = ""

    value_type = models.CharField(max_length=20, choices=CaseSnapshot.Type)
    name = models.CharField(max_length=200)
    key = models.TextField()
    into = models.CharField(max_length=200, blank=True)
    into_key = models.TextField(blank=True)
    reason = models.TextField()

    class Meta:
        """The merges of one value type are one list: none is made past another."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["value_type", "version"], name="merge_version_once"),
            models.CheckConstraint(
                condition=Q(value_type__in=["cost_saving", "revenue_driving"]),
                name="merge_value_type_is_known",
            ),
            models.CheckConstraint(
                condition=~Q(key="") & (Q(into="", into_key="") | ~Q(into="") & ~Q(into_key="")),
                name="merge_names_both_or_is_undone",
            ),
            models.CheckConstraint(condition=~Q(reason__regex=r"^\s*$"), name="merge_has_reason"),
        ]

    def __str__(self) -> str:
        """Return what was merged, or taken apart again."""
        return f"{self.name} merged into {self.into}" if self.into else f"{self.name} by itself"


class BandBounds(FrozenRecord):
    """The Investment Prospect bounds, in force from a date on. Subject: `scope`, the organisation.

    Each is the smallest score of its band; Weak begins at 0.
    """

    workload_path = ""

    scope = models.CharField(max_length=20, default="organisation", editable=False)
    strong = models.DecimalField(max_digits=8, decimal_places=4, default=Decimal(5))
    solid = models.DecimalField(max_digits=8, decimal_places=4, default=Decimal(2))
    marginal = models.DecimalField(max_digits=8, decimal_places=4, default=Decimal("1.25"))
    thin = models.DecimalField(max_digits=8, decimal_places=4, default=Decimal(1))
    effective_from = models.DateField()
    reason = models.TextField()

    class Meta:
        """Bounds fall."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["scope", "version"], name="bounds_version_once"),
            models.CheckConstraint(
                condition=Q(strong__gt=F("solid"))
                & Q(solid__gt=F("marginal"))
                & Q(marginal__gt=F("thin"))
                & Q(thin__gt=0),
                name="bounds_fall",
                violation_error_message="Bounds must fall from Strong to Thin and stay above 0.",
            ),
        ]

    def __str__(self) -> str:
        """Return the version."""
        return f"Band bounds v{self.version}"
