"""What the pages do while HTMX asks: the address, focus, failures, and a session that ended."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route

from accounts.models import User
from tests.cast import Cast, added, proposal, submitted


@pytest.fixture
def board(cast: Cast, page: Page, sign_in: Callable[[User], None]) -> Page:
    sign_in(cast.felix)
    page.goto("/")
    return page


def test_a_filter_is_in_the_address_and_keeps_the_focus(board: Page) -> None:
    chosen = board.get_by_label("Value type", exact=True)
    chosen.focus()
    chosen.select_option("cost_saving")
    board.wait_for_url("/?type=cost_saving")
    board.get_by_text("Nothing matches these filters").wait_for()
    assert chosen.evaluate("field => field === document.activeElement")


def test_back_and_reload_show_what_the_address_says(board: Page) -> None:
    board.get_by_label("Value type", exact=True).select_option("cost_saving")
    board.wait_for_url("/?type=cost_saving")
    board.get_by_text("Investment Prospect", exact=True).first.click()
    board.get_by_label("Weak Prospect").check()
    board.wait_for_url("/?type=cost_saving&band=weak")
    board.go_back()
    board.wait_for_url("/?type=cost_saving")
    board.get_by_role("heading", name="Value Board", exact=True).wait_for()
    assert board.get_by_label("Value type", exact=True).input_value() == "cost_saving"
    assert not board.locator("[name=band][value=weak]").is_checked()


def test_a_session_that_ended_leads_to_signing_in_and_back(
    board: Page, console_errors: list[str]
) -> None:
    board.context.clear_cookies()
    board.get_by_label("Value type", exact=True).select_option("cost_saving")
    board.get_by_role("heading", name="Sign in").wait_for()
    assert "next=/" in board.url
    console_errors.clear()  # the browser notes the status, 401


def test_a_server_that_does_not_answer_is_said_and_can_be_tried_again(
    board: Page, console_errors: list[str], axe: Callable[[Page], None]
) -> None:
    answers = []

    def fail_once(route: Route) -> None:
        answers.append(route)
        if len(answers) == 1:
            route.abort()
        else:
            route.continue_()

    board.route("**/?type=cost_saving", fail_once)
    board.get_by_label("Value type", exact=True).select_option("cost_saving")
    alert = board.get_by_role("alert").filter(has_text="cannot be reached")
    alert.wait_for()
    axe(board)
    alert.get_by_role("button", name="Try again").click()
    board.get_by_text("Nothing matches these filters").wait_for()
    assert not alert.is_visible()
    console_errors.clear()  # the failure itself, which the browser notes


def test_a_fault_of_the_server_is_said(board: Page, console_errors: list[str]) -> None:
    board.route("**/?type=*", lambda route: route.fulfill(status=500, body="<h1>Fault</h1>"))
    board.get_by_label("Value type", exact=True).select_option("cost_saving")
    board.get_by_role("alert").filter(has_text="could not answer").wait_for()
    assert not board.get_by_text("Fault").is_visible()
    console_errors.clear()


ASK_AGAIN = """async ([part]) => {
    const settled = new Promise(
        done => document.addEventListener("htmx:afterSettle", done, { once: true })
    );
    const asked = { target: part, swap: "outerHTML", select: part };
    htmx.ajax("GET", location.href, asked);
    await settled;
    return document.activeElement.outerHTML;
}"""
FOCUS_LINK = "part => document.querySelector(`${part} a[href]`).focus()"
FOCUS_LOST = """part => {
    const gone = document.createElement("button");
    document.querySelector(part).append(gone);
    gone.focus();
}"""


@pytest.mark.parametrize(("path", "part"), [("/", "#board"), ("/requests/", "#requests")])
def test_the_focus_is_never_lost_in_a_swap(
    cast: Cast, page: Page, sign_in: Callable[[User], None], path: str, part: str
) -> None:
    """A link that is there again keeps it; of what is gone, the part that was swapped has it."""
    added(cast)
    submitted(cast, proposal(cast, name="Waiting"))
    sign_in(cast.felix)
    page.goto(path)
    page.evaluate(FOCUS_LINK, part)
    before = page.evaluate("document.activeElement.getAttribute('href')")
    assert before in page.evaluate(ASK_AGAIN, [part])
    page.evaluate(FOCUS_LOST, part)
    assert f'id="{part[1:]}"' in page.evaluate(ASK_AGAIN, [part])
