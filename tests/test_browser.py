"""The fixtures of the journeys bite: what they are to catch is planted, and caught."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

PLAIN = "<!doctype html><html lang=en><title>Plain</title><main><h1>Plain</h1>{}</main></html>"


def test_axe_finds_a_planted_violation(page: Page, axe: Callable[[Page], None]) -> None:
    page.set_content(PLAIN.format(""))
    axe(page)
    page.set_content(PLAIN.format("<button></button>"))
    with pytest.raises(AssertionError, match="button-name"):
        axe(page)


def test_console_errors_are_caught(page: Page, console_errors: list[str]) -> None:
    page.evaluate("console.error('planted')")
    assert console_errors == ["planted"]
    console_errors.clear()


def test_breaches_of_the_content_security_policy_are_caught(
    page: Page, console_errors: list[str]
) -> None:
    page.goto("/livez")
    page.evaluate("document.body.setAttribute('style', 'color: red')")
    page.evaluate(
        "document.body.append(Object.assign(document.createElement('p'), "
        "{innerHTML: '<b style=\"color: red\">planted</b>'}))"
    )
    assert any("Content Security Policy" in error for error in console_errors)
    console_errors.clear()


def test_axe_runs_under_the_content_security_policy(
    page: Page, axe: Callable[[Page], None]
) -> None:
    page.goto("/livez")
    page.evaluate("document.documentElement.lang = 'en'; document.title = 'Health'")
    axe(page)
