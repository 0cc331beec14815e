"""By which rules a closed month is attributed: those of its time, until finance means others."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from django.db.models import Sum

from cur_ingest.actions import (
    RuleTerms,
    SignalTerms,
    Since,
    add_rule,
    add_signal,
    change_rule,
    change_signal,
    load_deliveries,
    record_rate,
)
from cur_ingest.models import ClosedTotal, DailyLine, Part, RuleVersion
from cur_ingest.proof import read_month
from records.clock import now
from tests.cast import Cast, added, proposal
from tests.cur_ingest.test_closing import CLOSE, REOPEN, SEPTEMBER, as_user, restate, seen
from tests.spend import bedrock, close_september, load, rule_for


@pytest.fixture(autouse=True)
def _october(travel: Callable[[datetime], None]) -> None:
    """The delivered month is over, and by the rule not closed yet."""
    travel(datetime(2026, 10, 3, 12, tzinfo=UTC))


def test_opening_again_counts_what_waited_under_the_rules_of_now(
    cast: Cast, tmp_path: Path
) -> None:
    rule_for(cast.felix, added(cast, proposal(cast, name="Chat")), "chat")
    load(tmp_path, bedrock("chat", 10))
    close_september(cast)
    restate(tmp_path, bedrock("chat", 12))
    opened = as_user(cast).post(REOPEN, {"reason": "Too early.", "seen": seen()})
    assert opened.status_code == 302
    month = read_month(SEPTEMBER, now())
    assert (month.state.words, month.adjustments) == ("open", ())
    assert month.shown.of(Part.ATTRIBUTED).amount == 12
    assert DailyLine.objects.aggregate(u=Sum("unblended"))["u"] == 12
    assert not ClosedTotal.objects.filter(closing=month.state.closings[0]).exists()
    load(tmp_path, bedrock("chat", 13), execution="e-3")
    assert read_month(SEPTEMBER, now()).shown.of(Part.ATTRIBUTED).amount == 13


def test_a_closed_month_is_put_under_later_rules_by_opening_and_closing_it(
    cast: Cast, tmp_path: Path
) -> None:
    load(tmp_path, bedrock("chat", 10))
    first = close_september(cast)
    chat = added(cast, proposal(cast, name="Chat"))
    terms = RuleTerms(priority=1, workload=chat, tag_key="workload", tag_value="chat")
    add_rule(actor=cast.felix, terms=terms, reason="Found in an audit.")
    assert read_month(SEPTEMBER, now()).shown.of(Part.ATTRIBUTED).amount == 0
    for address in (REOPEN, CLOSE):
        typed = {"reason": "The audit's rule holds for September.", "seen": seen()}
        assert as_user(cast).post(address, typed).status_code == 302
    month = read_month(SEPTEMBER, now())
    assert month.state.words == "closed by finance"
    assert month.shown.of(Part.ATTRIBUTED).amount == 10
    latest = month.state.closings[0]
    assert (latest.rules, first.rules) == ([RuleVersion.objects.get().pk], [])
    assert latest.reason == "The audit's rule holds for September."


def test_rules_reach_a_closed_month_only_on_purpose(cast: Cast, tmp_path: Path) -> None:
    load(tmp_path, bedrock("chat", 10))
    close_september(cast)
    restate(tmp_path, bedrock("chat", 12))
    chat = added(cast, proposal(cast, name="Chat"))
    rule_for(cast.felix, chat, "chat")
    month = read_month(SEPTEMBER, now())
    assert month.shown.of(Part.ATTRIBUTED).amount == 10
    assert month.state.closings[0].cause == "attributed"
    assert month.state.closings[0].reason == "Tagged so."
    # What waits is under the same rules, so that the difference stays AWS's.
    (adjustment,) = month.adjustments
    assert adjustment.total.changes["unblended"].difference.amount == 2
    assert {line.label for line in adjustment.workloads} == {"Chat"}


def adjustment_page(cast: Cast) -> str:
    (adjustment,) = read_month(SEPTEMBER, now()).adjustments
    assert adjustment.differs
    answer = as_user(cast).get(f"/spend/adjustments/{adjustment.run.pk}/")
    return " ".join(answer.content.decode().split())


def test_a_delivery_that_is_read_for_more_tags_since_is_not_said_to_be_aws_doing(
    cast: Cast, tmp_path: Path
) -> None:
    """The rule was there, and the tag that it asks for was not kept yet."""
    load(tmp_path, bedrock("", 10, resource_tags={"user_team": "blue"}))
    workload = added(cast, proposal(cast, name="Chat"))
    terms = RuleTerms(priority=1, workload=workload, tag_key="team", tag_value="blue")
    add_rule(actor=cast.felix, terms=terms, reason="Their team.")
    close_september(cast)
    load_deliveries(actor=None, location=str(tmp_path))
    page = adjustment_page(cast)
    assert "It is the delivery that was closed, read again: AWS changed nothing." in page
    assert "It was read for tags, signals or costs that were not asked for before" in page
    assert "delivered this month again" not in page
    restate(tmp_path, bedrock("", 11, resource_tags={"user_team": "blue"}))
    page = adjustment_page(cast)
    assert "AWS changed nothing" not in page
    assert "It was read for tags, signals or costs that were not asked for before" in page


def test_a_rate_that_was_corrected_since_is_not_said_to_be_aws_doing(
    cast: Cast, tmp_path: Path
) -> None:
    def rate(amount: str, seen: int) -> None:
        record_rate(
            actor=cast.felix,
            currency="EUR",
            month=SEPTEMBER,
            rate=Decimal(amount),
            reason="Mean of the month.",
            seen=seen,
        )

    rate("1.1", 0)
    load(tmp_path, bedrock("", 10, line_item_currency_code="EUR"))
    close_september(cast)
    rate("1.2", 1)
    load_deliveries(actor=None, location=str(tmp_path))
    page = adjustment_page(cast)
    assert "AWS changed nothing" in page
    assert "not asked for before" not in page
    assert "1 EUR = 1.1 USD (version 1) and 1 EUR = 1.2 USD (version 2)" in page


def test_what_aws_alone_changed_is_said_without_more(cast: Cast, tmp_path: Path) -> None:
    load(tmp_path, bedrock("", 10))
    close_september(cast)
    restate(tmp_path, bedrock("", 11))
    (adjustment,) = read_month(SEPTEMBER, now()).adjustments
    assert adjustment.beside_aws == ()


def test_what_waits_is_as_fine_as_the_signals_of_the_closed_month_ask(
    cast: Cast, tmp_path: Path
) -> None:
    """A signal that was taken back since can't make another difference than AWS did."""
    rule_for(cast.felix, added(cast, proposal(cast, name="Chat")), "chat")
    servers = {"line_item_unblended_cost": 9.0, "resource_tags": {"user_workload": "chat"}}
    on = SignalTerms("usage_type", "BoxUsage:m5*", is_ai=True, active=True)
    signal = add_signal(actor=cast.felix, terms=on, reason="Models run on them.").signal
    load(tmp_path, servers)
    close_september(cast)
    off = replace(on, active=False)
    change_signal(actor=cast.felix, signal=signal, seen=1, terms=off, reason="They never did.")
    restate(tmp_path, servers | {"line_item_unblended_cost": 9.5})
    (adjustment,) = read_month(SEPTEMBER, now()).adjustments
    differing = {line.label: line for line in adjustment.parts if line.differs}
    assert differing.keys() == {"Attributed to workloads"}
    change = differing["Attributed to workloads"].changes["unblended"]
    assert change.difference.amount == Decimal("0.5")


def test_a_closing_names_the_rules_of_days_before_its_month_too(cast: Cast, tmp_path: Path) -> None:
    """Use that is billed late is under the rules of its day, in the month of its bill."""
    chat = added(cast, proposal(cast, name="Chat"))
    rule_for(cast.felix, chat, "chat")
    first = RuleVersion.objects.get()
    terms = RuleTerms(priority=10, workload=chat, tag_key="workload", tag_value="talk")
    since = Since(SEPTEMBER, on_purpose=True)
    change_rule(
        actor=cast.felix, rule=first.rule, seen=1, terms=terms, reason="Renamed.", since=since
    )
    late = {"line_item_usage_start_date": datetime(2026, 8, 31, tzinfo=UTC)}
    load(tmp_path, bedrock("chat", 5.0, **late), bedrock("talk", 3.0))
    used = set(DailyLine.objects.values_list("rule_version", flat=True))
    assert len(used) == 2
    assert set(close_september(cast).rules) == used
