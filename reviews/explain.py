"""How the figures that a closed review kept are made, and what changed between two stands.

The kept amount is the figure: it stands, whatever is recorded later. Its explanation is that of the
moment of the review, by the versions that were kept, with the frozen record of the amount beside.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from django.urls import reverse

from accounts.models import User
from business_cases.figure_names import PREFIX as WORKLOAD
from business_cases.figure_names import workload_about
from business_cases.reading import read_facts
from positions.explain import explain_workload
from positions.explain.formulas import FORMULAS
from positions.reader import Reader
from positions.rows import rows_at
from records.references import reference_to
from reviews.access import closing_of, get_review, reviewed_read
from reviews.lines import TOTALS
from reviews.models import Closing, Review, Reviewed
from reviews.names import PREFIX
from reviews.reports import current_kept, figures_of, stand_kept
from reviews.stands import Stand
from valueboard.lib.explained import (
    Explanation,
    Given,
    Rows_,
    UnexplainedError,
    What,
)
from valueboard.lib.figure import Figure, Made, at_moment, change

ROWS_SHOWN = 50
KEPT = "As the review kept it"
FROZEN = "Frozen when the review was closed: whatever is recorded later leaves it as it is."
FIGURES: dict[str, Callable[[Stand], Figure | None]] = {
    What.OPPORTUNITY: lambda stand: stand.opportunity,
    What.PROJECTED: lambda stand: stand.cost,
    What.PROSPECT: lambda stand: stand.prospect,
}


def explain_review(user: User, made: Made, known_at: datetime, page: int = 1) -> Explanation:
    """Explain a kept figure, a kept total, or a change, as far as the person reads it."""
    if made.what == What.CHANGE:
        return _change(user, made, known_at)
    _, number, *rest = made.of.split(":")
    if not number.isdecimal():
        raise UnexplainedError(made.of)
    review = get_review(user, int(number))
    closing = closing_of(review)
    match rest:
        case [] if closing:
            return _total(user, made, closing, page)
        case [slug, which] if closing:
            return _kept(user, made, review, slug, which)
    raise UnexplainedError(made.of)


def _kept(user: User, made: Made, review: Review, slug: str, which: str) -> Explanation:
    """Explain a figure of a stand by the versions and the moment that were kept with it."""
    found = reviewed_read(user).filter(closing__review=review, workload__slug=slug)
    kept = found.select_related("closing", "workload", "recorded_by").first()
    stand = stand_kept(kept, which) if kept else None
    figure = FIGURES[made.what](stand) if stand and made.what in FIGURES else None
    if kept is None or stand is None or figure is None:
        raise UnexplainedError(made.of)
    moment = kept.closing.known_at
    about = workload_about(slug, at_moment(moment)).part(
        f"e{stand.estimate.version}" if stand.estimate else "",
        f"c{stand.case.version}" if stand.case else "c0",
    )
    then = explain_workload(user, Made(made.what, about.of, about.at), moment)
    return replace(
        then,
        made=made,
        figure=figure,
        inputs=(*then.inputs, Given("kept", KEPT, figure.amount, figure.unit, figure.kind,
                                    record=reference_to(kept, "Reviewed", slug))),
        about=(f"{kept.name} in {kept.closing.name}",
               reverse("review-workload", args=[review.pk, slug])),
        notes=(*then.notes, FROZEN),
    )  # fmt: skip


def _total(user: User, made: Made, closing: Closing, page: int) -> Explanation:
    """Explain a total by the kept workloads that it was added up from, a page of them at a time.

    Only for those who read all of them, as the page shows it.
    """
    key = next((key for key, (what, *_) in TOTALS.items() if what == made.what), "")
    kept = list(
        reviewed_read(user)
        .filter(closing=closing)
        .select_related("closing", "workload")
        .order_by("position")
    )
    if key not in closing.totals or len(kept) != closing.workloads:
        raise UnexplainedError(made.of)
    figure = figures_of(closing.totals)[key].explained_as(made)
    rates = _run_rates(user, closing) if key == "run_rate" else {}
    terms = [
        (each, term)
        for each in kept
        if not each.carried
        and (term := rates.get(each.workload_id) if rates else _term(current_kept(each), figure))
    ]
    begin = (page - 1) * ROWS_SHOWN
    more = f"{reverse('figure')}?{made.query}&page={page + 1}"
    return Explanation(
        made,
        figure,
        f"Total: {TOTALS[key][1]}",
        "total@1",
        FORMULAS["total@1"],
        (
            Given("n", "Workloads", len(terms)),
            Rows_(
                "terms",
                "Workloads that were added up",
                ("Workload", "Amount"),
                tuple(_row(each, term) for each, term in terms[begin : begin + ROWS_SHOWN]),
                len(terms),
                more=more if begin + ROWS_SHOWN < len(terms) else "",
            ),
            Given(
                "kept",
                KEPT,
                figure.amount,
                figure.unit,
                figure.kind,
                record=reference_to(closing, "Closing"),
            ),
        ),
        closing.as_of,
        closing.known_at,
        about=(closing.name, reverse("review", args=[closing.review_id])),
        notes=("Without workloads that were carried over from the review before.",)
        if any(each.carried for each in kept)
        else (),
    )


def _term(stand: Stand, total: Figure) -> Figure | None:
    """Return what a stand adds to a total: its figure of the same kind and value type."""
    for figure in (stand.cost, stand.opportunity):
        if figure and figure.is_like(total):
            return figure
    return None


def _run_rates(user: User, closing: Closing) -> dict[int, Figure]:
    """Return the scaled run-rates as known at the moment: no stand keeps them."""
    facts = read_facts(Reader.of(user), [closing.known_at])
    rows = rows_at(facts, closing.known_at, asked=at_moment(closing.known_at))
    return {row.id: row.actual_rate for row in rows.rows if row.rate.months}


def _row(kept: Reviewed, term: Figure) -> tuple[Given, ...]:
    url = f"{reverse('figure')}?{term.made.query}" if term.made else ""
    page = reverse("review-workload", args=[kept.closing.review_id, kept.workload.slug])
    return (
        Given("workload", "Workload", kept.name, url=page),
        Given("amount", "Amount", term.amount, term.unit, term.kind, url=url),
    )


def _change(user: User, made: Made, known_at: datetime) -> Explanation:
    """Explain by how much a figure changed from one stand to another, each with its own panel."""
    what, _, sides = made.of.removeprefix(f"{PREFIX}:").partition(":")
    before, _, after = sides.partition("~")
    if what not in {What.OPPORTUNITY, What.PROJECTED}:
        raise UnexplainedError(made.of)
    found = [_side(user, Made(what, of, made.at), known_at) for of in (before, after)]
    figure = change(*(each.figure for each in found))
    if figure is None:
        raise UnexplainedError(made.of)
    was, now = found
    return replace(
        now,
        made=made,
        figure=figure.explained_as(made),
        title=f"Change: {now.title}",
        formula="difference@1",
        words=FORMULAS["difference@1"],
        equation="",
        inputs=tuple(
            Given(symbol, label, each.figure.amount, each.figure.unit, each.figure.kind,
                  url=f"{reverse('figure')}?{each.made.query}",
                  note=f"{each.about[0]}, as known then")
            for symbol, label, each in (("b", "Before", was), ("a", "After", now))
        ),
        notes=(),
    )  # fmt: skip


def _side(user: User, made: Made, known_at: datetime) -> Explanation:
    prefix = made.of.partition(":")[0]
    if prefix == WORKLOAD:
        return explain_workload(user, made, known_at)
    if prefix == PREFIX:
        return explain_review(user, replace(made, at=""), known_at)
    raise UnexplainedError(made.of)
