"""Exports, deliveries, daily spend lines, AI signals and attribution rules."""

from cur_ingest.models.deliveries import Delivery, Export
from cur_ingest.models.rules import Rule, RuleVersion, Signal, SignalVersion, TagKey
from cur_ingest.models.spend import AttributionRun, DailyLine, MonthTotal, SpendClass

__all__ = [
    "AttributionRun",
    "DailyLine",
    "Delivery",
    "Export",
    "MonthTotal",
    "Rule",
    "RuleVersion",
    "Signal",
    "SignalVersion",
    "SpendClass",
    "TagKey",
]
