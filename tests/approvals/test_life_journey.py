"""In Chromium: submitted, talked about, approved twice, delegated; each page clean for axe."""

from collections.abc import Callable
from decimal import Decimal

from playwright.sync_api import Page, expect

from accounts.models import Role, RoleGrant, User
from business_cases.models import BusinessRequest, RequestState
from records.clock import today
from tests.approvals.test_second_approver import threshold
from tests.cast import Cast, added, proposal, submitted


def test_the_life_of_a_request(
    cast: Cast,
    page: Page,
    sign_in: Callable[[User], None],
    axe: Callable[[Page], None],
) -> None:
    RoleGrant.objects.create(user=cast.felix, role=Role.FINANCIAL_ADMIN)
    threshold(Decimal(100_000))
    request = submitted(cast)

    sign_in(cast.mona)
    page.goto(f"/requests/{request.pk}/")
    page.get_by_label("Comment").fill("Which pilot is it?")
    page.get_by_role("button", name="Comment").click()
    expect(page.locator("#conversation")).to_be_in_viewport()
    expect(page.get_by_text("Which pilot is it?")).to_be_visible()
    axe(page)

    for person in (cast.priya, cast.felix):
        sign_in(person)
        page.goto(f"/approvals/requests/{request.pk}/")
        expect(page.get_by_text("Two Financial Admins approve this.")).to_be_visible()
        axe(page)
        page.get_by_role("radio", name="Approve").check()
        page.get_by_label("Value reviewed and agreed").check()
        page.get_by_role("textbox", name="Rationale").fill("The pilot convinced us.")
        page.get_by_role("button", name="Record the decision").click()
        page.wait_for_url("**/approvals/")
    assert BusinessRequest.objects.get(pk=request.pk).state == RequestState.APPROVED


def test_who_is_away_delegates_and_a_workload_is_sent_to_approval(
    cast: Cast,
    page: Page,
    sign_in: Callable[[User], None],
    axe: Callable[[Page], None],
) -> None:
    RoleGrant.objects.create(user=cast.felix, role=Role.FINANCIAL_ADMIN)
    added_one = added(cast, proposal(cast, name="Re-ranking"))
    sign_in(cast.priya)
    page.goto("/approvals/")
    page.get_by_role("link", name="Let somebody decide for you").click()
    axe(page)
    page.get_by_label("Who decides for you").select_option(label="Oscar Example")
    day = f"{today()}"
    page.get_by_label("From").fill(day)
    page.get_by_label("Until").fill(day)
    page.get_by_label("Why").fill("A holiday.")
    page.get_by_role("button", name="Delegate").click()
    expect(page.get_by_text("Oscar Example decides for you", exact=False).first).to_be_visible()
    axe(page)

    sign_in(cast.olivia)
    page.goto(f"/workloads/{added_one.slug}/")
    page.get_by_role("link", name="Send to approval").click()
    axe(page)
    page.get_by_role("button", name="Send to approval").click()
    expect(page.get_by_text("existing workload", exact=False).first).to_be_visible()

    sign_in(cast.adam)
    page.goto("/thresholds/")
    axe(page)
    page.get_by_role("link", name="Second approver").click()
    axe(page)
    page.set_viewport_size({"width": 390, "height": 844})
    sign_in(cast.felix)
    for address in (f"/approvals/requests/{BusinessRequest.objects.get().pk}/", "/approvals/"):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        axe(page)
