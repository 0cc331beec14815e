"""Every change to exports, loads, attribution rules and AI signals."""

from cur_ingest.actions.asking import (
    ask_load,
    load_what_needed_rates,
    look_at_exports,
    sweep_loads,
)
from cur_ingest.actions.attributing import ALWAYS, Since
from cur_ingest.actions.bases import choose_basis
from cur_ingest.actions.closings import close_month, reopen_month, take_over
from cur_ingest.actions.drafts import draft_retirement, draft_rule, publish_draft, take_out
from cur_ingest.actions.exports import (
    ExportTerms,
    Found,
    add_export,
    change_export,
    export_at,
    export_called,
    try_export,
)
from cur_ingest.actions.leaving_out import count_again, leave_out
from cur_ingest.actions.loads import (
    Month,
    Tell,
    load_deliveries,
    load_months,
    patiently,
    run_load,
)
from cur_ingest.actions.rates import record_rate
from cur_ingest.actions.rules import RuleTerms, add_rule, change_rule, retire_rule
from cur_ingest.actions.signals import SignalTerms, add_signal, change_signal

__all__ = [
    "ALWAYS",
    "ExportTerms",
    "Found",
    "Month",
    "RuleTerms",
    "SignalTerms",
    "Since",
    "Tell",
    "add_export",
    "add_rule",
    "add_signal",
    "ask_load",
    "change_export",
    "change_rule",
    "change_signal",
    "choose_basis",
    "close_month",
    "count_again",
    "draft_retirement",
    "draft_rule",
    "export_at",
    "export_called",
    "leave_out",
    "load_deliveries",
    "load_months",
    "load_what_needed_rates",
    "look_at_exports",
    "patiently",
    "publish_draft",
    "record_rate",
    "reopen_month",
    "retire_rule",
    "run_load",
    "sweep_loads",
    "take_out",
    "take_over",
    "try_export",
]
