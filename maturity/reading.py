"""Reading what Governance Maturity is scored from, as it was known at a moment."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils.timezone import localdate, make_aware

from approvals.models import Decision
from business_cases.portfolio import Holding, Portfolio, read_portfolio
from cur_ingest.conversion import add
from cur_ingest.models import SpendClass
from cur_ingest.reports import Coverage, coverage, first_spend_days
from cur_ingest.unclaimed import UnclaimedGroup, unclaimed_groups_of
from maturity.evidence import (
    Approval,
    Charged,
    Charges,
    ConfirmedEstimate,
    Evidence,
    Subject,
    Unclaimed,
)
from maturity.keeping import FORMULA, Version, numbers
from maturity.models import FormulaVersion
from maturity.score import Dimension
from records.thresholds import thresholds
from spaces.models import Placement, Workload
from spaces.reports import claimed_at
from valueboard.lib.money import to_cents

PREFIX = "maturity."
WHY_NOT_ATTRIBUTED = {
    SpendClass.AI: "no rule gives it to a workload",
    SpendClass.UNCLASSIFIED: "Marketplace product that no signal knows",
}
NO_WEIGHTS = "a rule splits it, and none of its workloads has anything to go by"
NO_GROUP = "no group of it is above 0 by itself"


def read_evidence(
    workloads: QuerySet[Workload], known_at: datetime, *, by_group: bool = False
) -> Evidence:
    """Read what is known by a moment of some workloads, and of all that was charged.

    `by_group` reads the unclaimed groups of the last closed month, from the daily lines: as they
    are attributed now. Without it their sums alone are read, which are true of any past moment.
    """
    portfolio = read_portfolio(claimed_at(workloads, known_at), known_at)
    first_days = first_spend_days(known_at)
    found = coverage(known_at, portfolio.closed, portfolio.basis)
    approved = _approvals(workloads, known_at)
    ever = {approval.workload for approval in approved}
    return Evidence(
        today=portfolio.today,
        limits={
            key.removeprefix(PREFIX): value
            for key, value in thresholds(PREFIX, portfolio.today, known_at).items()
        },
        charges=_charges(found, portfolio, by_group=by_group) if found else None,
        subjects=tuple(
            _subject(holding, portfolio, first_days.get(holding.workload.pk), ever)
            for holding in portfolio.holdings
            if not holding.ended
        ),
        approvals=approved,
        period=portfolio.closed[-1] if portfolio.closed else None,
    )


def end_of(day: date) -> datetime:
    """Return the last moment of a day in the organisation's time zone (METHOD 6, "as of D")."""
    midnight = make_aware(datetime.combine(day + timedelta(days=1), time.min))
    return midnight - timedelta(microseconds=1)


def versions_of(day: date, known_at: datetime) -> dict[Dimension, int]:
    """Return the number of the formula that scores each dimension on a day (one query)."""
    rows = FormulaVersion.objects.values_list(
        "dimension", "version", "number", "effective_from", "recorded_at"
    )
    versions = [
        Version(FORMULA + dimension, version, Decimal(number), since, at)
        for dimension, version, number, since, at in rows
    ]
    return numbers(versions, day, known_at)


def _subject(
    holding: Holding, portfolio: Portfolio, first_cost: date | None, approved: set[int]
) -> Subject:
    standing, workload = holding.standing, holding.workload
    period = portfolio.closed[-1] if portfolio.closed else None
    schedule = standing.in_force
    planned = schedule.cost_over([period]) if schedule and period else Decimal(0)
    spent = [month.amount for month in holding.months if month.period == period]
    return Subject(
        id=workload.pk,
        name=workload.name,
        slug=workload.slug,
        space=workload.space_id,
        confirmed=tuple(
            # Spend days are UTC, so the day of confirmation is too.
            ConfirmedEstimate(
                each.confirmed_at.date(),
                each.terms.first,
                each.terms.end,
                each.mark.version,
            )
            for each in standing.estimates
            if each.confirmed_at
        ),
        first_cost=first_cost,
        declared=standing.declared is not None,
        spend=to_cents(sum(spent, Decimal(0))) if any(spent) else None,
        planned=planned or None,
        waits=standing.pending is not None,
        approved=workload.pk in approved,
        retracted=bool(standing.cases) and standing.declared is None,
    )


def _approvals(workloads: QuerySet[Workload], known_at: datetime) -> tuple[Approval, ...]:
    """Return every approval that counts, oldest first; names and Spaces are those of the moment.

    Two approvers of one request give one approval: the second completes the first.
    """
    then = Placement.objects.filter(
        workload=OuterRef("workload"), recorded_at__lte=known_at
    ).order_by("-version")
    found = (
        Decision.objects.filter(
            workload__in=workloads,
            outcome=Decision.Outcome.APPROVED,
            recorded_at__lte=known_at,
        )
        .order_by("recorded_at", "pk")
        .values_list(
            "pk",
            "workload",
            Subquery(then.values("name")[:1]),
            "workload__slug",
            Subquery(then.values("space")[:1]),
            "recorded_at",
            "acknowledgement",
        )
    )
    labels = dict(Decision.Acknowledgement.choices)
    return tuple(
        Approval(
            pk,
            workload,
            name,
            slug,
            space,
            localdate(at),
            said != Decision.Acknowledgement.NO_VALUE,
            labels[said],
        )
        for pk, workload, name, slug, space, at, said in found
    )


def _charges(found: Coverage, portfolio: Portfolio, *, by_group: bool) -> Charges:
    workloads = {held.workload.pk: held.workload for held in portfolio.holdings}
    attributed = [
        Charged(pk, workloads[pk].name, workloads[pk].slug, amount)
        if pk in workloads
        else Charged(pk, "a workload that you don't read, or that is claimed no more", "", amount)
        for pk, amount in found.attributed.items()
        if amount
    ]
    groups = unclaimed_groups_of(found.period, found.basis) if by_group else []
    return Charges(
        found.period,
        found.basis,
        tuple(sorted(attributed, key=lambda c: (-c.amount, c.name))),
        (
            *_groups(groups, SpendClass.AI, found.unclaimed, "Unclaimed AI spend"),
            *_groups(
                groups,
                SpendClass.UNCLASSIFIED,
                found.unclassified,
                "Unclassified Marketplace spend",
            ),
            *_rest(SpendClass.SHARED.label, NO_WEIGHTS, found.shared),
        ),
    )


def _groups(
    groups: Iterable[UnclaimedGroup], spend_class: SpendClass, whole: Decimal, name: str
) -> list[Unclaimed]:
    """Return the groups of a class and what they leave of its sum, which is what was frozen.

    Where lines were attributed anew since, groups may say more than the sum: then the sum stands
    alone.
    """
    why = WHY_NOT_ATTRIBUTED[spend_class]
    listed = [
        Unclaimed(group.key, group.label, why, group.amount, group.query)
        for group in groups
        if group.spend_class is spend_class
    ]
    left = add([whole, *(each.amount.copy_negate() for each in listed)])
    if left < 0 or not listed:
        return _rest(name, why, whole)
    return [*listed, *_rest(f"{name}, the rest", NO_GROUP, left)]


def _rest(name: str, why: str, amount: Decimal) -> list[Unclaimed]:
    return [Unclaimed("", name, why, amount)] if amount else []
