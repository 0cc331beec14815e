"""The workload page by day: spend, marks of days that stand out, and the tokens behind it."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.html import strip_tags

from cur_ingest.actions import RuleTerms, add_rule, load_deliveries
from cur_ingest.splitting import Share
from spaces.models import Workload
from tests.cast import Cast, added, proposal
from tests.cur_ingest.deliveries import deliver
from tests.spend import bedrock, load, load_months, rule_for
from valueboard.spend_days import SpendDays

PAGE = "/workloads/review/?part=days"


def on(day: int, cost: float, **more: Any) -> dict[str, Any]:
    return bedrock(
        "review",
        cost,
        line_item_usage_start_date=datetime(2026, 9, day, 13, tzinfo=UTC),
        **more,
    )


@pytest.fixture
def review(cast: Cast, travel: Callable[[datetime], None]) -> Workload:
    travel(datetime(2026, 9, 20, 12, tzinfo=UTC))
    workload = added(cast, proposal(cast, name="Review"))
    rule_for(cast.felix, workload, "review")
    travel(datetime(2026, 9, 28, 12, tzinfo=UTC))
    return workload


def shown(client: Client) -> tuple[SpendDays, str]:
    response = client.get(PAGE)
    days: SpendDays = response.context["days"]
    return days, " ".join(strip_tags(response.content.decode()).split())


def test_days_add_up_and_days_without_a_line_cost_nothing(
    client: Client, cast: Cast, review: Workload, tmp_path: Path
) -> None:
    load(tmp_path, on(5, 1.5), on(5, 2.0), on(7, 4.0), bedrock("other", 8.0))
    client.force_login(cast.olivia)
    days, text = shown(client)
    assert [(each.day.day, each.actual.amount) for each in days.days] == [
        (7, Decimal(4)),
        (6, Decimal(0)),
        (5, Decimal("3.5")),
    ]
    assert "Actual spend by day" in text
    assert days.chart["data"][0]["y"] == ["3.50", "0.00", "4.00"]
    # Each is named once: of a few days plotly would name hours, each by its day.
    assert days.chart["layout"]["xaxis"]["tickvals"] == days.chart["data"][0]["x"]
    assert not any(each.closed for each in days.days)
    assert set(days.chart["data"][0]["marker"]["pattern"]["shape"]) == {"/"}


def test_only_who_reads_all_spend_is_led_to_the_lines(
    client: Client, cast: Cast, review: Workload, tmp_path: Path
) -> None:
    load(tmp_path, on(5, 1.5))
    link = "/spend/lines/?workload=review&amp;day=2026-09-05"
    for person, led in ((cast.felix, True), (cast.olivia, False)):
        client.force_login(person)
        assert (link in client.get(PAGE).content.decode()) == led


def test_parts_of_split_lines_are_in_the_days(
    client: Client, cast: Cast, review: Workload, tmp_path: Path
) -> None:
    other = added(cast, proposal(cast, name="Other"))
    shares = (Share(review.pk, Decimal(75)), Share(other.pk, Decimal(25)))
    terms = RuleTerms(5, tag_key="workload", tag_value="pool", split="fixed", shares=shares)
    add_rule(actor=cast.felix, terms=terms, reason="Shared.", include_closed=True)
    load(tmp_path, on(5, 1.0), bedrock("pool", 16.0))
    client.force_login(cast.felix)
    days, _ = shown(client)
    assert [each.actual.amount for each in days.days] == [Decimal(13)]
    month = client.get("/spend/").context["month"]
    assert month.workloads[0].amount.amount == Decimal(13)


def test_a_charge_for_the_month_is_told_from_use_of_its_first_day(
    client: Client, cast: Cast, review: Workload, tmp_path: Path
) -> None:
    flat = {"line_item_line_item_type": "FlatRateSubscription"}
    daily = {**flat, "line_item_usage_type": "USE1-Daily"}
    load(tmp_path, on(1, 300.0, **flat), on(1, 5.0), on(1, 2.0, **daily), on(2, 2.0, **daily))
    client.force_login(cast.felix)
    days, text = shown(client)
    assert "$300.00 of it charged on the first day for the whole month" in text
    assert [each.actual.amount for each in days.days] == [Decimal(2), Decimal(307)]


def test_tokens_are_shown_by_model_and_kind_with_their_unit(
    client: Client, cast: Cast, review: Workload, tmp_path: Path
) -> None:
    def used(unit: str, amount: float, usage: str) -> dict[str, Any]:
        return {
            "pricing_unit": unit,
            "line_item_usage_amount": amount,
            "line_item_usage_type": usage,
        }

    load(
        tmp_path,
        on(5, 9.0, **used("1K tokens", 1234.5, "USE1-NovaLite-input-tokens")),
        on(6, 9.0, **used("1K tokens", 0.5, "USE1-NovaLite-input-tokens")),
        on(6, 8.0, **used("1M tokens", 2.0, "USE1-NovaLite-input-tokens")),
        on(6, 7.0, **used("Units", 5.0, "USE1-NovaLite-output-tokens")),
        # A discount repeats the amount that was used.
        on(
            6,
            -1.0,
            line_item_line_item_type="EdpDiscount",
            **used("1K tokens", 1234.5, "USE1-NovaLite-input-tokens"),
        ),
    )
    client.force_login(cast.felix)
    days, _ = shown(client)
    assert [(t.model, t.kind, t.tokens, t.unit, t.actual.amount) for t in days.tokens] == [
        ("NovaLite", "Input", "1,235,000", "1K tokens", Decimal(18)),
        ("NovaLite", "Input", "2,000,000", "1M tokens", Decimal(8)),
        ("NovaLite", "Output", "not known", "Units", Decimal(7)),
    ]


@pytest.fixture
def jumped(
    cast: Cast, review: Workload, travel: Callable[[datetime], None], tmp_path: Path
) -> date:
    """July to September at about the same every day, but for Friday the 25th of September."""
    months = {date(2026, month, 1): {"review": "3100"} for month in (7, 8)}
    load_months(tmp_path / "before", travel, months)
    travel(datetime(2026, 9, 28, 12, tzinfo=UTC))
    rows = [on(day, 45.0 if day % 7 in {5, 6} else 100.0) for day in range(1, 27)]
    rows[24]["line_item_unblended_cost"] = 900.0
    load_deliveries(actor=None, location=str(deliver(tmp_path / "now", rows)))
    return date(2026, 9, 25)


def test_a_day_far_above_its_weekdays_is_marked_and_says_why(
    client: Client, cast: Cast, jumped: date
) -> None:
    client.force_login(cast.olivia)
    days, text = shown(client)
    assert [each.day for each in days.days if each.mark] == [jumped]
    assert days.chart["data"][1]["x"] == ["2026-09-25"]
    assert "the last 8 Fridays had a median of $" in text
    assert "1 day stands out" in text
    assert days.days[-1].day == date(2026, 7, 1)
    assert days.days[0].day - days.days[-1].day == timedelta(days=len(days.days) - 1)
    # A month that is closed is told from those that are not.
    closed = {each.day.month: each.closed for each in days.days}
    assert closed == {7: True, 8: True, 9: False}


def test_the_page_asks_no_more_queries_for_more_days(
    client: Client, cast: Cast, review: Workload, tmp_path: Path
) -> None:
    client.force_login(cast.felix)

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            client.get(PAGE)
        return len(asked)

    load(tmp_path, on(5, 1.5))
    queries()  # warms what is cached once a process
    few = queries()
    load(tmp_path, *(on(day, 1.0) for day in range(1, 28)), execution="e-2")
    assert queries() == few


def test_a_past_day_shows_no_days_of_today_and_says_so(
    client: Client,
    cast: Cast,
    review: Workload,
    tmp_path: Path,
    travel: Callable[[datetime], None],
) -> None:
    load(tmp_path, on(5, 1.5))
    travel(datetime(2026, 9, 30, 12, tzinfo=UTC))
    client.force_login(cast.felix)
    before, after = (client.get(f"{PAGE}&as_of=2026-09-{day}").content.decode() for day in (21, 28))
    for page in (before, after):
        assert "Not shown of a past day" in page
        assert "days-table" not in page
