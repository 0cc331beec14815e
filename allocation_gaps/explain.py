"""How the figures of gaps are made: unclaimed spend, and totals over the gaps of a list.

`gap:` is followed by the id of a gap, `gaps:` by the query of the list and, after `|`, the label of
one group of it. Figures of one workload are explained as everywhere (positions.explain).
"""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.http import QueryDict
from django.urls import reverse
from django.utils.timezone import localdate

from accounts.models import User
from allocation_gaps.access import get_opening
from allocation_gaps.gap import Gap
from allocation_gaps.listing import Totals, grouped, read_listing
from allocation_gaps.reports import get_gap
from cur_ingest.unclaimed import MONTHS_BACK, unclaimed_groups_of
from positions.explain.formulas import FORMULAS
from records.references import reference_to
from valueboard.lib.explained import (
    MONTH,
    Explanation,
    Given,
    Rows_,
    UnexplainedError,
    What,
)
from valueboard.lib.figure import About, Figure, Kind, Made, at_moment, total
from valueboard.lib.formats import short_month
from valueboard.lib.months import add_months, month_of

ONE, MANY = "gap", "gaps"  # what an `of` begins with
ROWS_SHOWN = 50
CURRENCY: str = settings.REPORTING_CURRENCY
TITLES = {
    What.TOTAL_PROJECTED: "Projected annual cost of workloads with gaps",
    What.TOTAL_RUN_RATE: "Actual run-rate of workloads with gaps",
    What.TOTAL_UNCLAIMED: "Unclaimed AI spend",
}
EACH_ONCE = "A workload counts once, whatever gaps it has."


def explain_unclaimed(user: User, made: Made, known_at: datetime, _page: int = 1) -> Explanation:
    """Explain unclaimed spend: by month, or as it was recorded when the gap was found."""
    text = made.of.partition(":")[2]
    if made.what != What.UNCLAIMED or not text.isdecimal():
        raise UnexplainedError(made.of)
    opening = get_opening(user, int(text))
    if opening.workload_id is not None:
        raise UnexplainedError(made.of)
    if opening.recorded_at > known_at:
        raise UnexplainedError(made.of)
    gap = get_gap(opening, known_at)
    months = _months(gap) if gap.stake else ()
    figure = gap.actual.explained_as(made)
    return Explanation(
        made,
        figure,
        f"Unclaimed AI spend: {gap.name}",
        "total@1",
        FORMULAS["total@1"],
        (
            Rows_(
                "terms",
                "Usage charges that no rule gives to a workload",
                ("Month", "Amount"),
                months or (_recorded(gap),),
                len(months) or 1,
                url=gap.subject_url,
                url_words="The daily lines",
            ),
        ),
        localdate(known_at),
        known_at,
        about=(str(gap.opening), gap.opening.get_absolute_url()),
        notes=("Lines as they are attributed now.",) if months else ("As it was found.",),
    )


def explain_gaps(user: User, made: Made, known_at: datetime, page: int = 1) -> Explanation:
    """Explain a total over the gaps of a list, as far as the person reads them."""
    query, _, label = made.of.partition(":")[2].partition("|")
    title = next((words for what, words in TITLES.items() if what == made.what), None)
    listing = read_listing(user, QueryDict(query), known_at)
    if title is None or listing.problems:
        raise UnexplainedError(made.of)
    groups = {group.label: group.gaps for group in grouped(listing.shown, listing.asked.group)}
    gaps = groups.get(label, ()) if label else listing.shown
    terms = [
        (gap, figure)
        for gap in Totals.once(gaps)
        if (figure := _term_of(gap, made.what)) is not None
    ]
    kind = Kind.PROJECTED if made.what == What.TOTAL_PROJECTED else Kind.ACTUAL
    zero = Figure(Decimal(0), CURRENCY, kind)
    begin = (page - 1) * ROWS_SHOWN
    shown = terms[begin : begin + ROWS_SHOWN]
    more = f"{reverse('figure')}?{made.query}&page={page + 1}"
    return Explanation(
        made,
        total((figure for _, figure in terms), zero).explained_as(made),
        f"Total: {title}",
        "total@1",
        FORMULAS["total@1"],
        (
            Given("n", "Added up", len(terms)),
            Rows_(
                "terms",
                "What was added up",
                ("Of", "Amount"),
                tuple(_term(gap, figure) for gap, figure in shown),
                len(terms),
                more=more if begin + ROWS_SHOWN < len(terms) else "",
            ),
        ),
        localdate(listing.known_at),
        known_at,
        about=("Allocation Gaps", f"{reverse('gaps')}?{query}"),
        notes=(EACH_ONCE,) if made.what != What.TOTAL_UNCLAIMED else _since(gaps),
    )


def _since(gaps: Iterable[Gap]) -> tuple[str, ...]:
    """Say from which month on unclaimed spend is added up; nothing without any."""
    since = Totals.of(gaps).since
    return (f"So far, since {short_month(since)}; not scaled to a year.",) if since else ()


def totals_about(query: str, moment: datetime, label: str = "") -> About:
    """Return what names the totals of a list, or of one group of it."""
    return About(f"{MANY}:{query}{f'|{label}' if label else ''}", at_moment(moment))


def _term_of(gap: Gap, what: str) -> Figure | None:
    if what == What.TOTAL_PROJECTED:
        return gap.projected
    if what == What.TOTAL_RUN_RATE:
        return gap.actual if gap.is_scaled else None
    return None if gap.workload else gap.actual


def _term(gap: Gap, figure: Figure) -> tuple[Given, ...]:
    url = f"{reverse('figure')}?{figure.made.query}" if figure.made else ""
    return (
        Given("of", "Of", gap.name, url=gap.opening.get_absolute_url()),
        Given("amount", "Amount", figure.amount, figure.unit, figure.kind, url=url),
    )


def _months(gap: Gap) -> tuple[tuple[Given, ...], ...]:
    """Return what the group comes to in each month that the look added up, to the cent at last."""
    opening, basis = gap.opening, (gap.stake or gap.opening).basis
    this = month_of(localdate(gap.known_at))
    found = []
    for month in (add_months(this, back) for back in range(-MONTHS_BACK, 1)):
        groups = unclaimed_groups_of(month, basis)
        amount = next((g.amount for g in groups if g.key == opening.group), None)
        if amount is not None:
            found.append(
                (
                    Given("month", "Month", month, MONTH),
                    Given("amount", "Amount", amount, CURRENCY, Kind.ACTUAL),
                )
            )
    return tuple(found)


def _recorded(gap: Gap) -> tuple[Given, ...]:
    record = reference_to(gap.opening, "Gap")
    amount = gap.actual.amount
    return (
        Given("month", "Month", gap.rate_note),
        Given("amount", "Amount", amount, CURRENCY, Kind.ACTUAL, record=record),
    )
