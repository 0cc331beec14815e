"""Every change to deliveries, attribution rules and AI signals."""

from cur_ingest.actions.attributing import ALWAYS, Since, reattribute
from cur_ingest.actions.closings import close_month, reopen_month, take_over
from cur_ingest.actions.deliveries import load_deliveries
from cur_ingest.actions.rules import RuleTerms, add_rule, change_rule, retire_rule
from cur_ingest.actions.signals import SignalTerms, add_signal, change_signal

__all__ = [
    "ALWAYS",
    "RuleTerms",
    "SignalTerms",
    "Since",
    "add_rule",
    "add_signal",
    "change_rule",
    "change_signal",
    "close_month",
    "load_deliveries",
    "reattribute",
    "reopen_month",
    "retire_rule",
    "take_over",
]
