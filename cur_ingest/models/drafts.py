"""Changes of rules that somebody tries before they count."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from cur_ingest.models.rules import Rule, RuleText, whole


class RuleDraft(models.Model):
    """One person's draft of changes to the rules.

    `revision` counts what was done in it, so that a form knows what it was made from.
    """

    author = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    revision = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        """Return whose it is."""
        return f"Draft of {self.author}"


class DraftedRule(RuleText):
    """A rule as a draft has it: new, or instead of the version `seen` of a rule, or retired."""

    draft = models.ForeignKey(RuleDraft, on_delete=models.CASCADE, related_name="+")
    rule = models.ForeignKey(
        Rule, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    seen = models.PositiveIntegerField(default=0)
    retires = models.BooleanField(default=False)

    class Meta:
        """A draft changes a rule once, and retires only what there is."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["draft", "rule"], name="drafted_rule_once"),
            models.CheckConstraint(
                condition=Q(retires=False) | Q(rule__isnull=False),
                name="drafted_rule_retires_a_rule",
            ),
            models.CheckConstraint(
                condition=Q(rule__isnull=True, seen=0) | Q(rule__isnull=False, seen__gt=0),
                name="drafted_rule_has_seen_its_rule",
            ),
            *whole("drafted_rule"),
        ]

    def __str__(self) -> str:
        """Return what it is about."""
        return f"Rule {self.rule_id} drafted" if self.rule_id else "New rule drafted"
