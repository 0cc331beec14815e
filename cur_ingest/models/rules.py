"""What tells AI spend, and whose it is: signals, rules and the tag keys they ask for."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from records.models import FrozenRecord
from spaces.models import Workload


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
