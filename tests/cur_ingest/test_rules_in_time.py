"""Versions of rules and signals count from a day on; past days keep the rules of their time."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from cur_ingest.actions import (
    RuleTerms,
    SignalTerms,
    Since,
    add_rule,
    add_signal,
    change_rule,
    retire_rule,
)
from cur_ingest.dating import spans
from cur_ingest.models import AttributionRun, DailyLine, RuleVersion, SignalVersion
from spaces.models import Workload
from tests.cast import Cast, added, proposal
from tests.cur_ingest.test_attribution import BEDROCK, Travel, by_tag, check_proof, load
from valueboard.lib.errors import RefusedError
from valueboard.lib.months import DAWN

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _september(travel: Travel) -> None:
    travel(datetime(2026, 9, 10, 12, tzinfo=UTC))


@pytest.fixture
def chat(cast: Cast) -> Workload:
    return added(cast, proposal(cast, name="Chat"))


@pytest.fixture
def search(cast: Cast) -> Workload:
    return added(cast, proposal(cast, name="Search"))


def on(day: int, **more: Any) -> dict[str, Any]:
    return BEDROCK | {"line_item_usage_start_date": datetime(2026, 9, day, 5, tzinfo=UTC)} | more


def by_day() -> dict[int, str | None]:
    """The workload of each line, by day of the month."""
    lines = DailyLine.objects.order_by("day").values_list("day", "workload__name")
    return {day.day: name for day, name in lines}


def since(day: int, *, on_purpose: bool = False) -> Since:
    return Since(date(2026, 9, day), on_purpose)


def test_what_was_recorded_last_counts_from_its_day_on() -> None:
    def version(name: str, day: int) -> tuple[date, str]:
        return date(2026, 9, day), name

    one, two, three = version("1st", 1), version("2nd", 20), version("3rd", 10)
    found = [(span.version, span.since.day, span.until) for span in spans([one, two, three])]
    assert found == [("1st", 1, date(2026, 9, 10)), ("3rd", 10, None)]
    assert [span.version for span in spans([version("1st", 5), version("2nd", 1)])] == ["2nd"]


def test_a_rule_counts_for_the_days_from_its_date_on(
    tmp_path: Path, cast: Cast, chat: Workload, search: Workload
) -> None:
    load(tmp_path, on(9), on(10), on(11), on(12))
    first = add_rule(actor=cast.felix, terms=by_tag(chat), reason="New.", since=since(10))
    assert by_day() == {9: None, 10: "Chat", 11: "Chat", 12: "Chat"}
    change_rule(
        actor=cast.felix,
        rule=first.rule,
        seen=1,
        terms=by_tag(search),
        reason="It moves.",
        since=since(11),
    )
    assert by_day() == {9: None, 10: "Chat", 11: "Search", 12: "Search"}
    retire_rule(actor=cast.felix, rule=first.rule, seen=2, reason="Over.", since=since(12))
    assert by_day() == {9: None, 10: "Chat", 11: "Search", 12: None}
    check_proof()
    # Loading the month again gives each day to the rules of its time.
    load(tmp_path, on(9), on(10), on(11), on(12), on(13), execution="e-2")
    assert by_day() == {9: None, 10: "Chat", 11: "Search", 12: None, 13: None}


def test_past_days_are_reached_only_on_purpose(tmp_path: Path, cast: Cast, chat: Workload) -> None:
    load(tmp_path, on(8), on(9), on(10))
    with pytest.raises(RefusedError, match="on purpose"):
        add_rule(actor=cast.felix, terms=by_tag(chat), reason="Late.", since=since(9))
    add_rule(actor=cast.felix, terms=by_tag(chat), reason="Late.", since=since(9, on_purpose=True))
    assert by_day() == {8: None, 9: "Chat", 10: "Chat"}
    assert RuleVersion.objects.get().effective_from == date(2026, 9, 9)
    add_rule(actor=cast.felix, terms=by_tag(chat), reason="All of it.")
    assert by_day() == {8: "Chat", 9: "Chat", 10: "Chat"}
    assert RuleVersion.objects.latest("pk").effective_from == DAWN


def test_a_later_priority_does_not_reach_back(
    tmp_path: Path, cast: Cast, chat: Workload, search: Workload
) -> None:
    load(tmp_path, on(9), on(10))
    add_rule(actor=cast.felix, terms=by_tag(chat), reason="First.")
    add_rule(
        actor=cast.felix, terms=RuleTerms(1, search, account="*"), reason="Now.", since=since(10)
    )
    assert by_day() == {9: "Chat", 10: "Search"}


def test_a_signal_counts_from_its_day_on(tmp_path: Path, cast: Cast) -> None:
    rows = [on(day, line_item_product_code="NewThing") for day in (9, 10, 11)]
    load(tmp_path, *rows)
    terms = SignalTerms("product_code", "newthing", is_ai=True, active=True)
    add_signal(actor=cast.felix, terms=terms, reason="Bought.", since=since(10))
    classes = DailyLine.objects.order_by("day").values_list("spend_class", flat=True)
    assert list(classes) == ["other", "ai", "ai"]
    with pytest.raises(RefusedError):
        add_signal(actor=cast.felix, terms=terms, reason="Before.", since=since(1))
    assert SignalVersion.objects.filter(pattern="newthing").count() == 1


def test_a_closed_month_keeps_its_rules_until_attributed_anew_on_purpose(
    tmp_path: Path, cast: Cast, chat: Workload, travel: Travel
) -> None:
    load(tmp_path, on(9), on(10))
    travel(datetime(2026, 10, 20, 12, tzinfo=UTC))
    load(tmp_path, on(9), on(10), execution="e-2")
    back = since(10, on_purpose=True)
    add_rule(actor=cast.felix, terms=by_tag(chat), reason="Found late.", since=back)
    assert by_day() == {9: None, 10: None}
    terms, why = by_tag(chat, "other"), "Audit of September."
    add_rule(actor=cast.felix, terms=terms, reason=why, include_closed=True)
    assert by_day() == {9: None, 10: "Chat"}
    run = AttributionRun.objects.latest("pk")
    assert (run.cause, run.reason) == ("closed", why)


@pytest.mark.parametrize(
    ("pattern", "usage_type", "spend_class"),
    [
        ("p4d.*", "USE1-BoxUsage:p4d.24xlarge", "ai"),
        ("p4*", "SpotUsage:p4de.24xlarge", "ai"),
        ("ml.p3.*", "USE1-Host:ml.p3.2xlarge", "ai"),
        ("p4d.*", "BoxUsage:m5.large", "other"),
        ("m5.large", "BoxUsage:m5.large", "ai"),
        ("m5.large", "BoxUsage:m5.large.x", "other"),
        ("g5.*", "InstanceUsage:db.g5.large", "other"),
        ("*", "DataTransfer-Out-Bytes", "other"),
    ],
)
def test_an_instance_type_tells_ai_spend(
    tmp_path: Path, cast: Cast, pattern: str, usage_type: str, spend_class: str
) -> None:
    for version in SignalVersion.objects.filter(active=True):
        SignalVersion(
            signal=version.signal,
            field=version.field,
            pattern=version.pattern,
            active=False,
            reason="Alone.",
        ).save()
    terms = SignalTerms("instance_type", pattern, is_ai=True, active=True)
    add_signal(actor=cast.felix, terms=terms, reason="Ours.")
    load(tmp_path, {"line_item_usage_type": usage_type})
    line = DailyLine.objects.get()
    assert line.spend_class == spend_class
    # The line is kept fine, so that one sees why.
    assert (line.usage_type == usage_type) == (spend_class == "ai")
