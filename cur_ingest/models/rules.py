"""What tells AI spend, and whose it is: signals, rules and the tag keys they ask for."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from cur_ingest.splitting import Share, Split
from records.models import FrozenRecord
from spaces.models import Workload
from valueboard.lib.months import DAWN


class Signal(models.Model):
    """The head of an AI signal's versions."""

    def __str__(self) -> str:
        """Return its number."""
        return f"Signal {self.pk}"


class SignalVersion(FrozenRecord):
    """One mark by which a bill line is recognised. Subject: the signal.

    `pattern` is a glob (`*`, `?`), compared without regard to case. Most signals tell AI spend;
    one that tells other spend keeps a known Marketplace product out of the unclassified. A version
    counts for the days from `effective_from` on.
    """

    workload_path = ""

    class Field(models.TextChoices):
        """What the pattern is compared with."""

        PRODUCT_CODE = "product_code", "Product code"
        PRODUCT_NAME = "product_name", "Product name"
        USAGE_TYPE = "usage_type", "Usage type"
        INSTANCE_TYPE = "instance_type", "Instance type"

    signal = models.ForeignKey(Signal, on_delete=models.PROTECT, related_name="+")
    field = models.CharField(max_length=20, choices=Field)
    pattern = models.CharField(max_length=200)
    is_ai = models.BooleanField(default=True)
    active = models.BooleanField(default=True)
    note = models.TextField(blank=True)
    effective_from = models.DateField(default=DAWN, db_default=DAWN)
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


class SplitKind(models.TextChoices):
    """How a rule splits shared cost."""

    FIXED = Split.FIXED.value, "Fixed percentages"
    PROPORTIONAL = Split.PROPORTIONAL.value, "In proportion to what they have"


class RuleText(models.Model):
    """What a rule says: conditions, its place among the rules, and where the spend goes.

    A condition is a glob or a list of them, one a line or with commas between, kept as given; an
    empty one matches everything. The target is one workload, or a split of shared cost: `shares`
    lists `{"workload": id, "percent": "33.5"}`, of which the first takes what rounding leaves.
    """

    priority = models.PositiveIntegerField()
    payer = models.CharField(max_length=2000, blank=True, default="", db_default="")
    account = models.CharField(max_length=2000, blank=True)
    service = models.CharField(max_length=2000, blank=True)
    model = models.CharField(max_length=2000, blank=True, default="", db_default="")
    usage_type = models.CharField(max_length=2000, blank=True, default="", db_default="")
    region = models.CharField(max_length=2000, blank=True, default="", db_default="")
    tag_key = models.CharField(max_length=128, blank=True)
    tag_value = models.CharField(max_length=2000, blank=True)
    resource = models.CharField(max_length=4000, blank=True, default="", db_default="")
    principal = models.CharField(max_length=4000, blank=True, default="", db_default="")
    split = models.CharField(
        max_length=15, blank=True, choices=SplitKind, default="", db_default=""
    )
    workload = models.ForeignKey(
        Workload, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    shares = models.JSONField(
        blank=True, default=list, db_default=models.Value([], models.JSONField())
    )

    class Meta:
        """Kept by versions, and by drafts."""

        abstract = True

    @property
    def targets(self) -> tuple[Share, ...]:
        """Return the shares of a split, in their order; none of a rule for one workload."""
        return tuple(_share(share) for share in self.shares)


def _share(kept: Mapping[str, Any]) -> Share:
    percent = kept["percent"]
    return Share(kept["workload"], None if percent is None else Decimal(percent))


def whole(prefix: str) -> list[models.CheckConstraint]:
    """Return what holds of every rule that says something: a condition, one target."""
    return [
        models.CheckConstraint(
            condition=~Q(
                payer="",
                account="",
                service="",
                model="",
                usage_type="",
                region="",
                tag_key="",
                resource="",
                principal="",
            ),
            name=f"{prefix}_has_a_condition",
        ),
        models.CheckConstraint(
            condition=Q(tag_key="", tag_value="") | ~Q(tag_key="") & ~Q(tag_value=""),
            name=f"{prefix}_tag_has_key_and_value",
        ),
        models.CheckConstraint(
            condition=Q(split="", workload__isnull=False, shares=[])
            | Q(split__in=["fixed", "proportional"], workload__isnull=True) & ~Q(shares=[]),
            name=f"{prefix}_has_one_target",
        ),
    ]


class RuleVersion(FrozenRecord, RuleText):
    """Which AI spend belongs to which workload. Subject: the rule.

    A version counts for the days from `effective_from` on. The matching rule with the smallest
    priority wins, among equals the older rule.
    """

    workload_path = "workload"

    rule = models.ForeignKey(Rule, on_delete=models.PROTECT, related_name="+")
    active = models.BooleanField(default=True)
    effective_from = models.DateField(default=DAWN, db_default=DAWN)
    reason = models.TextField()

    class Meta:
        """A rule has a condition and a target, and a tag condition has both halves."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["rule", "version"], name="rule_version_once"),
            *whole("rule"),
        ]

    def __str__(self) -> str:
        """Return the target."""
        return f"Rule for {self.workload}" if self.workload_id else f"Rule {self.rule_id}, a split"


class TagKey(models.Model):
    """A tag key whose values are kept with the daily lines, in its normalised form."""

    key = models.CharField(max_length=128, unique=True)

    def __str__(self) -> str:
        """Return the key."""
        return self.key
