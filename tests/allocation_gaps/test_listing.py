"""The list of gaps: filters in its address, groups, totals, past dates, files."""

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from allocation_gaps.actions import assign_gap, look_for_gaps, request_from_owner
from allocation_gaps.gap import Gap
from allocation_gaps.gap_filter import GapFilter, read_filter
from allocation_gaps.listing import Totals, grouped
from allocation_gaps.views import listing as pages
from business_cases.actions import add_workload, revise_case
from records.clock import now, today
from tests.allocation_gaps.looked import gaps_now
from tests.cast import SAVING, TERMS, Cast, added, proposal
from tests.figures.checking import wrong_on
from tests.spend import bedrock, load, rule_for
from tests.standing import living

Travel = Callable[[datetime], None]
MOST_QUERIES = 12


def make_gaps(cast: Cast, travel: Travel, folder: Path) -> dict[str, Gap]:
    """Unbacked ones in three Spaces, and unclaimed spend; the first is asked about."""
    travel(datetime(2026, 9, 10, 12, tzinfo=UTC))
    spaces = {"Alpha": cast.commerce, "Beta": cast.search, "Gamma": cast.support}
    owners = {"Alpha": cast.olivia, "Beta": cast.mona, "Gamma": cast.oscar}
    for name, space in spaces.items():
        asked = proposal(cast, name=name, case=None, space=space, owner=owners[name])
        actor = cast.oscar if space == cast.support else cast.olivia
        made = add_workload(actor=actor, proposal=asked)
        if name == "Gamma":
            rule_for(cast.felix, made, "gamma")
    load(folder, bedrock("gamma", 50.0), bedrock("lost", 70.0))
    found = {f"{g.kind.value} {g.name}": g for g in gaps_now(cast.felix)}
    alpha = found["unbacked Alpha"]
    request_from_owner(
        actor=cast.felix, opening=alpha.opening, seen=0, rationale="=cmd()|'x' for the review"
    )
    assign_gap(
        actor=cast.felix, opening=alpha.opening, seen=1, assignee=cast.priya, rationale="You?"
    )
    return {f"{g.kind.value} {g.name}": g for g in gaps_now(cast.felix)}


gaps = living("gaps", make_gaps)


def names(page: bytes) -> set[str]:
    return {
        name
        for name in ("Alpha", "Beta", "Gamma", "workload = lost")
        if f">{name}</a>".encode() in page
    }


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", {"Alpha", "Beta", "Gamma", "workload = lost"}),
        ("kind=unclaimed", {"workload = lost"}),
        ("kind=unbacked&kind=unclaimed", {"Alpha", "Beta", "Gamma", "workload = lost"}),
        ("kind=no_estimate", {"Gamma"}),
        ("state=actioned", {"Alpha"}),
        ("state=recalled", set()),
        ("space=commerce", {"Alpha", "Beta"}),
        ("space=search", {"Beta"}),
        ("assigned=none", {"Beta", "Gamma", "workload = lost"}),
        ("q=gam", {"Gamma"}),
        ("q=mona", {"Beta"}),
        ("older=4", {"Gamma", "workload = lost"}),
        ("above=60", {"workload = lost"}),
        ("above=50", {"workload = lost"}),
        ("above=49.99", {"Gamma", "workload = lost"}),
        ("older=5", set()),
        ("above=1m", set()),
    ],
)
def test_filters_are_in_the_address(
    client: Client, cast: Cast, gaps: dict[str, Gap], query: str, shown: set[str]
) -> None:
    client.force_login(cast.felix)
    assert names(client.get(f"/gaps/?{query}").content) == shown


def test_mine_are_those_given_to_me(client: Client, cast: Cast, gaps: dict[str, Gap]) -> None:
    client.force_login(cast.priya)
    assert names(client.get("/gaps/?assigned=me").content) == {"Alpha"}
    client.force_login(cast.felix)
    assert names(client.get("/gaps/?assigned=me").content) == set()


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("kind=nothing", "“nothing” is no kind of a gap."),
        ("above=plenty", "“plenty” is not a number."),
        ("older=-1", "“-1” is no number for “older”."),
        ("group=mood", "“mood” is no way to group gaps."),
        ("space=secret", "There is no such Space, or you don&#x27;t read it."),
    ],
)
def test_what_can_not_be_read_is_said_and_left_out(
    client: Client, cast: Cast, gaps: dict[str, Gap], query: str, said: str
) -> None:
    client.force_login(cast.felix)
    page = client.get(f"/gaps/?{query}")
    assert said in page.content.decode()
    assert len(names(page.content)) == 4
    assert client.get(f"/gaps/gaps.csv?{query}").status_code == 422


def test_equal_filters_have_equal_addresses() -> None:
    asked, wrong = read_filter({"state": ["active"], "kind": ["over_plan", "unbacked"]}, 1)
    other, _ = read_filter({"kind": ["unbacked", "over_plan"], "state": ["active"], "q": [""]}, 1)
    assert not wrong
    assert asked.query() == other.query() == "kind=unbacked&kind=over_plan&state=active"
    assert GapFilter(older=0).query() == "older=0"


def test_groups_by_kind_space_owner_and_age(gaps: dict[str, Gap]) -> None:
    labels = {by: [g.label for g in grouped(gaps.values(), by)] for by in ("space", "owner", "age")}
    assert labels["space"] == ["Commerce", "Search", "Support", "Unclaimed AI spend"]
    assert labels["owner"] == [
        "Mona Example", "Olivia Example", "Oscar Example", "Unclaimed AI spend",
    ]  # fmt: skip
    assert labels["age"] == ["Open up to 7 days"]
    assert [g.label for g in grouped(gaps.values(), "kind")] == [
        "Unbacked AI workload", "No estimate", "Unclaimed AI spend", "Spend without approval",
    ]  # fmt: skip


def test_totals_count_a_workload_once_and_unclaimed_spend_apart(gaps: dict[str, Gap]) -> None:
    gamma = [gap for gap in gaps.values() if gap.name == "Gamma"]
    assert len(gamma) == 3
    totals = Totals.of(gaps.values())
    assert totals.workloads == 3
    assert totals.actual.amount == 0  # a month to date is no run-rate of a year
    assert totals.unclaimed.amount == 70
    unclaimed = gaps["unclaimed workload = lost"]
    assert totals.since == unclaimed.unclaimed_since
    assert unclaimed.rate_note.startswith("so far, since ")
    assert Totals.of(gamma).since is None


def test_a_past_date_shows_what_was_open_then(
    client: Client, cast: Cast, gaps: dict[str, Gap], travel: Travel
) -> None:
    beta = gaps["unbacked Beta"]
    assert beta.workload
    travel(now() + timedelta(days=5))
    revise_case(actor=cast.olivia, workload=beta.workload, seen=0, case=SAVING, reason="")
    look_for_gaps()
    client.force_login(cast.felix)
    assert "Beta" not in names(client.get("/gaps/").content)
    assert "Beta" in names(client.get("/gaps/?state=resolved").content)
    past = client.get("/gaps/?as_of=2026-09-10")
    assert "Beta" in names(past.content)
    page = " ".join(past.content.decode().split())
    assert "As it was known on 10 Sep 2026" in page
    assert "/request/" not in page.replace('action="/gaps/request/"', "")
    assert names(client.get("/gaps/?as_of=2026-09-09").content) == set()
    assert client.get("/gaps/?as_of=tomorrow").status_code == 422


def test_files_hold_exactly_what_is_filtered(
    client: Client, cast: Cast, gaps: dict[str, Gap], monkeypatch: pytest.MonkeyPatch
) -> None:
    """And so do the totals: neither is of the page that is shown."""
    monkeypatch.setattr(pages, "A_PAGE", 1)
    client.force_login(cast.felix)
    page = client.get("/gaps/?kind=unbacked&page=2")
    assert (names(page.content), page.context["totals"].workloads) == ({"Alpha"}, 3)
    text = client.get("/gaps/gaps.csv?kind=unbacked").content.decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["Workload or spend"] for row in rows] == ["Gamma", "Alpha", "Beta"]
    # What would be a formula is none.
    assert rows[1]["Last request"] == "'=cmd()|'x' for the review"
    sent = client.get("/gaps/gaps.xlsx?kind=unbacked")
    book = load_workbook(io.BytesIO(b"".join(sent)))
    sheet = book["Allocation Gaps"]
    assert [cell.value for cell in sheet["D"]][1:] == ["Gamma", "Alpha", "Beta"]
    assert sheet["L2"].value == 50
    about = {row[0].value: row[1].value for row in book["About"].iter_rows()}
    assert about["Kind"] == "Unbacked AI workload"
    assert about["Gaps"] == 3
    assert about["Made by"] == "Felix Example"


@pytest.mark.parametrize(
    ("who", "status"),
    [("felix", 200), ("erin", 200), ("priya", 403), ("olivia", 403), ("oscar", 403)],
)
def test_finance_and_executives_alone_get_files(
    client: Client, cast: Cast, gaps: dict[str, Gap], who: str, status: int
) -> None:
    client.force_login(getattr(cast, who))
    for page in ("/gaps/gaps.csv", "/maturity/estimate/?format=csv"):
        assert client.get(page).status_code == status
    assert ("/gaps/gaps.csv" in client.get("/gaps/").content.decode()) == (status == 200)
    if who == "priya":
        assert "format=csv" not in client.get("/maturity/estimate/").content.decode()


def test_pages_ask_at_most_twelve_queries_however_many_gaps(client: Client, cast: Cast) -> None:
    client.force_login(cast.felix)

    def asked(numbers: range) -> dict[str, int]:
        for number in numbers:
            terms = replace(TERMS, monthly=Decimal(1000 + number))
            added(cast, proposal(cast, name=f"W{number}", case=None, estimate=terms))
        gap = gaps_now(cast.felix)[0]
        counts = {}
        for page in (
            "/gaps/",
            f"/gaps/?as_of={today()}",
            f"/gaps/{gap.id}/",
            "/owed/",
            "/gaps/gaps.csv",
        ):
            for user in (cast.felix, cast.erin if page.endswith("csv") else cast.olivia):
                client.force_login(user)
                client.get(page)
                with CaptureQueriesContext(connection) as queries:
                    assert client.get(page).status_code == 200
                counts[f"{page.replace(str(gap.id), 'N')} {user}"] = len(queries)
        return counts

    few = asked(range(3))
    assert asked(range(3, 30)) == few
    assert max(few.values()) <= MOST_QUERIES, few


def test_every_figure_leads_to_how_it_is_made(
    client: Client, cast: Cast, gaps: dict[str, Gap]
) -> None:
    client.force_login(cast.felix)
    lost = gaps["unclaimed workload = lost"]
    pages = ("/gaps/", "/gaps/?group=space&kind=unbacked", f"/gaps/{lost.id}/", "/owed/")
    assert wrong_on(client, "/gaps/", least=10) == []
    for page in pages[1:3]:
        assert wrong_on(client, page) == []
    client.force_login(cast.olivia)
    assert wrong_on(client, pages[3]) == []


def test_a_total_is_of_what_its_reader_reads(
    client: Client, cast: Cast, gaps: dict[str, Gap]
) -> None:
    client.force_login(cast.oscar)
    page = client.get("/figures/", {"what": "total_unclaimed", "of": "gaps:"}).content.decode()
    assert "$0.00" in page
    assert "lost" not in page
    unclaimed = gaps["unclaimed workload = lost"].id
    for of in (f"gap:{unclaimed}", "gap:x", f"gap:{gaps['unbacked Beta'].id}", "gaps:kind=no"):
        assert client.get("/figures/", {"what": "unclaimed", "of": of}).status_code == 404
