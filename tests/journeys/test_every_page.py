"""Every page, light and dark, wide and narrow: accessible, nothing cut off, no complaint."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Page

from accounts.models import User
from business_cases.actions import merge_names
from cur_ingest.actions import RuleTerms, draft_rule, record_rate
from cur_ingest.models import DailyLine, Delivery, Export, Load, RuleVersion
from cur_ingest.reports import waiting_runs
from records.clock import now
from tests.approvals.test_deciding import approve
from tests.cast import REVENUE, SAVING, Cast, added, proposal, submitted
from tests.spend import bedrock, close_september, load, rule_for
from valueboard.lib.figure import ValueType

SIZES = ((1440, 900), (390, 844))
# Pages of a part stand in a module of their own, with any of `full(cast, workload)` and
# `empty(cast)`: they may record something, and return the addresses by the name of who looks.
PARTS = [
    import_module(f"tests.journeys.{path.stem}")
    for path in sorted(Path(__file__).parent.glob("pages_of_*.py"))
]
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


def check(page: Page, axe: Callable[[Page], None], address: str) -> None:
    """Look at a page in both schemes and both widths.

    It is loaded once per scheme, the light one wide and the dark one narrow, and then made the
    other width, as by turning a tablet.
    """
    for scheme, sizes in zip(SCHEMES, (SIZES, SIZES[::-1]), strict=True):
        page.emulate_media(color_scheme=scheme)
        for number, (width, height) in enumerate(sizes):
            page.set_viewport_size({"width": width, "height": height})
            if number == 0:
                answer = page.goto(address)
                assert answer, address
                assert answer.ok, f"{address} answers {answer.status}"
            axe(page)
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, f"{address} is {wide} wide at {width}, {scheme}"


def claimed_twice(cast: Cast) -> None:
    """Have a second case claim all of the first one's cost, under a name that finance merged."""
    case = replace(SAVING, anchor="Law firms", percent=Decimal(100))
    added(cast, proposal(cast, name="Letters", case=case))
    merge_names(
        actor=cast.felix,
        value_type=ValueType.COST_SAVING,
        name="Law firms",
        into="Outside counsel",
        seen=0,
        reason="One contract.",
    )


def loads_in_every_state() -> Export:
    """Have the export that was loaded fail, wait and run in other months; return it."""
    export = Export.objects.get()
    common: dict[str, Any] = {"export": export, "origin": Load.Origin.SCHEDULE, "asked_at": now()}
    long = "s3://bucket/" + "exports-of-the-payer/" * 6 + ": access denied (AccessDenied)."
    Load.objects.create(state="failed", finished_at=now(), error=long, tries=3, **common)
    for month, state in ((8, "refused"), (7, "needs_rate")):
        period = date(2026, month, 1)
        Load.objects.create(
            period=period, state=state, finished_at=now(), error="Why, and what to do.", **common
        )
    Load.objects.create(period=date(2026, 6, 1), state="waiting", try_again_at=now(), **common)
    Load.objects.create(
        period=date(2026, 10, 1),
        state="running",
        phase="fetching",
        files=12,
        files_done=5,
        bytes=10**9,
        bytes_done=4 * 10**8,
        rows_done=1_234_567,
        **common,
    )
    return export


@pytest.mark.django_db(transaction=True)
def test_every_page_full(  # noqa: PLR0917 - fixtures
    page: Page,
    sign_in: Callable[[User], None],
    axe: Callable[[Page], None],
    cast: Cast,
    travel: Callable[[datetime], None],
    tmp_path: Path,
) -> None:
    travel(datetime.fromisoformat("2026-10-20T12:00:00Z"))
    decided, waiting = submitted(cast), submitted(cast, proposal(cast, name="Waiting"))
    approve(cast.priya, decided)
    unbacked = added(cast, proposal(cast, name="Unbacked", case=None))
    added(cast, proposal(cast, name="Re-ranking", case=REVENUE, space=cast.search))
    claimed_twice(cast)
    load(tmp_path, bedrock("review", 900.0), bedrock("", 55.0))
    # Before the loads: recording a rate asks for those that wait for one.
    record_rate(
        actor=cast.felix,
        currency="EUR",
        month=date(2026, 9, 1),
        rate=Decimal("1.0854"),
        reason="Mean of the month.",
        seen=0,
    )
    export = loads_in_every_state()
    assert decided.workload
    rule_for(cast.felix, decided.workload, "review")
    made = RuleVersion.objects.latest("pk").rule_id
    draft_rule(
        actor=cast.felix,
        revision=0,
        terms=RuleTerms(1, unbacked, account="*", tag_key="workload", tag_value="gateway"),
    )
    close_september(cast)
    load(tmp_path, bedrock("review", 950.0), bedrock("", 55.0), execution="e-2")
    slug = decided.workload.slug
    pages = {
        "felix": [
            "/",
            f"/workloads/{slug}/",
            f"/workloads/{slug}/records/",
            "/records/",
            "/gaps/",
            "/maturity/",
            "/names/",
            "/names/merge/?type=cost_saving&name=Outside+counsel",
            "/names/undo/?type=cost_saving&name=Law+firms",
            "/spend/",
            "/spend/basis/",
            "/spend/2026-09/reopen/",
            f"/spend/adjustments/{waiting_runs(now()).get().pk}/",
            "/spend/lines/",
            f"/spend/lines/{DailyLine.objects.values_list('pk', flat=True)[0]}/",
            "/spend/deliveries/",
            f"/spend/deliveries/{export.pk}/2026-09/",
            f"/spend/deliveries/{Delivery.objects.earliest('pk').export_id}/2026-09/count/",
            "/spend/rules/",
            "/spend/rules/new/",
            f"/spend/rules/{made}/",
            f"/spend/rules/{made}/retire/",
            f"/spend/rules/{made}/history/",
            "/spend/rules/draft/",
            "/spend/rules/draft/new/",
            f"/spend/rules/draft/rules/{made}/",
            "/spend/rules/draft/run/",
            "/spend/signals/",
            "/spend/rates/",
            "/spend/rates/new/",
            "/spend/rates/EUR/2026-09/",
            "/spaces/",
            "/spaces/commerce/",
        ],
        "priya": [
            "/inbox/",
            "/settings/",
            "/approvals/",
            f"/approvals/requests/{waiting.pk}/",
            f"/approvals/workloads/{unbacked.slug}/",
        ],
        "olivia": [
            "/requests/",
            "/requests/new/",
            f"/requests/{decided.pk}/",
            "/spaces/commerce/add-workload/",
            f"/workloads/{slug}/estimate/",
            f"/workloads/{slug}/case/",
            f"/workloads/{slug}/case/retract/",
        ],
        "adam": [
            "/people/",
            f"/people/{cast.mona.pk}/",
            "/people/new/",
            "/spaces/new/",
            "/mail/undelivered/",
            "/spend/deliveries/",
            "/spend/exports/",
            "/spend/exports/new/",
            f"/spend/exports/{export.pk}/",
        ],
    }
    for part in PARTS:
        if hasattr(part, "full"):
            for name, addresses in part.full(cast, decided.workload).items():
                pages.setdefault(name, []).extend(addresses)
    for name, addresses in pages.items():
        sign_in(getattr(cast, name))
        for address in addresses:
            check(page, axe, address)


@pytest.mark.django_db(transaction=True)
def test_every_page_empty(
    page: Page, sign_in: Callable[[User], None], axe: Callable[[Page], None], cast: Cast
) -> None:
    sign_in(cast.felix)
    for address in (
        "/",
        "/gaps/",
        "/maturity/",
        "/spend/",
        "/spend/lines/",
        "/spend/deliveries/",
        "/spend/rules/",
        "/requests/",
    ):
        check(page, axe, address)
    sign_in(cast.sam)
    for address in ("/", "/spaces/", "/requests/new/", "/inbox/"):
        check(page, axe, address)
    for part in PARTS:
        if hasattr(part, "empty"):
            for name, addresses in part.empty(cast).items():
                sign_in(getattr(cast, name))
                for address in addresses:
                    check(page, axe, address)


@pytest.mark.django_db(transaction=True)
def test_a_form_full_of_errors(
    page: Page,
    sign_in: Callable[[User], None],
    axe: Callable[[Page], None],
    cast: Cast,
    console_errors: list[str],
) -> None:
    sign_in(cast.olivia)
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        page.goto("/requests/new/")
        page.get_by_role("radio", name="Revenue Driving").check()
        page.get_by_role("button", name="Submit for approval").click()
        page.locator(".error-summary").wait_for()
        axe(page)
    # The browser writes the status of the answer, 422, to its console.
    assert all("422" in error for error in console_errors)
    console_errors.clear()


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
