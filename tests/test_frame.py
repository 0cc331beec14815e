"""The frame of every page: theme, menu, and pages for errors."""

from collections.abc import Callable

import pytest
from django.template.loader import render_to_string
from django.test import Client
from playwright.sync_api import Page

from accounts.models import Role, RoleGrant, User
from tests.cast import Cast

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
