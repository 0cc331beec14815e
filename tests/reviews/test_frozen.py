"""What the database keeps of a closed review, past every action."""

from collections.abc import Callable

import pytest
from django.db import IntegrityError, connection, transaction

from reviews.models import Closing, Note, Review
from tests.cast import Cast, added, proposal
from tests.reviews.made import closed, noted, opened, placed


def refused(constraint: str) -> Callable[[Exception], bool]:
    def names_it(error: Exception) -> bool:
        diagnosis = getattr(error.__cause__, "diag", None)
        return bool(diagnosis and diagnosis.constraint_name == constraint)

    return names_it


@pytest.mark.parametrize(
    "attack",
    [
        lambda review, note: Review.objects.filter(pk=review.pk).update(name="Other"),
        lambda review, note: Review.objects.filter(pk=review.pk).update(as_of="2020-01-01"),
        lambda review, note: Note.objects.filter(pk=note.pk).update(direction="scale"),
        lambda review, note: Note.objects.filter(pk=note.pk).delete(),
    ],
    ids=["name", "date", "note", "no note"],
)
def test_nothing_of_a_closed_review_changes(
    cast: Cast, attack: Callable[[Review, Note], object]
) -> None:
    workload = added(cast)
    review = opened(cast)
    note = noted(cast, review, workload)
    closed(cast, review, workload)
    with pytest.raises(IntegrityError, match="closed") as error, transaction.atomic():
        attack(review, note)
    assert refused("closed_review_holds")(error.value)


def test_a_closed_review_takes_no_further_note(cast: Cast) -> None:
    review = opened(cast)
    closed(cast, review)
    with pytest.raises(IntegrityError, match="closed"), transaction.atomic():
        noted(cast, review, added(cast))


def test_a_note_is_not_moved_out_of_a_closed_review_nor_into_one(cast: Cast) -> None:
    one, other = opened(cast), opened(cast, "Fourth quarter")
    note = noted(cast, one, added(cast))
    closed(cast, other)
    with pytest.raises(IntegrityError, match="closed"), transaction.atomic():
        Note.objects.filter(pk=note.pk).update(review=other)
    closed(cast, one)
    third = opened(cast, "Fifth")
    with pytest.raises(IntegrityError, match="closed"), transaction.atomic():
        Note.objects.filter(pk=note.pk).update(review=third)


def test_an_open_review_changes(cast: Cast) -> None:
    review = opened(cast)
    noted(cast, review, added(cast))
    Review.objects.filter(pk=review.pk).update(name="Other")
    Note.objects.filter(review=review).update(direction="scale")
    Note.objects.filter(review=review).delete()


def test_a_review_is_closed_once(cast: Cast) -> None:
    review = opened(cast)
    closed(cast, review)
    with pytest.raises(IntegrityError, match="review_id"), transaction.atomic():
        closed(cast, review)


@pytest.mark.parametrize("who", ["priya", "erin", "olivia", "adam"])
def test_only_finance_closes(cast: Cast, who: str) -> None:
    with pytest.raises(IntegrityError, match="Only Finance"), transaction.atomic():
        closed(cast, opened(cast), recorded_by=getattr(cast, who))


@pytest.mark.parametrize("position", [0, 2])
def test_nothing_is_put_to_a_closing_beyond_its_places(cast: Cast, position: int) -> None:
    """They are all taken when it is closed, so that nothing is added later."""
    closing = closed(cast, opened(cast), added(cast))
    other = added(cast, proposal(cast, name="Other"))
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        placed(closing, other, position)
    assert refused("reviewed_has_a_place")(error.value)
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        placed(closing, other, 1)
    assert refused("reviewed_in_order")(error.value)


def close_short(cast: Cast) -> None:
    """Close over two workloads, list one, and come to the end of the transaction."""
    closed(cast, opened(cast), added(cast), workloads=2)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_a_closing_has_all_the_workloads_that_it_says(cast: Cast) -> None:
    with pytest.raises(IntegrityError, match="all the workloads"), transaction.atomic():
        close_short(cast)
    assert not Closing.objects.exists()


def test_only_directions_of_the_method_are_noted(cast: Cast) -> None:
    workload, review = added(cast), opened(cast)
    with pytest.raises(IntegrityError, match="note_direction_is_known"), transaction.atomic():
        noted(cast, review, workload, direction="double")


def test_only_directions_of_the_method_are_kept(cast: Cast) -> None:
    workload = added(cast)
    closing = closed(cast, opened(cast), workloads=1)
    with pytest.raises(IntegrityError, match="reviewed_direction_is"), transaction.atomic():
        placed(closing, workload, 1, direction="double")
    placed(closing, workload, 1)


def test_a_workload_is_reviewed_once(cast: Cast) -> None:
    workload = added(cast)
    closing = closed(cast, opened(cast), workload, workloads=2)
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        placed(closing, workload, 2)
    assert refused("reviewed_once")(error.value)
    placed(closing, added(cast, proposal(cast, name="Other")), 2)


def test_a_workload_has_one_note_in_a_review(cast: Cast) -> None:
    workload, review = added(cast), opened(cast)
    noted(cast, review, workload)
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        noted(cast, review, workload)
    assert refused("note_once_per_workload")(error.value)


def test_names_tell_reviews_apart_whatever_their_case(cast: Cast) -> None:
    opened(cast, "Third quarter")
    with pytest.raises(IntegrityError, match="review_name_once"), transaction.atomic():
        opened(cast, "THIRD quarter")


def test_no_review_follows_itself(cast: Cast) -> None:
    review = opened(cast)
    with pytest.raises(IntegrityError, match="review_follows"), transaction.atomic():
        Review.objects.filter(pk=review.pk).update(previous=review)
