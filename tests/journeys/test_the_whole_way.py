"""From the request to the tile on the board, in a browser, as the people do it."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from approvals.actions import confirm_pending_estimate
from records.clock import today
from spaces.models import Workload
from tests.approvals.test_deciding import seen_of
from tests.cast import TERMS, Cast, added, proposal
from valueboard.lib.months import month_of

SignIn = Callable[[User], None]
Axe = Callable[[Page], None]
WITHIN = 0.005  # of a tile's share


def area_share(page: Page, name: str) -> float:
    """Return the tile's part of all tiles' area, as drawn."""
    sizes: dict[str, float] = page.evaluate(
        """() => Object.fromEntries(
            [...document.querySelectorAll('svg.treemap.is-wide a[data-key]')].map(a => {
                const fill = a.querySelector('rect');
                return [a.getAttribute('aria-label'),
                        fill.getAttribute('width') * fill.getAttribute('height')];
            }))"""
    )
    (own,) = [size for label, size in sizes.items() if name in label]
    return own / sum(sizes.values())


@pytest.mark.django_db(transaction=True)
def test_request_approval_board_revision(  # noqa: PLR0915 - one journey
    page: Page, sign_in: SignIn, cast: Cast, axe: Axe
) -> None:
    month = month_of(today())
    level = replace(TERMS, growth=Decimal(0), first=month, effective=month)
    other = added(cast, proposal(cast, name="Other", estimate=level))
    confirm_pending_estimate(
        actor=cast.priya, workload=other, seen=seen_of(other), rationale="Plausible."
    )

    # The product owner writes the request; the panel answers while she types.
    sign_in(cast.olivia)
    page.goto("/requests/new/")
    page.get_by_label("Workload name").fill("Contract review")
    page.get_by_label("Space").select_option("commerce")
    page.get_by_label("What it does").fill("Reads contracts and marks risky clauses.")
    page.get_by_label("Monthly cost at the start").fill("10,000")
    page.get_by_label("Expected growth a month").fill("5")
    page.get_by_label("First funded month").fill(f"{month:%Y-%m}")
    expect(page.get_by_label("Direction")).not_to_be_visible()
    page.get_by_text("Cost Saving").first.click()
    page.get_by_label("What it draws on").fill("Outside counsel")
    page.get_by_label("Current annual amount").fill("4.6m")
    page.get_by_label("Expected change").fill("25 %")
    expect(page.locator("#panel")).to_contain_text("$1,150,000")
    expect(page.locator("#panel")).to_contain_text("7.22×")
    expect(page.locator("#panel")).to_contain_text("Strong")
    page.get_by_label("Period that the amount covers").fill("Calendar year 2025")
    page.get_by_label("Where the amount can be looked up").fill("Ledger account 6310")
    page.get_by_label("How you reached the percentage").fill("A pilot on 400 contracts.")
    page.get_by_label("Is human review").select_option("yes")
    axe(page)
    page.get_by_role("button", name="Submit for approval").click()
    expect(page.locator("h1")).to_contain_text("Submitted")

    # She can't approve it: no entry in the navigation, and on the page no form but the reason.
    expect(page.get_by_role("link", name="Approvals")).to_have_count(0)
    page.goto(f"/approvals/requests/{page.url.rstrip('/').rsplit('/', 1)[-1]}/")
    expect(page.locator("main")).to_contain_text("Only a Financial Admin decides")
    expect(page.locator("form.decision")).to_have_count(0)

    # The Financial Admin approves, with acknowledgement and rationale.
    sign_in(cast.priya)
    page.goto("/")
    page.get_by_role("link", name="Approvals").first.click()
    page.get_by_role("link", name="Contract review").first.click()
    expect(page.locator("main")).to_contain_text("7.22×")
    page.get_by_role("radio", name="Approve").check()
    page.get_by_role("radio", name="Value reviewed and agreed").check()
    page.get_by_role("textbox", name="Rationale").fill("The pilot convinced us.")
    axe(page)
    page.get_by_role("button", name="Record the decision").click()
    expect(page.get_by_role("status").first).to_contain_text("pproved")

    # The board has the tile, at the right size.
    page.goto("/")
    tile = page.locator("svg.treemap.is-wide a[data-key]", has_text="Contract review")
    expect(tile).to_contain_text("7.22×")
    expect(tile).to_have_class("band-strong")
    share = Fraction("159171.27") / (Fraction("159171.27") + 120_000)
    assert abs(area_share(page, "Contract review") / float(share) - 1) < WITHIN
    axe(page)

    # A revision lowers it; the baseline stays in sight.
    workload = Workload.objects.get(name="Contract review")
    sign_in(cast.olivia)
    page.goto(f"/workloads/{workload.slug}/case/")
    page.get_by_label("Expected change").fill("10")
    expect(page.locator("#panel")).to_contain_text("2.88×")
    page.get_by_role("textbox", name="Why").fill("Measured again on the first quarter.")
    page.get_by_role("button", name="Record the revision").click()
    main = page.locator("main")
    expect(main).to_contain_text("Revised")
    expect(main).to_contain_text("2.88×")
    expect(main).to_contain_text("7.22×")
    expect(main).to_contain_text("Not acknowledged since v1")
    axe(page)
    page.goto("/")
    tile = page.locator("svg.treemap.is-wide a[data-key]", has_text="Contract review")
    expect(tile).to_contain_text("2.88×")
    expect(tile).to_have_class("band-solid")
    expect(page.locator("table.board-table")).to_contain_text("Not acknowledged since v1")
