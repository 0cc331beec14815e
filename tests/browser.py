"""Chromium on a server of our own: the fixtures of the journeys.

`page` is a browser tab on the application, served by threads of this process with static files as
production serves them (WhiteNoise). A test that uses it fails on every console error, and so on
every breach of the content security policy. `sign_in` makes it somebody's tab; `axe` checks what
it shows.
"""

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest
from django.conf import settings
from django.core.servers.basehttp import ThreadedWSGIServer
from django.core.wsgi import get_wsgi_application
from django.test import Client
from django.test.testcases import QuietWSGIRequestHandler
from django.urls import get_resolver
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Page,
    ViewportSize,
    expect,
    sync_playwright,
)

from accounts.models import User
from devtools import chromium
from devtools.test import NO_BROWSER
from tests.database import TestDatabase

AXE = Path(settings.BASE_DIR) / "node_modules/axe-core/axe.min.js"
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
# What axe finds of these depends on colours; what it finds of no other rule does.
OF_COLOURS = ["color-contrast", "link-in-text-block"]
# Colours on their way from one scheme to the other are no colours of the page, and waiting for them
# is dear: they arrive at once. Nor are those of a part that waits for its answer, which is dimmed
# for a moment, on a busy machine for longer. A frame later whatever listens to the scheme or the
# width has run.
STILL = """async () => {
    if (!window.still) {
        window.still = new CSSStyleSheet();
        window.still.replaceSync(`*, ::before, ::after { transition: none !important }
            [aria-busy="true"] { opacity: 1 !important }`);
        document.adoptedStyleSheets.push(window.still);
    }
    await new Promise(requestAnimationFrame);
    return "axe" in window;
}"""
AXE_RUN = "([within, options]) => axe.run(within || document, options)"
WIDE: ViewportSize = {"width": 1440, "height": 900}
# Of what comes on a busy machine; nothing waits in vain. An expectation has its own limit, which
# would be five seconds.
PATIENCE_MS = 60_000
expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all journeys of this process."""
    path = os.environ.get("VALUEBOARD_CHROMIUM") or chromium.find()
    if path is None:
        if os.environ.get("CI") == "true":
            pytest.fail(NO_BROWSER)
        pytest.skip(NO_BROWSER)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=chromium.options())
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def address(test_database: TestDatabase) -> Iterator[str]:
    """Where the application is served, e.g. http://localhost:40001."""
    server = ThreadedWSGIServer(("127.0.0.1", 0), QuietWSGIRequestHandler)
    server.set_app(get_wsgi_application())
    _ = get_resolver().url_patterns  # imported now, not within the time of the first page
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def console_errors() -> list[str]:
    """What the console of `page` complained about; a journey that expects a refusal clears it."""
    return []


@pytest.fixture
def page(
    browser: Browser, address: str, transactional_db: None, console_errors: list[str]
) -> Iterator[Page]:
    """A tab, 1440 wide and signed out; what the console complained about fails the test."""
    context = browser.new_context(base_url=address, viewport=WIDE, reduced_motion="reduce")
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)

    def listen(said: ConsoleMessage) -> None:
        # Who leaves a page while it asks for something breaks that off, and htmx says so.
        broken_off = said.text.startswith(("htmx:sendAbort,", "htmx:afterRequest,"))
        if said.type == "error" and not broken_off:
            console_errors.append(said.text)

    page.on("console", listen)
    page.on("pageerror", lambda error: console_errors.append(str(error)))
    yield page
    context.close()
    if console_errors:
        pytest.fail("The console complained:\n" + "\n".join(console_errors))


@pytest.fixture
def sign_in(page: Page, address: str) -> Callable[[User], None]:
    """Make `page` the tab of a person, from the next page on; again for the next person."""

    def sign_in(user: User) -> None:
        client = Client()
        client.force_login(user)
        name = settings.SESSION_COOKIE_NAME
        cookie = client.cookies[name].value
        page.context.add_cookies([{"name": name, "value": cookie, "url": address}])

    return sign_in


class Axe(Protocol):
    """Fail on what axe finds on a page, or within one part of it, by the five WCAG tags."""

    def __call__(self, page: Page, *, colours_only: bool = False, within: str = "") -> None:
        """Look; `colours_only` where all else was looked at in the other scheme."""


@pytest.fixture
def axe() -> Axe:
    """Fail on what axe finds on a page, by the five WCAG tags that we promise."""

    def check(page: Page, *, colours_only: bool = False, within: str = "") -> None:
        if not page.evaluate(STILL):
            page.evaluate(AXE.read_text())
        options = {
            "runOnly": {"type": "tag", "values": WCAG},
            "resultTypes": ["violations"],
            "preload": {"assets": ["media"]},
        }
        if colours_only:
            options["runOnly"] = {"type": "rule", "values": OF_COLOURS}
        found: dict[str, Any] = page.evaluate(AXE_RUN, [within, options])
        complaints = [
            f"{violation['id']} ({violation['help']}): {node['html'][:200]} "
            f"{node['failureSummary']}"
            for violation in found["violations"]
            for node in violation["nodes"]
        ]
        if complaints:
            pytest.fail(f"axe on {page.url}:\n" + "\n".join(complaints))

    return check
