"""Ways through the board: down the tree of Spaces, by filters, to other days, to two at once."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from html import unescape
from pathlib import Path

import pytest
from django.test import Client

from business_cases.actions import retract_case, revise_case, revise_estimate
from business_cases.projection import Terms
from positions.actions import ViewTerms, save_view
from positions.query import COLUMNS
from tests.cast import REVENUE, SAVING, Cast
from tests.spend import load_months, rule_for
from tests.test_board import JANUARY, board, kpi, rows, text, wide, workload
from valueboard.board import map as map_part
from valueboard.board import table as table_part

LINK = re.compile(r'<a class="group" href="([^"]*)" aria-label="([^"]*)"')
SMALLER = re.compile(
    r'<a id="w-smaller-\d+" class="band-smaller" href="([^"]*)" aria-label="([^"]*)"'
)


@pytest.fixture(autouse=True)
def in_january(travel: Callable[[datetime], None]) -> None:
    travel(JANUARY)


def headings(page: str) -> dict[str, str]:
    """The accessible names of the map's headings, by where they lead."""
    svg = re.search(r'<svg class="treemap is-wide".*?</svg>', page, re.DOTALL)
    return {unescape(href): unescape(label) for href, label in LINK.findall(svg[0] if svg else "")}


def section(page: str, heading: str) -> str:
    """The words of the card that has this heading."""
    found = re.search(rf'<section[^>]*aria-labelledby="{heading}".*?</section>', page, re.DOTALL)
    assert found, heading
    return text(found[0])


# --- the tree -------------------------------------------------------------------------------------


def test_one_goes_down_the_tree_and_back(cast: Cast, client: Client) -> None:
    workload(cast, "Outer")
    workload(cast, "Inner", space=cast.search, monthly=4000)
    top = board(client, cast.felix)
    assert headings(top) == {"/?space=commerce": "Commerce $168k projected. Show Commerce alone."}
    inside = board(client, cast.felix, "?space=commerce")
    assert headings(inside) == {
        "/?space=search": "Search $48k projected. Show Commerce / Search alone."
    }
    assert "directly in Commerce" in text(inside)
    assert set(wide(inside)) == {"outer", "inner"}
    leaf = board(client, cast.felix, "?space=search&lens=actual")
    trail = re.search(r'aria-label="Spaces on the map">.*?</nav>', leaf, re.DOTALL)
    assert trail
    assert re.findall(r'href="([^"]*)"', trail[0]) == [
        "/?lens=actual",
        "/?space=commerce&amp;lens=actual",
    ]
    assert set(wide(leaf)) == {"inner"}


def test_spaces_are_totalled_with_all_inside_them(cast: Cast, client: Client) -> None:
    workload(cast, "Outer")
    workload(cast, "Inner", space=cast.search, case=REVENUE)
    assert "Commerce 2 $240,000.00 $0.00 $1,150,000 $200,001 $0.00" in section(
        board(client, cast.felix), "spaces-title"
    )


def test_the_smaller_ones_are_one_tile_that_opens_them(cast: Cast, client: Client) -> None:
    sizes = {f"W{n}": 10_000 - 1000 * n for n in range(6)}
    for name, monthly in sizes.items():
        workload(cast, name, monthly=monthly)
    page = board(client, cast.felix, "?top=2")
    assert set(wide(page)) == {"w0", "w1"}
    ((href, label),) = SMALLER.findall(page)
    assert unescape(label).startswith("4 smaller workloads $312k. Space: Commerce.")
    assert rows(page) == {name.lower() for name in sizes}
    opened = board(client, cast.felix, f"{unescape(href).removeprefix('/')}&top=2")
    assert set(wide(opened)) == {"w2", "w3", "w4", "w5"}
    assert "Smaller workloads of Commerce" in opened
    assert rows(opened) == {name.lower() for name in sizes}


def test_one_too_many_is_drawn_rather_than_hidden(cast: Cast, client: Client) -> None:
    for number in range(3):
        workload(cast, f"W{number}", monthly=9000 - number)
    page = board(client, cast.felix, "?top=2")
    assert set(wide(page)) == {"w0", "w1", "w2"}
    assert not SMALLER.findall(page)


def test_a_large_map_brings_its_cards_when_they_are_due(
    cast: Cast, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(map_part, "MOST_TILES", 2)
    for name in ("One", "Two", "Three"):
        workload(cast, name)
    page = board(client, cast.felix, "?top=9&type=cost_saving")
    assert "is-narrow" not in page
    (address,) = re.findall(r'data-cards="([^"]*)"', page)
    found = client.get(unescape(address) + "&top=9").json()
    assert set(found) == {"one", "two", "three"}
    facts = {label: said for label, said, _ in found["one"]["facts"]}
    assert facts["Declared opportunity"] == "$1,150,000 a year"


def test_cards_and_zoom_say_the_same_of_the_same_rows(cast: Cast, client: Client) -> None:
    workload(cast, "Outer")
    workload(cast, "Inner", space=cast.search)
    page = board(client, cast.felix, "?type=cost_saving")
    (inline,) = re.findall(r'<script id="map-cards"[^>]*>(.*?)</script>', page, re.DOTALL)
    cards = json.loads(inline)
    nodes = client.get("/board/map.json?type=cost_saving").json()["nodes"]
    leaves = {node["id"]: node["card"] for node in nodes if node["id"].startswith("workload-")}
    assert leaves == {f"workload-{key}": said for key, said in cards.items()}
    for key, tile in wide(page).items():
        for label, said, _ in cards[key]["facts"]:
            assert f"{label}: {said}" in unescape(tile["label"])


def test_what_a_stranger_asks_for_is_empty(cast: Cast, client: Client) -> None:
    workload(cast, "Saver")
    for user in (cast.oscar, cast.sam, cast.adam):
        client.force_login(user)
        assert client.get("/board/cards/").json() == {}
        assert "Saver" not in client.get("/board/map.json").content.decode()


# --- filters, order, columns ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "left"),
    [
        ("q=OUTER", {"outer"}),
        ("q=search", {"inner"}),
        ("q=olivia+counsel", {"outer", "late"}),
        ("owner={olivia}", {"outer", "inner", "late"}),
        ("owner={mona}", set()),
        ("above=100k", {"outer"}),
        ("above=%241.2m", set()),
        ("revised=1", {"inner"}),
        ("state=not_approved", {"outer", "inner", "late"}),
        ("state=pending", {"late"}),
        ("state=pending&state=running", {"outer", "inner", "late"}),
        ("band=not_scored&band=strong", {"outer", "late"}),
        ("type=cost_saving&type=revenue_driving&q=inner", {"inner"}),
    ],
)
def test_every_filter_of_the_address(
    cast: Cast, client: Client, query: str, left: set[str]
) -> None:
    workload(cast, "Outer")
    inner = workload(cast, "Inner", space=cast.search, monthly=5000, case=REVENUE)
    workload(cast, "Late", confirmed=False)
    cheaper = replace(REVENUE, percent=Decimal(5))
    revise_case(actor=cast.olivia, workload=inner, seen=1, case=cheaper, reason="Less.")
    ids = {"mona": cast.mona.pk, "olivia": cast.olivia.pk}
    page = board(client, cast.felix, f"?{query.format(**ids)}")
    assert rows(page) == left
    assert "Clear filters" in page


def test_what_is_not_understood_is_left_out_and_said(cast: Cast, client: Client) -> None:
    workload(cast, "Saver")
    page = board(client, cast.felix, "?compare=2031-01-01&above=much&colour=red")
    assert rows(page) == {"saver"}
    for problem in ("This day has not come yet", "“much” is not a number", "colour"):
        assert problem in text(page)


@pytest.mark.parametrize("day", ["0001-01-01", "1999-12-31", "2000-01-01"])
@pytest.mark.parametrize("page", ["/", "/gaps/", "/maturity/", "/board/print/", "/figures/"])
def test_days_before_everything_are_answered(
    cast: Cast, client: Client, page: str, day: str
) -> None:
    workload(cast, "Saver")
    client.force_login(cast.felix)
    figure = "&what=total_projected&of=q:" if page == "/figures/" else ""
    assert client.get(f"{page}?as_of={day}{figure}").status_code in {200, 400, 422}
    if page in {"/", "/board/print/"}:
        assert client.get(f"{page}?compare={day}").status_code == 200


def test_the_table_is_sorted_by_links(cast: Cast, client: Client) -> None:
    for name, monthly in (("Beta", 3000), ("Alpha", 1000), ("Gamma", 2000)):
        workload(cast, name, monthly=monthly)

    def order(query: str) -> list[str]:
        return re.findall(r'<tr id="row-([^"]+)"', board(client, cast.felix, query))

    assert order("") == ["beta", "gamma", "alpha"]
    assert order("?sort=name") == ["alpha", "beta", "gamma"]
    assert order("?sort=projected") == ["alpha", "gamma", "beta"]
    page = board(client, cast.felix, "?sort=projected")
    assert re.search(r'aria-sort="ascending"\s*>\s*<a\s+id="sort-projected"', page)
    assert 'href="/?sort=-projected#table-title"' in page


def test_columns_are_chosen_and_totalled(cast: Cast, client: Client) -> None:
    workload(cast, "Saver")
    workload(cast, "Seller", case=REVENUE)
    every = "&".join(f"columns={key}" for key in COLUMNS)
    page = board(client, cast.felix, f"?{every}")
    foot = text(re.findall(r"<tfoot>.*?</tfoot>", page, re.DOTALL)[-1])
    assert "$1,150,000 Cost Saving $200,001 Revenue Driving, never added to savings" in foot
    assert "1,350,001" not in text(page)
    heads = re.findall(r'id="sort-(\w+)"', page)
    assert {"space", "owner", "current", "percent"} <= set(heads)
    few = board(client, cast.felix, "?columns=owner,term")
    assert len(re.findall(r"<th\s+scope=\"col\"", few.split(" board-table")[1])) == 3


def test_many_rows_are_paged_and_totals_are_of_all(
    cast: Cast, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table_part, "ROWS_A_PAGE", 2)
    for number in range(5):
        workload(cast, f"W{number}", monthly=9000 - number)
    first, last = (board(client, cast.felix, f"?page={page}") for page in (1, 3))
    assert rows(first) == {"w0", "w1"}
    assert rows(last) == {"w4"}
    assert 'href="/?page=2#table-title"' in first
    for page in (first, last):
        assert "Total of 5 workloads" in text(page)
        assert "not of this page alone" in text(page)
        assert set(wide(page)) == {"w0", "w1", "w2", "w3", "w4"}


def test_the_view_of_one_s_own_opens_by_itself(cast: Cast, client: Client) -> None:
    workload(cast, "Saver")
    save_view(actor=cast.felix, query="band=weak", terms=ViewTerms("Weak", is_default=True))
    client.force_login(cast.felix)
    answer = client.get("/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/?band=weak")
    page = board(client, cast.felix, "?band=weak")
    assert 'href="/?view=all"' in page
    assert rows(board(client, cast.felix, "?view=all")) == {"saver"}
    client.force_login(cast.erin)
    assert client.get("/").status_code == 200


# --- days -----------------------------------------------------------------------------------------


def test_a_past_day_shows_what_was_so_then_and_for_ever(
    cast: Cast, client: Client, travel: Callable[[datetime], None]
) -> None:
    made = workload(cast, "Saver")
    travel(datetime(2026, 2, 20, 12, tzinfo=UTC))
    then = board(client, cast.felix)
    travel(datetime(2026, 3, 10, 12, tzinfo=UTC))
    revise_case(
        actor=cast.olivia,
        workload=made,
        seen=1,
        case=replace(SAVING, percent=Decimal(2)),
        reason="Measured again.",
    )
    workload(cast, "Newcomer")
    now, past = board(client, cast.felix), board(client, cast.felix, "?as_of=2026-02-20")
    assert rows(now) == {"saver", "newcomer"}
    assert wide(now)["saver"]["band"] == "weak"
    assert rows(past) == {"saver"}
    assert wide(past)["saver"]["band"] == "strong"
    assert wide(past)["saver"]["label"] == wide(then)["saver"]["label"]
    assert [kpi(past, k) for k in ("Projected annual cost", "Declared: Cost Saving")] == [
        kpi(then, k) for k in ("Projected annual cost", "Declared: Cost Saving")
    ]
    assert "As of 20 Feb 2026" in text(past)


# Everything that a card says of a workload that was revised once.
CARD = (
    "Space: Commerce",
    "Investment Prospect: 9.20× Strong Prospect",
    "$1,150,000 × 12/12 ÷ $125,000.00",
    "Declared opportunity: $1,150,000 a year",
    "$4,600,000 × 25%",
    "Value type: Cost Saving",
    "Projected annual cost: $125,000.00",
    "no growth",
    "Actual run-rate: none",
    "Baseline, first version: 9.58× Strong Prospect",
    "$1,150,000 against $120,000.00",
    "Owner: Olivia Example",
    "Last decision: Estimate confirmed",
    "Revised",
)


def test_two_days_are_compared_with_the_cause_of_every_difference(
    cast: Cast, client: Client, travel: Callable[[datetime], None]
) -> None:
    better, bare, dearer = (workload(cast, name) for name in ("Better", "Bare", "Dearer"))
    seller = workload(cast, "Seller", case=REVENUE)
    travel(datetime(2026, 3, 10, 12, tzinfo=UTC))
    less = replace(SAVING, percent=Decimal(5))
    revise_case(actor=cast.olivia, workload=better, seen=1, case=less, reason="Measured.")
    retract_case(actor=cast.olivia, workload=bare, seen=1, reason="Nobody knows.")
    more = Terms(Decimal(10500), Decimal(0), date(2026, 1, 1), 12, date(2026, 3, 1))
    revise_estimate(actor=cast.olivia, workload=dearer, seen=1, terms=more, reason="More use.")
    grown = replace(REVENUE, percent=Decimal(10))
    revise_case(actor=cast.olivia, workload=seller, seen=1, case=grown, reason="Better test.")
    workload(cast, "Newcomer", case=None)
    page = board(client, cast.felix, "?compare=2026-02-20")
    said = section(page, "movers-title")
    for move in ("Band up: 1", "Band down: 1", "New: 1", "Became Unbacked: 1"):
        assert move in said
    assert (
        "Projected annual cost $480,000.00 $605,000.00 +$125,000.00 "
        "+$5,000.00 estimate revised +$120,000.00 added" in said
    )
    # 25 % to 5 % of $4,600,000, and one case of $1,150,000 taken back.
    assert (
        "Declared: Cost Saving $3,450,000 $1,380,000 −$2,070,000 "
        "−$920,000 case revised −$1,150,000 case retracted" in said
    )
    assert "? Became Unbacked case retracted 9.58× ▲▲ Strong ? Unbacked" in said
    assert "▼ Band down case revised 9.58× ▲▲ Strong 1.91× ● Marginal" in said
    assert "Declared: Revenue Driving $200,001 $300,000 +$99,999 +$99,999 case revised" in said
    assert "▲ 26% on 20 Feb 2026 ($480k)" in text(page).replace("26.0%", "26%")
    # Each in its own kind: no figure holds both.
    assert "1,970,001" not in text(page)
    assert (
        "Since 20 Feb 2026: ▼ Band down from Strong, case revised" in wide(page)["better"]["label"]
    )
    card = wide(page)["dearer"]["label"]
    for fact in CARD:
        assert fact in card, card


def test_another_value_type_moves_no_band_up_or_down(
    cast: Cast, client: Client, travel: Callable[[datetime], None]
) -> None:
    made = workload(cast, "Saver")
    bare = workload(cast, "Bare", case=None)
    travel(datetime(2026, 3, 10, 12, tzinfo=UTC))
    revise_case(actor=cast.olivia, workload=made, seen=1, case=REVENUE, reason="It sells.")
    revise_case(actor=cast.olivia, workload=bare, seen=0, case=SAVING, reason="Now.")
    page = board(client, cast.felix, "?compare=2026-02-20")
    said = section(page, "movers-title")
    assert "Value type changed: 1" in said
    assert "Band" not in said
    assert "● Scored now case declared" in said
    label = wide(page)["saver"]["label"]
    assert "Since 20 Feb 2026: ≠ Value type changed, case revised" in label


def test_against_actual_spend_by_the_closed_months(
    cast: Cast, client: Client, tmp_path: Path, travel: Callable[[datetime], None]
) -> None:
    made = workload(cast, "Saver")
    workload(cast, "Idle")
    rule_for(cast.felix, made, "saver")
    rule_for(cast.felix, workload(cast, "Late"), "late")
    months = {
        date(2026, 1, 1): {"saver": "20000"},
        date(2026, 2, 1): {"saver": "20000", "late": "300"},
    }
    load_months(tmp_path, travel, months)
    travel(datetime(2026, 4, 20, 12, tzinfo=UTC))
    page = board(client, cast.felix, "?lens=actual")
    title = re.search(r'id="map-title"[^>]*>([^<]*)<', page)
    assert title
    assert (
        title[1].strip()
        == "Declared opportunity against actual spend, January 2026 to February 2026"
    )
    # 1,150,000 × 2/12 over 40,000: 4.79; planned it is 9.58.
    assert wide(page)["saver"]["band"] == "solid"
    assert "4.79×" in wide(page)["saver"]["label"]
    assert "Actual spend: $40,000.00" in wide(page)["saver"]["label"]
    assert wide(page)["idle"]["band"] == "not_scored"
    # Projected costs are of three workloads, run-rates of the two that spent.
    assert "of 3 workloads with an estimate in force" in text(page)
    assert (
        "Annual cost is of 3 workloads with an estimate in force, run-rate of 2 with spend to "
        "scale to a year; 2 have both."
    ) in section(page, "spaces-title")
    assert "of 2 with spend" in section(page, "table-title")
    began = "; spend began in"
    assert f"from 2 closed months{began} February 2026" in wide(page)["late"]["label"]
    assert began not in wide(page)["saver"]["label"]
    planned = board(client, cast.felix)
    assert wide(planned)["saver"]["band"] == "strong"
    assert "against projected annual cost" in planned
    assert "against actual spend" not in re.sub(r"(?s)<form.*?</form>", "", planned).lower()
