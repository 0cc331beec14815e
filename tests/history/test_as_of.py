"""A past day shows exactly what was known then: METHOD 6, "as of D"."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from business_cases.actions import revise_case
from business_cases.models import BandBounds
from spaces.actions import describe_workload
from spaces.models import Membership, Placement, Workload
from tests.approvals.test_deciding import approve, workload_of
from tests.cast import SAVING, Cast, submitted
from tests.spend import bedrock, load, rule_for
from tests.standing import living
from valueboard.board.page import read_board
from valueboard.lib.as_of import end_of, read_as_of
from valueboard.templatetags.figures import words

Travel = Callable[[datetime], None]
TODAY = "2026-11-20"


def live(cast: Cast, travel: Travel, folder: Path) -> Workload:
    """A workload's life: each step on a day of its own."""

    def at(day: str) -> None:
        travel(datetime.fromisoformat(f"{day}T12:00:00Z"))

    at("2026-01-10")
    request = submitted(cast)
    workload = workload_of(request)
    at("2026-01-20")
    approve(cast.priya, request)
    at("2026-03-05")
    BandBounds.objects.create(
        strong=Decimal(8),
        solid=Decimal(3),
        effective_from=date(2026, 3, 5),
        reason="Stricter.",
    )
    at("2026-04-15")
    revise_case(
        actor=cast.olivia,
        workload=workload,
        seen=1,
        case=replace(SAVING, percent=Decimal(10)),
        reason="The pilot was smaller.",
    )
    at("2026-05-20")
    describe_workload(
        actor=cast.olivia,
        workload=workload,
        name="Clause finder",
        purpose="Finds clauses.",
        space=cast.search,
        owner=cast.mona,
        reason="Mona's team took it over.",
    )
    at("2026-10-20")
    load(folder, bedrock("legal", 11000.0))
    rule_for(cast.felix, workload, "legal")
    at(TODAY)
    return Workload.objects.get(pk=workload.pk)


lived = living("lived", live)


class Known(NamedTuple):
    """What a day shows."""

    name: str
    space: str
    owner: str
    state: str
    prospect: str
    band: str
    versions: int
    decided: int
    acknowledged: str
    spent: str
    history: int


FIRST = Known(
    "Contract review", "Commerce", "Olivia Example", "proposed", "", "not_scored", 2, 0, "", "", 1
)
APPROVED = FIRST._replace(state="claimed", prospect="7.22×", band="strong", decided=1, history=2)
BOUNDED = APPROVED._replace(band="solid")
LOWERED = BOUNDED._replace(
    prospect="2.88×", band="marginal", versions=3, acknowledged="Not acknowledged since v1"
)
MOVED = LOWERED._replace(name="Clause finder", space="Search", owner="Mona Example", history=3)
SPENT = MOVED._replace(spent="$11,000.00")


def known_on(client: Client, slug: str, day: str) -> Known:
    answer = client.get(f"/workloads/{slug}/", {"as_of": day} if day else {})
    assert answer.status_code == 200
    shown, report = answer.context["workload"], answer.context["report"]
    row = report.row
    events = client.get(
        f"/workloads/{slug}/", {"part": "timeline"} | ({"as_of": day} if day else {})
    ).context["page"]
    return Known(
        shown.name,
        shown.space.name,
        shown.owner.name,
        shown.state,
        words(row.prospect) if row.prospect else "",
        row.band,
        sum(row.versions),
        len(row.decisions.rows),
        report.not_acknowledged,
        next((words(m.actual) for m in report.spend.so_far if m.actual and m.actual.amount), ""),
        sum(event.record.model is Placement for event in events),
    )


@pytest.mark.parametrize(
    ("day", "known"),
    [
        ("2026-01-10", FIRST),
        ("2026-01-19", FIRST),
        ("2026-01-20", APPROVED),
        ("2026-03-04", APPROVED),
        ("2026-03-05", BOUNDED),
        ("2026-04-14", BOUNDED),
        ("2026-04-15", LOWERED),
        ("2026-05-19", LOWERED),
        ("2026-05-20", MOVED),
        ("2026-10-19", MOVED),
        ("2026-10-20", SPENT),
        (TODAY, SPENT),
        ("", SPENT),
    ],
)
def test_a_past_day_shows_what_was_known_then(
    client: Client, cast: Cast, lived: Workload, day: str, known: Known
) -> None:
    client.force_login(cast.felix)
    assert known_on(client, lived.slug, day) == known


def test_the_past_is_read_and_not_acted_on(client: Client, cast: Cast, lived: Workload) -> None:
    for person in (cast.olivia, cast.mona, cast.priya):
        client.force_login(person)
        page = client.get(f"/workloads/{lived.slug}/?as_of=2026-01-15").content.decode()
        main = page[page.index("<main") : page.index("</main>")]
        assert "As of 15 January 2026" in main
        assert "back to today" in main
        assert 'method="post"' not in main
        for link in ("estimate/", "case/", "case/retract/", "edit/"):
            assert f'/workloads/{lived.slug}/{link}"' not in main
        assert "/approvals/" not in main
        assert "today's bounds" not in main


def test_a_request_of_then_is_in_the_state_of_then(
    client: Client, cast: Cast, lived: Workload
) -> None:
    client.force_login(cast.felix)
    then = client.get(f"/workloads/{lived.slug}/?as_of=2026-01-15").context["report"]
    assert (then.request is None, then.waits) == (False, True)
    later = client.get(f"/workloads/{lived.slug}/?as_of=2026-01-20").context["report"]
    assert later.request is None


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ("2026-01-09", (200, "Nothing was recorded by 9 January 2026")),
        ("0001-01-01", (422, "Nothing is known of so early a day")),
        ("2026-11-21", (422, "has not come yet")),
        ("9999-12-31", (422, "has not come yet")),
        ("2026-02-30", (422, "This is no date")),
        ("31.3.2026", (422, "This is no date")),
        ("20260331", (422, "This is no date")),
        ("2026-W13-2", (422, "This is no date")),
        ("yesterday", (422, "This is no date")),
        ("<script>alert(1)</script>", (422, "&lt;script&gt;alert")),
        ("\0", (422, "This is no date")),
        ("\uff12026-03-31", (422, "This is no date")),
    ],
)
def test_a_day_that_cannot_be_shown_is_answered_with_a_page(
    client: Client, cast: Cast, lived: Workload, asked: str, answered: tuple[int, str]
) -> None:
    client.force_login(cast.felix)
    answer = client.get(f"/workloads/{lived.slug}/", {"as_of": asked})
    page = " ".join(answer.content.decode().split())
    assert answer.status_code == answered[0]
    assert answered[1] in page
    assert "?as_of=2026-01-10" in page


def test_todays_date_is_the_page_of_today(client: Client, cast: Cast, lived: Workload) -> None:
    client.force_login(cast.mona)
    page = client.get(f"/workloads/{lived.slug}/?as_of={TODAY}").content.decode()
    assert "back to today" not in page
    assert "Revise the estimate" in page


@pytest.mark.parametrize("name", ["oscar", "sam", "adam"])
@pytest.mark.parametrize("asked", ["2026-01-15", "2026-01-01", "garbage"])
def test_who_may_not_read_it_may_not_read_its_past(
    client: Client, cast: Cast, lived: Workload, name: str, asked: str
) -> None:
    client.force_login(getattr(cast, name))
    assert client.get(f"/workloads/{lived.slug}/", {"as_of": asked}).status_code == 404


def test_a_space_of_then_that_one_does_not_read_is_not_named(
    client: Client, cast: Cast, lived: Workload
) -> None:
    """Sam belongs to Search alone; the workload lay in Commerce then."""
    Membership.objects.create(space=cast.search, user=cast.sam, role="member")
    client.force_login(cast.sam)
    for asked in ("", "?as_of=2026-01-15"):
        page = client.get(f"/workloads/{lived.slug}/{asked}").content.decode()
        assert "Commerce" not in page
    assert "Commerce" not in client.get("/").content.decode()
    assert "Commerce" not in client.get("/spaces/search/").content.decode()


def test_the_board_stands_as_it_stood(cast: Cast, lived: Workload) -> None:
    def groups(day: str, space: str = "") -> list[tuple[str, str, str]]:
        known_at = end_of(date.fromisoformat(day))
        board = read_board(cast.felix, {"space": space}, known_at)
        return [(board.tree.name(r.space_id), r.name, r.owner) for r in board.rows.rows]

    then = ("Commerce", "Contract review", "Olivia Example")
    now = ("Search", "Clause finder", "Mona Example")
    assert groups("2026-01-19") == []
    assert groups("2026-05-19") == groups("2026-05-19", "commerce") == [then]
    assert groups("2026-05-19", "search") == []
    assert groups("2026-05-20") == groups("2026-05-20", "search") == [now]


def test_a_day_ends_where_the_organisation_is() -> None:
    with timezone.override("America/New_York"):
        assert end_of(date(2026, 3, 7)) == datetime(2026, 3, 8, 4, 59, 59, 999999, UTC)
        # The clocks go forward that day: it is 23 hours long.
        assert end_of(date(2026, 3, 8)) == datetime(2026, 3, 9, 3, 59, 59, 999999, UTC)


def test_the_day_asked_for_is_read_from_the_address() -> None:
    today = date(2026, 11, 20)
    assert read_as_of({}, today).day is None
    assert read_as_of({"as_of": " 2026-03-31 "}, today).day == date(2026, 3, 31)
    assert read_as_of({"as_of": "2026-11-20"}, today).day is None


def test_a_past_day_asks_as_often_for_30_versions_as_for_one(
    client: Client, cast: Cast, lived: Workload
) -> None:
    client.force_login(cast.felix)

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert client.get(f"/workloads/{lived.slug}/?as_of=2026-11-19").status_code == 200
        return len(asked)

    queries()  # what a process asks once
    few = queries()
    for version in range(2, 30):
        revise_case(
            actor=cast.mona,
            workload=lived,
            seen=version,
            case=replace(SAVING, percent=Decimal(10 + version)),
            reason="Again.",
        )
        describe_workload(
            actor=cast.mona,
            workload=lived,
            name=f"Name {version}",
            purpose="",
            space=cast.search,
            owner=cast.mona,
        )
    assert queries() == few
