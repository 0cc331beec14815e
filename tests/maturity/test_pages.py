"""The pages of Governance Maturity: what they show, what they send, and what they cost."""

import csv
import io
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from maturity.actions import keep_scores
from maturity.fixes import Act
from maturity.score import Dimension
from maturity.trying import MOST as MOST_TICKS
from tests.approvals.pages import text_of
from tests.approvals.test_deciding import approve
from tests.cast import TERMS, Cast, added, proposal, submitted
from tests.maturity.test_maturity import Travel, confirm
from tests.spend import bedrock, load, rule_for
from tests.standing import living

MOST = 12
PAGES = (
    "/maturity/",
    "/maturity/?space=commerce",
    "/maturity/?as_of=2026-09-15",
    "/maturity/what-if/?way=attribution",
    *(f"/maturity/{dimension}/" for dimension in Dimension),
)


def live(cast: Cast, travel: Travel, folder: Path) -> Cast:
    """An organisation with something in every dimension but Gap Response, in October 2026."""
    travel(datetime.fromisoformat("2026-08-20T12:00:00Z"))
    near = replace(TERMS, monthly=Decimal(60), growth=Decimal(0))
    confirm(cast, early := added(cast, proposal(cast, name="Early", estimate=near)))
    approve(
        cast.priya,
        submitted(cast, proposal(cast, name="Asked", case=None)),
        acknowledgement="no_value",
    )
    late = added(cast, proposal(cast, name="Late", case=None, space=cast.search))
    travel(datetime.fromisoformat("2026-10-16T12:00:00Z"))
    load(folder, bedrock("early", 60.0), bedrock("late", 15.0), bedrock("", 25.0))
    rule_for(cast.felix, early, "early")
    rule_for(cast.felix, late, "late")
    confirm(cast, late)
    return cast


lived = living("lived", live)


def test_who_reads_what(client: Client, lived: Cast) -> None:
    for name, status in (("felix", 200), ("erin", 200), ("priya", 200), ("olivia", 403)):
        client.force_login(getattr(lived, name))
        for page in PAGES:
            assert client.get(page).status_code == status, (name, page)
    client.force_login(lived.felix)
    assert client.get("/maturity/nonsense/").status_code == 404


def test_the_page_shows_tier_numerator_and_denominator_and_what_lifts_it(
    client: Client, lived: Cast
) -> None:
    client.force_login(lived.felix)
    page = text_of(client.get("/maturity/"))
    for said in (
        "Overall: Crawl",
        "75.0%",
        ">$75.00<",
        "1 of 3 claimed workloads",
        "0 of 1 approval",
        "1 of 2 workloads with plan and spend",
        "No gap was opened 30 to 120 days ago.",
        "Attribution Coverage: to Walk",
        "Estimate Coverage: Walk is out of reach now",
        "decided by estimates alone: 66.6%",
        "Account 111122223333",
        "Formula version 1",
    ):
        assert said in page, said


def test_the_shortest_list_stands_first(client: Client, lived: Cast) -> None:
    client.force_login(lived.felix)
    ways = client.get("/maturity/").context["ways"]
    reaching = [len(way.way.fixes) for way in ways if way.way.reaches]
    assert reaching == sorted(reaching)
    assert len(reaching) > 1
    assert not any(way.way.reaches for way in ways[len(reaching) :])


def test_a_space_has_what_lies_in_it_and_no_attribution_coverage(
    client: Client, lived: Cast
) -> None:
    client.force_login(lived.felix)
    page = text_of(client.get("/maturity/?space=search"))
    assert "unclaimed spend lies in no Space" in page
    assert "0 of 1 claimed workload" in page
    assert "Early" not in page
    # With what lies below it.
    assert "1 of 3 claimed workloads" in text_of(client.get("/maturity/?space=commerce"))


def test_a_past_day_reads_what_was_known_then(client: Client, lived: Cast) -> None:
    client.force_login(lived.felix)
    page = text_of(client.get("/maturity/?as_of=2026-08-21"))
    assert "2 of 3 claimed workloads" in page, "nothing was late yet"
    assert "Fix these" not in page, "nobody fixes a past day"
    assert "has not come yet" in text_of(client.get("/maturity/?as_of=2126-01-01"))
    assert "no such Space" in text_of(client.get("/maturity/?space=nowhere"))


def test_the_trend_says_each_month_and_what_is_still_to_be_scored(
    client: Client, lived: Cast
) -> None:
    client.force_login(lived.felix)
    assert "24 months will be scored" in text_of(client.get("/maturity/"))
    keep_scores()
    answer = client.get("/maturity/")
    trend = answer.context["trend"]
    assert [len(trend.months), trend.missing] == [25, 0]
    september = trend.months[-2]
    assert september.day == date(2026, 9, 30)
    estimates = next(c for c in september.cells if c.key == "estimate")
    assert estimates.percent.amount == Decimal("50.0")
    assert "All months as a table" in text_of(answer)


@pytest.mark.parametrize(
    ("dimension", "query", "names"),
    [
        ("attribution", "", ["Account 111122223333", "Early", "Late"]),
        ("attribution", "counts=yes", ["Early", "Late"]),
        ("estimate", "", ["Late", "Asked", "Early"]),
        ("estimate", "measure=estimate.backed&counts=no", ["Late", "Asked"]),
        ("estimate", "measure=nonsense&counts=nonsense", ["Late", "Asked", "Early"]),
        ("approval", "", ["Asked"]),
        ("accuracy", "measure=accuracy.run", ["Late", "Early"]),
        ("response", "", []),
    ],
)
def test_the_rows_behind_both(
    client: Client, lived: Cast, dimension: str, query: str, names: list[str]
) -> None:
    client.force_login(lived.felix)
    answer = client.get(f"/maturity/{dimension}/?{query}")
    assert sorted(row.name for row in answer.context["rows"]) == sorted(names)
    sent = client.get(f"/maturity/{dimension}/?{query}&format=csv")
    text = b"".join(sent.streaming_content).decode()  # type: ignore[attr-defined]
    listed = list(csv.DictReader(io.StringIO(text)))
    assert [row["what"] for row in listed] == [row.name for row in answer.context["rows"]]
    book = load_workbook(
        io.BytesIO(
            b"".join(client.get(f"/maturity/{dimension}/?{query}&format=xlsx").streaming_content)  # type: ignore[attr-defined]
        )
    )
    rows = list(book["Rows"].iter_rows(values_only=True))
    assert [row[:3] for row in rows[1:]] == [
        (row["what"], row["in the numerator"], row["why"]) for row in listed
    ]
    said = dict(book["About"].iter_rows(values_only=True))
    assert said["dimension"] == Dimension(dimension).label
    assert said["for"] == "Felix Example"


def test_money_of_a_file_is_a_number_and_says_its_kind(client: Client, lived: Cast) -> None:
    client.force_login(lived.felix)
    sent = client.get("/maturity/accuracy/?format=xlsx")
    book = load_workbook(io.BytesIO(b"".join(sent.streaming_content)))  # type: ignore[attr-defined]
    head, *rows = book["Rows"].iter_rows(values_only=True)
    assert head[3:] == (
        "Spend (USD, actual)",
        "Estimate (USD, projected)",
        "Difference (%, derived)",
    )
    assert [row[3:] for row in rows if row[0] == "Early"] == [(60, 60, 0)]


def test_the_score_answers_what_is_ticked(client: Client, lived: Cast) -> None:
    client.force_login(lived.felix)
    tried = client.get("/maturity/what-if/").context["tried"]
    ids = {tick.shown.fix.name: tick.value for kind in tried.kinds for tick in kind.ticks}
    claim = ids["Account 111122223333"]
    answer = client.get("/maturity/what-if/", {"fix": [claim, "unbacked:999", "nonsense"]})
    attribution = answer.context["tried"].answers[0]
    assert (attribution.now.amount, attribution.then.amount) == (Decimal(75), Decimal(100))
    assert attribution.rises
    assert "With 1 thing done." in text_of(answer)
    part = client.get("/maturity/what-if/", {"fix": [claim]}, headers={"HX-Request": "true"})
    assert "<form" not in part.content.decode()
    assert "100.0%" in part.content.decode()
    by_list = client.get("/maturity/what-if/", {"way": ["attribution"]})
    assert by_list.context["tried"].answers[0] == attribution


def test_every_tick_of_a_what_if_fits_into_the_address_of_its_figures(
    client: Client, lived: Cast
) -> None:
    ticks = [f"{act}:{10**5 + n}" for act in Act for n in range(MOST_TICKS)]
    client.force_login(lived.felix)
    tried = client.get("/maturity/what-if/", {"way": ["attribution"]}).context["tried"]
    made = tried.answers[0].then.made
    every = replace(made, of=f"{made.of},{','.join(ticks)}")
    asked = f"/figures/?{every.query}"
    assert len(asked) < 4094  # what gunicorn takes of a request's first line
    assert client.get(asked).status_code == 200


def test_the_what_if_names_what_is_late_and_does_not_offer_it(client: Client, lived: Cast) -> None:
    client.force_login(lived.felix)
    # Of now, whatever day is asked for: nothing is done in the past.
    answer = client.get("/maturity/what-if/?as_of=2026-08-21")
    assert [subject.name for subject, _ in answer.context["tried"].late] == ["Late"]
    assert "a late estimate stays late until a renewal is confirmed" in text_of(answer)
    late = answer.context["tried"].late[0][0]
    assert f'value="no_estimate:{late.id}"' not in answer.content.decode()


def test_nothing_is_recorded_by_looking(client: Client, lived: Cast) -> None:
    client.force_login(lived.felix)
    with CaptureQueriesContext(connection) as queries:
        for page in PAGES:
            client.get(page)
    assert not [q for q in queries if q["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]


def test_each_page_asks_twelve_queries_at_most_whatever_there_is(
    client: Client, lived: Cast
) -> None:
    client.force_login(lived.felix)
    keep_scores()

    def count() -> dict[str, int]:
        asked = {}
        for page in PAGES:
            with CaptureQueriesContext(connection) as queries:
                assert client.get(page).status_code == 200
            asked[page] = len(queries)
        return asked

    count()  # warms what is cached once a process
    few = count()
    for number in range(30):
        added(lived, proposal(lived, name=f"Workload {number}", case=None))
    assert count() == few
    assert {page: asked for page, asked in few.items() if asked > MOST} == {}
