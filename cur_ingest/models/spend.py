"""Daily lines of spend, and what each attribution of them came to."""

from datetime import datetime
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q

from cur_ingest.models.deliveries import Delivery, Export
from cur_ingest.models.rules import RuleVersion
from records.models import FrozenRecord
from spaces.models import Workload


class SpendClass(models.TextChoices):
    """What a daily line, or a month's total, is.

    AI spend with a workload is attributed, without one unclaimed. What a rule splits is `split` on
    the line, whose parts are kept beside the lines, and in the month's totals AI spend of the
    workloads that it was split among. What a rule would split and there is nothing to go by is
    `shared`, with no workload, on the line and in the totals alike. The last four settle the whole
    bill, whatever service they are of.
    """

    AI = "ai", "AI"
    SPLIT = "split", "Shared, split among workloads"
    SHARED = "shared", "Shared, not yet split"
    UNCLASSIFIED = "unclassified", "Unclassified Marketplace"
    OTHER = "other", "Other services"
    TAX = "tax", "Tax"
    CREDIT = "credit", "Credits"
    REFUND = "refund", "Refunds"
    COMMITMENT = "commitment", "Commitments"


# Usage charges that are AI spend, or may be: what rules look at, and what coverage is of.
AI_USAGE = (SpendClass.AI, SpendClass.SPLIT, SpendClass.SHARED, SpendClass.UNCLASSIFIED)


class Part(models.TextChoices):
    """Where a dollar of a delivery stands in the proof; every line is in exactly one part."""

    ATTRIBUTED = "attributed", "Attributed to workloads"
    SHARED = "shared", "Shared, not yet split"
    UNCLAIMED = "unclaimed", "Unclaimed AI spend"
    UNCLASSIFIED = "unclassified", "Unclassified Marketplace"
    OTHER = "other", "Other services"
    TAX = "tax", "Tax"
    CREDIT = "credit", "Credits"
    REFUND = "refund", "Refunds"
    COMMITMENT = "commitment", "Commitments"

    @classmethod
    def of(cls, spend_class: str, workload_id: int | None) -> "Part":
        """Return the part of a line or total of this class, given to this workload or to none."""
        if workload_id is not None or spend_class == SpendClass.SPLIT:
            return cls.ATTRIBUTED
        return cls.UNCLAIMED if spend_class == SpendClass.AI else cls(spend_class)

    @property
    def condition(self) -> Q:
        """Return what holds of the lines and totals in this part, and of no others."""
        if self is Part.ATTRIBUTED:
            return Q(workload__isnull=False) | Q(spend_class=SpendClass.SPLIT)
        spend_class = SpendClass.AI if self is Part.UNCLAIMED else SpendClass(self.value)
        return Q(workload=None, spend_class=spend_class)


class DailyLineQuerySet(models.QuerySet["DailyLine"]):
    """Questions about daily lines."""

    def counting(self) -> Self:
        """Return the lines of the deliveries that pages read: one of each export and period.

        Beside it may lie the lines of a delivery that came after its month was closed.
        """
        return self.filter(delivery__in=_counting_deliveries())

    def of_part(self, part: Part) -> Self:
        """Return the lines that stand in a part of the proof."""
        return self.filter(part.condition)


class SplitPartQuerySet(models.QuerySet["SplitPart"]):
    """Questions about the parts of split lines."""

    def counting(self) -> Self:
        """Return the parts of the deliveries that pages read, as for daily lines."""
        return self.filter(delivery__in=_counting_deliveries())


def _counting_deliveries() -> models.QuerySet["AttributionRun", int]:
    runs = AttributionRun.objects.filter(counts=True)
    latest = runs.order_by("export", "period", "-version").distinct("export", "period")
    counting = AttributionRun.objects.filter(pk__in=latest.values("pk"))
    left_out = AttributionRun.Cause.LEFT_OUT
    return counting.exclude(cause=left_out).values_list("delivery", flat=True)


class DailyLine(models.Model):
    """Spend of one day of a delivery.

    Amounts are in the organisation's currency, `currency` is the one that the line was charged in.
    `usage_amount` counts in `pricing_unit`s, and both are kept on AI and Marketplace lines only,
    like region, resource, usage type, service code and principal, and what the usage type says of
    a model's use (`usage_classes`; empty where it says nothing). `workload`, `rule_version` and
    `spend_class` are what attribution made of the line.
    """

    delivery = models.ForeignKey(
        Delivery, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    export = models.ForeignKey(Export, on_delete=models.PROTECT, related_name="+", db_index=False)
    period = models.DateField()
    day = models.DateField()
    payer = models.CharField(max_length=20, blank=True)
    account = models.CharField(max_length=20)
    service = models.CharField(max_length=200)
    service_code = models.CharField(max_length=200, blank=True)
    product_name = models.CharField(max_length=300, blank=True)
    billing_entity = models.CharField(max_length=100, blank=True)
    charge_type = models.CharField(max_length=60)
    usage_type = models.CharField(max_length=300, blank=True)
    region = models.CharField(max_length=60, blank=True)
    resource = models.CharField(max_length=2048, blank=True)
    principal = models.CharField(max_length=2048, blank=True)
    pricing_unit = models.CharField(max_length=100, blank=True)
    usage_amount = models.DecimalField(max_digits=38, decimal_places=12, null=True)
    model = models.CharField(max_length=300, blank=True)
    token_kind = models.CharField(max_length=15, blank=True)
    tier = models.CharField(max_length=15, blank=True)
    cross_region = models.CharField(max_length=15, blank=True)
    tags = models.JSONField(default=dict)
    currency = models.CharField(max_length=3)
    source_rows = models.PositiveBigIntegerField()
    unblended = models.DecimalField(max_digits=38, decimal_places=24)
    amortised = models.DecimalField(max_digits=38, decimal_places=24)
    net_unblended = models.DecimalField(max_digits=38, decimal_places=24)
    net_amortised = models.DecimalField(max_digits=38, decimal_places=24)
    spend_class = models.CharField(max_length=15, choices=SpendClass, default=SpendClass.OTHER)
    workload = models.ForeignKey(Workload, on_delete=models.PROTECT, null=True, related_name="+")
    rule_version = models.ForeignKey(
        RuleVersion, on_delete=models.PROTECT, null=True, related_name="+"
    )

    objects = DailyLineQuerySet.as_manager()

    class Meta:
        """Read by delivery and in the order of its days, by period and by workload."""

        indexes: ClassVar = [
            models.Index(fields=["delivery", "day", "id"]),
            models.Index(fields=["period"]),
            models.Index(fields=["workload", "period"]),
        ]

    def __str__(self) -> str:
        """Return day and service."""
        return f"{self.day} {self.service}"


class SplitPart(models.Model):
    """What a rule's split gave one workload of one day's lines of a delivery.

    The parts of a day and rule add up to its lines of class `split`, in every basis. They are
    replaced with the lines; `counting` reads those that pages read.
    """

    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, related_name="+")
    period = models.DateField()
    day = models.DateField()
    rule_version = models.ForeignKey(RuleVersion, on_delete=models.PROTECT, related_name="+")
    workload = models.ForeignKey(Workload, on_delete=models.PROTECT, related_name="+")
    unblended = models.DecimalField(max_digits=38, decimal_places=24)
    amortised = models.DecimalField(max_digits=38, decimal_places=24)
    positive_unblended = models.DecimalField(max_digits=38, decimal_places=24)
    positive_amortised = models.DecimalField(max_digits=38, decimal_places=24)
    net_unblended = models.DecimalField(max_digits=38, decimal_places=24)
    net_amortised = models.DecimalField(max_digits=38, decimal_places=24)
    positive_net_unblended = models.DecimalField(max_digits=38, decimal_places=24)
    positive_net_amortised = models.DecimalField(max_digits=38, decimal_places=24)

    objects = SplitPartQuerySet.as_manager()

    class Meta:
        """One part per day, rule and workload; read by workload and period too."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["delivery", "day", "rule_version", "workload"], name="split_part_once"
            )
        ]
        indexes: ClassVar = [models.Index(fields=["workload", "period"])]

    def __str__(self) -> str:
        """Return day and workload."""
        return f"{self.day} {self.workload}"


class AttributionRun(FrozenRecord):
    """The lines of an export's period were attributed. Subject: export and period.

    Pages read the latest run that `counts`. One doesn't where a delivery came after its month was
    closed: it says what the restatement would change. Then the lines are attributed by the rules
    that the closed month has, those known at `rules_known_at`. One of cause `left_out` attributes
    nothing: from then on the export's month counts nowhere.
    """

    workload_path = ""

    class Cause(models.TextChoices):
        """Why it happened."""

        LOAD = "load", "A delivery was loaded"
        RULES = "rules", "Rules or signals changed"
        CLOSED = "closed", "Closed months attributed anew on purpose"
        TAKEN_OVER = "taken_over", "A later delivery was taken over"
        REOPENED = "reopened", "The month was opened again"
        LEFT_OUT = "left_out", "Left out: another export delivers the same bill"
        COUNTED = "counted", "Counted again"

    export = models.ForeignKey(Export, on_delete=models.PROTECT, related_name="+")
    period = models.DateField()
    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, related_name="+")
    cause = models.CharField(max_length=10, choices=Cause)
    reason = models.TextField()
    counts = models.BooleanField(default=True, db_default=True)
    rules_known_at = models.DateTimeField(null=True)

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

    @property
    def is_left_out(self) -> bool:
        """Tell whether from then on nothing of the export counts in the month."""
        return self.cause == self.Cause.LEFT_OUT

    @property
    def ruled_at(self) -> datetime:
        """Return the moment whose rules and signals the lines were attributed by."""
        return self.rules_known_at or self.recorded_at


class MonthTotal(FrozenRecord):
    """What one attribution run gave to one workload, or to none. Subject: the run.

    The amounts are of usage charges alone (before tax, credits and refunds) for
    the classes of `AI_USAGE`, and of everything else for the others. `positive_…` add only
    the lines above 0; `first_day` is the first day with such a line. Net amounts of a run from
    before net costs were read are NULL (`bases.amount_in`).
    """

    workload_path = "workload"

    run = models.ForeignKey(AttributionRun, on_delete=models.PROTECT, related_name="+")
    workload = models.ForeignKey(Workload, on_delete=models.PROTECT, null=True, related_name="+")
    spend_class = models.CharField(max_length=15, choices=SpendClass)
    unblended = models.DecimalField(max_digits=38, decimal_places=24)
    amortised = models.DecimalField(max_digits=38, decimal_places=24)
    positive_unblended = models.DecimalField(max_digits=38, decimal_places=24)
    positive_amortised = models.DecimalField(max_digits=38, decimal_places=24)
    net_unblended = models.DecimalField(max_digits=38, decimal_places=24, null=True)
    net_amortised = models.DecimalField(max_digits=38, decimal_places=24, null=True)
    positive_net_unblended = models.DecimalField(max_digits=38, decimal_places=24, null=True)
    positive_net_amortised = models.DecimalField(max_digits=38, decimal_places=24, null=True)
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
