"""The fixtures of the journeys bite: what they are to catch is planted, and caught."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

PLAIN = "<!doctype html><html lang=en><title>Plain</title><main><h1>Plain</h1>{}</main></html>"


def test_axe_finds_a_planted_violation(page: Page, axe: Callable[[Page], None]) -> None:
    page.set_content(PLAIN.format(""))
    axe(page)
    page.set_content(PLAIN.format("<button></button>"))
    with pytest.raises(pytest.fail.Exception, match="button-name"):
        axe(page)


def test_console_errors_are_caught(page: Page, console_errors: list[str]) -> None:
    page.evaluate("console.error('planted')")
    assert console_errors == ["planted"]
    console_errors.clear()


@pytest.fixture
def plain_page(page: Page) -> Page:
    """A page of the application that nothing is on."""
    page.route("**/favicon.ico", lambda route: route.fulfill(status=204))
    page.goto("/livez")
    page.evaluate("document.documentElement.lang = 'en'; document.title = 'Health'")
    return page


def test_breaches_of_the_content_security_policy_are_caught(
    plain_page: Page, console_errors: list[str]
) -> None:
    with plain_page.expect_console_message():
        plain_page.evaluate(
            "document.body.append("
            "Object.assign(document.createElement('script'), {textContent: 'planted()'}))"
        )
    assert "Content Security Policy" in console_errors[0]
    console_errors.clear()


def test_axe_runs_under_the_content_security_policy(
    plain_page: Page, axe: Callable[[Page], None]
) -> None:
    axe(plain_page)
