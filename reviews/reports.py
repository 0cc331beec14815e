"""What a review shows: of an open one the figures of its day, of a closed one what was kept."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from django.db.models import QuerySet
from django.utils.timezone import localdate

from accounts.models import User
from business_cases.comparison import baseline_side, current_side, named_side
from business_cases.facts import Decided
from business_cases.figure_names import workload_about
from business_cases.figures import CURRENCY
from business_cases.reading import read_facts
from positions.asked import names_of_spaces
from positions.explain.totals import totals_about
from positions.query import Names, Query
from positions.reader import Reader, Tree
from positions.rows import Row, Rows, chosen, rows_at, totals
from records.clock import now
from reviews.access import closing_of, reviewed_read
from reviews.lines import TOTALS, Approval, Last, Line, Said, Sheet
from reviews.models import POINTS_TO, Closing, Direction, Note, Review, Reviewed
from reviews.names import ACKNOWLEDGED, BASELINE, CURRENT, OVER, kept_about
from reviews.stands import Stand, stand_of
from spaces.models import WorkloadState
from valueboard.lib.figure import UNNAMED, About, Figure, at_moment
from valueboard.lib.moment import end_of
from valueboard.lib.sheets import exact


def read_sheet(user: User, review: Review) -> Sheet:
    """Read a review as a person sees it: a closed one from what was kept, and from nothing else."""
    closing = closing_of(review)
    return kept_sheet(user, review, closing) if closing else open_sheet(user, review, now())


# --- of an open review ----------------------------------------------------------------------------


def moment_of(as_of: date, at: datetime) -> datetime:
    """Return the moment whose facts a day means: its end, or `at` where that is today."""
    return end_of(as_of) if as_of < localdate(at) else at


def open_sheet(user: User, review: Review, at: datetime) -> Sheet:
    """Read the figures of an open review's day, in a constant number of queries."""
    reader = Reader.of(user)
    moment = moment_of(review.as_of, at)
    facts = read_facts(reader, [moment], whole=True)
    query = query_of(review)
    # Bands are filtered under the lens; what a review says of each is of what was planned.
    everything = rows_at(facts, moment, query.lens)
    rows = chosen(everything, query, reader.tree)
    last = {each.workload_id: each for each in kept_before(review)}
    notes = {note.workload_id: note for note in Note.objects.filter(review=review)}
    named = at_moment(moment)
    about = totals_about(query, named)
    found = {row.id for row in rows.rows}
    # What was said last time, or was said already, is not lost because a figure moved.
    stays = (last.keys() | notes.keys()) - found
    carried = [row for row in everything.rows if row.id in stays]
    lines = [
        replace(line, said=_said(notes.get(line.id)), last=_last(last.get(line.id)))
        for line in (
            *(_line(row, reader.tree, named, carried=False) for row in rows.rows),
            *(_line(row, reader.tree, named, carried=True) for row in carried),
        )
    ]
    added = totals(rows.rows)
    return Sheet(
        review=review,
        closing=None,
        query=query,
        asked=query.asked(names_of(reader.tree, everything)),
        known_at=moment,
        bounds_version=rows.bounds_version,
        basis=rows.basis,
        deliveries=rows.deliveries,
        lines=lines,
        totals={
            key: getattr(added, key).explained_as(about.made(what))
            for key, (what, *_) in TOTALS.items()
        },
    )


def query_of(review: Review) -> Query:
    """Return what a review filters by; its day stands in the review."""
    return Query.read(review.query, review.as_of)[0]


def names_of(tree: Tree, rows: Rows) -> Names:
    """Return what Spaces and people are called, as far as the person reads them."""
    return Names(names_of_spaces(tree), {row.owner_id: row.owner for row in rows.rows})


def _line(row: Row, tree: Tree, at: str, *, carried: bool) -> Line:
    standing, month, bounds = row.standing, row.at.month, row.at.bounds
    about = workload_about(row.slug, at)
    approval = row.decisions.approval
    decided = next((d for d in row.facts.decisions if approval and d.id == approval.id), None)
    current = stand_of(current_side(standing), month, bounds, about)
    return Line(
        id=row.id,
        slug=row.slug,
        name=row.name,
        space=tree.path(row.space_id),
        owner=row.owner,
        carried=carried,
        approval=_approval(decided),
        baseline=stand_of(baseline_side(standing), month, bounds, about) if row.baseline else None,
        acknowledged=stand_of(
            named_side(standing, "", approval.estimate_version, approval.case_version),
            month,
            bounds,
            about,
        )
        if approval
        else None,
        current=current,
        proposed=POINTS_TO[current.band],
        over=_over(row),
    )


def _over(row: Row) -> str:
    if row.state == WorkloadState.STOPPED:
        return WorkloadState.STOPPED.label
    return "Ended" if row.ended else ""


def _approval(decided: Decided | None) -> Approval | None:
    if decided is None:
        return None
    return Approval(
        decided.id,
        decided.hash,
        decided.acknowledgement,
        decided.by,
        decided.at,
        decided.rationale,
    )


def _said(note: Note | None) -> Said:
    return Said(note.notes, note.direction, note.revision) if note else Said()


# --- of a closed one ------------------------------------------------------------------------------


def kept_sheet(user: User, review: Review, closing: Closing) -> Sheet:
    """Read a closed review: the workloads that the person reads, with nothing computed again."""
    kept = _in_order(reviewed_read(user).filter(closing=closing))
    before = {each.workload_id: each for each in kept_before(review)}
    reader = Reader.of(user)
    query = query_of(review)
    whole = len(kept) == closing.workloads
    return Sheet(
        review=review,
        closing=closing,
        query=query,
        asked=query.asked(Names(names_of_spaces(reader.tree), _owners(kept))),
        known_at=closing.known_at,
        bounds_version=closing.bounds_version,
        basis=closing.basis,
        deliveries=closing.deliveries,
        lines=[line_of(each, before.get(each.workload_id)) for each in kept],
        totals=figures_of(closing.totals, kept_about(review.pk)) if whole else {},
        summary=closing.summary if whole else "",
    )


def line_of(kept: Reviewed, before: Reviewed | None = None) -> Line:
    """Return a workload as a review left it."""
    return Line(
        id=kept.workload_id,
        slug=kept.workload.slug,
        name=kept.name,
        space=kept.space,
        owner=kept.owner,
        carried=kept.carried,
        approval=Approval.read(kept.decision),
        baseline=stand_kept(kept, BASELINE),
        acknowledged=stand_kept(kept, ACKNOWLEDGED),
        current=current_kept(kept),
        proposed=Direction(kept.proposed),
        said=Said(kept.notes, kept.direction),
        last=_last(before),
        over=kept.stands.get(OVER, ""),
    )


def kept_before(review: Review) -> Sequence[Reviewed]:
    """Return what the review before left of each workload; nothing without one."""
    if review.previous_id is None:
        return ()
    return _in_order(Reviewed.objects.filter(closing__review=review.previous_id))


def figures_of(kept: Mapping[str, str], about: About = UNNAMED) -> dict[str, Figure]:
    """Return the totals that a closing kept."""
    return {
        key: Figure(Decimal(kept[key]), CURRENCY, kind, value_type, made=about.made(what))
        for key, (what, _, kind, value_type) in TOTALS.items()
        if key in kept
    }


def plain_totals(figures: Mapping[str, Figure]) -> dict[str, str]:
    """Return totals for JSON."""
    return {key: exact(figure.amount) for key, figure in figures.items()}


def stand_kept(kept: Reviewed, which: str) -> Stand | None:
    """Return where a workload stood, as it was kept; None where there was no such stand."""
    found = kept.stands.get(which)
    about = kept_about(kept.closing.review_id, kept.workload.slug, which)
    return Stand.read(found, about) if found else None


def current_kept(kept: Reviewed) -> Stand:
    """Return where a workload stood at the moment of the review; there is always one."""
    about = kept_about(kept.closing.review_id, kept.workload.slug, CURRENT)
    return Stand.read(kept.stands[CURRENT], about)


def _last(kept: Reviewed | None) -> Last | None:
    if kept is None:
        return None
    closing = kept.closing
    return Last(
        closing.name,
        closing.recorded_at,
        Said(kept.notes, kept.direction),
        current_kept(kept),
        kept.carried,
    )


def _in_order(kept: QuerySet[Reviewed]) -> Sequence[Reviewed]:
    return list(kept.select_related("closing", "workload").order_by("position"))


def _owners(kept: Iterable[Reviewed]) -> dict[int, str]:
    return {each.workload.owner_id: each.owner for each in kept}
