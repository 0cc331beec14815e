"""The board as CSV and XLSX, opened by another program, and equal to the screen."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.test import Client

from approvals.actions import confirm_pending_estimate
from business_cases.actions import revise_case, revise_estimate, send_to_approval
from business_cases.case import CaseTerms
from positions.query import COLUMNS
from records.clock import today
from tests.approvals.test_deciding import approve, seen_of, workload_of
from tests.cast import REVENUE, SAVING, TERMS, Cast, added, proposal, submitted
from tests.spend import bedrock, close_september, load, rule_for
from valueboard.lib.months import month_of

OPPORTUNITIES = (
    "Declared annual opportunity, Cost Saving (USD, declared)",
    "Declared annual opportunity, Revenue Driving (USD, declared)",
)
PROJECTED = "Projected annual cost (USD, projected)"
RUN_RATE = "Actual run-rate (USD, actual)"
PROSPECT = "Investment Prospect (×, derived)"


class Screen(HTMLParser):
    """The table of the board as a person sees it: row -> label of the cell -> its first figure."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.rows: dict[str, dict[str, Decimal]] = {}
        self._row, self._label, self._reads = "", "", False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take in a row, a cell or a figure."""
        given = {name: value or "" for name, value in attrs}
        if tag == "tr":
            self._row = given.get("id", "").removeprefix("row-")
            if self._row:
                self.rows[self._row] = {}
        if tag == "td":
            self._label = given.get("data-label", "")
        self._reads = given.get("class", "") == "figure" and "data-kind" in given

    def handle_data(self, data: str) -> None:
        """Read a figure as it is printed: `$1,150,000`, `7.22×`."""
        if self._reads and self._row:
            number = re.sub(r"[$,×%\s]", "", data).replace("\N{MINUS SIGN}", "-")
            self.rows[self._row].setdefault(self._label, Decimal(number))
        self._reads = False


@pytest.fixture
def organisation(cast: Cast, tmp_path: Path) -> Cast:
    """One of each value type, approved, and an unbacked one with spend and a hostile name."""
    approve(cast.priya, submitted(cast))
    shop = submitted(cast, proposal(cast, name="Shop", case=REVENUE))
    approve(cast.priya, shop)
    rule_for(cast.felix, workload_of(shop), "shop")
    unbacked = added(cast, proposal(cast, name='=HYPERLINK("http://x")', case=None))
    rule_for(cast.felix, unbacked, "unbacked")
    load(tmp_path / "bill", bedrock("unbacked", 12.5), bedrock("shop", 2.5))
    close_september(cast)
    return cast


def bytes_of(client: Client, address: str) -> bytes:
    answer = client.get(address)
    assert answer.status_code == 200
    return bytes(answer.getvalue())


def as_csv(client: Client, query: str = "") -> list[dict[str, str]]:
    text = bytes_of(client, f"/board.csv{query}").decode("utf-8")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def as_book(client: Client, query: str = "") -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(bytes_of(client, f"/board.xlsx{query}")))


def rows_of(book: openpyxl.Workbook) -> list[dict[str, Any]]:
    head, *rows = book["Value Board"].iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in rows]


def about(book: openpyxl.Workbook) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for what, value in book["About"].iter_rows(min_row=2, values_only=True):
        found.setdefault(what, []).append(value)
    return found


def screen_of(client: Client, query: str = "") -> dict[str, dict[str, Decimal]]:
    return Screen(client.get(f"/{query}").content.decode()).rows


QUERIES = ["", "?type=revenue_driving", "?band=unbacked", "?sort=name", "?space=search", "?q=shop"]


@pytest.mark.parametrize("query", QUERIES)
def test_csv_is_what_the_screen_shows(client: Client, organisation: Cast, query: str) -> None:
    client.force_login(organisation.felix)
    screen, rows = screen_of(client, query), as_csv(client, query)
    assert {row["Address"].rstrip("/").rsplit("/", 1)[1] for row in rows} == set(screen)
    for row in rows:
        said = screen[row["Address"].rstrip("/").rsplit("/", 1)[1]]
        for label, heads in (
            ("Declared opportunity", OPPORTUNITIES),
            ("Projected annual cost", (PROJECTED,)),
            ("Actual run-rate", (RUN_RATE,)),
            ("Investment Prospect", (PROSPECT,)),
        ):
            figures = [Decimal(row[head]) for head in heads if row[head]]
            assert figures == ([said[label]] if label in said else []), label


@pytest.mark.parametrize("query", QUERIES)
def test_the_workbook_is_the_csv_with_numbers_as_numbers(
    client: Client, organisation: Cast, query: str
) -> None:
    client.force_login(organisation.felix)
    text, book = as_csv(client, query), rows_of(as_book(client, query))
    assert len(text) == len(book)
    for row, said in zip(book, text, strict=True):
        assert list(row) == list(said)
        for head, value in row.items():
            if isinstance(value, int | float):
                of_hundred = 100 if "(%" in head else 1
                assert Decimal(said[head]) == pytest.approx(Decimal(str(value)) * of_hundred)
            elif re.search(r"\((USD|%|×), ", head):
                assert (value, said[head]) == (None, "")


def test_every_other_column_of_the_screen_is_in_the_file_too(
    client: Client, organisation: Cast
) -> None:
    """Three versions of a case, of which the second was approved; and a term of two years."""
    cast, terms = organisation, replace(TERMS, months=24)
    workload = added(cast, proposal(cast, name="Thrice", estimate=terms))
    revise_case(actor=cast.olivia, workload=workload, seen=1, case=less(20), reason="Less.")
    confirm_pending_estimate(
        actor=cast.priya, workload=workload, seen=seen_of(workload), rationale="Plausible."
    )
    approve(cast.priya, send_to_approval(actor=cast.olivia, workload=workload, versions=(1, 2)))
    revise_case(actor=cast.olivia, workload=workload, seen=2, case=less(10), reason="Less yet.")
    later = replace(terms, monthly=Decimal(10_100), effective=month_of(today()))
    revise_estimate(actor=cast.olivia, workload=workload, seen=1, terms=later, reason="Dearer.")
    client.force_login(cast.felix)
    said = screen_of(client, f"?columns={','.join(COLUMNS)}")
    rows = {row["Workload"]: row for row in as_csv(client)}
    thrice, row = said["thrice"], rows["Thrice"]
    for label, column in {
        "Current amount": "Current annual amount, Cost Saving (USD, declared)",
        "Expected change": "Expected change (%, declared)",
        "First month": "First month (USD, projected)",
        "Growth a month": "Growth a month (%, projected)",
        "Fiscal year": "Cost of the fiscal year (USD, projected)",
        "Investment Prospect": PROSPECT,
        "Baseline": "Baseline Prospect (×, derived)",
        "Acknowledged": "Acknowledged Prospect (×, derived)",
    }.items():
        assert thrice[label] == Decimal(row[column]), label
    assert len({thrice[each] for each in ("Baseline", "Acknowledged", "Investment Prospect")}) == 3
    assert Decimal(row["Cost of the whole term (USD, projected)"]) > Decimal(row[PROJECTED])
    assert (row["Decided by"], row["Owner"]) == ("Priya Example", "Olivia Example")
    spent = "Actual of the closed months in the funding window (USD, actual)"
    assert said["shop"]["Actual spend"] == Decimal(rows["Shop"][spent]) == Decimal("2.5")


def less(percent: int) -> CaseTerms:
    return replace(SAVING, percent=Decimal(percent))


def test_figures_have_the_formats_of_their_units(client: Client, organisation: Cast) -> None:
    client.force_login(organisation.felix)
    page = as_book(client)["Value Board"]
    formats = {
        head.value: {cell.number_format for cell in column if cell.value is not None}
        for head, *column in page.iter_cols()
    }
    assert formats[PROJECTED] == {"#,##0.00"}
    assert formats["Expected change (%, declared)"] == {"0.0###%"}
    assert formats[PROSPECT] == {'0.00"×"'}
    assert formats["Decided on"] == {"yyyy-mm-dd"}


def test_the_two_value_types_stand_in_two_columns(client: Client, organisation: Cast) -> None:
    client.force_login(organisation.felix)
    for row in as_csv(client):
        assert not all(row[head] for head in OPPORTUNITIES)
    totals = about(as_book(client))
    assert totals[f"Total {OPPORTUNITIES[0][0].lower()}{OPPORTUNITIES[0][1:]}"] == [1150000]
    assert totals[f"Total {OPPORTUNITIES[1][0].lower()}{OPPORTUNITIES[1][1:]}"] == [200001]


def test_the_second_sheet_says_what_the_rows_are_of(client: Client, organisation: Cast) -> None:
    client.force_login(organisation.felix)
    found = about(as_book(client, "?band=unbacked&lens=actual"))
    assert found["Exported by"] == ["Felix Example"]
    assert found["Filter: Band"] == ["Unbacked"]
    assert found["Lens"] == ["Against actual spend"]
    assert found["Bounds of the bands, version"] == [1]
    assert found["Strong Prospect from"] == [5]
    assert found["Workloads"] == [1]
    assert all(isinstance(delivery, int) for delivery in found["Delivery id"])
    assert found["Closed months"] == ["2026-09"]
    assert found["Exported at"][0].startswith("20")


def test_a_past_day_is_exported_as_it_was(client: Client, organisation: Cast) -> None:
    client.force_login(organisation.felix)
    assert as_csv(client, "?as_of=2026-01-31") == []
    assert about(as_book(client, "?as_of=2026-01-31"))["As of"][0].date() == date(2026, 1, 31)


def test_no_name_becomes_a_formula(client: Client, organisation: Cast) -> None:
    client.force_login(organisation.felix)
    (row,) = as_csv(client, "?band=unbacked")
    assert row["Workload"] == '\'=HYPERLINK("http://x")'
    book = as_book(client)
    for page in book:
        for cell in cells_of(page):
            assert cell.data_type != "f"
            assert cell.hyperlink is None


def cells_of(page: Any) -> Iterator[Any]:
    for row in page.iter_rows():
        yield from row


def test_amounts_beyond_a_spreadsheets_digits_stand_whole(client: Client, cast: Cast) -> None:
    large = Decimal("99999999999.97")
    terms = TERMS.__class__(large, Decimal(0), TERMS.first, 1, TERMS.effective)
    approve(cast.priya, submitted(cast, proposal(cast, estimate=terms)))
    client.force_login(cast.felix)
    (row,) = as_csv(client)
    assert row[PROJECTED] == "99999999999.97"
    assert rows_of(as_book(client))[0][PROJECTED] == pytest.approx(float(large))


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize(("who", "status"), [("erin", 200), ("priya", 403), ("olivia", 403)])
def test_finance_and_executives_export(
    client: Client, cast: Cast, who: str, status: int, kind: str
) -> None:
    client.force_login(getattr(cast, who))
    assert client.get(f"/board.{kind}").status_code == status
