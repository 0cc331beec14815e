"""Finance goes through the board by keyboard alone: down and back, other days, order, zoom."""

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, Route, expect

from accounts.models import User
from tests.cast import REVENUE, Cast
from tests.test_board import JANUARY, workload

# Links to the whole board say so, or a view that opens by itself would take its place.
WHOLE = re.compile(r"/(\?view=all)?$")


@pytest.fixture
def board(
    cast: Cast,
    page: Page,
    sign_in: Callable[[User], None],
    travel: Callable[[datetime], None],
) -> Page:
    travel(JANUARY)
    workload(cast, "Outer one", monthly=9000)
    workload(cast, "Outer two", monthly=6000, case=None)
    travel(datetime(2026, 3, 10, 12, tzinfo=UTC))
    workload(cast, "Inner one", monthly=5000, space=cast.search, case=REVENUE)
    sign_in(cast.felix)
    page.goto("/")
    return page


def test_down_the_map_and_back_and_through_another_lens(
    board: Page, axe: Callable[[Page], None]
) -> None:
    focused, card = board.locator(":focus"), board.locator(".map-card")

    # The map is one stop, which begins at the largest workload; headings are an arrow away.
    board.locator("[data-zoom]").focus()
    board.keyboard.press("Tab")
    expect(focused).to_have_attribute("data-key", "outer-one")
    expect(card).to_contain_text("Outer one")
    board.keyboard.press("ArrowUp")
    expect(focused).to_have_class("group")
    expect(card).to_be_hidden()

    # Down the tree, and back by the way that is shown.
    board.keyboard.press("Enter")
    board.wait_for_url("/?space=commerce")
    way = board.get_by_role("navigation", name="Spaces on the map")
    expect(way).to_contain_text("Commerce")
    axe(board)
    way.get_by_role("link", name="All Spaces").focus()
    board.keyboard.press("Enter")
    board.wait_for_url(WHOLE)

    # Another lens: what is shown is announced, focus stays where it is.
    board.get_by_role("radio", name="Planned").focus()
    board.keyboard.press("ArrowRight")
    board.wait_for_url("/?lens=actual")
    expect(board.locator("#map-title")).to_have_text("Declared opportunity against actual spend")
    expect(board.locator("#board-said")).to_have_text("3 workloads")
    expect(focused).to_have_attribute("value", "actual")
    axe(board)
    board.keyboard.press("ArrowLeft")
    board.wait_for_url(WHOLE)


def test_two_days_another_order_and_the_zooming_view(
    board: Page, axe: Callable[[Page], None]
) -> None:
    focused = board.locator(":focus")

    # Two days beside each other.
    board.get_by_label("Compare with").fill("2026-02-20")
    board.wait_for_url("/?compare=2026-02-20")
    movers = board.get_by_role("region", name="Since 20 Feb 2026")
    expect(movers).to_contain_text("Inner one")
    expect(movers).to_contain_text("+$60,000.00")
    axe(board)

    # The order of the table: the heading keeps the focus, and the filters keep the order.
    board.locator("#sort-projected").focus()
    board.keyboard.press("Enter")
    board.wait_for_url("/?compare=2026-02-20&sort=-projected")
    expect(board.locator("th[aria-sort=descending]")).to_have_count(1)
    expect(focused).to_have_id("sort-projected")
    board.get_by_label("Value type", exact=True).select_option("revenue_driving")
    board.wait_for_url("/?type=revenue_driving&compare=2026-02-20&sort=-projected")
    expect(board.locator(".board-table tbody tr")).to_have_count(1)

    # The zooming view draws the same row, without a word from the console, and goes again.
    zoom = board.get_by_role("button", name="Zooming view")
    zoom.focus()
    board.keyboard.press("Enter")
    expect(board.locator("#zoom-view .slice")).not_to_have_count(0)
    expect(board.locator("#zoom-view")).to_contain_text("Inner one")
    expect(board.locator("svg.treemap:visible")).to_have_count(0)
    axe(board)
    board.keyboard.press("Enter")
    expect(board.locator("svg.treemap:visible")).to_have_count(1)

    # Among many, names go on another line by whole words rather than away.
    board.route("**/board/map.json*", many)
    board.keyboard.press("Enter")
    lines = board.locator("#zoom-view .slicetext tspan.line")
    expect(lines.filter(has_text=re.compile("^(?!Answers).*suppliers$"))).not_to_have_count(0)


def many(route: Route) -> None:
    """Answer with thirty more tiles, whose names are wider than they are."""
    answer = route.fetch()
    rows = answer.json()
    leaf = rows["nodes"][-1]
    name = "Answers to questions of suppliers"
    rows["nodes"] += [leaf | {"id": f"more-{k}", "label": name} for k in range(30)]
    route.fulfill(response=answer, json=rows)


def test_an_address_names_a_tile_in_either_layout(
    cast: Cast, page: Page, sign_in: Callable[[User], None]
) -> None:
    workload(cast, "Outer one")
    workload(cast, "Outer two")
    sign_in(cast.felix)
    for width in (1440, 390):
        page.set_viewport_size({"width": width, "height": 900})
        page.goto("/?q=outer#w-outer-two")
        focused = page.locator(":focus")
        expect(focused).to_have_attribute("data-key", "outer-two")
        expect(focused).to_be_visible()
        page.goto("about:blank")
