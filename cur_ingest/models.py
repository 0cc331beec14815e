"""Exports, deliveries, daily spend lines, AI signals and attribution rules."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from records.models import FrozenRecord
from spaces.models import Workload

# AWS's amounts have at most ten decimals. Twenty-four hold a double that came out of somebody's
# arithmetic (0.30000000000000004) as exactly as one that didn't.


class Export(models.Model):
    """One AWS cost export, at one location."""

    class Format(models.TextChoices):
        """The layouts that can be read."""

        LEGACY = "legacy", "Legacy CUR (Parquet)"
        CUR2 = "cur2", "CUR 2.0 (Parquet)"

    location = models.CharField(max_length=500, unique=True)
    name = models.CharField(max_length=200)
    format = models.CharField(max_length=10, choices=Format)

    class Meta:
        """The format is one that can be read."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(format__in=["legacy", "cur2"]),
                name="export_format_is_known",
            )
        ]

    def __str__(self) -> str:
        """Return the name."""
        return self.name


class Delivery(FrozenRecord):
    """One load of one billing period of one export. Subject: export and period.

    `fingerprint` tells deliveries apart, `grain` how their rows were read (the tag keys kept, the
    signals known); totals are over every row of the delivery.
    """

    workload_path = ""

    export = models.ForeignKey(Export, on_delete=models.PROTECT, related_name="+")
    period = models.DateField(help_text="First day of the billing period.")
    fingerprint = models.CharField(max_length=64)
    grain = models.CharField(max_length=64)
    execution = models.CharField(max_length=200)
    files = models.JSONField()
    source_rows = models.PositiveBigIntegerField()
    currency = models.CharField(max_length=3)
    unblended = models.DecimalField(max_digits=38, decimal_places=24)
    amortised = models.DecimalField(max_digits=38, decimal_places=24)

    class Meta:
        """Deliveries count per export and period."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["export", "period", "version"], name="delivery_version_once"
            ),
            models.CheckConstraint(condition=Q(period__day=1), name="delivery_period_is_a_month"),
        ]

    def __str__(self) -> str:
        """Return export and month."""
        return f"{self.export} {self.period:%Y-%m}"


class Signal(models.Model):
    """The head of an AI signal's versions."""

    def __str__(self) -> str:
        """Return its number."""
        return f"Signal {self.pk}"


class SignalVersion(FrozenRecord):
    """One mark by which a bill line is recognised. Subject: the signal.

    `pattern` is a glob (`*`, `?`), compared without regard to case. Most signals tell AI spend;
    one that tells other spend keeps a known Marketplace product out of the unclassified.
    """

    workload_path = ""

    class Field(models.TextChoices):
        """What the pattern is compared with."""

        PRODUCT_CODE = "product_code", "Product code"
        PRODUCT_NAME = "product_name", "Product name"
        USAGE_TYPE = "usage_type", "Usage type"

    signal = models.ForeignKey(Signal, on_delete=models.PROTECT, related_name="+")
    field = models.CharField(max_length=20, choices=Field)
    pattern = models.CharField(max_length=200)
    is_ai = models.BooleanField(default=True)
    active = models.BooleanField(default=True)
    note = models.TextField(blank=True)
    reason = models.TextField()

    class Meta:
        """Versions count per signal."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["signal", "version"], name="signal_version_once"),
            models.CheckConstraint(condition=~Q(pattern=""), name="signal_has_pattern"),
        ]

    def __str__(self) -> str:
        """Return what it looks for."""
        return f"{self.get_field_display()} {self.pattern}"


class Rule(models.Model):
    """The head of an attribution rule's versions."""

    def __str__(self) -> str:
        """Return its number."""
        return f"Rule {self.pk}"


class RuleVersion(FrozenRecord):
    """Which AI spend belongs to which workload. Subject: the rule.

    Conditions are globs; an empty one matches everything. The matching rule with the smallest
    priority wins, among equals the older rule.
    """

    workload_path = "workload"

    rule = models.ForeignKey(Rule, on_delete=models.PROTECT, related_name="+")
    priority = models.PositiveIntegerField()
    account = models.CharField(max_length=100, blank=True)
    service = models.CharField(max_length=200, blank=True)
    tag_key = models.CharField(max_length=128, blank=True)
    tag_value = models.CharField(max_length=256, blank=True)
    workload = models.ForeignKey(Workload, on_delete=models.PROTECT, related_name="+")
    active = models.BooleanField(default=True)
    reason = models.TextField()

    class Meta:
        """A rule has a condition, and a tag condition has both halves."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["rule", "version"], name="rule_version_once"),
            models.CheckConstraint(
                condition=~Q(account="", service="", tag_key=""),
                name="rule_has_a_condition",
            ),
            models.CheckConstraint(
                condition=Q(tag_key="", tag_value="") | ~Q(tag_key="") & ~Q(tag_value=""),
                name="rule_tag_has_key_and_value",
            ),
        ]

    def __str__(self) -> str:
        """Return the target."""
        return f"Rule for {self.workload}"


class TagKey(models.Model):
    """A tag key whose values are kept with the daily lines, in its normalised form."""

    key = models.CharField(max_length=128, unique=True)

    def __str__(self) -> str:
        """Return the key."""
        return self.key


class SpendClass(models.TextChoices):
    """What a daily line is."""

    AI = "ai", "AI"
    UNCLASSIFIED = "unclassified", "Unclassified Marketplace"
    OTHER = "other", "Other"


class DailyLine(models.Model):
    """Spend of one day, replaced with each load of its export and period.

    `workload`, `rule_version` and `spend_class` are what attribution made of the line.
    """

    export = models.ForeignKey(Export, on_delete=models.PROTECT, related_name="+")
    period = models.DateField()
    day = models.DateField()
    account = models.CharField(max_length=20)
    service = models.CharField(max_length=200)
    service_code = models.CharField(max_length=200, blank=True)
    product_name = models.CharField(max_length=300, blank=True)
    billing_entity = models.CharField(max_length=100, blank=True)
    charge_type = models.CharField(max_length=60)
    usage_type = models.CharField(max_length=300, blank=True)
    principal = models.CharField(max_length=500, blank=True)
    tags = models.JSONField(default=dict)
    currency = models.CharField(max_length=3)
    source_rows = models.PositiveBigIntegerField()
    unblended = models.DecimalField(max_digits=38, decimal_places=24)
    amortised = models.DecimalField(max_digits=38, decimal_places=24)
    spend_class = models.CharField(max_length=15, choices=SpendClass, default=SpendClass.OTHER)
    workload = models.ForeignKey(Workload, on_delete=models.PROTECT, null=True, related_name="+")
    rule_version = models.ForeignKey(
        RuleVersion, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        """Read by period and by workload."""

        indexes: ClassVar = [
            models.Index(fields=["export", "period"]),
            models.Index(fields=["workload", "period"]),
        ]

    def __str__(self) -> str:
        """Return day and service."""
        return f"{self.day} {self.service}"


class AttributionRun(FrozenRecord):
    """The lines of an export's period were attributed. Subject: export and period."""

    workload_path = ""

    class Cause(models.TextChoices):
        """Why it happened."""

        LOAD = "load", "A delivery was loaded"
        RULES = "rules", "Rules or signals changed"
        CLOSED = "closed", "Closed months attributed anew on purpose"

    export = models.ForeignKey(Export, on_delete=models.PROTECT, related_name="+")
    period = models.DateField()
    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, related_name="+")
    cause = models.CharField(max_length=10, choices=Cause)
    reason = models.TextField()

    class Meta:
        """Runs count per export and period."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["export", "period", "version"],
                name="attribution_run_version_once",
            )
        ]

    def __str__(self) -> str:
        """Return month and version."""
        return f"{self.period:%Y-%m} run {self.version}"


class MonthTotal(FrozenRecord):
    """What one attribution run gave to one workload, or to none. Subject: the run.

    `unblended` and `amortised` are of usage charges alone (before tax, credits and refunds) for
    AI and unclassified spend, and of everything else for the class `other`. `positive_…` add only
    the lines above 0; `first_day` is the first day with such a line.
    """

    workload_path = "workload"

    run = models.ForeignKey(AttributionRun, on_delete=models.PROTECT, related_name="+")
    workload = models.ForeignKey(Workload, on_delete=models.PROTECT, null=True, related_name="+")
    spend_class = models.CharField(max_length=15, choices=SpendClass)
    unblended = models.DecimalField(max_digits=38, decimal_places=24)
    amortised = models.DecimalField(max_digits=38, decimal_places=24)
    positive_unblended = models.DecimalField(max_digits=38, decimal_places=24)
    positive_amortised = models.DecimalField(max_digits=38, decimal_places=24)
    first_day = models.DateField(null=True)

    class Meta:
        """One total per workload and class."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["run", "workload", "spend_class"],
                name="month_total_once",
                nulls_distinct=False,
            )
        ]
        indexes: ClassVar = [models.Index(fields=["workload"])]
