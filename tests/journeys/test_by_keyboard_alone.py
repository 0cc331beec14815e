"""A review prepared and closed, a gap answered, a bound changed: by keyboard alone.

After the sign-in page no address is entered, but for a mail's link. Alt+Left and Ctrl+P are keys of
the browser's own window, which a headless one has not: `go_back` and `pdf` stand for them.
"""

import csv
import io
import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlsplit

import openpyxl
import pytest
from django.core import mail
from playwright.sync_api import Download, Locator, Page, expect

from allocation_gaps.actions import look_for_gaps, request_from_owner
from allocation_gaps.models import GapOpening
from business_cases.actions import revise_estimate
from business_cases.projection import Terms
from notices.actions import send_mail
from notices.models import Mail
from spaces.models import Workload
from tests.browser import Axe
from tests.cast import REVENUE, Cast, added, proposal
from tests.journeys.hands import Hands
from tests.packs.reading import text_of
from tests.test_board import JANUARY, workload

PROJECTED = "Projected annual cost (USD, projected)"
FIGURES = """() => [...document.querySelectorAll(".board-table tbody tr")].map(row => [
    row.id.replace("row-", ""),
    row.querySelector("[data-label='Projected annual cost'] .figure").textContent.trim(),
])"""


@pytest.fixture
def hands(page: Page) -> Hands:
    return Hands(page)


@pytest.fixture
def workloads(cast: Cast, travel: Callable[[datetime], None]) -> None:
    travel(JANUARY)
    workload(cast, "Outer one", monthly=9000)
    workload(cast, "Outer two", monthly=6000, case=None)
    travel(datetime(2026, 3, 10, 12, tzinfo=UTC))
    workload(cast, "Inner one", monthly=5000, space=cast.search)
    workload(cast, "Shop", monthly=4000, case=REVENUE)


def dollars(text: str) -> Decimal:
    return Decimal(re.sub(r"[$,\s]", "", text))


def figures_of(page: Page) -> dict[str, Decimal]:
    return {slug: dollars(text) for slug, text in page.evaluate(FIGURES)}


def by_address(rows: list[Mapping[str, object]]) -> dict[str, Decimal]:
    return {
        str(row["Address"]).rstrip("/").rsplit("/", 1)[1]: Decimal(str(row[PROJECTED]))
        for row in rows
    }


def exported(hands: Hands, name: str) -> Download:
    """Open the menu of exports if it is closed, and take a file out of it."""
    menu = hands.page.locator("details", has=hands.page.get_by_text("Export", exact=True))
    if menu.get_attribute("open") is None:
        hands.enter(menu.locator("summary"))
    with hands.page.expect_download() as waiting:
        hands.link(name, menu)
    return waiting.value


def main_of(page: Page) -> Locator:
    return page.locator("main")


@pytest.mark.django_db(transaction=True)
def test_finance_prepares_and_closes_a_review(  # noqa: PLR0915, PLR0917 - one journey
    page: Page, hands: Hands, cast: Cast, workloads: None, axe: Axe, tmp_path: Path
) -> None:
    focused = page.locator(":focus")
    page.goto("/accounts/login/")
    hands.sign_in(cast.felix)

    # Filters, and compares two dates: the focus stays in the form, the board is another.
    hands.choose(page.get_by_label("Value type", exact=True), "Cost")
    page.wait_for_url("/?type=cost_saving")
    expect(focused).to_have_id("filter-type")
    hands.date(page.get_by_label("Compare with"), "02", "20", "2026")
    page.wait_for_url("/?type=cost_saving&compare=2026-02-20")
    expect(focused).to_have_id("filter-compare")
    expect(page.get_by_role("region", name="Since 20 Feb 2026")).to_contain_text("Inner one")
    shown = figures_of(page)
    assert shown == {"outer-one": 108_000, "inner-one": 60_000}

    # On the map, swapped by now, the card of a tile still says what the tile is.
    hands.to(page.locator("svg.treemap a[data-key=outer-one]:visible"))
    expect(page.locator(".map-card")).to_contain_text("Outer one")

    # Has a figure explained, goes on to the fact behind it, and comes back to the same board.
    figure = page.locator("#row-inner-one [data-label='Projected annual cost'] a.figure").first
    hands.to(page.locator("#row-inner-one a.figure").first)
    while not figure.evaluate("each => each === document.activeElement"):
        hands.press("ArrowRight")
    hands.press("Enter")
    panel = page.get_by_role("dialog")
    expect(panel.locator("#made-title")).to_be_focused()
    expect(panel).to_contain_text("$60,000")
    axe(page)
    hands.press("Escape")
    expect(panel).to_be_hidden()
    expect(figure).to_be_focused()
    hands.press("Enter")
    expect(panel.locator("#made-title")).to_be_focused()
    hands.enter(panel.get_by_role("link", name=re.compile("^Estimate, version 1")).first)
    page.wait_for_url("**/workloads/inner-one/records/**")
    expect(main_of(page)).to_contain_text("5000")
    page.go_back()
    page.wait_for_url("/?type=cost_saving&compare=2026-02-20")

    # Exports: another program reads what the screen shows.
    text = Path(exported(hands, "CSV").path()).read_text(encoding="utf-8")
    assert by_address(list(csv.DictReader(io.StringIO(text)))) == shown
    book = openpyxl.load_workbook(
        io.BytesIO(Path(exported(hands, "Excel workbook").path()).read_bytes())
    )
    head, *rows = book["Value Board"].iter_rows(values_only=True)
    assert by_address([dict(zip(head, row, strict=True)) for row in rows]) == shown

    # Prints the pack of it.
    menu = page.locator("details", has=page.get_by_text("Export", exact=True))
    if menu.get_attribute("open") is None:
        hands.enter(menu.locator("summary"))
    hands.link("Board pack, PDF", menu)
    hands.link("Open it as a page")
    page.wait_for_url("**/board/print/?type=cost_saving&compare=2026-02-20")
    printed = text_of(page.pdf(), tmp_path)
    for said in ("Outer one", "Inner one", "$108,000", "$60,000", "Value type: Cost Saving"):
        assert said in printed, said
    assert "Shop" not in printed
    page.go_back()
    page.go_back()

    # Opens a review of it, says something of a workload, and closes it.
    hands.link("Review this")
    hands.write(page.get_by_label("Name", exact=True), "First quarter")
    hands.press("Enter")
    expect(page.locator("h1")).to_contain_text("First quarter")
    hands.link("Write about Inner one")
    hands.choose(page.get_by_label("Proposed direction"), "On course")
    chosen = page.locator("select[name=direction] option:checked").inner_text()
    hands.write(page.get_by_label("Notes"), "Grows fast; look again.")
    hands.button("Save")
    line = page.get_by_role("row", name=re.compile("^Inner one"))
    expect(line).to_contain_text("Grows fast; look again.")
    expect(line).to_contain_text(chosen)
    hands.link("Close the review")
    hands.write(page.get_by_label("Summary"), "Both go on.")
    hands.button("Close the review")
    expect(page.locator("h1")).to_contain_text("Closed")
    expect(page.get_by_role("link", name="Write about Outer one")).to_have_count(0)
    expect(main_of(page)).to_contain_text("Both go on.")
    axe(page)

    # What comes later changes nothing of it, and the next review begins with what was said.
    terms = Terms(Decimal(5200), Decimal(0), date(2026, 1, 1), 12, date(2026, 3, 1))
    inner = Workload.objects.get(slug="inner-one")
    revise_estimate(actor=cast.olivia, workload=inner, seen=1, terms=terms, reason="Dearer.")
    hands.go("Budget reviews")
    hands.link("First quarter")
    expect(line).to_contain_text("$60,000")
    hands.go("Budget reviews")
    hands.link("New budget review")
    hands.write(page.get_by_label("Name", exact=True), "Second quarter")
    expect(page.get_by_label("Starts with what was said at")).to_contain_text("First quarter")
    hands.press("Enter")
    expect(page.locator("h1")).to_contain_text("Second quarter")
    expect(line).to_contain_text("Last time")
    expect(line).to_contain_text("Grows fast; look again.")
    expect(line).to_contain_text("$62,000")


@pytest.mark.django_db(transaction=True)
def test_an_owner_answers_a_gap_from_the_mail(
    page: Page, hands: Hands, cast: Cast, axe: Axe, console_errors: list[str]
) -> None:
    unbacked = added(cast, proposal(cast, name="Backlog", case=None))
    look_for_gaps()
    gap = GapOpening.objects.get(workload=unbacked, kind="unbacked")
    request_from_owner(actor=cast.felix, opening=gap, seen=0, rationale="For the review.")

    # The mail's link leads past the sign-in page to the form that answers.
    waiting = Mail.objects.get(recipient=cast.olivia)
    send_mail(mail_id=waiting.pk)
    (link,) = re.findall(r"https?://\S+/workloads/\S+", str(mail.outbox[-1].body))
    page.goto(urlsplit(link).path)
    hands.sign_in(cast.olivia)
    page.wait_for_url(f"**/workloads/{unbacked.slug}/case/")
    expect(page.locator("h1")).to_have_text("Declare the business case")
    expect(main_of(page)).to_contain_text("For the review.")
    axe(page)

    # What is wrong is said first, with the focus; what was typed is still there.
    hands.to(page.get_by_role("radio", name="Cost Saving"))
    hands.press("Space")
    hands.write(page.get_by_label("What it draws on"), "Outside counsel")
    hands.press("Enter")
    expect(page.locator(".error-summary")).to_be_focused()
    expect(page.get_by_label("What it draws on")).to_have_value("Outside counsel")
    console_errors.clear()  # the browser notes the status, 422
    hands.write(page.get_by_label("Current annual amount"), "4.6m")
    hands.write(page.get_by_label("Expected change"), "25 %")
    hands.write(page.get_by_label("Period that the amount covers"), "2025")
    hands.write(page.get_by_label("Where the amount can be looked up"), "Ledger 6310")
    hands.write(page.get_by_label("How you reached the percentage"), "A pilot.")
    hands.choose(page.get_by_label("Is human review"), "Yes")
    hands.button("Declare the case")
    expect(main_of(page)).to_contain_text("$1,150,000")

    # It is resolved by the next look, and she owes nothing more of the sort.
    hands.go("What I owe")
    expect(main_of(page)).to_contain_text("Backlog")
    look_for_gaps()
    hands.go("What I owe")
    expect(page.get_by_role("row", name=re.compile("Unbacked"))).to_have_count(0)
    axe(page)


@pytest.mark.django_db(transaction=True)
def test_an_administrator_changes_a_bound_from_a_day(
    page: Page,
    hands: Hands,
    cast: Cast,
    workloads: None,
    travel: Callable[[datetime], None],
) -> None:
    page.goto("/accounts/login/")
    hands.sign_in(cast.erin)
    before = board_of(page)
    assert "Strong" in before["outer-one"]
    assert "version 1 of these bounds" in legend_of(page)
    sign_out(hands)

    # From tomorrow on.
    hands.sign_in(cast.adam)
    hands.go("Thresholds")
    hands.enter(page.get_by_role("link", name="Set them"))
    hands.write(page.get_by_label("Strong from"), "12")
    hands.date(page.get_by_label("Counts from"), "03", "11", "2026")
    hands.write(page.get_by_label("Why"), "The committee wants more.")
    hands.button("Record the new version")
    expect(page.get_by_role("status").first).to_contain_text("The bounds were set.")
    sign_out(hands)

    # The day after: other bands, by a version that is named; the day before is as it was.
    travel(datetime(2026, 3, 12, 12, tzinfo=UTC))
    hands.sign_in(cast.erin)
    assert "Solid" in board_of(page)["outer-one"]
    assert "version 2 of these bounds" in legend_of(page)
    hands.date(page.get_by_label("As of"), "03", "10", "2026")
    page.wait_for_url("/?as_of=2026-03-10")
    expect(page.locator(".legend")).to_contain_text("version 1 of these bounds")
    assert board_of(page) == before


def board_of(page: Page) -> dict[str, str]:
    """Return what each row of the board says."""
    page.locator(".board-table tbody tr").first.wait_for()
    rows = page.locator(".board-table tbody tr").all()
    return {
        str(row.get_attribute("id")).removeprefix("row-"): re.sub(r"\s+", " ", row.inner_text())
        for row in rows
    }


def legend_of(page: Page) -> str:
    return page.locator(".legend").inner_text()


def sign_out(hands: Hands) -> None:
    hands.enter(hands.page.locator(".user-menu summary"))
    hands.button("Sign out")
    expect(hands.page.get_by_label("Password")).to_be_visible()
