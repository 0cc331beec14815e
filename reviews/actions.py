"""Every change to budget reviews: opening, changing, noting, closing."""

from collections import defaultdict
from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from accounts.models import User
from notices.actions import post
from notices.models import Kind
from records.clock import now, today
from reviews.access import TO_REVIEW, closing_of, may_edit
from reviews.lines import Line, Sheet
from reviews.models import Closing, Direction, Note, Review, Reviewed
from reviews.names import ACKNOWLEDGED, BASELINE, CURRENT, OVER
from reviews.reports import open_sheet, plain_totals
from spaces.models import Workload
from valueboard.lib import formats
from valueboard.lib.errors import StaleError
from valueboard.lib.history import keep
from valueboard.lib.months import why_unknown

LONGEST_NOTES = 4000
MOST_AT_ONCE = 500


@transaction.atomic
def open_review(
    *, actor: User, name: str, query: str, as_of: date, previous: Review | None = None
) -> Review:
    """Open a review over what `query` finds at the end of `as_of`, or by now where that is today.

    It starts with what was said at `previous`, which is closed. Raise `ValidationError`.
    """
    _must_edit(actor)
    _refuse_unknown(as_of)
    if previous is not None and closing_of(previous) is None:
        raise ValidationError({"previous": "That review is still open. Close it first."})
    review = Review(
        name=name.strip(),
        query=query,
        as_of=as_of,
        previous=previous,
        created_by=actor,
        created_at=now(),
    )
    keep(review, actor=actor, reason="Opened.", beside="name")
    return review


@transaction.atomic
def change_review(*, actor: User, review: Review, seen: int, name: str, as_of: date) -> Review:
    """Give an open review another name or day; `seen` is the revision that was shown."""
    _must_edit(actor)
    locked = _locked(review)
    if locked.revision != seen:
        message = "The review changed meanwhile. Nothing was saved."
        raise StaleError(message)
    _refuse_unknown(as_of)
    locked.name, locked.as_of = name.strip(), as_of
    locked.revision += 1
    keep(locked, actor=actor, reason="Changed.", beside="name")
    return locked


@transaction.atomic
def take_note(
    *, actor: User, review: Review, workload: Workload, seen: int, notes: str, direction: str
) -> Note:
    """Write down what the review says of a workload; `seen` is the note's revision, 0 for none.

    Raise `StaleError` if somebody wrote meanwhile, or closed the review.
    """
    _must_edit(actor)
    locked = _locked(review)
    if direction and direction not in Direction.values:
        raise ValidationError({"direction": "Choose one of the directions, or none."})
    if len(notes) > LONGEST_NOTES:
        raise ValidationError({"notes": f"At most {formats.number(LONGEST_NOTES)} characters."})
    note = Note.objects.filter(review=locked, workload=workload).select_related("by").first()
    if (note.revision if note else 0) != seen:
        who = note.by if note else "Somebody"
        message = f"{who} wrote about this workload meanwhile. Nothing was saved."
        raise StaleError(message)
    note = note or Note(review=locked, workload=workload, revision=0)
    note.notes, note.direction = notes.strip(), direction
    note.by, note.at, note.revision = actor, now(), note.revision + 1
    keep(note, actor=actor, reason="Noted.")
    return note


@transaction.atomic
def close_review(*, actor: User, review: Review, seen: str, summary: str) -> Closing:
    """Freeze a review: what was asked, the figures of its day, and what was said of each workload.

    `seen` is the digest of what the page showed (`Sheet.seen`): where a figure or a note is another
    by now, raise `StaleError`. Owners are told what was said of their workloads.
    """
    _must_edit(actor)
    locked = _locked(review)
    sheet = open_sheet(actor, locked, now())
    if sheet.seen != seen:
        message = "Figures or notes changed meanwhile. Look again before you close the review."
        raise StaleError(message)
    closing = Closing.objects.create(
        review=locked,
        name=locked.name,
        query=locked.query,
        as_of=locked.as_of,
        known_at=sheet.known_at,
        workloads=len(sheet.lines),
        bounds_version=sheet.bounds_version,
        basis=sheet.basis,
        deliveries=list(sheet.deliveries),
        totals=plain_totals(sheet.totals),
        summary=summary.strip(),
        recorded_by=actor,
    )
    Reviewed.objects.bulk_create(
        [_reviewed(closing, line, place, actor) for place, line in enumerate(sheet.lines, 1)],
        batch_size=MOST_AT_ONCE,
    )
    _tell_owners(actor, closing, sheet)
    return closing


def _must_edit(actor: User) -> None:
    if not may_edit(actor):
        raise PermissionDenied(TO_REVIEW)


def _refuse_unknown(as_of: date) -> None:
    if wrong := why_unknown(as_of, today()):
        raise ValidationError({"as_of": wrong})


def _locked(review: Review) -> Review:
    """Return an open review, locked against other changes until the transaction ends."""
    locked = Review.objects.select_for_update(of=("self",)).get(pk=review.pk)
    closing = closing_of(locked)
    if closing is not None:
        message = f"{closing.recorded_by} closed this review meanwhile. Nothing was saved."
        raise StaleError(message)
    return locked


def _reviewed(closing: Closing, line: Line, position: int, actor: User) -> Reviewed:
    stands = {
        BASELINE: line.baseline,
        ACKNOWLEDGED: line.acknowledged,
        CURRENT: line.current,
    }
    return Reviewed(
        closing=closing,
        workload_id=line.id,
        position=position,
        name=line.name,
        space=line.space,
        owner=line.owner,
        carried=line.carried,
        decision=line.approval.plain() if line.approval else {},
        stands={
            **{which: stand.plain() for which, stand in stands.items() if stand},
            OVER: line.over,
        },
        band=line.current.band,
        proposed=line.proposed,
        direction=line.said.direction,
        notes=line.said.notes,
        recorded_by=actor,
    )


def _tell_owners(actor: User, closing: Closing, sheet: Sheet) -> None:
    said = {line.id: line for line in sheet.lines if not line.said.is_empty}
    owned: dict[User, list[Line]] = defaultdict(list)
    found = Workload.objects.filter(pk__in=said).select_related("owner").order_by("name", "pk")
    for workload in found:
        owned[workload.owner].append(said[workload.pk])
    for owner, lines in owned.items():
        post(
            recipient=owner,
            kind=Kind.REVIEW_CLOSED,
            subject=f"Budget review closed: {closing.name}",
            template="reviews/closed.txt",
            context={"closing": closing, "actor": actor, "lines": lines},
        )
