"""The events of a model, as the facts that the product would have read of them.

What became of a version, and what of spend counts at a moment, is the model's: the database answers
for those where organisations live through the product.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal, localcontext
from fractions import Fraction

from business_cases.case import CaseTerms
from business_cases.facts import (
    BoundsFact,
    ClosingFact,
    Decided,
    Declared,
    DeliveryFact,
    Estimated,
    Estimates,
    Facts,
    OrganisationFacts,
    Placed,
    Spent,
    ThresholdFact,
    WorkloadFacts,
)
from positions.reader import Tree
from spaces.models import Space
from tests.cast import SAVING
from tests.model import events, made_up
from tests.model.formulas import first_day
from tests.model.organisation import BASIS, DEFAULT_BOUNDS, THRESHOLD, Organisation
from tests.model.story import Version
from valueboard.lib.figure import ValueType

EXACT = 76
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


def tree_of(model: Organisation) -> Tree:
    """Return the Spaces; ids count from 1 in their order."""
    made: dict[str, Space] = {}
    for event in model.events:
        if isinstance(event, events.SpaceMade):
            parent = made.get(event.parent)
            pk = len(made) + 1
            space = Space(pk=pk, name=event.space, slug=event.space, parent=parent)
            made[event.space] = space
    return Tree({space.pk: space for space in made.values()}, None)


def facts_of(model: Organisation, moments: Sequence[datetime]) -> Facts:
    """Return all that is known by the latest of some moments."""
    last = max(moments)
    tree, then = tree_of(model), model.at(last)
    known = list(model.known(last))
    placed = _placed(model, last, tree, owners_of(model))
    workloads = [
        WorkloadFacts(pk, slug, placed[slug], Estimates(map(_estimated, story.estimates)), [], [])
        for pk, (slug, story) in enumerate(then.stories.items(), start=1)
    ]
    by_slug = {held.slug: held for held in workloads}
    for event in known:
        if isinstance(event, events.CaseRecorded):
            held = by_slug[event.workload]
            mark = _mark(len(held.cases) + 1, event.at)
            declared = Declared(*mark, _terms(event.case) if event.case else None)
            held.cases = [*held.cases, declared]
        elif isinstance(event, events.Approved):
            held = by_slug[event.workload]
            number = len(held.decisions)
            _, estimate, case = then.stories[event.workload].approvals[number]
            held.decisions = [*held.decisions, _decided(number + 1, event, estimate, case)]
    ids = {slug: held.id for slug, held in by_slug.items()}
    bases = sorted({BASIS, *(e.basis for e in known if isinstance(e, events.BasisChosen))})
    spend = {(at, basis): _spend(model, at, basis, ids) for at in moments for basis in bases}
    return Facts(
        tuple(moments),
        model.zone,
        workloads,
        _organisation(known),
        spend,
        dict.fromkeys(moments, ()),
        whole=False,
    )


def owners_of(model: Organisation) -> dict[str, int]:
    """Return an id for each owner."""
    names = sorted({e.owner for e in model.events if isinstance(e, events.Placed)})
    return {name: pk for pk, name in enumerate(names, start=1)}


def _organisation(known: Sequence[events.Event]) -> OrganisationFacts:
    bounds = [BoundsFact(1, LONG_AGO, LONG_AGO.date(), *map(_decimal, DEFAULT_BOUNDS))]
    key = "estimate.revision_percent"
    limits = [ThresholdFact(key, 1, LONG_AGO, LONG_AGO.date(), _decimal(THRESHOLD))]
    deliveries, closings, bases = [], [], []
    for event in known:
        match event:
            case events.Delivered():
                deliveries.append(DeliveryFact(first_day(event.month), 1, event.at))
            case events.MonthClosed() | events.MonthReopened():
                shut = isinstance(event, events.MonthClosed)
                closings.append(ClosingFact(first_day(event.month), event.at, shut))
            case events.BasisChosen():
                bases.append((event.at, event.basis))
            case events.BoundsSet():
                numbers = (event.strong, event.solid, event.marginal, event.thin)
                bounds.append(BoundsFact(len(bounds) + 1, event.at, event.effective, *numbers))
            case events.ThresholdSet():
                limits.append(
                    ThresholdFact(key, len(limits) + 1, event.at, event.effective, event.percent)
                )
    return OrganisationFacts(deliveries, closings, bases, bounds, limits)


def _placed(
    model: Organisation, until: datetime, tree: Tree, owners: dict[str, int]
) -> dict[str, list[Placed]]:
    """Return where each workload was, whose and in which state, one row a change."""
    found: dict[str, list[Placed]] = {}
    for event, stories in model.lived(until):
        for slug, story in stories.items():
            if not story.name:  # claimed in the moment in which it is placed
                continue
            now = Placed(
                event.at,
                story.name,
                tree.find(story.space) or 0,
                owners[story.owner],
                story.owner,
                owner_active=True,
                state=story.state,
            )
            held = found.setdefault(slug, [])
            if not held or held[-1]._replace(at=event.at) != now:
                held.append(now)
    return found


def _estimated(version: Version) -> Estimated:
    schedule = version.schedule
    mark, terms = _mark(version.number, version.at), made_up.terms_of(schedule)
    gone = version.fate == "declined"
    came = version.fate_at if not gone else None
    return Estimated(
        *mark,
        terms,
        came,
        version.fate if came else "",
        "declined" if gone else "",
        version.fate_at if gone else None,
        None,
    )


def _mark(number: int, at: datetime) -> tuple[int, int, str, datetime, str, None, str]:
    return number, number, "", at, "", None, ""


def _terms(case: events.Case) -> CaseTerms:
    value_type = ValueType(case.value_type)
    return replace(SAVING, value_type=value_type, current_amount=case.current, percent=case.percent)


def _decided(number: int, event: events.Approved, estimate: int, case: int) -> Decided:
    said = event.acknowledgement
    return Decided(number, event.at, "", "", "approved", said, "", None, estimate, case or None, "")


def _spend(model: Organisation, at: datetime, basis: str, ids: dict[str, int]) -> dict[int, Spent]:
    amounts: dict[int, dict[date, Decimal]] = {}
    for month, by_slug in model.spend(at, basis).items():
        for slug, amount in by_slug.items():
            amounts.setdefault(ids[slug], {})[first_day(month)] = _decimal(amount)
    return {pk: Spent(found) for pk, found in amounts.items()}


def _decimal(amount: Fraction) -> Decimal:
    with localcontext(prec=EXACT):
        return Decimal(amount.numerator) / amount.denominator
