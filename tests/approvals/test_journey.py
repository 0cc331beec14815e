"""In Chromium: asked for, seen by its owner, decided with acknowledgement, revised, seen again."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from playwright.sync_api import Page, expect

from accounts.models import User
from business_cases.actions import revise_case, revise_estimate
from business_cases.models import BusinessRequest
from records.clock import today
from spaces.models import Workload
from tests.approvals.test_deciding import approve, workload_of
from tests.browser import Axe
from tests.cast import SAVING, TERMS, Cast, added, proposal, submitted
from tests.journeys.looking import look, visit
from valueboard.lib.months import month_of


def lower(cast: Cast, workload: Workload) -> None:
    revise_case(
        actor=cast.olivia,
        workload=workload,
        seen=1,
        case=replace(SAVING, percent=Decimal(10)),
        reason="The pilot was smaller than we thought.",
    )


def test_a_request_is_decided_and_its_revision_shows(
    cast: Cast,
    page: Page,
    sign_in: Callable[[User], None],
    console_errors: list[str],
) -> None:
    """Issue 2, "It must show" 5; the request's form and the board have journeys of their own."""
    request = submitted(cast)
    decide = f"/approvals/requests/{request.pk}/"

    sign_in(cast.olivia)
    page.goto(decide)
    expect(page.get_by_text("Only a Financial Admin decides.")).to_be_visible()
    expect(page.get_by_role("button", name="Record the decision")).to_have_count(0)

    sign_in(cast.priya)
    page.goto("/approvals/")
    page.get_by_role("link", name="Decide on Contract review").click()
    expect(page.get_by_text("$1,150,000").first).to_be_visible()
    expect(page.get_by_text("7.22×").first).to_be_visible()
    agreed = page.get_by_text("Value reviewed and agreed")
    expect(agreed).not_to_be_visible()  # asked for an approval only
    page.get_by_label("Approve").check()
    expect(agreed).to_be_visible()
    page.get_by_role("button", name="Record the decision").click()
    expect(page.locator(".error-summary")).to_contain_text("Say whether you agree")
    expect(page.locator(".error-summary")).to_be_focused()
    console_errors.clear()  # Chromium notes the 422
    page.get_by_label("Value reviewed and agreed").check()
    page.get_by_role("textbox", name="Rationale").fill("The pilot convinced us.")
    page.get_by_role("button", name="Record the decision").click()
    expect(page.get_by_text("Contract review: approved.")).to_be_visible()
    expect(page.get_by_text("Nothing waits for a decision")).to_be_visible()

    workload = workload_of(request)
    page.goto(f"/workloads/{workload.slug}/")
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_contain_text("Claimed")
    expect(heading).to_contain_text("Strong")
    expect(heading).not_to_contain_text("Revised")
    page.wait_for_selector("#spend-chart + .chart .main-svg")

    lower(cast, workload)
    page.reload()
    expect(heading).to_contain_text("Solid")
    expect(heading).to_contain_text("Revised")
    expect(heading).to_contain_text("Not acknowledged since v1")
    scored = page.get_by_role("region", name="Versions side by side").get_by_role(
        "row", name="This funding year"
    )
    expect(scored).to_contain_text("7.22×")
    expect(scored).to_contain_text("2.88×")


def test_a_decider_sees_what_came_between_and_decides_anew(
    cast: Cast, page: Page, sign_in: Callable[[User], None], console_errors: list[str]
) -> None:
    request = submitted(cast)
    sign_in(cast.priya)
    page.goto(f"/approvals/requests/{request.pk}/")
    lower(cast, workload_of(request))
    page.get_by_label("Approve").check()
    page.get_by_label("Value reviewed and agreed").check()
    page.get_by_role("textbox", name="Rationale").fill("Typed for ten minutes.")
    page.get_by_role("button", name="Record the decision").click()
    expect(page.locator(".note.is-error")).to_be_focused()
    expect(page.get_by_role("heading", name="What changed after you opened")).to_be_visible()
    console_errors.clear()  # Chromium notes the 409
    expect(page.get_by_role("textbox", name="Rationale")).to_have_value("Typed for ten minutes.")
    expect(page.get_by_label("Approve")).to_be_checked()
    page.get_by_role("button", name="Record the decision").click()
    expect(page.get_by_text("Contract review: approved.")).to_be_visible()


def test_the_pages_are_accessible(
    cast: Cast, page: Page, sign_in: Callable[[User], None], axe: Axe, console_errors: list[str]
) -> None:
    sign_in(cast.priya)
    visit(page, axe, "/approvals/")
    waiting = submitted(cast, proposal(cast, name="Waiting"))
    unbacked = submitted(cast, proposal(cast, name="Unbacked", case=None))
    extra = added(cast, proposal(cast, name="Added"))
    decided = submitted(cast, proposal(cast, name="Decided"))
    approve(cast.priya, decided)
    workload = workload_of(decided)
    lower(cast, workload)
    revise_estimate(
        actor=cast.olivia,
        workload=workload,
        seen=1,
        terms=replace(TERMS, monthly=Decimal(20000), months=24, effective=month_of(today())),
        reason="Twice the volume.",
    )
    visit(page, axe, "/approvals/")
    for request in (waiting, unbacked, decided):
        visit(page, axe, f"/approvals/requests/{request.pk}/")
    for found in (extra, workload):
        visit(page, axe, f"/approvals/workloads/{found.slug}/")
        visit(page, axe, f"/workloads/{found.slug}/")
    visit(page, axe, f"/workloads/{workload_of(unbacked).slug}/")
    # With errors, and after a change between page and click.
    address = f"/approvals/requests/{waiting.pk}/"
    page.goto(address)
    page.get_by_label("Approve").check()
    page.get_by_role("button", name="Record the decision").click()
    expect(page.locator(".error-summary")).to_be_focused()
    look(page, axe)
    lower(cast, workload_of(BusinessRequest.objects.get(pk=waiting.pk)))
    page.get_by_role("button", name="Record the decision").click()
    expect(page.get_by_role("heading", name="What changed after you opened")).to_be_visible()
    look(page, axe)
    console_errors.clear()  # Chromium notes the 422 and the 409
