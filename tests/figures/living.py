"""An organisation in which every page has figures: spend, gaps, reviews, requests, approvals."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from allocation_gaps.actions import look_for_gaps
from allocation_gaps.models import GapOpening
from business_cases.actions import add_workload, revise_case, revise_estimate
from business_cases.models import BusinessRequest
from business_cases.projection import Terms
from maturity.actions import keep_scores
from records.clock import now, today
from reviews.actions import close_review, open_review, take_note
from reviews.models import Review
from reviews.reports import open_sheet
from spaces.models import Workload
from tests.approvals.test_deciding import approve, workload_of
from tests.cast import REVENUE, SAVING, TERMS, Cast, added, proposal, submitted
from tests.spend import bedrock, load, load_months, rule_for
from tests.standing import living

Travel = Callable[[datetime], None]


def at(day: str) -> datetime:
    """Return noon of a day."""
    return datetime.fromisoformat(f"{day}T12:00:00Z")


@dataclass(frozen=True)
class World:
    """What the pages are of."""

    cast: Cast
    workload: Workload  # approved, revised twice, spends
    unbacked: Workload  # in a Space below
    closed: Review
    review: Review  # open, after the closed one
    request: BusinessRequest  # waits for a decision, by the same owner, of the same cost
    gaps: tuple[GapOpening, ...]


def live(cast: Cast, travel: Travel, folder: Path) -> World:
    """Eight months of an organisation, on 21 September 2026."""
    travel(at("2026-01-10"))
    terms = replace(TERMS, growth=Decimal("1.5"), months=18)
    asked = submitted(cast, proposal(cast, estimate=terms))
    approve(cast.priya, asked)
    workload = workload_of(asked)
    added(cast, proposal(cast, name="Letters", case=replace(SAVING, percent=Decimal(90))))
    theirs = proposal(cast, name="Revenue", case=REVENUE, space=cast.support, owner=cast.oscar)
    add_workload(actor=cast.oscar, proposal=theirs)
    unbacked = added(cast, proposal(cast, name="Unbacked", case=None, space=cast.search))
    rule_for(cast.felix, workload, "legal")
    rule_for(cast.felix, unbacked, "other")
    months = {
        date(2026, m, 1): {"legal": f"{9000 + 517 * m}.33", "other": "30", "lost": "77"}
        for m in (6, 7, 8)
    }
    load_months(folder / "bills", travel, months)
    closed = _closed(cast, workload)
    look_for_gaps()
    keep_scores()
    travel(at("2026-09-21"))
    _revise(cast, workload, terms)
    same = replace(SAVING, percent=Decimal(3))
    request = submitted(cast, proposal(cast, name="Asked", case=same))
    load(
        folder / "september",
        bedrock("legal", 812.1234),
        bedrock("other", 5.0),
        bedrock("gone", 50.0),
    )
    look_for_gaps()
    review = open_review(
        actor=cast.felix, name="Fourth quarter", query="", as_of=today(), previous=closed
    )
    gaps = tuple(GapOpening.objects.order_by("pk"))
    return World(cast, workload, unbacked, closed, review, request, gaps)


world = living("world", live)


def _closed(cast: Cast, workload: Workload) -> Review:
    review = open_review(actor=cast.felix, name="Third quarter", query="", as_of=today())
    said = {"notes": "Grows.", "direction": "watch"}
    take_note(actor=cast.felix, review=review, workload=workload, seen=0, **said)
    review.refresh_from_db()
    seen = open_sheet(cast.felix, review, now()).seen
    close_review(actor=cast.felix, review=review, seen=seen, summary="Scale.")
    return review


def _revise(cast: Cast, workload: Workload, terms: Terms) -> None:
    case = replace(SAVING, percent=Decimal("12.5"))
    revise_case(actor=cast.olivia, workload=workload, seen=1, case=case, reason="Smaller.")
    for seen, monthly, month in ((1, "10400.55", 10), (2, "20000", 11)):
        revise_estimate(
            actor=cast.olivia,
            workload=workload,
            seen=seen,
            terms=replace(terms, monthly=Decimal(monthly), effective=date(2026, month, 1)),
            reason="Prices rose.",
        )
