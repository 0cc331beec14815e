"""Writing a Business Request in a browser: the live panel, the keyboard, no script, no loss."""

from collections.abc import Callable

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Dialog, Page

from accounts.models import User
from business_cases.models import BusinessRequest, RequestState
from tests.cast import Cast
from tests.test_frame import DARK, LIGHT, expect_background

NEW = "/requests/new/"


@pytest.fixture
def writing(cast: Cast, page: Page, sign_in: Callable[[User], None]) -> Page:
    """The form of a new request, before Olivia."""
    sign_in(cast.olivia)
    page.goto(NEW)
    return page


def fill(page: Page) -> None:
    """Write the request of the tour: 4.6 million by 25 percent for 10,000 a month."""
    page.get_by_label("Workload name").fill("Contract review")
    page.get_by_label("Space").select_option("commerce")
    page.get_by_label("What it does").fill("Reads contracts and marks risky clauses.")
    page.get_by_label("Monthly cost at the start").fill("10k")
    page.get_by_label("Expected growth a month").fill("5 %")
    page.get_by_role("radio", name="Cost Saving").check()
    page.get_by_label("What it draws on").fill("Outside counsel")
    page.get_by_label("Current annual amount").fill("4.6m")
    page.get_by_label("Expected change").fill("25 %")
    page.get_by_label("Period that the amount covers").fill("Calendar year 2025")
    page.get_by_label("Where the amount can be looked up").fill("Ledger account 6310")
    page.get_by_label("How you reached the percentage").fill("A pilot on 400 contracts.")
    page.get_by_label("Is human review").select_option("yes")


def in_both_schemes(page: Page, axe: Callable[[Page], None]) -> None:
    """Check a page in light and in dark, each once it is drawn."""
    for scheme, background in (("light", LIGHT), ("dark", DARK)):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        expect_background(page, background)
        axe(page)


def test_a_request_is_written_while_the_panel_follows(
    writing: Page, axe: Callable[[Page], None]
) -> None:
    panel = writing.locator("#panel")
    assert "Unbacked" in panel.inner_text()
    assert not writing.get_by_label("What it draws on").is_visible()
    fill(writing)
    panel.get_by_text("7.22×").first.wait_for()
    assert "$1,150,000" in panel.inner_text()
    assert "$4,600,000 × 25% a year" in panel.inner_text()
    assert writing.locator("#id_monthly_amount_echo").inner_text() == "$10,000 a month"
    said = writing.locator("#panel-said")
    assert "Investment Prospect 7.22×" in said.inner_text()
    # What was typed stays as it was typed, and where one was typing.
    assert writing.get_by_label("Current annual amount").input_value() == "4.6m"
    in_both_schemes(writing, axe)
    writing.get_by_role("button", name="Submit for approval").click()
    writing.get_by_role("heading", name="Contract review").wait_for()
    assert BusinessRequest.objects.get().state == RequestState.SUBMITTED
    axe(writing)


def test_the_fields_of_the_other_value_type_hide_without_script(
    cast: Cast, browser: Browser, page: Page, address: str, sign_in: Callable[[User], None]
) -> None:
    sign_in(cast.olivia)
    context = browser.new_context(base_url=address, java_script_enabled=False)
    context.add_cookies(page.context.cookies())  # type: ignore[arg-type]
    plain = context.new_page()
    plain.goto(NEW)
    fill(plain)
    assert not plain.get_by_label("What happens to the revenue").is_visible()
    plain.get_by_role("button", name="Recalculate").click()
    assert "7.22×" in plain.locator("#panel").inner_text()
    assert plain.get_by_label("Current annual amount").input_value() == "4.6m"
    plain.get_by_role("radio", name="Revenue Driving").check()
    plain.get_by_label("What happens to the revenue").select_option("protect")
    plain.get_by_label("How it is driven").select_option("churn")
    plain.get_by_role("button", name="Recalculate").click()
    kept = "Keeps $1,150,000 of $4,600,000 that would be lost."
    assert kept in plain.locator("#panel").inner_text()
    plain.get_by_role("button", name="Submit for approval").click()
    plain.get_by_role("heading", name="Contract review").wait_for()
    context.close()


def test_errors_take_the_focus_and_lead_to_their_fields(
    writing: Page, axe: Callable[[Page], None], console_errors: list[str]
) -> None:
    writing.get_by_label("Monthly cost at the start").fill("lots")
    writing.get_by_role("button", name="Submit for approval").click()
    summary = writing.locator(".error-summary")
    summary.wait_for()
    assert summary.evaluate("place => place === document.activeElement")
    in_both_schemes(writing, axe)
    summary.get_by_role("link", name="Monthly cost at the start").click()
    amount = writing.get_by_label("Monthly cost at the start")
    assert amount.evaluate("field => field === document.activeElement")
    assert amount.input_value() == "lots"
    console_errors.clear()  # the answer 422, which the browser notes


def test_leaving_asks_before_anything_is_lost(writing: Page) -> None:
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    writing.get_by_label("Workload name").press_sequentially("Contract review")
    writing.on("dialog", stay)
    with writing.expect_event("dialog"):
        writing.get_by_role("link", name="Value Board").first.click(no_wait_after=True)
    assert asked == ["beforeunload"]
    assert writing.get_by_label("Workload name").input_value() == "Contract review"
    writing.get_by_role("button", name="Save draft").click()
    writing.wait_for_url("**/edit/")
    writing.get_by_role("link", name="Value Board").first.click()
    writing.wait_for_url("/")
    assert asked == ["beforeunload"]


def test_being_signed_out_while_typing_loses_nothing(
    writing: Page, console_errors: list[str]
) -> None:
    writing.get_by_label("What it does").fill("Reads contracts.")
    writing.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    writing.get_by_label("Monthly cost at the start").fill("10k")
    alert = writing.get_by_role("alert").filter(has_text="You were signed out")
    alert.wait_for()
    assert writing.get_by_label("What it does").input_value() == "Reads contracts."
    # The browser writes the status of the answer to its console.
    assert all("401" in error for error in console_errors)
    console_errors.clear()
