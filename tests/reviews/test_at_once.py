"""Two people at one review: one closing, no note that is lost or that nobody closed over."""

from collections.abc import Callable

import pytest

from notices.models import Kind, Message
from records.clock import now
from reviews.actions import close_review, take_note
from reviews.models import Closing, Note, Review, Reviewed
from reviews.reports import open_sheet
from spaces.models import Workload
from tests.at_once import Crowd
from tests.cast import Cast, added
from tests.reviews.made import opened
from tests.soak import rounds
from valueboard.lib.errors import StaleError

pytestmark = pytest.mark.django_db(transaction=True)


def seen_of(cast: Cast, review: Review) -> str:
    return open_sheet(cast.felix, Review.objects.get(pk=review.pk), now()).seen


def closing(cast: Cast, review: Review, summary: str) -> Callable[[], str]:
    seen = seen_of(cast, review)

    def act() -> str:
        try:
            close_review(actor=cast.felix, review=review, seen=seen, summary=summary)
        except StaleError as stale:
            return str(stale)
        return ""

    return act


def noting(cast: Cast, review: Review, workload: Workload, notes: str) -> Callable[[], str]:
    def act() -> str:
        try:
            take_note(
                actor=cast.felix,
                review=review,
                workload=workload,
                seen=0,
                notes=notes,
                direction="watch",
            )
        except StaleError as stale:
            return str(stale)
        return ""

    return act


def test_a_review_that_two_close_at_once_is_closed_once(cast: Cast) -> None:
    workload = added(cast)
    with Crowd(2) as crowd:
        for number in range(rounds(2, 20)):
            review = opened(cast, f"Review {number}")
            noting(cast, review, workload, "Grows.")()
            said = crowd.do(*(closing(cast, review, f"By {each}.") for each in "ab"))
            (refused,) = filter(None, said)
            assert "closed this review meanwhile" in refused
            kept = Closing.objects.get(review=review)
            assert kept.summary == f"By {'ab'[said.index('')]}."
            assert Reviewed.objects.filter(closing=kept).count() == kept.workloads == 1
            told = Message.objects.filter(kind=Kind.REVIEW_CLOSED, subject__endswith=review.name)
            assert told.count() == 1


def test_of_two_first_notes_at_once_one_is_kept_and_the_other_is_told(cast: Cast) -> None:
    workload = added(cast)
    with Crowd(2) as crowd:
        for number in range(rounds(2, 20)):
            review = opened(cast, f"Review {number}")
            said = crowd.do(*(noting(cast, review, workload, each) for each in "ab"))
            (refused,) = filter(None, said)
            assert "wrote about this workload meanwhile" in refused
            note = Note.objects.get(review=review)
            assert (note.notes, note.revision) == ("ab"[said.index("")], 1)


def test_no_note_is_written_beside_a_closing(cast: Cast) -> None:
    """Either the closing is refused, for the page did not show the note, or the note is."""
    workload = added(cast)
    with Crowd(2) as crowd:
        for number in range(rounds(4, 40)):
            review = opened(cast, f"Review {number}")
            acts = (closing(cast, review, ""), noting(cast, review, workload, "Late."))
            closed, noted = crowd.do(*acts)
            assert bool(closed) != bool(noted)
            assert Closing.objects.filter(review=review).exists() == bool(noted)
            assert Note.objects.filter(review=review).exists() == bool(closed)
