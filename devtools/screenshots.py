"""`make screenshots`: every page of the demo, light and dark, 1440 and 390 wide.

Nobody lists the pages. Signed out first, then as one person of each role, links are followed from
the start page, and of each name in the URL table the first address is taken. What no link leads to
is named at the end. What the same address shows in another state (compared, filtered, empty, with a
panel open) is listed here, and taken as a person of Finance. The pictures land in screenshots/,
git-ignored; those of README.md were chosen from them.

Started by `python -m devtools.run --then devtools.screenshots`, with the address as its argument.
Words after that take only what has one of them in its name: `make screenshots ARGS="board spend"`.
"""

import re
import sys
from collections import deque
from collections.abc import Callable
from datetime import timedelta
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
from business_cases.models import (  # noqa: E402
    BusinessRequest,
    EstimateSnapshot,
    RequestState,
)
from devtools import chromium, postgres  # noqa: E402
from records.clock import today  # noqa: E402
from spaces.models import Membership, Space, Workload  # noqa: E402
from valueboard.lib.months import add_months  # noqa: E402

FOLDER = postgres.CLONE / "screenshots"
WIDTHS = (1440, 390)
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
START = ["/", "/accounts/login/", "/accounts/password/reset/"]

# What the board leaves out of a picture since it is below the window: all of a long table.
EVERYTHING = "* { content-visibility: visible !important }"
# Charts are drawn anew a moment after their width changed.
SETTLED = "() => new Promise(done => setTimeout(() => requestAnimationFrame(done), 150))"

Act = Callable[[Page], object]


def states() -> dict[str, str]:
    """Return the addresses of states that no link leads to, by name."""
    past = today() - timedelta(days=150)
    month = f"{add_months(today(), -1):%Y-%m}"
    space = Space.objects.filter(parent=None).order_by("name").first()
    # One that was revised has most to show.
    revised = EstimateSnapshot.objects.filter(version__gt=1).order_by("pk").first()
    workload = revised.workload if revised else Workload.objects.earliest("pk")
    page = workload.get_absolute_url()
    return {
        "board against actual spend": "/?lens=actual",
        "board of a past day": f"/?as_of={past}",
        "board compared": f"/?compare={past}",
        "board filtered": "/?band=weak&band=unbacked&revised=1",
        "board of a Space": f"/?space={space.slug if space else ''}",
        "board with other columns": "/?columns=owner&columns=term&columns=decision",
        "board without a match": "/?q=nothing+has+this+name",
        "workload, overview": page,
        "workload of a past day": f"{page}?as_of={past}",
        "workload, timeline": f"{page}?part=timeline",
        "workload, days": f"{page}?part=days",
        "workload, other cases": f"{page}?part=claims",
        "gaps by owner": "/gaps/?group=owner",
        "gaps without a match": "/gaps/?q=nothing+has+this+name",
        "gaps of a past day": f"/gaps/?as_of={past}",
        "maturity of a past day": f"/maturity/?as_of={past}",
        "how a figure is made": f"/figures/?what=prospect&of=w:{workload.slug}",
        "spend of a closed month": f"/spend/?month={month}",
        "spend, months opened again": f"/spend/{month}/reopen/",
        "rules, dry run of a draft": "/spend/rules/draft/run/?months=3",
        "not found": "/nothing/",
        "not allowed": "/people/new/",
    }


# What is printed, by the browser itself.
PAPER = {
    "board": "/",
    "board pack": "/board/print/",
    "gaps": "/gaps/",
    "maturity": "/maturity/",
    "reviews": "/reviews/",
}


def _opened(page: Page) -> None:
    page.locator(".kpi a.figure").first.click()
    page.locator("dialog[open] .made").wait_for()


def _zoomed(page: Page) -> None:
    page.locator("[data-zoom]").click()
    page.locator("#zoom-view .main-svg").first.wait_for()


# What somebody does first, on a page as it was opened.
ACTS: dict[str, tuple[str, Act]] = {
    "board, card of a tile": (
        "/",
        lambda page: page.locator(".treemap a[data-key] >> visible=true").first.focus(),
    ),
    "board, more filters": ("/", lambda page: page.get_by_text("More filters").click()),
    "board, columns": ("/", lambda page: page.get_by_text("Columns", exact=True).click()),
    "board, export": ("/", lambda page: page.get_by_text("Export", exact=True).click()),
    "board, how a figure is made": ("/", _opened),
    "board, zooming view": ("/", _zoomed),
    "a form with an error": (
        "/views/save/",
        lambda page: page.get_by_role("button", name="Save the view").click(),
    ),
}


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


class Album:
    """The pictures of a run: which are wanted, how many there are, and what went wrong."""

    def __init__(self, wanted: list[str]) -> None:
        """`wanted` are words, of which a name has to have one; without any all are taken."""
        self.wanted = wanted
        self.pictures = 0
        self.complaints: list[str] = []

    def take(self, page: Page, name: str, path: str, act: Act | None = None) -> None:
        """Take a page in every width and scheme, opened for each if there is something to do."""
        if self.wanted and not any(word in name for word in self.wanted):
            return
        print(f"  {name:34} {path}", flush=True)
        stem = re.sub(r"[^a-z0-9]+", "-", name.lower())
        try:
            for width in WIDTHS:
                page.set_viewport_size({"width": width, "height": 900})
                for scheme in SCHEMES:
                    page.emulate_media(color_scheme=scheme)
                    if act:
                        page.goto(path, wait_until="networkidle")
                        act(page)
                    page.evaluate(SETTLED)
                    file = FOLDER / f"{stem}-{width}-{scheme}.png"
                    page.screenshot(path=file, full_page=act is None, style=EVERYTHING)
                    self.pictures += 1
        except Error as error:
            self.complaints.append(f"{name} ({path}): {error.message.splitlines()[0]}")


def take_states(page: Page, states: dict[str, str], album: Album) -> None:
    """Take every state as whoever is signed in, and print what is printed."""
    listed: list[tuple[str, str, Act | None]] = [
        *((name, path, None) for name, path in states.items()),
        *((name, path, act) for name, (path, act) in ACTS.items()),
    ]
    for name, path, act in listed:
        page.goto(path, wait_until="networkidle")
        album.take(page, name, path, act)
    for name, path in PAPER.items():
        page.goto(path, wait_until="networkidle")
        page.pdf(path=FOLDER / f"{name}.pdf", prefer_css_page_size=True)


def walk(page: Page, taken: set[str], album: Album) -> None:
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
            album.take(page, name, path)
        links = page.eval_on_selector_all("a[href]", "links => links.map(link => link.pathname)")
        waiting.extend(links)


def main() -> None:
    """Take every page of the application that answers at the address given."""
    address, *wanted = sys.argv[1:]
    album = Album(wanted)
    executable = chromium.make_sure()
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*.png") if not wanted else ():
        old.unlink()
    # Before Playwright, whose loop Django takes for one that must not wait for a database.
    sessions = {kind: session_of(user) for kind, user in people().items()}
    listed = states()
    taken: set[str] = set()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=chromium.options())
        for kind, session in sessions.items():
            print(kind, flush=True)
            context = browser.new_context(
                base_url=address, reduced_motion="reduce", bypass_csp=True
            )
            if session:
                name = settings.SESSION_COOKIE_NAME
                context.add_cookies([{"name": name, "value": session, "url": address}])
            walk(context.new_page(), taken, album)
            if kind == Role.FINANCE:
                take_states(context.new_page(), listed, album)
            context.close()
        browser.close()
    print(f"{album.pictures} pictures in {FOLDER}")
    print("No link leads to:", ", ".join(sorted(names(get_resolver()) - taken)))
    if album.complaints:
        sys.exit("\n".join(["Not taken:", *album.complaints]))


if __name__ == "__main__":
    main()
