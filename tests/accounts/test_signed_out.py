"""A session that ended: one signs in and is back, and what was typed is not lost."""

from collections.abc import Callable

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page

from accounts.models import User
from spaces.models import Space
from tests.cast import PASSWORD, Cast


def test_a_page_leads_to_signing_in_and_back(client: Client, db: None) -> None:
    answer = client.get("/gaps/?kind=unbacked")
    assert answer.status_code == 302
    assert answer["Location"] == "/accounts/login/?next=/gaps/%3Fkind%3Dunbacked"


def test_htmx_is_told_to_go_there_as_a_whole(client: Client, db: None) -> None:
    page = "http://testserver/gaps/?kind=unbacked"
    answer = client.get(
        "/gaps/?kind=over_plan", headers={"HX-Request": "true", "HX-Current-URL": page}
    )
    assert answer.status_code == 401
    assert answer["HX-Redirect"] == "/accounts/login/?next=/gaps/%3Fkind%3Dunbacked"
    elsewhere = {"HX-Request": "true", "HX-Current-URL": "https://elsewhere.example/x"}
    assert client.get("/gaps/", headers=elsewhere)["HX-Redirect"] == "/accounts/login/?next=/"


def test_a_form_is_shown_again_and_does_nothing(client: Client, db: None) -> None:
    answer = client.post("/spaces/new/", {"name": "Legal <b>", "password": "never shown"})
    page = answer.content.decode()
    assert answer.status_code == 401
    assert "Legal &lt;b&gt;" in page
    assert "never shown" not in page
    assert not Space.objects.filter(name__startswith="Legal").exists()


@pytest.mark.django_db(transaction=True)
def test_what_was_typed_is_sent_after_signing_in_on_another_tab(
    cast: Cast, page: Page, sign_in: Callable[[User], None], console_errors: list[str]
) -> None:
    sign_in(cast.adam)
    page.goto("/spaces/new/")
    page.get_by_label("Name").fill("Legal")
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    page.locator("main button[type=submit]").click()
    page.get_by_role("heading", name="You were signed out").wait_for()
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Sign in on another tab").click()
    other = opened.value
    other.get_by_label("Password").fill(PASSWORD)
    other.keyboard.press("Shift+Tab")
    other.keyboard.type(cast.adam.email)
    other.get_by_role("button", name="Sign in").click()
    other.get_by_role("heading", name="Value Board", exact=True).wait_for()
    # Signing in changed the token that forms carry; the page's own is the one of before.
    page.get_by_role("button", name="Send it again").click()
    page.get_by_role("heading", name="People").wait_for()
    assert Space.objects.filter(name="Legal").exists()
    assert all("401" in error for error in console_errors)
    console_errors.clear()


@pytest.mark.django_db(transaction=True)
def test_a_figure_asked_for_while_typing_takes_nothing_away(
    cast: Cast, page: Page, sign_in: Callable[[User], None], console_errors: list[str]
) -> None:
    sign_in(cast.olivia)
    page.goto("/requests/new/")
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    name = page.get_by_label("Workload name")
    name.press_sequentially("Contract review")
    alert = page.get_by_role("alert").filter(has_text="You were signed out")
    alert.wait_for()
    assert name.input_value() == "Contract review"
    assert page.url.endswith("/requests/new/")
    assert alert.get_by_role("link", name="Sign in on another tab").is_visible()
    sign_in(cast.olivia)
    alert.get_by_role("button", name="Try again").click()
    alert.wait_for(state="hidden")
    assert all("401" in error for error in console_errors)
    console_errors.clear()
