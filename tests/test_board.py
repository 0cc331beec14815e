"""The Value Board: one list of rows behind strip, map and table, and who sees which."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from html import unescape
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from playwright.sync_api import Page

from accounts.models import User
from approvals.actions import confirm_pending_estimate
from approvals.reports import Seen
from business_cases.case import CaseTerms
from business_cases.projection import Terms
from business_cases.reports import standing_of
from records.clock import now
from spaces.models import Space, Workload
from tests.cast import REVENUE, SAVING, TERMS, Cast, added, proposal, submitted
from tests.spend import bedrock, load, rule_for
from valueboard.lib.svg import shape

JANUARY = datetime(2026, 1, 15, 12, tzinfo=UTC)
TILE = re.compile(
    r'<a id="w-[^"]*" class="band-(?P<band>\w+)" href="/workloads/(?P<slug>[^/]+)/" '
    r'aria-label="(?P<label>[^"]*)".*?width="(?P<width>[\d.]+)"\s+height="(?P<height>[\d.]+)"',
    re.DOTALL,
)


@pytest.fixture(autouse=True)
def in_january(travel: Callable[[datetime], None]) -> None:
    """Figures depend on the date: the funding year of the cast's estimates has just begun."""
    travel(JANUARY)


def workload(
    cast: Cast,
    name: str,
    *,
    monthly: int = 10000,
    case: CaseTerms | None = SAVING,
    space: Space | None = None,
    confirmed: bool = True,
) -> Workload:
    estimate = Terms(Decimal(monthly), Decimal(0), date(2026, 1, 1), 12, date(2026, 1, 1))
    asked = proposal(cast, name=name, estimate=estimate, case=case, space=space)
    made = added(cast, asked)
    if confirmed:
        confirm(cast, made)
    return made


def confirm(cast: Cast, made: Workload) -> None:
    standing = standing_of(made.pk, now())
    seen = Seen(
        standing.estimate.mark.hash if standing.estimate else "",
        standing.case.mark.hash if standing.case else "",
    )
    confirm_pending_estimate(actor=cast.priya, workload=made, seen=seen, rationale="Plausible.")


def board(client: Client, user: User, query: str = "", **headers: str) -> str:
    client.force_login(user)
    answer = client.get(f"/{query}", headers=headers)
    assert answer.status_code == 200
    return answer.content.decode()


def wide(page: str) -> dict[str, re.Match[str]]:
    """The tiles of the wide map by slug."""
    svg = re.search(r'<svg class="treemap is-wide".*?</svg>', page, re.DOTALL)
    return {tile["slug"]: tile for tile in TILE.finditer(svg[0])} if svg else {}


def rows(page: str) -> set[str]:
    """The slugs of the table's rows."""
    return set(re.findall(r'id="row-([^"]+)"', page))


def text(page: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page)))


def kpi(page: str, label: str) -> str:
    """The figure of the strip below a label."""
    found = re.search(rf"<dt>{label}</dt>\s*<dd[^>]*>(.*?)</dd>", page, re.DOTALL)
    assert found
    return text(found[1]).strip()


def test_the_method_s_example_reads_7_22_and_strong(cast: Cast, client: Client) -> None:
    made = added(cast, proposal(cast, estimate=TERMS))
    confirm(cast, made)
    page = board(client, cast.felix)
    tile = wide(page)[made.slug]
    assert tile["band"] == "strong"
    assert tile["label"].startswith("Contract review $159k · 7.22×")
    assert "Declared opportunity: $1,150,000 a year, $4,600,000 × 25%" in tile["label"]
    assert "$1,150,000 × 12/12 ÷ $159,171.27" in tile["label"]
    assert "$4,600,000 × 25%" in text(page)
    assert "$159,171.27" in text(page)


def test_areas_are_in_proportion_to_projected_cost(cast: Cast, client: Client) -> None:
    sizes = {"One": 10000, "Two": 35000, "Three": 1200, "Four": 400}
    for name, monthly in sizes.items():
        space = cast.search if name == "Two" else cast.commerce
        workload(cast, name, monthly=monthly, space=space)
    tiles = wide(board(client, cast.felix))
    areas = {slug: float(t["width"]) * float(t["height"]) for slug, t in tiles.items()}
    assert len(areas) == 4
    for name, monthly in sizes.items():
        share = areas[name.lower()] / sum(areas.values())
        assert share == pytest.approx(monthly / sum(sizes.values()), rel=0.005)


def test_the_bands_are_glyph_pattern_and_words_not_colour_alone(cast: Cast, client: Client) -> None:
    workload(cast, "Weak one", monthly=200_000)
    workload(cast, "Bare one", case=None)
    page = board(client, cast.felix)
    tiles = wide(page)
    assert tiles["weak-one"]["band"] == "weak"
    assert tiles["bare-one"]["band"] == "unbacked"
    assert "Weak Prospect" in tiles["weak-one"]["label"]
    for band, glyph in (("weak", "▼▼"), ("unbacked", "?")):
        drawn = re.search(rf'<path class="tile-glyph band-{band}" d="([^"]*)"', page)
        assert drawn
        assert any(shape(glyph, size) in drawn[1] for size in (10.5, 11.5, 13))
    assert 'fill="url(#diagonal-weak)"' in page
    assert 'fill="url(#hatch-unbacked)"' in page


def test_the_two_value_types_never_meet_in_one_total(cast: Cast, client: Client) -> None:
    workload(cast, "Saver")
    workload(cast, "Seller", case=replace(REVENUE, percent=Decimal(10)))
    page = board(client, cast.felix)
    assert kpi(page, "Declared: Cost Saving") == "$1.15M"
    assert kpi(page, "Declared: Revenue Driving") == "$300k"
    assert kpi(page, "Projected annual cost") == "$240k"
    assert "1,450,000" not in page
    assert "1.45M" not in page
    assert "revenue, not margin" in page


def test_unbacked_is_counted_apart(cast: Cast, client: Client) -> None:
    workload(cast, "Bare one", case=None, monthly=5000)
    workload(cast, "Saver")
    page = board(client, cast.felix)
    assert kpi(page, "Unbacked: projected") == "$60k"
    assert "1 workload without a declared case, 1 with an estimate; actual run-rate" in page
    assert "of the 0 with spend" in page


def test_what_has_no_area_is_named_under_the_map(cast: Cast, client: Client) -> None:
    workload(cast, "Saver")
    late = workload(cast, "Not confirmed yet", confirmed=False)
    page = board(client, cast.felix)
    assert late.slug not in wide(page)
    assert late.slug in rows(page)
    assert "1 workload has no area" in text(page)
    assert "Not scored" in text(page)


def test_submitted_requests_wait_in_a_list_and_in_no_total(cast: Cast, client: Client) -> None:
    submitted(cast)
    page = board(client, cast.felix)
    assert "Contract review" in text(page)
    assert rows(page) == set()
    assert wide(page) == {}
    assert kpi(page, "Declared: Cost Saving") == "$0"


def test_a_request_still_waits_when_its_workload_spends_already(
    cast: Cast, client: Client, tmp_path: Path, travel: Callable[[datetime], None]
) -> None:
    travel(datetime(2026, 10, 20, 12, tzinfo=UTC))
    asked = submitted(cast)
    assert asked.workload
    load(tmp_path, bedrock("contracts", 100.0))
    rule_for(cast.felix, asked.workload, "contracts")
    page = board(client, cast.felix)
    assert rows(page) == {"contract-review"}
    assert kpi(page, "Declared: Cost Saving") == "$1.15M"
    assert f'href="{asked.get_absolute_url()}"' in page
    assert "No submitted request waits." not in text(page)


def test_everybody_sees_what_they_read_and_nothing_else(cast: Cast, client: Client) -> None:
    workload(cast, "Saver", space=cast.search)
    assert rows(board(client, cast.mona)) == {"saver"}
    assert rows(board(client, cast.erin)) == {"saver"}
    for outsider in (cast.sam, cast.oscar, cast.adam):
        page = board(client, outsider)
        assert "Saver" not in page
        assert "No AI workloads yet" in page


def test_the_maturity_is_for_those_who_read_everything(cast: Cast, client: Client) -> None:
    assert "Governance Maturity" in board(client, cast.felix)
    assert "Governance Maturity" not in board(client, cast.mona)


@pytest.mark.parametrize(
    ("query", "left"),
    [
        ("", {"saver", "seller", "bare-one"}),
        ("?space=commerce", {"saver", "seller", "bare-one"}),
        ("?space=search", {"seller"}),
        ("?space=support", set()),
        ("?type=cost_saving", {"saver"}),
        ("?type=revenue_driving", {"seller"}),
        ("?band=unbacked", {"bare-one"}),
        ("?band=strong&type=cost_saving", {"saver"}),
        ("?band=weak", set()),
        ("?band=nonsense&space=nowhere&type=all", {"saver", "seller", "bare-one"}),
    ],
)
def test_filters_hold_for_map_table_and_strip_alike(
    cast: Cast, client: Client, query: str, left: set[str]
) -> None:
    workload(cast, "Saver")
    workload(cast, "Seller", case=REVENUE, space=cast.search)
    workload(cast, "Bare one", case=None)
    page = board(client, cast.felix, query)
    assert rows(page) == set(wide(page)) == left
    expected = {0: "$0", 1: "$120k", 3: "$360k"}[len(left)]
    assert kpi(page, "Projected annual cost") == expected
    assert ("Nothing matches these filters" in page) == (not left)
    assert ("Clear filters" in page) == (query != "")


def test_a_space_that_one_does_not_read_filters_nothing(cast: Cast, client: Client) -> None:
    workload(cast, "Saver")
    assert rows(board(client, cast.mona, "?space=support")) == {"saver"}


def test_htmx_gets_the_same_rows_as_a_part_of_the_page(cast: Cast, client: Client) -> None:
    workload(cast, "Saver")
    part = board(client, cast.felix, **{"HX-Request": "true"})
    assert part.strip().startswith('<div id="board">')
    assert rows(part) == {"saver"}
    back = board(client, cast.felix, **{"HX-Request": "true", "HX-History-Restore-Request": "true"})
    assert back.lstrip().lower().startswith("<!doctype html>")
    client.force_login(cast.felix)
    assert "HX-Request" in client.get("/").headers["Vary"]


def test_names_of_people_are_text_and_no_markup(cast: Cast, client: Client) -> None:
    workload(cast, "<script>alert(1)</script>")
    assert "<script>alert" not in board(client, cast.felix)


def test_queries_do_not_grow_with_the_rows(cast: Cast, client: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            board(client, cast.felix)
        return len(captured)

    for number in range(2):
        workload(cast, f"Workload {number}")
    queries()  # the first page of a process looks up a few things that stay known
    few = queries()
    for number in range(2, 12):
        workload(cast, f"Workload {number}", space=cast.search if number % 2 else cast.commerce)
    assert queries() == few


@pytest.mark.parametrize("screen", [(1440, "light"), (1440, "dark"), (390, "light"), (390, "dark")])
def test_the_board_is_accessible_and_never_scrolls_sideways(
    cast: Cast,
    page: Page,
    sign_in: Callable[[User], None],
    axe: Callable[[Page], None],
    screen: tuple[int, str],
) -> None:
    width, theme = screen
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    sign_in(cast.felix)
    page.goto("/")
    axe(page)  # empty
    for name, case in (("Saver", SAVING), ("Bare one", None), ("Document search", REVENUE)):
        workload(cast, name, case=case)
    workload(cast, "Late one", confirmed=False)
    submitted(cast)
    page.reload()
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.get_by_label("Value type", exact=True).select_option("revenue_driving")
    page.wait_for_url("/?type=revenue_driving")
    page.locator("#row-saver").wait_for(state="detached")
    axe(page)  # after a swap
    assert page.locator("svg.treemap:visible a[data-key]").count() == 1


def test_the_map_is_one_stop_with_arrow_keys_and_a_card(
    cast: Cast, page: Page, sign_in: Callable[[User], None]
) -> None:
    for name, monthly in (("Left one", 9000), ("Right one", 6000)):
        workload(cast, name, monthly=monthly)
    sign_in(cast.felix)
    page.goto("/")
    tiles = page.locator("svg.is-wide a[data-key]")
    assert [tiles.nth(i).get_attribute("tabindex") for i in range(2)] == ["0", "-1"]
    tiles.first.focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")  # by keyboard, so that the ring and the card are due
    card = page.locator(".map-card")
    assert "Left one" in card.inner_text()
    page.keyboard.press("ArrowRight")
    said = card.inner_text()
    assert "Right one" in said
    for figure in ("$1,150,000", "$4,600,000 × 25%", "Cost Saving", "$72,000.00", "15×", "Strong"):
        assert figure in said
    page.keyboard.press("Escape")
    assert not card.is_visible()
    page.keyboard.press("Enter")
    page.wait_for_url("**/workloads/right-one/")


def test_the_card_follows_the_pointer(
    cast: Cast, page: Page, sign_in: Callable[[User], None]
) -> None:
    workload(cast, "Saver")
    sign_in(cast.felix)
    page.goto("/")
    page.locator("svg.is-wide a[data-key]").hover()
    assert "$1,150,000" in page.locator(".map-card").inner_text()
    page.mouse.move(2, 2)
    assert not page.locator(".map-card").is_visible()
    # By touch too: the first tap shows it, the second one follows the tile.
    tile = page.locator("svg.is-wide a[data-key]")
    for shown in (True, False):
        tile.dispatch_event("pointerdown", {"pointerType": "touch"})
        tile.dispatch_event("click")
        if shown:
            assert "$1,150,000" in page.locator(".map-card").inner_text()
    page.wait_for_url("**/workloads/saver/")


def test_a_nul_in_the_address_is_no_error(client: Client, cast: Cast) -> None:
    client.force_login(cast.priya)
    assert client.get("/?space=%00").status_code == 200
    assert client.get("/?space=comm%00erce").status_code == 200
