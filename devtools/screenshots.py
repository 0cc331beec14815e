"""`make screenshots`: every page of the demo, light and dark, 1440 and 390 wide.

Nobody lists the pages. Signed out first, then as one person of each role, links are followed from
the start page, and of each name in the URL table the first address is taken. What no link leads to
is named at the end. The pictures land in screenshots/, git-ignored.

Started by `python -m devtools.run --then devtools.screenshots`, with the address as its argument.
"""

import re
import sys
from collections import deque
from http import HTTPStatus
from typing import Literal
from urllib.parse import urlsplit

import django

django.setup()

# Below, since they need Django set up.
from django.conf import settings  # noqa: E402
from django.test import Client  # noqa: E402
from django.urls import Resolver404, URLResolver, get_resolver, resolve  # noqa: E402
from playwright.sync_api import Error, Page, sync_playwright  # noqa: E402

from accounts.models import Role, RoleGrant, User  # noqa: E402
from business_cases.models import BusinessRequest, RequestState  # noqa: E402
from devtools import chromium, postgres  # noqa: E402
from spaces.models import Membership  # noqa: E402

FOLDER = postgres.CLONE / "screenshots"
WIDTHS = (1440, 390)
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
START = ["/", "/accounts/login/", "/accounts/password/reset/"]


def people() -> dict[str, User | None]:
    """Return nobody, one person of each kind, and somebody with a draft."""
    found: dict[str, User | None] = {"nobody": None}
    for role in Role:
        if grant := RoleGrant.objects.filter(role=role).select_related("user").first():
            found[role] = grant.user
    for kind in Membership.Role:
        roles = RoleGrant.objects.values("user")
        members = Membership.objects.filter(role=kind).exclude(user__in=roles)
        if membership := members.select_related("user").first():
            found[kind] = membership.user
    drafts = BusinessRequest.objects.filter(state=RequestState.DRAFT)
    if draft := drafts.select_related("created_by").first():
        found["author of a draft"] = draft.created_by
    return found


def session_of(user: User | None) -> str | None:
    """Return the key of a new session of a person."""
    if user is None:
        return None
    client = Client()
    client.force_login(user)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def name_of(path: str) -> str | None:
    """Return the name that the URL table gives an address, if it has one."""
    try:
        return resolve(path).view_name
    except Resolver404:
        return None


def names(resolver: URLResolver, prefix: str = "") -> set[str]:
    """Return every name in the URL table."""
    found = set()
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            found |= names(entry, f"{prefix}{entry.namespace}:" if entry.namespace else prefix)
        elif entry.name:
            found.add(f"{prefix}{entry.name}")
    return found


def take(page: Page, name: str) -> None:
    """Take the page as it is, in every width and scheme."""
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            path = FOLDER / f"{re.sub(r'[^a-z0-9]+', '-', name)}-{width}-{scheme}.png"
            page.screenshot(path=path, full_page=True)


def walk(page: Page, taken: set[str]) -> None:
    """Follow links from the start pages, and take each page whose name was not taken yet."""
    waiting = deque(START)
    seen: set[str] = set()
    while waiting:
        path = waiting.popleft()
        name = name_of(path)
        if name is None or name in seen:
            continue
        seen.add(name)
        try:
            answer = page.goto(path, wait_until="networkidle")
        except Error as error:
            if "Download is starting" in str(error):
                continue
            raise
        if answer and answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            sys.exit(f"{path} answers {answer.status}")
        if answer is None or not answer.ok or urlsplit(page.url).path != path:
            continue
        if name not in taken and "html" in answer.headers.get("content-type", ""):
            taken.add(name)
            take(page, name)
            print(f"  {name:30} {path}", flush=True)
        links = page.eval_on_selector_all("a[href]", "links => links.map(link => link.pathname)")
        waiting.extend(links)


def main() -> None:
    """Take every page of the application that answers at the address given."""
    address = sys.argv[1]
    executable = chromium.make_sure()
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*.png"):
        old.unlink()
    sessions = {kind: session_of(user) for kind, user in people().items()}
    taken: set[str] = set()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=chromium.options())
        for kind, session in sessions.items():
            print(kind, flush=True)
            context = browser.new_context(base_url=address, reduced_motion="reduce")
            if session:
                name = settings.SESSION_COOKIE_NAME
                context.add_cookies([{"name": name, "value": session, "url": address}])
            walk(context.new_page(), taken)
            context.close()
        browser.close()
    print(f"{len(taken) * len(WIDTHS) * len(SCHEMES)} pictures in {FOLDER}")
    print("No link leads to:", ", ".join(sorted(names(get_resolver()) - taken)))


if __name__ == "__main__":
    main()
