"""The workload page: versions side by side, the score of every year, decisions and spend."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from business_cases.actions import retract_case, revise_case, revise_estimate
from business_cases.comparison import Line
from business_cases.models import BusinessRequest
from cur_ingest.reports import MonthSpend
from spaces.models import Workload
from tests.approvals.test_deciding import approve, workload_of
from tests.cast import REVENUE, SAVING, TERMS, Cast, added, proposal, submitted
from tests.clock import Travel
from tests.spend import bedrock, load, rule_for
from tests.standing import living
from valueboard.spend_history import ChartMark, spend_history
from valueboard.templatetags.figures import words
from valueboard.workloads import WorkloadReport


def live(cast: Cast, travel: Travel, _folder: Path) -> Workload:
    """Olivia's contract review, approved by Priya in January 2026."""
    travel(datetime.fromisoformat("2026-01-10T12:00:00Z"))
    request = submitted(cast)
    approve(cast.priya, request)
    return workload_of(request)


approved = living("approved", live)


def lower(cast: Cast, workload: Workload, seen: int = 1, percent: int = 10) -> None:
    revise_case(
        actor=cast.olivia,
        workload=workload,
        seen=seen,
        case=replace(SAVING, percent=Decimal(percent)),
        reason="The pilot was smaller than we thought.",
    )


def text_of(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def report_of(client: Client, workload: Workload) -> tuple[str, WorkloadReport]:
    answer = client.get(f"/workloads/{workload.slug}/")
    assert answer.status_code == 200
    return text_of(answer), answer.context["report"]


def lines_of(report: WorkloadReport) -> dict[str, Line]:
    return {line.label: line for part in report.comparison.parts for line in part.lines}


def shown(line: Line) -> list[str]:
    return [words(cell.figure) if cell.figure else cell.words for cell in line.cells]


def test_a_revision_shows_the_baseline_unchanged_and_what_was_acknowledged(
    client: Client, cast: Cast, approved: Workload
) -> None:
    """Issue 2, "It must show" 5: 7.22× Strong becomes 2.88× Solid, Revised, not acknowledged."""
    client.force_login(cast.olivia)
    page, report = report_of(client, approved)
    assert ("Revised</a>" in page, report.not_acknowledged) == (False, "")
    assert report.comparison.changes == ()
    lower(cast, approved)
    page, report = report_of(client, approved)
    assert [side.title for side in report.comparison.sides] == [
        "Baseline",
        "Acknowledged",
        "Current",
    ]
    lines = lines_of(report)
    assert shown(lines["This funding year"]) == ["7.22×", "7.22×", "2.88×"]
    assert [c.band for c in lines["This funding year"].cells] == ["strong", "strong", "solid"]
    assert shown(lines["Declared annual opportunity"]) == ["$1,150,000", "$1,150,000", "$460,000"]
    for said in (
        "Revised</a>",
        "Not acknowledged since v1",
        "−$690,000",
        "−15 points",
        "The pilot was smaller than we thought.",
        "Value reviewed and agreed",
        "The pilot convinced us.",
        report.row.standing.cases[1].mark.hash[:12],
    ):
        assert said in page, said


def test_the_page_and_the_board_score_alike(client: Client, cast: Cast, approved: Workload) -> None:
    lower(cast, approved)
    client.force_login(cast.felix)
    _, report = report_of(client, approved)
    current = lines_of(report)["This funding year"].cells[-1]
    assert report.row.prospect
    assert current.figure
    assert (current.figure.amount, current.band) == (report.row.prospect.amount, report.row.band)


def test_what_was_acknowledged_last_is_compared_too(
    client: Client, cast: Cast, approved: Workload
) -> None:
    """Baseline 25 %, returned and changed to 20 % before the approval, 10 % after it."""
    request = submitted(cast, proposal(cast, name="Twice"))
    workload = workload_of(request)
    lower(cast, workload, percent=20)
    approve(cast.priya, request)
    lower(cast, workload, seen=2)
    client.force_login(cast.priya)
    page, report = report_of(client, workload)
    assert report.comparison.changes == ("From the baseline", "From the acknowledged")
    assert shown(lines_of(report)["Expected percentage"]) == ["25%", "20%", "10%"]
    assert "−$690,000" in page
    assert "−$460,000" in page
    assert report.not_acknowledged == "Not acknowledged since v2"


def test_a_changed_value_type_shows_both_without_a_difference(
    client: Client, cast: Cast, approved: Workload
) -> None:
    revise_case(
        actor=cast.olivia, workload=approved, seen=1, case=REVENUE, reason="Sold, not saved."
    )
    client.force_login(cast.olivia)
    page, report = report_of(client, approved)
    declared = lines_of(report)["Declared annual opportunity"]
    assert shown(declared)[0] == "$1,150,000"
    assert declared.differences[0][1].figure is None
    assert "not compared" in page
    assert "revenue, not margin" in page
    assert "−$950" not in page


def test_a_retracted_case_leaves_the_baseline(
    client: Client, cast: Cast, approved: Workload
) -> None:
    retract_case(actor=cast.olivia, workload=approved, seen=1, reason="Counted twice.")
    client.force_login(cast.olivia)
    page, report = report_of(client, approved)
    assert [c.band for c in lines_of(report)["This funding year"].cells] == [
        "strong",
        "strong",
        "unbacked",
    ]
    assert report.not_acknowledged == "Not acknowledged since v1"
    assert "Counted twice." in page
    assert "Declare the business case" in page
    assert "Retract the case" not in page


def test_an_approval_without_a_case_acknowledges_none(
    client: Client, cast: Cast, travel: Callable[[datetime], None]
) -> None:
    travel(datetime.fromisoformat("2026-01-10T12:00:00Z"))
    request = submitted(cast, proposal(cast, case=None))
    approve(cast.priya, request, acknowledgement="no_value")
    client.force_login(cast.olivia)
    workload = workload_of(request)
    assert report_of(client, workload)[1].not_acknowledged == ""
    revise_case(actor=cast.olivia, workload=workload, seen=0, case=SAVING, reason="")
    assert report_of(client, workload)[1].not_acknowledged == "Not acknowledged"
    retract_case(actor=cast.olivia, workload=workload, seen=1, reason="Wrong workload.")
    assert report_of(client, workload)[1].not_acknowledged == ""


def test_every_funding_year_and_the_term_are_scored(
    client: Client, cast: Cast, travel: Callable[[datetime], None]
) -> None:
    """METHOD 5: 10,000 growing 5 % for 48 months with O = 600,000."""
    travel(datetime.fromisoformat("2027-05-10T12:00:00Z"))
    case = replace(SAVING, current_amount=Decimal(600_000), percent=Decimal(100))
    request = submitted(cast, proposal(cast, estimate=replace(TERMS, months=48), case=case))
    approve(cast.priya, request)
    client.force_login(cast.olivia)
    page, report = report_of(client, workload_of(request))
    for multiple in ("3.76×", "2.09×", "1.16×", "0.65×", "1.27×"):
        assert multiple in page
    assert report.row.prospect
    assert words(report.row.prospect) == "2.09×"


def test_a_pending_estimate_is_said_and_the_one_in_force_goes_on(
    client: Client, cast: Cast, approved: Workload
) -> None:
    revise_estimate(
        actor=cast.olivia,
        workload=approved,
        seen=1,
        terms=replace(TERMS, monthly=Decimal(20000), effective=TERMS.first),
        reason="Twice the volume.",
    )
    client.force_login(cast.priya)
    page, report = report_of(client, approved)
    assert "Version 2 of the estimate waits for a decision" in page
    asked = BusinessRequest.objects.get(kind="more_funding")
    assert f"/approvals/requests/{asked.pk}/" in page
    assert report.row.prospect
    assert words(report.row.prospect) == "7.22×"
    assert shown(lines_of(report)["Monthly amount"])[-1] == "$10,000.00"
    assert "3.61×" in page
    assert "Revised</a>" in page
    client.force_login(cast.olivia)
    assert f"/approvals/workloads/{approved.slug}/" not in report_of(client, approved)[0]


def test_a_proposed_workload_links_its_request(client: Client, cast: Cast) -> None:
    request = submitted(cast)
    client.force_login(cast.priya)
    page, report = report_of(client, workload_of(request))
    assert f"/approvals/requests/{request.pk}/" in page
    assert request.get_absolute_url() in page
    assert report.row.band == "not_scored"
    assert "7.22×" in page  # once in force
    assert "No approval has acknowledged a version yet." in page


@pytest.mark.parametrize(
    ("name", "status", "revises"),
    [
        ("priya", 200, False),
        ("felix", 200, False),
        ("erin", 200, False),
        ("adam", 404, False),
        ("olivia", 200, True),
        ("mona", 200, False),
        ("oscar", 404, False),
        ("sam", 404, False),
    ],
)
def test_who_reads_a_workload_and_who_is_offered_to_revise(
    client: Client, cast: Cast, name: str, status: int, *, revises: bool
) -> None:
    workload = added(cast)
    client.force_login(getattr(cast, name))
    answer = client.get(f"/workloads/{workload.slug}/")
    assert answer.status_code == status
    for link in ("estimate", "case", "case/retract"):
        assert (f'/workloads/{workload.slug}/{link}/"' in answer.content.decode()) is revises


def test_an_owner_from_elsewhere_reads_their_workload(client: Client, cast: Cast) -> None:
    workload = added(cast, proposal(cast, owner=cast.sam))
    client.force_login(cast.sam)
    page, report = report_of(client, workload)
    assert report.may_revise
    assert "Revise the estimate" in page


def test_without_spend_there_is_no_run_rate_rather_than_one_of_nothing(
    client: Client,
    cast: Cast,
    approved: Workload,
    tmp_path: Path,
    travel: Callable[[datetime], None],
) -> None:
    travel(datetime.fromisoformat("2026-10-20T12:00:00Z"))
    load(tmp_path, bedrock("other", 5.0))
    client.force_login(cast.olivia)
    page, report = report_of(client, approved)
    assert report.row.run_rate is None
    assert "no spend attributed" in page
    assert "$0.00</dd>" not in page


def test_spend_stands_beside_the_projection(
    client: Client, cast: Cast, tmp_path: Path, travel: Callable[[datetime], None]
) -> None:
    travel(datetime.fromisoformat("2026-08-01T12:00:00Z"))
    terms = replace(
        TERMS, first=TERMS.first.replace(month=8), effective=TERMS.first.replace(month=8)
    )
    request = submitted(cast, proposal(cast, estimate=replace(terms, months=3)))
    approve(cast.priya, request)
    workload = workload_of(request)
    travel(datetime.fromisoformat("2026-10-20T12:00:00Z"))
    load(tmp_path, bedrock("legal", 11000.255), bedrock("other", 5.0))
    rule_for(cast.felix, workload, "legal")
    client.force_login(cast.olivia)
    page, report = report_of(client, workload)
    assert [month.label for month in report.spend.so_far] == ["Oct 2026", "Sep 2026", "Aug 2026"]
    september = report.spend.so_far[1]
    assert september.actual
    assert september.projected
    assert september.difference
    assert words(september.actual) == "$11,000.26"
    assert words(september.projected) == "$10,500.00"
    assert words(september.difference) == "$500.26"
    assert "+$500.26" in page
    assert "amortised usage charges, before tax, credits and refunds" in page
    bars, line = report.spend.chart["data"]
    assert (list(bars["x"]), list(bars["y"])) == (["2026-09-01"], ["11000.26"])
    assert list(line["y"]) == ["10000.00", "10500.00", "11025.00"]
    assert '<script id="spend-chart" type="application/json">' in page


def test_marks_from_before_the_first_month_stand_at_its_beginning() -> None:
    marks = (
        ChartMark(date(2026, 3, 1), "E1", "Estimate v1, Olivia"),
        ChartMark(date(2026, 9, 20), "D", "Approved, Priya"),
    )
    month = MonthSpend(date(2026, 9, 1), Decimal(5), closed=False)
    history = spend_history([month], [], None, date(2026, 9, 30), "amortised", marks=marks)
    early, late = history.chart["layout"]["annotations"]
    assert (early["x"], early["xanchor"]) == ("2026-08-15", "left")
    assert (late["x"], late["xanchor"]) == ("2026-09-20", "center")


def test_spend_outside_the_funding_is_shown_apart(
    client: Client, cast: Cast, tmp_path: Path
) -> None:
    request = submitted(cast, proposal(cast, estimate=replace(TERMS, months=3)))
    workload = workload_of(request)
    load(tmp_path, bedrock("legal", 100.0))
    rule_for(cast.felix, workload, "legal")
    client.force_login(cast.olivia)
    (september,) = report_of(client, workload)[1].spend.so_far
    assert (september.projected, september.note) == (None, "")  # nothing is in force
    approve(cast.priya, request)
    spend = report_of(client, workload)[1].spend
    assert [(m.label, m.note) for m in spend.so_far[:2]] == [
        ("Sep 2026", "outside the funding"),
        ("Mar 2026", ""),
    ]
    assert spend.so_far[0].difference is None


def test_an_estimate_that_is_not_in_force_is_not_called_gone(client: Client, cast: Cast) -> None:
    workload = added(cast)
    client.force_login(cast.olivia)
    page, report = report_of(client, workload)
    assert shown(lines_of(report)["Monthly amount"]) == ["$10,000.00", "—"]
    assert report.comparison.changes == ()
    assert "None in force" in page
    assert "gone" not in page


def test_the_page_asks_the_database_as_often_for_30_versions_as_for_one(
    client: Client, cast: Cast, approved: Workload
) -> None:
    client.force_login(cast.olivia)

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            client.get(f"/workloads/{approved.slug}/")
        return len(asked)

    client.get(f"/workloads/{approved.slug}/")  # what a process asks once
    few = queries()
    for version in range(1, 30):
        lower(cast, approved, seen=version, percent=version + 25)
        revise_estimate(
            actor=cast.olivia,
            workload=approved,
            seen=version,
            terms=replace(TERMS, monthly=Decimal(10000 + version)),
            reason="Prices changed.",
        )
    assert queries() == few
    _, report = report_of(client, approved)
    assert sum(report.row.versions) == 60


@pytest.mark.parametrize("part", ["", "timeline", "days", "claims"])
@pytest.mark.parametrize("name", ["felix", "olivia", "priya"])
def test_each_part_of_the_page_asks_twelve_queries_at_most(
    client: Client, cast: Cast, approved: Workload, name: str, part: str
) -> None:
    lower(cast, approved)
    client.force_login(getattr(cast, name))
    page = f"/workloads/{approved.slug}/?part={part}"
    client.get(page)  # what a process asks once
    with CaptureQueriesContext(connection) as asked:
        assert client.get(page).status_code == 200
    tables = [sorted(set(re.findall(r'(?:FROM|JOIN) "?(\w+)', q["sql"]))) for q in asked]
    assert len(tables) <= 12, "\n".join(" ".join(each) for each in tables)


def test_what_no_version_changed_is_folded(client: Client, cast: Cast, approved: Workload) -> None:
    lower(cast, approved)
    client.force_login(cast.felix)
    page, report = report_of(client, approved)
    first = {line.label for part in report.comparison.foremost.parts for line in part.lines}
    folded = [line.label for line in report.comparison.alike]
    assert {"This funding year", "Expected percentage", "Cost of the funding year"} <= first
    assert "Monthly amount" in folded
    assert first.isdisjoint(folded)
    assert {*first, *folded} == set(lines_of(report))
    assert page.index("What is the same in each") < page.index("Monthly amount")
