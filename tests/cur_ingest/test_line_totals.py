"""What lines add up to: with a workload's parts of split lines, and from totals that were kept."""

from decimal import Decimal
from pathlib import Path

import pytest
from django.test import Client

from cur_ingest.actions import RuleTerms, add_rule, leave_out
from cur_ingest.bases import BASES
from cur_ingest.line_queries import LineFilter
from cur_ingest.models import DailyLine, Delivery, Part
from cur_ingest.reports import deciding_runs, seen_of_run
from cur_ingest.splitting import Share
from cur_ingest.views import lines as views
from records.clock import now
from spaces.models import Workload
from tests.cast import Cast, added, proposal
from tests.cur_ingest.test_lines import MARKET, PAGE
from tests.spend import bedrock, close_september, load, rule_for


@pytest.fixture
def spend(cast: Cast, tmp_path: Path) -> Cast:
    """September 2026: a workload of its own, and spend that nobody has yet."""
    workload = added(cast, proposal(cast, name="Review"))
    tax = {"line_item_line_item_type": "Tax", "line_item_unblended_cost": 64.0}
    load(tmp_path, bedrock("review", 1.25), bedrock("review", 2.5), bedrock("stray", 16.0), tax)
    rule_for(cast.felix, workload, "review")
    return cast


def test_a_split_line_says_who_got_what(client: Client, spend: Cast) -> None:
    """The parts of a workload are behind its figure too, though no line is its own."""
    other = added(spend, proposal(spend, name="Other"))
    review = Workload.objects.get(slug="review")
    terms = RuleTerms(
        priority=5,
        tag_key="workload",
        tag_value="stray",
        split="fixed",
        shares=(Share(review.pk, Decimal(75)), Share(other.pk, Decimal(25))),
    )
    add_rule(actor=spend.felix, terms=terms, reason="Shared.", include_closed=True)
    client.force_login(spend.felix)
    line = DailyLine.objects.get(unblended=Decimal(16))
    text = " ".join(client.get(f"{PAGE}{line.pk}/").content.decode().split())
    assert ">Other</a>: " in text
    assert "$4.00" in text
    assert "$12.00" in text
    # What the lines of a workload and its parts come to is the figure that leads there.
    context = client.get(f"{PAGE}?month=2026-09&workload=review").context
    assert context["own"][0].amount.amount == Decimal("3.75")
    (shown,) = (w for w in client.get("/spend/").context["month"].workloads if w.workload == review)
    assert shown.amount.amount == Decimal("15.75") == context["figures"][0].amount.amount
    # With a filter that parts of a day can't be asked by, the page says that it is without them.
    left_out = client.get(f"{PAGE}?workload=review&account=111122223333")
    assert left_out.context["figures"][0].amount.amount == Decimal("3.75")
    assert "Without the workload's parts" in " ".join(left_out.content.decode().split())


def test_what_was_added_up_before_is_what_the_lines_come_to(spend: Cast, tmp_path: Path) -> None:
    """Of every filter that asks the kept totals; beside a closed month, and of what is replaced."""
    review, other = Workload.objects.get(), added(spend, proposal(spend, name="Other"))
    terms = RuleTerms(
        priority=5,
        tag_key="workload",
        tag_value="stray",
        split="proportional",
        shares=(Share(review.pk), Share(other.pk)),
    )
    add_rule(actor=spend.felix, terms=terms, reason="Shared.", include_closed=True)
    load(tmp_path, bedrock("review", 7.0), bedrock("stray", 0.3), MARKET, execution="e-2")
    close_september(spend)
    load(tmp_path, bedrock("review", 8.0), bedrock("stray", 0.7), execution="e-3")
    replaced, counts, waits = Delivery.objects.order_by("version")
    shown = {}
    for delivery in (None, replaced, counts, waits):
        for part in (None, *Part):
            for workload in (None, review, other):
                asked = LineFilter(part=part, workload=workload, delivery=delivery)
                lines = list(asked.lines())
                totals = asked.totals(most=2)
                for basis in BASES:
                    own = sum((getattr(line, basis) for line in lines), Decimal(0))
                    assert totals.own[basis] == own, asked
                assert totals.lines == min(len(lines), 3)
                shown[delivery, part, workload] = totals.amounts["amortised"]
    assert [shown[each, None, review] for each in (None, replaced, counts, waits)] == [
        Decimal("7.3"),
        0,
        Decimal("7.3"),
        Decimal("8.7"),
    ]
    assert shown[counts, Part.TAX, review] == shown[counts, None, other] == 0
    assert shown[counts, None, None] == Decimal("15.3")


def test_lines_that_were_left_out_are_still_of_their_delivery(spend: Cast) -> None:
    delivery = Delivery.objects.get()
    (run,) = deciding_runs(now())
    leave_out(
        actor=spend.felix,
        export=delivery.export,
        period=delivery.period,
        seen=seen_of_run(run),
        reason="Another export has it.",
    )
    assert LineFilter().totals(most=9).amounts["amortised"] == 0
    assert LineFilter(delivery=delivery).totals(most=9).amounts["amortised"] == Decimal("83.75")


def test_more_lines_than_a_workbook_holds_are_not_counted(
    client: Client, spend: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "MOST_IN_A_WORKBOOK", 2)
    client.force_login(spend.felix)
    page = client.get(PAGE)
    assert "More than 2 lines" in " ".join(page.content.decode().split())
    assert page.context["figures"][0].amount.amount == Decimal("83.75")
