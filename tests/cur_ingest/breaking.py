"""For each constraint of the tables of spend, a row that breaks it and nothing else."""

from collections.abc import Callable
from datetime import date
from typing import Any

from cur_ingest.models import (
    AttributionRun,
    BasisChoice,
    ClosedTotal,
    Delivery,
    DraftedRule,
    Export,
    Load,
    MonthClosing,
    MonthTotal,
    RateVersion,
    Rule,
    RuleDraft,
    RuleVersion,
    Signal,
    SignalVersion,
    SplitPart,
    TagKey,
)
from records.clock import now
from tests.cast import Cast, added

MONTH, NO_MONTH = date(2026, 9, 1), date(2026, 9, 2)
AMOUNTS: dict[str, Any] = dict.fromkeys(("unblended", "amortised"), 1)
ALL_AMOUNTS = {
    f"{positive}{net}{basis}": 1
    for positive in ("", "positive_")
    for net in ("", "net_")
    for basis in AMOUNTS
}


def export(number: int = 1, **wrong: Any) -> Export:
    """Keep an export as no action does; right but for what is `wrong`."""
    right = {"name": f"AI {number}", "location": f"/exports/{number}"}
    return Export.objects.create(**right | wrong)


def delivery(**wrong: Any) -> Delivery:
    right = {"period": MONTH, "files": [], "source_rows": 0, "currency": "USD"}
    return Delivery.objects.create(export=export(), **right | AMOUNTS | wrong)


def run() -> AttributionRun:
    made = delivery()
    return AttributionRun.objects.create(
        export=made.export, period=MONTH, delivery=made, cause="load", reason="Why."
    )


def total_twice() -> None:
    """Of no workload, which is none twice."""
    of_run = run()
    for _ in range(2):
        MonthTotal.objects.create(run=of_run, spend_class="other", **ALL_AMOUNTS)


def part_twice(cast: Cast) -> None:
    version, lines = ruled(cast), delivery()
    assert version.workload
    for _ in range(2):
        SplitPart.objects.create(
            delivery=lines,
            period=MONTH,
            day=MONTH,
            rule_version=version,
            workload=version.workload,
            **ALL_AMOUNTS,
        )


def closing(**wrong: Any) -> MonthClosing:
    return MonthClosing.objects.create(
        **{"period": MONTH, "cause": "closed", "reason": "Why."} | wrong
    )


def closed_twice() -> None:
    right = {"closing": closing(), "run": run(), "part": "tax", "basis": "unblended", "amount": 1}
    for _ in range(2):
        ClosedTotal.objects.create(**right)


def loading(times: int = 1, **wrong: Any) -> None:
    """Ask for a load as no action does; right but for what is `wrong`."""
    right = {"export": export(), "period": MONTH, "asked_at": now(), "origin": "person"}
    for _ in range(times):
        Load.objects.create(**right | wrong)


def rated(**wrong: Any) -> None:
    right = {"currency": "EUR", "month": MONTH, "into": "USD", "rate": 1, "reason": "Why."}
    RateVersion.objects.create(**right | wrong)


def ruled(cast: Cast, **wrong: Any) -> RuleVersion:
    """Record a rule; right but for what is `wrong`."""
    right = {"rule": Rule.objects.create(), "priority": 1, "account": "1", "reason": "Why."}
    return RuleVersion.objects.create(**right | {"workload": added(cast)} | wrong)


def drafted(cast: Cast, times: int = 1, **wrong: Any) -> None:
    """Draft a change of a rule; right but for what is `wrong`."""
    right = {"rule": Rule.objects.create(), "seen": 1, "priority": 1, "account": "1"}
    draft, workload = RuleDraft.objects.create(author=cast.felix), added(cast)
    for _ in range(times):
        DraftedRule.objects.create(**{"draft": draft, "workload": workload} | right | wrong)


def twice(make: Callable[[], object]) -> None:
    make()
    make()


OF_SPEND: dict[str, Callable[[Cast], object]] = {
    "export_format_is_known": lambda _: export(format="csv"),
    "export_name_once": lambda _: (export(), export(2, name="ai 1")),
    "cur_ingest_export_location_key": lambda _: (export(), export(2, location="/exports/1")),
    "export_role_or_profile": lambda _: export(role_arn="arn:aws:iam::1:role/x", profile="x"),
    "export_external_id_is_of_a_role": lambda _: export(external_id="x"),
    "delivery_period_is_a_month": lambda _: delivery(period=NO_MONTH),
    "load_one_at_a_time": lambda _: loading(times=2, period=None),
    "load_state_is_known": lambda _: loading(state="done", finished_at=now()),
    "load_finished_has_time": lambda _: loading(state="failed"),
    "load_delivery_if_loaded": lambda _: loading(state="loaded", finished_at=now()),
    "load_period_is_a_month": lambda _: loading(period=NO_MONTH),
    "load_counts_are_in_range": lambda _: loading(tries=4),
    "rate_month_is_a_month": lambda _: rated(month=NO_MONTH),
    "rate_is_above_zero": lambda _: rated(rate=0),
    "rate_is_of_another_currency": lambda _: rated(into="EUR"),
    "rate_has_a_reason": lambda _: rated(reason=""),
    "signal_has_pattern": lambda _: SignalVersion.objects.create(
        signal=Signal.objects.create(), field="usage_type", pattern="", reason="Why."
    ),
    "cur_ingest_tagkey_key_key": lambda _: TagKey.objects.create(key="workload"),
    "rule_has_a_condition": lambda c: ruled(c, account=""),
    "rule_tag_has_key_and_value": lambda c: ruled(c, tag_key="team"),
    "rule_has_one_target": lambda c: ruled(c, split="fixed", shares=[{}]),
    "cur_ingest_ruledraft_author_id_key": lambda c: twice(
        lambda: RuleDraft.objects.create(author=c.felix)
    ),
    "drafted_rule_once": lambda c: drafted(c, times=2),
    "drafted_rule_retires_a_rule": lambda c: drafted(c, rule=None, seen=0, retires=True),
    "drafted_rule_has_seen_its_rule": lambda c: drafted(c, seen=0),
    "drafted_rule_has_a_condition": lambda c: drafted(c, account=""),
    "drafted_rule_tag_has_key_and_value": lambda c: drafted(c, tag_value="chat"),
    "drafted_rule_has_one_target": lambda c: drafted(c, workload=None),
    "split_part_once": part_twice,
    "month_total_once": lambda _: total_twice(),
    "month_closing_period_is_a_month": lambda _: closing(period=NO_MONTH),
    "month_closing_cause_is_known": lambda _: closing(cause="x"),
    "month_closing_has_a_reason": lambda _: closing(reason=""),
    "closed_total_once": lambda _: closed_twice(),
    "basis_choice_is_stored": lambda _: BasisChoice.objects.create(basis="blended", reason="Why."),
    "basis_choice_has_a_reason": lambda _: BasisChoice.objects.create(basis="unblended", reason=""),
}
