"""Exports, deliveries, daily spend lines, AI signals and attribution rules."""

from cur_ingest.models.bases import BasisChoice
from cur_ingest.models.closings import ClosedTotal, MonthClosing
from cur_ingest.models.deliveries import Delivery, Export
from cur_ingest.models.drafts import DraftedRule, RuleDraft
from cur_ingest.models.loads import TRIES, Load
from cur_ingest.models.rates import RateVersion
from cur_ingest.models.rules import (
    Rule,
    RuleText,
    RuleVersion,
    Signal,
    SignalVersion,
    SplitKind,
    TagKey,
)
from cur_ingest.models.spend import (
    AI_USAGE,
    AttributionRun,
    DailyLine,
    DailyLineQuerySet,
    MonthTotal,
    Part,
    SpendClass,
    SplitPart,
    SplitPartQuerySet,
)

__all__ = [
    "AI_USAGE",
    "TRIES",
    "AttributionRun",
    "BasisChoice",
    "ClosedTotal",
    "DailyLine",
    "DailyLineQuerySet",
    "Delivery",
    "DraftedRule",
    "Export",
    "Load",
    "MonthClosing",
    "MonthTotal",
    "Part",
    "RateVersion",
    "Rule",
    "RuleDraft",
    "RuleText",
    "RuleVersion",
    "Signal",
    "SignalVersion",
    "SpendClass",
    "SplitKind",
    "SplitPart",
    "SplitPartQuerySet",
    "TagKey",
]
