"""Shared cost in a browser: a split drafted, tried, published, and seen on the workload's page."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from tests.cast import Cast, added, proposal
from tests.spend import bedrock, load, rule_for


@pytest.mark.django_db(transaction=True)
def test_a_split_is_drafted_tried_published_and_explained(  # noqa: PLR0915, PLR0917 - one journey; fixtures
    page: Page,
    sign_in: Callable[[User], None],
    axe: Callable[[Page], None],
    cast: Cast,
    travel: Callable[[datetime], None],
    tmp_path: Path,
    console_errors: list[str],
) -> None:
    travel(datetime.fromisoformat("2026-09-20T12:00:00Z"))
    review = added(cast, proposal(cast, name="Contract review"))
    letters = added(cast, proposal(cast, name="Letters"))
    rule_for(cast.felix, review, "review")
    load(tmp_path, bedrock("review", 900.0), bedrock("gateway", 100.0))

    # Finance drafts a split of what the gateway spends; nothing counts yet.
    sign_in(cast.felix)
    page.goto("/spend/rules/")
    page.get_by_role("link", name="Draft and dry run").click()
    axe(page)
    page.get_by_role("link", name="Draft a new rule").first.click()
    page.get_by_label("The spend goes to").select_option("fixed")
    page.get_by_label("Workload 1").select_option(label=str(review))
    page.get_by_label("Percent 1").fill("60")
    page.get_by_label("Workload 2").select_option(label=str(letters))
    page.get_by_label("Percent 2").fill("30")
    page.get_by_label("Tag", exact=False).first.fill("workload")
    page.get_by_label("has the value").fill("gateway")
    page.get_by_role("button", name="Put it in the draft").click()
    # The percentages make no whole; what was typed is still there.
    expect(page.locator("main")).to_contain_text("add up to 90, not to 100")
    axe(page)
    page.get_by_label("Percent 2").fill("40")
    page.get_by_role("button", name="Put it in the draft").click()
    expect(page.locator("#drafted")).to_contain_text("(1)")
    axe(page)

    # The dry run shows who would gain.
    page.get_by_role("button", name="Dry run").click()
    expect(page.locator("#moved")).to_contain_text("$100")
    rows = page.locator("tbody").first
    expect(rows).to_contain_text("Contract review")
    expect(rows).to_contain_text("60")
    expect(rows).to_contain_text("Unclaimed AI spend")
    gap = page.get_by_role("row", name="workload = gateway").filter(has_text="Unclaimed AI spend")
    expect(gap).to_contain_text("Close")
    axe(page)

    # Published from today on, the days before keep their rules; on purpose, they do not.
    page.get_by_label("Counts from").fill("2026-09-01")
    page.get_by_label("Why", exact=False).or_(page.get_by_label("Reason")).first.fill(
        "One gateway for both."
    )
    page.get_by_role("button", name="Publish").click()
    expect(page.locator("main")).to_contain_text("Past days keep the rules of their time")
    axe(page)
    page.get_by_label("Reach back on purpose").check()
    page.get_by_role("button", name="Publish").click()
    expect(page.locator("#toasts, main")).to_contain_text(["1 change count"])
    expect(page.locator("#shared")).to_contain_text("(1)")
    axe(page)

    # The spend of both workloads has changed, to the last digit.
    page.goto("/spend/?month=2026-09")
    table = page.locator("section", has=page.locator("#by-workload"))
    expect(table).to_contain_text("$960")
    expect(table).to_contain_text("$40")
    page.goto(letters.get_absolute_url())
    expect(page.locator("main")).to_contain_text("$40")

    # And the history says who, when and why.
    page.goto("/spend/rules/")
    page.get_by_role("link", name="v1 of the rule for Contract review 60%, Letters 40%").click()
    expect(page.locator("main")).to_contain_text("One gateway for both.")
    expect(page.locator("main")).to_contain_text("Felix Example")
    axe(page)

    # Two forms were sent back on purpose.
    assert all("422" in error for error in console_errors)
    console_errors.clear()
