"""The board pack: the same page for the worker's Chromium and for a person's browser."""

import os
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.http import QueryDict
from django.template.loader import render_to_string
from django.test import Client
from pytest_django.fixtures import Settings

from accounts.actions import choose_display
from allocation_gaps.actions import look_for_gaps
from devtools import chromium as workshop
from devtools.test import NO_BROWSER
from maturity.actions import keep_scores
from packs import chromium
from packs.actions import ask_for_pack, make_pack
from packs.models import Pack
from records.actions import take_checkpoint
from records.clock import now
from records.models import Checkpoint
from tests.approvals.test_deciding import approve
from tests.cast import REVENUE, Cast, added, proposal, submitted
from tests.clock import Travel
from tests.packs.reading import text_of
from tests.spend import bedrock, close_september, load, rule_for
from tests.standing import living
from valueboard.board.movers import Difference, MoverLine, Movers
from valueboard.lib.figure import Figure, Kind
from valueboard.packing import footer_sheet, pdf_of, read_pages, write_page


class Text(HTMLParser):
    """What a page says, without its head, what is said to screen readers only, and the map."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.figures: list[str] = []
        self._reads = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notice a figure."""
        given = dict(attrs)
        self._reads = tag in {"a", "data"} and given.get("class") == "figure"

    def handle_data(self, data: str) -> None:
        """Take in a figure."""
        if self._reads and data.strip():
            self.figures.append(data.strip())
        self._reads = False


@pytest.fixture
def real(settings: Settings) -> None:
    """The worker has the Chromium that is installed here."""
    path = os.environ.get("VALUEBOARD_CHROMIUM") or workshop.find()
    if not path:
        if os.environ.get("CI") == "true":
            pytest.fail(NO_BROWSER)
        pytest.skip(NO_BROWSER)
    settings.CHROMIUM = path


def live(cast: Cast, travel: Travel, folder: Path) -> Cast:
    """One of each value type, approved, and an unbacked one with spend, in October 2026."""
    travel(datetime(2026, 10, 20, 12, tzinfo=UTC))
    approve(cast.priya, submitted(cast))
    approve(cast.priya, submitted(cast, proposal(cast, name="Shop", case=REVENUE)))
    unbacked = added(cast, proposal(cast, name="<b>Unbacked</b> & co", case=None))
    rule_for(cast.felix, unbacked, "unbacked")
    load(folder / "bill", bedrock("unbacked", 12.5))
    close_september(cast)
    look_for_gaps()
    keep_scores()
    return cast


organisation = living("organisation", live)


def made(cast: Cast, query: str = "") -> Pack:
    pack = ask_for_pack(actor=cast.felix, query=query)
    make_pack(pack_id=pack.pk, render=pdf_of)
    pack.refresh_from_db()
    return pack


def test_the_pdf_has_every_figure_of_the_page(
    client: Client, organisation: Cast, real: None, tmp_path: Path
) -> None:
    take_checkpoint(actor=organisation.felix, kind=Checkpoint.Kind.ON_DEMAND)
    pack = made(organisation)
    assert (pack.state, pack.error) == ("done", "")
    assert pack.content
    said = text_of(bytes(pack.content), tmp_path)
    client.force_login(organisation.felix)
    page = client.get("/board/print/").content.decode()
    figures = Text(page).figures
    assert len(figures) > 20
    together = re.sub(r"\s", "", said)
    missing = [each for each in figures if re.sub(r"\s", "", each) not in together]
    assert not missing
    for heading in (
        "Board pack",
        "Key figures",
        "By Space",
        "Allocation Gaps",
        "Open for longest",
        "Governance Maturity:",
        "Estimate Coverage",
        "The method",
        "Since ",
        "<b>Unbacked</b> & co",
    ):
        assert heading in said
    assert "Records up to checkpoint 1 of" in said
    assert said.count("Page 1 of") == 1


def test_no_sheet_cuts_a_row_ends_with_a_heading_or_goes_without_its_foot(
    organisation: Cast, real: None, settings: Settings, tmp_path: Path
) -> None:
    """The pack of a larger organisation: its first Space many times over, with names of lines."""
    take_checkpoint(actor=organisation.felix, kind=Checkpoint.Kind.ON_DEMAND)
    file = write_page(read_pages(organisation.felix, QueryDict(), now()), tmp_path)
    page = file.read_text(encoding="utf-8")
    (part,) = re.findall(r'<h3 id="space-1">.*?</table>\s*</div>', page, re.DOTALL)
    row = re.findall(r"<tbody>\s*(<tr>.*?</tr>)", part, re.DOTALL)[0]

    def space(number: int) -> str:
        rows = [
            re.sub(
                r'(<th scope="row">)', rf"\1top-{number}-{each} {'word ' * 40}", row, count=1
            ).replace('class="sub">', f'class="sub">end-{number}-{each} ', 1)
            for each in range(number)
        ]
        many = re.sub(
            r"<tbody>.*?</tbody>", f"<tbody>{''.join(rows)}</tbody>", part, flags=re.DOTALL
        )
        return re.sub(r"(<h3[^>]*>).*?</h3>", rf"\1Space {number}</h3>", many, flags=re.DOTALL)

    every = "".join(space(number) for number in range(2, 12))
    file.write_text(page.replace(part, every), encoding="utf-8")
    said = text_of(chromium.print_page(settings.CHROMIUM, file), tmp_path)
    sheets = said.removesuffix("\f").split("\f")
    assert len(sheets) > 10
    for sheet in sheets:
        together = " ".join(sheet.split())
        assert "As of " in together
        assert "Records up to checkpoint 1 of" in together
        assert set(re.findall(r"top-(\d+-\d+)", sheet)) == set(re.findall(r"end-(\d+-\d+)", sheet))
        for heading in re.findall(r"Space \d+\n", sheet):
            assert f"top-{heading.split()[1]}-0" in sheet, heading


def test_the_pack_is_of_what_is_filtered(client: Client, organisation: Cast) -> None:
    client.force_login(organisation.felix)
    page = client.get("/board/print/?type=revenue_driving").content.decode()
    assert "Shop" in page
    assert "Contract review" not in page
    assert "Unbacked&lt;" not in page
    assert "Value type: Revenue Driving" in page


def test_what_no_gap_of_a_kind_has_is_not_zero(client: Client, organisation: Cast) -> None:
    """A gap for want of an estimate has no projected cost, and neither have all of them."""
    client.force_login(organisation.felix)
    page = " ".join(client.get("/board/print/").content.decode().split())
    (row,) = re.findall(r'<th scope="row">No estimate</th>(.*?)</tr>', page)
    cells = re.findall(r'<td class="num">(.*?)</td>', row)
    assert cells[:3] == ["1", "0", "—"]


def test_each_sum_of_spend_says_over_which_months_it_is(
    client: Client, cast: Cast, tmp_path: Path
) -> None:
    """A run-rate of a year and what was spent so far stand in one column."""
    unbacked = added(cast, proposal(cast, case=None))
    rule_for(cast.felix, unbacked, "unbacked")
    load(tmp_path, bedrock("unbacked", 12.5), bedrock("lost", 70.0))
    close_september(cast)
    look_for_gaps()
    client.force_login(cast.felix)
    notes = {
        each.label: each.actual_note for each in client.get("/board/print/").context["pages"].gaps
    }
    assert notes["Unbacked AI workload"] == "a year, from 1 closed month"
    assert notes["Unclaimed AI spend"].startswith("so far, since ")


def test_in_a_pack_what_only_changed_its_run_rate_is_counted() -> None:
    def line(name: str, sign: str, *labels: str) -> MoverLine:
        one = Figure(Decimal(1), "USD", Kind.DERIVED)
        amounts = [Difference(label, None, one, one, []) for label in labels]
        return MoverLine(name, "", "", sign, "", None, None, "", amounts)

    lines = [
        line("Moved", "▼", "Run-rate"),
        line("Cheaper", "=", "Projected", "Run-rate"),
        line("Spends", "=", "Run-rate"),
    ]
    moved = [each for each in lines if each.is_more_than_run_rate]
    assert [each.name for each in moved] == ["Moved", "Cheaper"]
    movers = Movers(date(2026, 9, 30), [], [], moved, lines[2:], 0)
    told = {"movers": movers, "page": {"rows": {"today": date(2026, 10, 31)}}}
    on_paper = render_to_string("board/movers.html", {**told, "brief": True})
    assert "Of 1 more only the run-rate changed" in " ".join(on_paper.split())
    assert "Spends" not in on_paper
    assert "Spends" in render_to_string("board/movers.html", told).partition("<details")[2]


def test_no_text_of_a_person_becomes_markup(client: Client, organisation: Cast) -> None:
    client.force_login(organisation.felix)
    page = client.get("/board/print/").content.decode()
    assert "&lt;b&gt;Unbacked&lt;/b&gt; &amp; co" in page
    assert "<script" not in page


def test_a_pack_is_written_as_its_asker_reads(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    added(cast)
    choose_display(actor=cast.felix, locale="en-US", shortcuts=True)
    monkeypatch.setattr(chromium, "find", lambda _: "chromium")
    monkeypatch.setattr(chromium, "print_page", lambda _, page: page.read_bytes())
    content = made(cast, "as_of=2026-09-30").content
    assert content
    assert "Sep 30, 2026" in bytes(content).decode()
    assert "30 Sep 2026" not in bytes(content).decode()
    # What the worker prints reads nothing but its own sheets, and runs nothing.
    assert (
        "default-src 'none'; style-src file:; font-src file:; img-src data:"
        in bytes(content).decode()
    )


def test_the_foot_says_day_and_checkpoint(client: Client, organisation: Cast) -> None:
    client.force_login(organisation.felix)
    page = client.get("/board/print/?as_of=2026-09-30").content.decode()
    (address,) = re.findall(r'href="(/board/print/foot\.css[^"]*)"', page)
    answer = client.get(address.replace("&amp;", "&"))
    assert answer["Content-Type"].startswith("text/css")
    foot = re.sub(r"\\([0-9a-f]{6})", lambda m: chr(int(m[1], 16)), answer.content.decode())
    assert "As of 30 Sep 2026. No checkpoint covers these records yet." in foot


@pytest.mark.parametrize("text", ['"; } body { display: none', "\\", "</style>", "Größe\n"])
def test_no_text_leaves_the_foot(text: str) -> None:
    sheet = footer_sheet(text)
    assert sheet.count('"') == 2
    assert "<" not in sheet
    assert sheet.isascii()
    read = re.sub(r"\\([0-9a-f]{6})", lambda m: chr(int(m[1], 16)), sheet)
    assert f'content: "{text}";' in read


def test_without_chromium_the_button_says_so_and_the_browser_prints(
    client: Client, organisation: Cast, settings: Settings
) -> None:
    settings.CHROMIUM = "/nowhere/chromium"
    assert "no Chromium" in made(organisation).error
    client.force_login(organisation.felix)
    page = client.get("/packs/?band=weak").content.decode()
    assert "not possible now" in page
    assert 'href="/board/print/?band=weak"' in page
    assert client.get("/board/print/?band=weak").status_code == 200


@pytest.mark.parametrize(("who", "status"), [("erin", 200), ("priya", 403), ("mona", 403)])
def test_who_prints(client: Client, cast: Cast, who: str, status: int) -> None:
    client.force_login(getattr(cast, who))
    assert client.get("/board/print/").status_code == status


def test_a_pack_shows_the_moment_at_which_it_was_asked_for(
    organisation: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []

    def print_page(_: str, page: Path) -> bytes:
        seen.append(page.read_text(encoding="utf-8"))
        return b"%PDF-"

    monkeypatch.setattr("packs.chromium.find", lambda _: "chromium")
    monkeypatch.setattr("packs.chromium.print_page", print_page)
    pack = ask_for_pack(actor=organisation.felix, query="")
    approve(organisation.priya, submitted(organisation, proposal(organisation, name="Came later")))
    make_pack(pack_id=pack.pk, render=pdf_of)
    assert "Came later" not in seen[0]
    assert "Contract review" in seen[0]
