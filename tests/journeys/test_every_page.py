"""Every page, light and dark, wide and narrow: accessible, nothing cut off, no complaint.

And no amount on it that leads nowhere, unless tests/figures/exempt.py says why.

Pages of a part stand in a module of their own, `pages_of_…`, with any of `full(cast, workload)`,
`empty(cast)` and `opened(cast, workload)`. They may record something; they return the addresses by
the name of who looks, NOBODY for those that one sees signed out.
"""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.urls import URLResolver, get_resolver, resolve
from playwright.sync_api import Page

from accounts.models import User
from spaces.models import Workload
from tests.approvals.test_deciding import approve
from tests.browser import Axe
from tests.cast import Cast, submitted
from tests.figures.exempt import CLASSES, is_exempt
from tests.figures.pages import read
from tests.forms.test_every_post import methods_of
from tests.journeys.looking import visit
from tests.journeys.pages import NOBODY, Pages

SignIn = Callable[[User], None]
PARTS: dict[str, Any] = {
    path.stem.removeprefix("pages_of_"): import_module(f"tests.journeys.{path.stem}")
    for path in sorted(Path(__file__).parent.glob("pages_of_*.py"))
}


def having(name: str) -> list[str]:
    """Return the parts that say something about pages of a sort."""
    return [part for part, module in PARTS.items() if hasattr(module, name)]


def go_through(page: Page, sign_in: SignIn, axe: Axe, cast: Cast, pages: Pages) -> None:
    """Visit every address as the person who looks."""
    for name, addresses in pages.items():
        page.context.clear_cookies()
        if name != NOBODY:
            sign_in(getattr(cast, name))
        for address in addresses:
            html = visit(page, axe, address)
            assert is_exempt(address) or read(html, *CLASSES).bare == [], address


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("part", having("full"))
def test_every_page_full(  # noqa: PLR0917 - fixtures
    page: Page, sign_in: SignIn, axe: Axe, cast: Cast, organisation: Workload, part: str
) -> None:
    go_through(page, sign_in, axe, cast, PARTS[part].full(cast, organisation))


@pytest.mark.django_db(transaction=True)
def test_every_page_empty(page: Page, sign_in: SignIn, axe: Axe, cast: Cast) -> None:
    for part in having("empty"):
        go_through(page, sign_in, axe, cast, PARTS[part].empty(cast))


# Addresses that are asked for but are no page of their own.
NO_PAGES = {
    # Files, and what other programs ask.
    "board-csv",
    "board-xlsx",
    "board-print-sheet",
    "gaps-csv",
    "gaps-xlsx",
    "spend-csv",
    "spend-xlsx",
    "spend-lines-csv",
    "spend-lines-xlsx",
    "rule-draft-run-csv",
    "checkpoint-file",
    "pack-file",
    "public-keys",
    "verifier",
    "livez",
    "readyz",
    # The bill has one month, which is closed; test_every_error looks at the page.
    "month-close",
    # Read by a page's script.
    "board-cards",
    "board-map",
}


def gets(resolver: URLResolver) -> set[str]:
    """Return the names of all addresses that one may ask for, rather than only post to."""
    found: set[str] = set()
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            found |= gets(entry)
        elif entry.name and "GET" in methods_of(entry.callback):
            found.add(entry.name)
    return found


@pytest.mark.django_db(transaction=True)
def test_no_page_is_left_out(cast: Cast, organisation: Workload) -> None:
    """Every address that answers with a page is visited full, as somebody who sees it."""
    visited = set()
    for part in having("full"):
        for addresses in PARTS[part].full(cast, organisation).values():
            visited |= {resolve(urlsplit(address).path).url_name for address in addresses}
    assert gets(get_resolver()) - visited == NO_PAGES


@pytest.mark.django_db(transaction=True)
def test_a_chart_not_drawn_anew_yet_is_cut_off(
    page: Page, sign_in: Callable[[User], None], cast: Cast
) -> None:
    """A page made narrower never scrolls sideways, not even until plotly has noticed."""
    request = submitted(cast)
    approve(cast.priya, request)
    assert request.workload
    page.add_init_script(
        "addEventListener('resize', event => event.stopImmediatePropagation(), true);"
        "window.ResizeObserver = class { observe() {} unobserve() {} disconnect() {} };"
    )
    sign_in(cast.olivia)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(f"/workloads/{request.workload.slug}/")
    drawn = page.locator(".chart .main-svg").first
    drawn.wait_for()
    page.set_viewport_size({"width": 390, "height": 844})
    assert drawn.evaluate("svg => svg.getBoundingClientRect().width") > 390
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
