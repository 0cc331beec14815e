"""Opening, noting and closing a budget review, and beginning the next one with it."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from accounts.models import User
from approvals.actions import confirm_pending_estimate
from business_cases.actions import retract_case, revise_case, send_to_approval
from positions.row import Row
from records.clock import now, today
from reviews.actions import change_review, close_review, open_review, take_note
from reviews.lines import Sheet
from reviews.models import Closing, Note, Review, Reviewed
from reviews.reports import open_sheet, read_sheet
from spaces.actions import describe_workload, stop_workload
from spaces.models import Workload
from tests.approvals.test_deciding import approve, seen_of, workload_of
from tests.cast import REVENUE, SAVING, Cast, added, proposal, submitted
from tests.spend import bedrock, load, rule_for
from valueboard.lib.errors import StaleError
from valueboard.lib.figure import ValueType


def opened(cast: Cast, name: str = "Third quarter", **given: Any) -> Review:
    right: dict[str, Any] = {"query": "", "as_of": today()}
    return open_review(actor=cast.felix, name=name, **right | given)


def sheet(user: User, review: Review) -> Sheet:
    return read_sheet(user, review)


def closed(cast: Cast, review: Review, summary: str = "") -> Closing:
    review.refresh_from_db()
    seen = open_sheet(cast.felix, review, now()).seen
    return close_review(actor=cast.felix, review=review, seen=seen, summary=summary)


def noted(cast: Cast, review: Review, workload: Workload, **given: Any) -> Note:
    right: dict[str, Any] = {"seen": 0, "notes": "Grows fast.", "direction": "watch"}
    return take_note(actor=cast.felix, review=review, workload=workload, **right | given)


def revised(cast: Cast, workload: Workload, percent: int = 10, *, seen: int = 1) -> None:
    terms = replace(SAVING, percent=Decimal(percent))
    revise_case(actor=cast.olivia, workload=workload, seen=seen, case=terms, reason="Less.")


def test_a_review_shows_decision_and_drift_of_what_its_filters_find(cast: Cast) -> None:
    request = submitted(cast)
    approve(cast.priya, request)
    workload = workload_of(request)
    revised(cast, workload)
    added(cast, proposal(cast, name="Unbacked", case=None))
    (line,) = sheet(cast.felix, opened(cast, query="type=cost_saving")).lines
    assert line.approval
    assert line.approval.words == "Value reviewed and agreed"
    assert [title for title, _, _ in line.stands] == ["Baseline", "Acknowledged", "Current"]
    since = line.since_approval
    assert since
    assert since.opportunity
    assert since.opportunity.amount == Decimal(-690_000)
    assert (since.before.versions, since.after.versions) == (
        "estimate v1, case v1",
        "estimate v1, case v2",
    )


def test_the_method_proposes_a_direction_by_band(cast: Cast) -> None:
    added(cast, proposal(cast, name="Unbacked", case=None))
    (line,) = sheet(cast.felix, opened(cast)).lines
    assert line.proposed.label == "Request the case"


def test_a_closed_review_stays_whatever_is_recorded_later(client: Client, cast: Cast) -> None:
    workload = added(cast)
    added(cast, proposal(cast, name="Another", case=None))
    review = opened(cast)
    noted(cast, review, workload)
    before = sheet(cast.felix, review)
    closing = closed(cast, review, "Scale two.")
    revised(cast, workload)
    after = sheet(cast.felix, review)
    assert after.closing == closing
    assert [line.current for line in after.lines] == [line.current for line in before.lines]
    assert after.totals == before.totals
    assert {line.said.notes for line in after.lines} == {"Grows fast.", ""}
    client.force_login(cast.felix)
    page = client.get(f"/reviews/{review.pk}/").content.decode()
    assert "$1,150,000" in page
    assert "$460,000" not in page
    assert "Scale two." in page


def test_the_timeline_of_a_workload_says_what_a_review_said_of_it(
    client: Client, cast: Cast
) -> None:
    workload = added(cast)
    review = opened(cast)
    noted(cast, review, workload)
    closed(cast, review)
    client.force_login(cast.felix)
    page = client.get(f"{workload.get_absolute_url()}?part=timeline").content.decode()
    for said in ("Looked at in “Third quarter”", "On course; watch for growth", "Grows fast."):
        assert said in page
    # What is frozen for the verifier is not for reading.
    assert "Carried" not in page
    assert "{" not in page[page.index("Looked at in") : page.index("Grows fast.")]


def test_what_was_frozen_names_versions_by_hash(cast: Cast) -> None:
    workload, review = added(cast), opened(cast)
    revised(cast, workload, 20)
    confirm_pending_estimate(
        actor=cast.priya, workload=workload, seen=seen_of(workload), rationale="Plausible."
    )
    approve(cast.priya, send_to_approval(actor=cast.olivia, workload=workload, versions=(1, 2)))
    revised(cast, workload, 10, seen=2)
    closed(cast, review)
    kept = Reviewed.objects.get()
    assert (kept.workload, kept.band, kept.proposed) == (workload, "solid", "watch")
    stands = [kept.stands[which] for which in ("baseline", "acknowledged", "current")]
    assert [stand["case"]["version"] for stand in stands] == [1, 2, 3]
    current = stands[-1]
    assert len(current["case"]["hash"]) == len(current["estimate"]["hash"]) == 64
    assert len(kept.decision["hash"]) == 64
    assert kept.decision["acknowledgement"] == "agreed"
    assert (current["cost"], current["opportunity"]) == ("159171.27", "460000")


def test_the_next_review_begins_with_what_was_said_at_the_last(client: Client, cast: Cast) -> None:
    workload = added(cast)
    first = opened(cast)
    noted(cast, first, workload)
    closed(cast, first)
    revised(cast, workload, 20)
    second = opened(cast, "Fourth quarter", previous=first)
    (line,) = sheet(cast.felix, second).lines
    assert line.last
    assert (line.last.review, line.last.said.notes) == ("Third quarter", "Grows fast.")
    assert line.since_last
    assert line.since_last.opportunity
    assert line.since_last.opportunity.amount == Decimal(-230_000)
    client.force_login(cast.felix)
    form = client.get(f"/reviews/{second.pk}/workloads/{workload.slug}/").content.decode()
    assert "Grows fast." in form
    assert '<option value="watch" selected>' in form


def test_a_workload_that_left_the_filter_is_still_listed_from_last_time(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = submitted(cast)
    approve(cast.priya, request)
    workload = workload_of(request)
    first = opened(cast, query="band=strong")
    closed(cast, first)
    retract_case(actor=cast.olivia, workload=workload, seen=1, reason="Was wrong.")
    second = opened(cast, "Fourth quarter", query="band=strong", previous=first)
    (line,) = sheet(cast.felix, second).lines
    assert line.carried
    assert line.current.band == "unbacked"
    assert sheet(cast.felix, second).totals["projected"].amount == 0
    closed(cast, second)
    assert Reviewed.objects.get(closing__review=second).carried
    monkeypatch.setattr(Row, "ended", property(lambda _: True))
    third = opened(cast, "Next year", query="band=strong", previous=first)
    (line,) = sheet(cast.felix, third).lines
    assert (line.carried, line.over_since) == (True, "Ended since the last review")


def test_a_workload_that_was_stopped_since_says_so_and_points_nowhere(
    client: Client, cast: Cast
) -> None:
    workload = added(cast)
    first = opened(cast)
    noted(cast, first, workload)
    closed(cast, first)
    workload.refresh_from_db()
    stop_workload(actor=cast.olivia, workload=workload, seen=workload.seen, reason="No need.")
    second = opened(cast, "Fourth quarter", previous=first)
    client.force_login(cast.felix)
    page = client.get(f"/reviews/{second.pk}/").content.decode()
    assert "Stopped" in page
    said = " ".join(page.split())
    assert "stopped since the last review" in said
    assert "0 workloads and 1 carried over, in no total, as known" in said
    assert "The method points to" not in page
    page = client.get(f"/reviews/{second.pk}/workloads/{workload.slug}/").content.decode()
    assert "Stopped since the last review." in page
    closed(cast, second)
    assert "Stopped" in client.get(f"/reviews/{second.pk}/").content.decode()
    page = client.get(f"/reviews/{second.pk}/workloads/{workload.slug}/").content.decode()
    assert "stopped since the last review" in page
    assert "Stopped" not in client.get(f"/reviews/{first.pk}/").content.decode()
    (line,) = sheet(cast.felix, opened(cast, "Next year", previous=second)).lines
    assert line.over_since == "Stopped"


def test_what_was_said_is_not_lost_when_a_figure_moves_out_of_the_filter(cast: Cast) -> None:
    request = submitted(cast)
    approve(cast.priya, request)
    workload = workload_of(request)
    review = opened(cast, query="band=strong")
    noted(cast, review, workload)
    retract_case(actor=cast.olivia, workload=workload, seen=1, reason="Was wrong.")
    (line,) = sheet(cast.felix, review).lines
    assert line.carried
    assert line.said.notes == "Grows fast."
    seen = sheet(cast.felix, review).seen
    stop_workload(actor=cast.olivia, workload=workload, seen=workload.seen, reason="No need.")
    with pytest.raises(StaleError, match="changed meanwhile"):
        close_review(actor=cast.felix, review=review, seen=seen, summary="")


def test_a_changed_value_type_gives_no_difference(cast: Cast) -> None:
    request = submitted(cast)
    approve(cast.priya, request)
    workload = workload_of(request)
    first = opened(cast)
    closed(cast, first)
    revise_case(actor=cast.olivia, workload=workload, seen=1, case=REVENUE, reason="Sells now.")
    second = opened(cast, "Fourth quarter", previous=first)
    drift = sheet(cast.felix, second).lines[0].since_last
    assert drift
    assert drift.changes_type
    assert drift.opportunity is None
    assert drift.before.band != drift.after.band
    assert not drift.changes_band


def test_an_estimate_that_never_was_in_force_loses_no_band(cast: Cast) -> None:
    added(cast)
    review = opened(cast)
    (line,) = sheet(cast.felix, review).lines
    drift = line.since_baseline
    assert drift
    assert (drift.before.band, drift.after.band) == ("strong", "not_scored")
    assert not drift.changes_band
    assert drift.words == ["no estimate in force: not scored"]


def test_drift_says_for_which_year_each_side_is_scored(client: Client, cast: Cast) -> None:
    added(cast)
    first = opened(cast)
    closed(cast, first)
    second = opened(cast, "Fourth quarter", previous=first)
    client.force_login(cast.felix)
    page = client.get(f"/reviews/{second.pk}/").content.decode()
    said = " ".join(re.sub(r"<[^>]*>", " ", page).split())
    assert "Drift since the last review is as scored then" in said
    assert "since baseline and acknowledgement, each is scored for that day's funding year" in said


def test_totals_never_mix_the_two_types(cast: Cast) -> None:
    added(cast)
    added(cast, proposal(cast, name="Shop", case=REVENUE))
    totals = sheet(cast.felix, opened(cast)).totals
    assert totals["cost_saving"].amount == Decimal(1_150_000)
    assert totals["cost_saving"].value_type is ValueType.COST_SAVING
    assert totals["revenue_driving"].amount == Decimal(200001)


def test_nobody_closes_what_they_did_not_see(cast: Cast) -> None:
    workload, review = added(cast), opened(cast)
    seen = sheet(cast.felix, review).seen
    revised(cast, workload)
    with pytest.raises(StaleError, match="changed meanwhile"):
        close_review(actor=cast.felix, review=review, seen=seen, summary="")
    seen = sheet(cast.felix, review).seen
    describe_workload(
        actor=cast.olivia,
        workload=workload,
        name=workload.name,
        purpose=workload.purpose,
        space=workload.space,
        owner=cast.mona,
    )
    with pytest.raises(StaleError, match="changed meanwhile"):
        close_review(actor=cast.felix, review=review, seen=seen, summary="")
    seen = sheet(cast.felix, review).seen
    noted(cast, review, workload)
    review.refresh_from_db()
    with pytest.raises(StaleError, match="changed meanwhile"):
        close_review(actor=cast.felix, review=review, seen=seen, summary="")
    assert not Closing.objects.exists()


def test_nobody_closes_over_an_approval_that_they_did_not_see(cast: Cast) -> None:
    workload, review = added(cast), opened(cast)
    confirm_pending_estimate(
        actor=cast.priya, workload=workload, seen=seen_of(workload), rationale="Plausible."
    )
    request = send_to_approval(actor=cast.olivia, workload=workload, versions=(1, 1))
    seen = sheet(cast.felix, review).seen
    approve(cast.priya, request)
    with pytest.raises(StaleError, match="changed meanwhile"):
        close_review(actor=cast.felix, review=review, seen=seen, summary="")


def test_nobody_closes_over_spend_that_they_did_not_see(
    cast: Cast, tmp_path: Path, travel: Callable[[datetime], None]
) -> None:
    travel(datetime(2026, 10, 20, 12, tzinfo=UTC))
    workload = added(cast)
    rule_for(cast.felix, workload, "a")
    load(tmp_path, bedrock("a", 12.5))
    review = opened(cast)
    seen = sheet(cast.felix, review).seen
    load(tmp_path, bedrock("a", 13.5), execution="e-2")
    with pytest.raises(StaleError, match="changed meanwhile"):
        close_review(actor=cast.felix, review=review, seen=seen, summary="")


def test_a_review_lists_what_the_board_lists_under_its_lens(
    client: Client, cast: Cast, tmp_path: Path, travel: Callable[[datetime], None]
) -> None:
    travel(datetime(2026, 10, 20, 12, tzinfo=UTC))
    request = submitted(cast)
    approve(cast.priya, request)
    rule_for(cast.felix, workload_of(request), "a")
    load(tmp_path, bedrock("a", 12.5))
    client.force_login(cast.felix)
    for query in ("band=strong&lens=actual", "band=solid&lens=actual", "band=strong", "band=solid"):
        listed = [line.name for line in sheet(cast.felix, opened(cast, query, query=query)).lines]
        nodes = client.get(f"/board/map.json?{query}").json()["nodes"]
        found = [each["label"] for each in nodes if each["id"].startswith("workload-")]
        assert listed == found, query


def test_a_closed_review_is_neither_noted_nor_changed_nor_closed_again(cast: Cast) -> None:
    workload, review = added(cast), opened(cast)
    closed(cast, review)
    with pytest.raises(StaleError, match="closed this review"):
        noted(cast, review, workload)
    with pytest.raises(StaleError, match="closed this review"):
        change_review(actor=cast.felix, review=review, seen=1, name="X", as_of=today())
    with pytest.raises(StaleError, match="closed this review"):
        close_review(actor=cast.felix, review=review, seen="", summary="")


def test_of_two_who_write_the_second_is_told(cast: Cast) -> None:
    workload, review = added(cast), opened(cast)
    noted(cast, review, workload)
    with pytest.raises(StaleError, match="Felix Example wrote"):
        noted(cast, review, workload, notes="Mine.")
    noted(cast, review, workload, seen=1, notes="Mine.")
    assert Note.objects.get().notes == "Mine."
    # What is written of a workload leaves the review's own form as it is.
    change_review(actor=cast.felix, review=review, seen=1, name="Mine", as_of=today())
    with pytest.raises(StaleError, match="The review changed meanwhile"):
        change_review(actor=cast.felix, review=review, seen=1, name="Yours", as_of=today())


def test_a_past_day_shows_what_was_so_then(cast: Cast) -> None:
    added(cast)
    assert not sheet(cast.felix, opened(cast, as_of=today() - timedelta(days=1))).lines


def test_no_review_is_of_a_day_that_has_not_come(cast: Cast) -> None:
    with pytest.raises(ValidationError, match="not come yet"):
        opened(cast, as_of=today() + timedelta(days=1))
    with pytest.raises(ValidationError, match="not come yet"):
        change_review(
            actor=cast.felix,
            review=opened(cast),
            seen=1,
            name="Third quarter",
            as_of=today() + timedelta(days=1),
        )


def test_a_review_follows_a_closed_one(cast: Cast) -> None:
    with pytest.raises(ValidationError, match="still open"):
        opened(cast, "Fourth quarter", previous=opened(cast))
