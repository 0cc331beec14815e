"""The frame of every page: theme, menu, and pages for errors."""

import re
from collections.abc import Callable

import pytest
from django.template.loader import render_to_string
from django.test import Client
from playwright.sync_api import Page

from accounts.models import Role, RoleGrant, User
from tests.cast import Cast, submitted

LIGHT, DARK = "rgb(245, 247, 250)", "rgb(11, 18, 32)"


def expect_background(page: Page, colour: str) -> None:
    page.wait_for_function(
        "colour => getComputedStyle(document.body).backgroundColor === colour", arg=colour
    )


def test_the_theme_is_remembered_and_otherwise_follows_the_system(
    cast: Cast, page: Page, sign_in: Callable[[User], None]
) -> None:
    sign_in(cast.felix)
    page.emulate_media(color_scheme="dark")
    page.goto("/")
    expect_background(page, DARK)
    page.locator("summary", has_text="Felix").click()
    page.get_by_role("button", name="Light").click()
    expect_background(page, LIGHT)
    page.reload()
    expect_background(page, LIGHT)
    page.locator("summary", has_text="Felix").click()
    page.get_by_role("button", name="Auto").click()
    expect_background(page, DARK)
    page.emulate_media(color_scheme="light")
    expect_background(page, LIGHT)


def test_the_menu_opens_on_narrow_screens_and_closes_with_escape(
    cast: Cast, page: Page, sign_in: Callable[[User], None], axe: Callable[[Page], None]
) -> None:
    sign_in(cast.felix)
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto("/")
    board = page.get_by_role("navigation", name="Main").get_by_role("link", name="Value Board")
    assert not board.is_visible()
    page.get_by_role("button", name="Menu").click()
    assert board.is_visible()
    axe(page)
    page.locator("summary", has_text="Felix").click()
    assert page.get_by_text(cast.felix.email).is_visible()
    axe(page)
    page.keyboard.press("Escape")
    assert not page.get_by_text(cast.felix.email).is_visible()


def test_entries_that_belong_together_share_one_that_the_keyboard_opens(
    cast: Cast, page: Page, sign_in: Callable[[User], None], axe: Callable[[Page], None]
) -> None:
    sign_in(cast.priya)
    page.goto("/names/")
    nav = page.get_by_role("navigation", name="Main")
    entries = nav.locator("> a, > details > summary")
    names = [
        *("Value Board", "Requests", "Approvals", "Governance", "Spend", "Spaces", "Controls"),
    ]
    assert [text.strip() for text in entries.all_inner_texts()] == names
    group = nav.locator("summary", has_text="Requests")
    assert group.get_attribute("aria-current") == "true"
    claims = nav.get_by_role("link", name="Double claims")
    assert not claims.is_visible()
    group.focus()
    page.keyboard.press("Enter")
    assert claims.get_attribute("aria-current") == "page"
    axe(page)
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert claims.evaluate("link => link === document.activeElement")
    # Gone on, it closes: nothing lies over what has the focus.
    page.keyboard.press("Tab")
    assert not claims.is_visible()
    group.press("Enter")
    page.keyboard.press("Escape")
    assert not claims.is_visible()
    assert group.evaluate("summary => summary === document.activeElement")
    page.set_viewport_size({"width": 390, "height": 800})
    page.get_by_role("button", name="Menu").click()
    group.click()
    claims.click()
    page.get_by_role("heading", name="Double claims").wait_for()


def test_on_paper_the_day_of_the_figures_stands_and_what_is_folded_is_open(
    cast: Cast, page: Page, sign_in: Callable[[User], None]
) -> None:
    request = submitted(cast)
    sign_in(cast.priya)
    page.goto(f"/approvals/requests/{request.pk}/")
    hashes = page.locator("#main .hash").first
    assert not hashes.is_visible()
    page.emulate_media(media="print")
    assert page.locator(".colophon").get_by_text("As of ").is_visible()
    assert hashes.is_visible()
    assert not page.get_by_role("navigation", name="Main").is_visible()


@pytest.mark.parametrize("name", ["olivia", "mona", "sam"])
def test_who_has_one_entry_of_a_group_has_it_without_the_group(
    cast: Cast, client: Client, name: str
) -> None:
    client.force_login(getattr(cast, name))
    groups = client.get("/requests/").context["nav"]
    assert [group.alone.label if group.alone else group.label for group in groups] == [
        "Value Board",
        "Business Requests",
        "Governance",
        "Spaces",
    ]


@pytest.mark.parametrize("width", [1440, 1280, 1181, 390])
def test_the_header_has_room_for_who_holds_every_role(
    cast: Cast, page: Page, sign_in: Callable[[User], None], width: int
) -> None:
    for role in Role:
        RoleGrant.objects.get_or_create(user=cast.adam, role=role)
    sign_in(cast.adam)
    page.set_viewport_size({"width": width, "height": 800})
    page.goto("/settings/")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    menu = page.locator("summary", has_text="Adam").bounding_box()
    assert menu
    assert menu["x"] + menu["width"] <= width


def test_without_javascript_the_menu_is_open_and_nothing_pretends(
    cast: Cast, client: Client
) -> None:
    client.force_login(cast.felix)
    page = client.get("/").content.decode()
    assert "onclick" not in page
    assert "<style" not in page
    assert 'style="' not in page
    assert 'class="js"' not in page  # theme.js says that scripts run, not the page


def test_a_page_waits_for_one_sheet_and_one_short_script(cast: Cast, client: Client) -> None:
    """What is fetched before the first paint is what a person waits for."""
    client.force_login(cast.felix)
    page = client.get("/").content.decode()
    assert re.findall(r'<link\s+rel="stylesheet"\s+href="([^"]*)"', page) == [
        "/static/dist/valueboard.css"
    ]
    waited = [each for each in re.findall(r"<script([^>]*)>", page) if "src" in each]
    waited = [each for each in waited if "defer" not in each and "module" not in each]
    assert waited == [' src="/static/js/theme.js"']


@pytest.mark.parametrize("template", ["403", "403_csrf", "404", "429", "500"])
def test_error_pages_need_no_context(template: str) -> None:
    page = render_to_string(f"{template}.html")
    assert "<h1>" in page
    assert "Go to the Value Board" in page


def test_an_unknown_address_says_so_in_the_look_of_the_product(cast: Cast, client: Client) -> None:
    client.force_login(cast.felix)
    answer = client.get("/nowhere/")
    assert answer.status_code == 404
    assert "Nothing here for you" in answer.content.decode()


def test_a_form_from_elsewhere_is_refused(cast: Cast) -> None:
    """Another site has the browser's cookies, and not the page's token."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.adam)
    answer = client.post("/people/new/", {"email": "eve@example.com", "name": "Eve"})
    assert answer.status_code == 403
    assert "Go to the Value Board" in answer.content.decode()


@pytest.mark.parametrize("address", ["/", "/board.csv", "/board/cards/", "/figures/?what=x&of=w:x"])
def test_no_browser_and_no_proxy_keeps_what_a_page_says(
    cast: Cast, client: Client, address: str
) -> None:
    client.force_login(cast.felix)
    assert client.get(address).headers["Cache-Control"] == "private, no-store"
