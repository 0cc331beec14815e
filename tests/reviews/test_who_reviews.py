"""Who holds a budget review, who reads it, who is told, and how the board leads to it."""

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from notices.models import Message
from records.clock import today
from reviews.actions import change_review, close_review, open_review, take_note
from reviews.models import Review
from spaces.models import Workload
from tests.cast import Cast, added, proposal
from tests.reviews.test_reviewing import closed, noted, opened, sheet


@pytest.mark.parametrize("who", ["priya", "erin", "adam", "olivia", "sam"])
def test_only_finance_holds_reviews(cast: Cast, who: str) -> None:
    workload, review, actor = added(cast), opened(cast), getattr(cast, who)
    for act in (
        lambda: open_review(actor=actor, name="X", query="", as_of=today()),
        lambda: change_review(actor=actor, review=review, seen=1, name="X", as_of=today()),
        lambda: take_note(
            actor=actor, review=review, workload=workload, seen=0, notes="X", direction=""
        ),
        lambda: close_review(actor=actor, review=review, seen="", summary=""),
    ):
        with pytest.raises(PermissionDenied):
            act()


@pytest.mark.parametrize(
    ("who", "while_open", "afterwards"),
    [("priya", 200, 200), ("erin", 200, 200), ("mona", 404, 200), ("oscar", 404, 404)],
)
def test_who_reads_a_review(
    client: Client, cast: Cast, who: str, while_open: int, afterwards: int
) -> None:
    added(cast)
    review = opened(cast)
    client.force_login(getattr(cast, who))
    assert client.get(f"/reviews/{review.pk}/").status_code == while_open
    closed(cast, review)
    assert client.get(f"/reviews/{review.pk}/").status_code == afterwards


def test_a_member_reads_what_was_said_of_workloads_of_theirs_and_no_totals(
    client: Client, cast: Cast
) -> None:
    mine = added(cast)
    oscars = added(cast, proposal(cast, name="Secret chat", owner=cast.olivia))
    Workload.objects.filter(pk=oscars.pk).update(space=cast.support, owner=cast.oscar)
    review = opened(cast)
    noted(cast, review, mine)
    noted(cast, review, oscars, notes="Unheard of.")
    closed(cast, review, "Secret chat costs too much.")
    client.force_login(cast.mona)
    page = client.get(f"/reviews/{review.pk}/").content.decode()
    assert "Grows fast." in page
    assert "Secret chat" not in page
    assert "Unheard of." not in page
    assert not sheet(cast.mona, review).totals
    assert client.get(f"/reviews/{review.pk}/workloads/{oscars.slug}/").status_code == 404
    client.force_login(cast.felix)
    for workload, said in ((mine, "Grows fast."), (oscars, "Unheard of.")):
        overview = client.get(f"/workloads/{workload.slug}/").content.decode()
        assert "Said at the last budget review" in overview
        assert said in overview
    client.force_login(cast.mona)
    assert "Grows fast." in client.get(f"/workloads/{mine.slug}/").content.decode()


def test_owners_are_told_what_was_said(cast: Cast) -> None:
    workload = added(cast)
    added(cast, proposal(cast, name="Unsaid"))
    review = opened(cast)
    noted(cast, review, workload)
    Message.objects.all().delete()
    closed(cast, review)
    message = Message.objects.get()
    assert message.recipient == cast.olivia
    assert "Grows fast." in message.body
    assert "On course; watch for growth" in message.body
    assert "Unsaid" not in message.body


def test_the_board_is_reviewed_as_it_was_filtered(client: Client, cast: Cast) -> None:
    added(cast)
    client.force_login(cast.felix)
    page = client.get("/reviews/new/?band=strong&sort=name&page=3&nonsense=1").content.decode()
    assert "nonsense" in page
    client.post(
        "/reviews/new/",
        {"query": "band=strong&sort=name&page=3", "name": "Q3", "as_of": f"{today()}"},
    )
    review = Review.objects.get()
    assert review.query == "band=strong"


def test_a_past_day_of_the_board_is_the_day_of_the_review(client: Client, cast: Cast) -> None:
    client.force_login(cast.felix)
    page = client.get("/reviews/new/?as_of=2026-03-31&band=weak").content.decode()
    assert 'value="2026-03-31"' in page
