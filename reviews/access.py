"""Who may do what with budget reviews (METHOD 2); fetch and authorise in one call.

| Verb | Who |
|---|---|
| open, change and close a review, write notes and directions | Finance |
| read every review | Financial Admin, Finance, Executive |
| read what a closed review said of workloads that one reads | everybody |
"""

from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, QuerySet
from django.shortcuts import get_object_or_404

from accounts.models import Role, User
from accounts.policy import reads_everything
from reviews.models import Closing, Review, Reviewed
from spaces.models import Workload

EDITORS = (Role.FINANCE,)
TO_REVIEW = "Only Finance holds budget reviews."


def may_edit(user: User) -> bool:
    """Tell whether the person opens and closes reviews and writes notes."""
    return bool(user.roles.intersection(EDITORS))


def must_edit(user: User) -> None:
    """Raise `PermissionDenied` unless the person holds reviews: what actions ask."""
    if not may_edit(user):
        raise PermissionDenied(TO_REVIEW)


def reviews_read(user: User) -> QuerySet[Review]:
    """Return the reviews that the person reads: all, or closed ones about workloads of theirs."""
    if reads_everything(user):
        return Review.objects.all()
    about = reviewed_read(user).filter(closing__review=OuterRef("pk"))
    return Review.objects.filter(Exists(about))


def reviewed_read(user: User) -> QuerySet[Reviewed]:
    """Return what closed reviews said of the workloads that the person reads."""
    return Reviewed.objects.filter(workload__in=Workload.objects.visible_to(user))


def get_review(user: User, pk: int) -> Review:
    """Return a review that the person reads, or raise 404."""
    return get_object_or_404(reviews_read(user).select_related("previous", "created_by"), pk=pk)


def closing_of(review: Review) -> Closing | None:
    """Return how a review was closed, None while it is open."""
    return Closing.objects.select_related("recorded_by").filter(review=review).first()
