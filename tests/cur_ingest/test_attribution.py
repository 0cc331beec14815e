"""Signals and rules: what is AI spend, and whose; and that everything adds up to the delivery."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db.models import Sum
from django.utils.timezone import override as override_timezone

from cur_ingest.actions import (
    RuleTerms,
    SignalTerms,
    add_rule,
    add_signal,
    change_rule,
    change_signal,
    retire_rule,
)
from cur_ingest.bases import BASES
from cur_ingest.models import (
    AttributionRun,
    DailyLine,
    Delivery,
    MonthTotal,
    RuleVersion,
    SignalVersion,
    SpendClass,
    TagKey,
)
from records.clock import now
from spaces.models import Workload, WorkloadState
from tests.cast import Cast, added, proposal, submitted
from tests.cur_ingest.deliveries import deliver
from tests.cur_ingest.test_loading import load_cur
from tests.spend import closed_periods
from valueboard.lib.errors import RefusedError, StaleError

BEDROCK = {"line_item_product_code": "AmazonBedrock", "line_item_usage_type": "USE1-input"}
MARKET = {
    "bill_billing_entity": "AWS Marketplace",
    "line_item_product_code": "5hnnev4d0v7mapf09j0v8of0o2",
}
UNTAGGED: dict[str, Any] = {"resource_tags": {}}

Travel = Callable[[datetime], None]

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _september(travel: Travel) -> None:
    """The delivered month is the current one, so it is open."""
    travel(datetime(2026, 9, 20, 12, tzinfo=UTC))


@pytest.fixture
def chat(cast: Cast) -> Workload:
    return added(cast, proposal(cast, name="Chat"))


@pytest.fixture
def search(cast: Cast) -> Workload:
    return added(cast, proposal(cast, name="Search"))


def by_tag(workload: Workload | None, value: str = "chat", **terms: Any) -> RuleTerms:
    return RuleTerms(100, workload, tag_key="workload", tag_value=value, **terms)


def rule(cast: Cast, terms: RuleTerms, **more: Any) -> RuleVersion:
    return add_rule(actor=cast.felix, terms=terms, reason="Felix knows.", **more)


def classes() -> dict[str, str]:
    """The class of each line, by what tells the lines of a test apart."""
    return dict(DailyLine.objects.values_list("account", "spend_class"))


def owners() -> dict[str, str]:
    """The workload of each attributed line, by account."""
    lines = DailyLine.objects.exclude(workload=None)
    return dict(lines.values_list("account", "workload__name"))


def load(folder: Path, *rows: dict[str, Any], execution: str = "e-1") -> None:
    """Load one row per account, numbered from 1."""
    numbered = [
        {"line_item_usage_account_id": str(n), **row} for n, row in enumerate(rows, start=1)
    ]
    load_cur(deliver(folder, numbered, execution=execution))


def check_proof() -> None:
    """Attributed + unclaimed + unclassified + other = the delivery, to the last digit."""
    for delivery in Delivery.objects.order_by("export", "period", "-version").distinct(
        "export", "period"
    ):
        run = AttributionRun.objects.filter(delivery=delivery).latest("version")
        for basis in BASES:
            parts = MonthTotal.objects.filter(run=run).aggregate(total=Sum(basis))["total"]
            assert (parts or 0) == getattr(delivery, basis)


# --- what is AI ---


@pytest.mark.parametrize(
    "row",
    [
        BEDROCK,
        {"line_item_product_code": "amazonbedrockservice"},
        {"line_item_product_code": "AmazonSageMaker"},
        {"line_item_product_code": "Kiro"},
        {"line_item_usage_type": "USE1-BoxUsage:p4d.24xlarge"},
        {"line_item_usage_type": "SpotUsage:g5.xlarge"},
        {"line_item_usage_type": "DedicatedUsage:trn1n.32xlarge"},
        {"line_item_usage_type": "BoxUsage:inf2.xlarge"},
        MARKET | {"product": {"product_name": "Claude Opus 5.5 (Amazon Bedrock Edition)"}},
        MARKET | {"line_item_usage_type": "USE1-MP:USE1_InputTokenCount-Units"},
        MARKET | {"line_item_usage_type": "USW2-MP:USW2_output_tokens_standard-Units"},
        MARKET | {"product_servicecode": "AmazonBedrockFoundationModels"},
    ],
)
def test_every_confirmed_signal_tells_ai_spend(tmp_path: Path, row: dict[str, Any]) -> None:
    load(tmp_path, row)
    assert classes() == {"1": SpendClass.AI}


@pytest.mark.parametrize(
    ("row", "spend_class"),
    [
        ({}, SpendClass.OTHER),
        ({"line_item_usage_type": "EBS:VolumeUsage.gp3"}, SpendClass.OTHER),
        ({"line_item_usage_type": "InstanceUsage:db.g5.large"}, SpendClass.OTHER),
        ({"line_item_product_code": "AmazonQ"}, SpendClass.OTHER),
        ({"line_item_product_code": "AmazonES"}, SpendClass.OTHER),
        (MARKET, SpendClass.UNCLASSIFIED),
        (BEDROCK | {"line_item_line_item_type": "Tax"}, SpendClass.TAX),
        (BEDROCK | {"line_item_line_item_type": "Credit"}, SpendClass.CREDIT),
        (BEDROCK | {"line_item_line_item_type": "Refund"}, SpendClass.REFUND),
        (BEDROCK | {"line_item_line_item_type": "SavingsPlanNegation"}, SpendClass.COMMITMENT),
        (BEDROCK | {"line_item_line_item_type": "SavingsPlanUpfrontFee"}, SpendClass.COMMITMENT),
        (BEDROCK | {"line_item_line_item_type": "EdpDiscount"}, SpendClass.AI),
        (MARKET | {"line_item_line_item_type": "Tax"}, SpendClass.TAX),
    ],
)
def test_what_is_not_ai_usage(tmp_path: Path, row: dict[str, Any], spend_class: SpendClass) -> None:
    load(tmp_path, row)
    assert classes() == {"1": spend_class}
    check_proof()


def test_a_signal_is_switched_on_off_and_added_by_finance(tmp_path: Path, cast: Cast) -> None:
    load(tmp_path, {"line_item_product_code": "AmazonQ"}, MARKET, MARKET | BEDROCK)
    assert classes() == {"1": "other", "2": "unclassified", "3": "ai"}
    amazon_q = SignalVersion.objects.get(pattern="AmazonQ")
    terms = SignalTerms("product_code", "AmazonQ", is_ai=True, active=True)
    change_signal(actor=cast.felix, signal=amazon_q.signal, seen=1, terms=terms, reason="Ours.")
    licence = SignalTerms("product_code", "5HNNEV*", is_ai=False, active=True)
    add_signal(actor=cast.felix, terms=licence, reason="A database licence.")
    assert classes() == {"1": "ai", "2": "other", "3": "ai"}
    bedrock = SignalVersion.objects.get(pattern="AmazonBedrock")
    off = SignalTerms("product_code", "AmazonBedrock", is_ai=True, active=False)
    change_signal(actor=cast.felix, signal=bedrock.signal, seen=1, terms=off, reason="A test.")
    assert classes() == {"1": "ai", "2": "other", "3": "unclassified"}
    check_proof()


# --- whose ---


def test_rules_match_by_account_service_and_tag_with_globs(
    tmp_path: Path, cast: Cast, chat: Workload
) -> None:
    load(
        tmp_path,
        BEDROCK | {"resource_tags": {"user_workload": "Chat-EU"}},
        BEDROCK | {"resource_tags": {"user_workload": "chat_eu"}},
        BEDROCK | {"resource_tags": {"user_workload": "charts"}},
        BEDROCK | UNTAGGED,
        {"resource_tags": {"user_workload": "chat-eu"}},
    )
    rule(cast, by_tag(chat, "chat-*"))
    assert owners() == {"1": "Chat"}
    rule(cast, by_tag(chat, "chat?eu"))
    assert owners() == {"1": "Chat", "2": "Chat"}
    rule(cast, RuleTerms(100, chat, service="amazonBEDROCK*", account="4"))
    assert owners() == {"1": "Chat", "2": "Chat", "4": "Chat"}
    assert classes()["5"] == "other"  # a tag makes no AI spend of a plain server
    check_proof()


def test_glob_characters_of_sql_stand_for_themselves(
    tmp_path: Path, cast: Cast, chat: Workload
) -> None:
    tags = [{"user_workload": value} for value in ("a_b", "axb", "a%b", r"a\b")]
    load(tmp_path, *(BEDROCK | {"resource_tags": tag} for tag in tags))
    rule(cast, by_tag(chat, "a_b"))
    assert set(owners()) == {"1"}
    rule(cast, by_tag(chat, "a%b"))
    assert set(owners()) == {"1", "3"}
    rule(cast, by_tag(chat, r"a\b"))
    assert set(owners()) == {"1", "3", "4"}


def test_the_smallest_priority_wins_and_among_equals_the_older_rule(
    tmp_path: Path, cast: Cast, chat: Workload, search: Workload
) -> None:
    load(tmp_path, BEDROCK)
    older = rule(cast, by_tag(chat))
    rule(cast, by_tag(search))
    assert owners() == {"1": "Chat"}
    first = rule(cast, RuleTerms(5, search, account="1"))
    assert owners() == {"1": "Search"}
    assert DailyLine.objects.get().rule_version == first
    retire_rule(actor=cast.felix, rule=first.rule, seen=1, reason="Wrong.")
    assert owners() == {"1": "Chat"}
    change_rule(
        actor=cast.felix, rule=older.rule, seen=1, terms=by_tag(chat, "other"), reason="Renamed."
    )
    assert owners() == {"1": "Search"}
    check_proof()


def test_marketplace_rows_are_claimed_only_by_naming_them(
    tmp_path: Path, cast: Cast, chat: Workload
) -> None:
    load(tmp_path, MARKET, MARKET | {"product": {"product_name": "Quietriver"}})
    rule(cast, by_tag(chat))
    assert classes() == {"1": "unclassified", "2": "unclassified"}
    rule(cast, RuleTerms(100, chat, service="quietriver"))
    assert (classes(), owners()) == ({"1": "unclassified", "2": "ai"}, {"2": "Chat"})
    check_proof()


def test_a_rule_on_a_new_tag_key_keeps_it_from_the_next_load_on(
    tmp_path: Path, cast: Cast, chat: Workload
) -> None:
    load(tmp_path, BEDROCK | {"resource_tags": {"user_cost_center": "77"}})
    rule(cast, RuleTerms(1, chat, tag_key="Cost Center", tag_value="77"))
    assert TagKey.objects.filter(key="cost_center").exists()
    assert owners() == {}
    load_cur(tmp_path)
    assert owners() == {"1": "Chat"}


def test_loading_applies_the_rules(tmp_path: Path, cast: Cast, chat: Workload) -> None:
    rule(cast, by_tag(chat))
    load(tmp_path, BEDROCK, UNTAGGED | BEDROCK)
    assert owners() == {"1": "Chat"}
    (mine,) = MonthTotal.objects.filter(workload=chat)
    assert (mine.unblended, mine.positive_amortised) == (Decimal("1.5"), Decimal("1.5"))
    assert mine.first_day == date(2026, 9, 5)
    assert AttributionRun.objects.get().cause == AttributionRun.Cause.LOAD
    check_proof()


def test_negative_lines_count_in_the_total_and_not_in_the_positive_one(
    tmp_path: Path, cast: Cast, chat: Workload
) -> None:
    rule(cast, by_tag(chat))
    discount = {"line_item_line_item_type": "EdpDiscount", "line_item_unblended_cost": -0.5}
    load(tmp_path, BEDROCK, BEDROCK | discount)
    (mine,) = MonthTotal.objects.filter(workload=chat)
    assert (mine.amortised, mine.positive_amortised) == (Decimal(1), Decimal("1.5"))


def test_the_first_attributed_spend_claims_a_proposed_workload(tmp_path: Path, cast: Cast) -> None:
    workload = submitted(cast).workload
    assert workload is not None
    rule(cast, RuleTerms(1, workload, account="1"))
    load(tmp_path / "free", BEDROCK | {"line_item_unblended_cost": 0.0})
    workload.refresh_from_db()
    assert workload.state == WorkloadState.PROPOSED
    load(tmp_path / "paid", BEDROCK)
    workload.refresh_from_db()
    assert workload.state == WorkloadState.CLAIMED


# --- which months ---


def test_closed_months_keep_the_rules_of_their_time_unless_asked_for(
    tmp_path: Path, cast: Cast, chat: Workload, travel: Travel
) -> None:
    travel(datetime(2026, 10, 20, 12, tzinfo=UTC))
    load(tmp_path, BEDROCK)
    rule(cast, by_tag(chat))
    assert owners() == {}
    assert AttributionRun.objects.count() == 1
    rule(cast, by_tag(chat, "other"), include_closed=True)
    assert AttributionRun.objects.latest("pk").cause == AttributionRun.Cause.CLOSED
    assert owners() == {"1": "Chat"}


def test_a_rule_may_reach_back_into_closed_months(
    tmp_path: Path, cast: Cast, chat: Workload, travel: Travel
) -> None:
    travel(datetime(2026, 10, 20, 12, tzinfo=UTC))
    load(tmp_path, BEDROCK)
    rule(cast, by_tag(chat), include_closed=True)
    assert owners() == {"1": "Chat"}


def test_open_months_are_attributed_again_by_every_change(
    tmp_path: Path, cast: Cast, chat: Workload, travel: Travel
) -> None:
    travel(datetime(2026, 10, 10, 12, tzinfo=UTC))
    load(tmp_path, BEDROCK)
    rule(cast, by_tag(chat))
    assert owners() == {"1": "Chat"}
    causes = AttributionRun.objects.order_by("version").values_list("cause", flat=True)
    assert list(causes) == ["load", "rules"]


# --- records ---


def test_rules_are_versions_and_stale_changes_are_refused(cast: Cast, chat: Workload) -> None:
    first = rule(cast, by_tag(chat))
    second = change_rule(
        actor=cast.felix, rule=first.rule, seen=1, terms=by_tag(chat, "x"), reason="Renamed."
    )
    assert (first.rule, second.rule.pk) == (second.rule, first.rule_id)
    with pytest.raises(StaleError, match="Somebody changed this rule"):
        retire_rule(actor=cast.felix, rule=first.rule, seen=1, reason="Old.")
    retire_rule(actor=cast.felix, rule=first.rule, seen=2, reason="Old.")
    with pytest.raises(RefusedError, match="retired already"):
        retire_rule(actor=cast.felix, rule=first.rule, seen=3, reason="Again.")
    versions = RuleVersion.objects.filter(rule=first.rule).order_by("version")
    assert [(v.version, v.active, v.recorded_by) for v in versions] == [
        (1, True, cast.felix),
        (2, True, cast.felix),
        (3, False, cast.felix),
    ]


@pytest.mark.parametrize(
    "terms",
    [{}, {"tag_key": "workload"}, {"tag_value": "chat"}, {"account": "1", "tag_key": "team"}],
)
def test_a_rule_without_a_whole_condition_is_refused(
    cast: Cast, chat: Workload, terms: dict[str, Any]
) -> None:
    with pytest.raises(ValidationError):
        rule(cast, RuleTerms(1, chat, **terms))
    assert not RuleVersion.objects.exists()


def test_a_month_is_delivered_since_its_end_by_utc(
    tmp_path: Path, travel: Travel, cast: Cast
) -> None:
    """In Tokyo it is October nine hours before the billing period ends."""
    with override_timezone("Asia/Tokyo"):
        travel(datetime(2026, 9, 30, 20, tzinfo=UTC))
        load(tmp_path, BEDROCK)
        travel(datetime(2026, 10, 20, 12, tzinfo=UTC))
        assert closed_periods(now()) == []
        load(tmp_path, BEDROCK, BEDROCK, execution="e-2")
        assert closed_periods(now()) == [date(2026, 9, 1)]
