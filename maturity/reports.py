"""Reading the Governance Maturity score as known at a moment (METHOD 9)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

from django.urls import reverse

from accounts.models import User
from business_cases.figures import CURRENCY
from business_cases.portfolio import Holding, Portfolio, read_portfolio
from business_cases.standing import EstimateVersion
from cur_ingest.bases import named
from cur_ingest.models import SpendClass
from cur_ingest.reports import coverage, first_spend_days
from cur_ingest.unclaimed import unclaimed_groups_of
from maturity.score import (
    FORMULA_VERSION,
    Bounds,
    Share,
    Tier,
    attribution_tier,
    estimate_percent,
    estimate_tier,
    overall_tier,
    still_needed,
)
from records.thresholds import thresholds
from spaces.models import Workload
from spaces.reports import claimed_at
from valueboard.lib import formats
from valueboard.lib.figure import Figure, Kind, Source
from valueboard.lib.money import format_money, to_cents
from valueboard.lib.months import month_of

WHY_NOT_ATTRIBUTED = {
    SpendClass.AI: "no rule gives it to a workload",
    SpendClass.UNCLASSIFIED: "Marketplace product that no signal knows",
}


@dataclass(frozen=True, slots=True)
class HeldDown:
    """Something that holds a dimension down: why, and the spend at stake."""

    name: str
    url: str
    why: str
    spend: Figure


@dataclass(frozen=True, slots=True)
class Part:
    """One numerator of a dimension, as shown: `42 of 50 workloads`."""

    label: str
    percent: Figure | None
    numerator: str
    denominator: str


@dataclass(frozen=True, slots=True)
class Dimension:
    """One dimension of the score."""

    key: str
    label: str
    question: str
    percent: Figure | None
    tier: Tier | None
    bounds: Bounds
    bounds_words: str
    parts: tuple[Part, ...]
    beside: tuple[Part, ...]
    held_down: tuple[HeldDown, ...]
    way_up: str
    # Where the tiers begin on the bar; none where a tier is not a matter of this percentage alone.
    walk_mark: Decimal | None = None
    run_mark: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Maturity:
    """The score: its dimensions, the lowest tier among those with data, the month it rests on.

    `basis` is the cost basis of all spend in it.
    """

    dimensions: tuple[Dimension, ...]
    overall: Tier | None
    period: date | None
    formula_version: int
    basis: str


def read_maturity(user: User, known_at: datetime) -> Maturity:
    """Read the score of all that `user` reads, in a constant number of queries."""
    workloads = claimed_at(Workload.objects.visible_to(user), known_at)
    portfolio = read_portfolio(workloads, known_at)
    bounds = thresholds("maturity.", portfolio.today, known_at)
    attribution = _attribution(portfolio, known_at, _bounds(bounds, "attribution"))
    estimates = _estimates(portfolio, known_at, _bounds(bounds, "estimate"))
    return Maturity(
        (attribution, estimates),
        overall_tier([attribution.tier, estimates.tier]),
        portfolio.closed[-1] if portfolio.closed else None,
        FORMULA_VERSION,
        portfolio.basis,
    )


def confirmed_in_time(holding: Holding, first_spend: date | None) -> bool:
    """Tell whether an estimate was confirmed before the workload's first day with cost.

    A late one stays late until a renewal is confirmed before its own first month: an estimate that
    begins when all funding before it has ended. One that only begins later renews nothing.
    """
    confirmed = [e for e in holding.standing.estimates if e.confirmed_at]
    if first_spend is None:
        return bool(confirmed)
    return any(_day(e) < first_spend for e in confirmed) or any(
        later.terms.first >= max(earlier.terms.end for earlier in confirmed[:i])
        and _day(later) < later.terms.first
        for i, later in enumerate(confirmed)
        if i
    )


def _day(estimate: EstimateVersion) -> date:
    if estimate.confirmed_at is None:
        message = "Only confirmed estimates have a day of confirmation."
        raise ValueError(message)
    # Spend days are UTC, so the comparison is too.
    return estimate.confirmed_at.date()


def _bounds(values: dict[str, Decimal], dimension: str) -> Bounds:
    return Bounds(values[f"maturity.{dimension}.walk"], values[f"maturity.{dimension}.run"])


def _attribution(portfolio: Portfolio, known_at: datetime, bounds: Bounds) -> Dimension:
    found = coverage(known_at, portfolio.closed, portfolio.basis)
    basis = found.basis if found else portfolio.basis
    attributed = sum(found.attributed.values(), Decimal(0)) if found else Decimal(0)
    share = Share(attributed, found.total if found else Decimal(0))
    held_down = tuple(
        HeldDown(
            group.label,
            f"{reverse('gaps')}?kind=unclaimed",
            WHY_NOT_ATTRIBUTED[group.spend_class],
            _actual(group.amount, portfolio, group.basis),
        )
        for group in (unclaimed_groups_of(found.period, found.basis) if found else [])
    )
    if found and found.shared:
        held_down += (
            HeldDown(
                SpendClass.SHARED.label,
                f"{reverse('spend')}?month={found.period:%Y-%m}",
                "a rule splits it, and none of its workloads has anything to go by",
                _actual(found.shared, portfolio, found.basis),
            ),
        )
    return Dimension(
        key="attribution",
        label="Attribution Coverage",
        question="Of all positive AI usage charges of the last closed month, how much is given "
        "to claimed workloads?",
        percent=_percent(share.percent, "Attributed ÷ all positive AI usage charges"),
        tier=attribution_tier(share, bounds),
        bounds=bounds,
        bounds_words=f"Walk from {bounds.walk.normalize():f}%, "
        f"Run above {bounds.run.normalize():f}%",
        parts=(_dollars("Attributed to claimed workloads", share, basis),),
        beside=(),
        held_down=held_down,
        way_up=_dollars_up(share, bounds, attribution_tier(share, bounds)),
        walk_mark=bounds.walk,
        run_mark=bounds.run,
    )


def _estimates(portfolio: Portfolio, known_at: datetime, bounds: Bounds) -> Dimension:
    first_days = first_spend_days(known_at)
    holdings = [h for h in portfolio.holdings if not h.ended]
    in_time = {
        h.workload.pk for h in holdings if confirmed_in_time(h, first_days.get(h.workload.pk))
    }
    backed = {h.workload.pk for h in holdings if h.standing.declared}
    whole = Decimal(len(holdings))
    ec, bc = Share(Decimal(len(in_time)), whole), Share(Decimal(len(backed)), whole)
    tier = estimate_tier(ec, bc, bounds)
    spend = {h.workload.pk: _last_closed(h, portfolio) for h in holdings}
    return Dimension(
        key="estimate",
        label="Estimate Coverage",
        question="How many claimed workloads had an estimate confirmed before their first cost, "
        "and how many have a declared business case?",
        percent=_percent(estimate_percent(ec, bc), "Mean of estimate and case coverage"),
        tier=tier,
        bounds=bounds,
        bounds_words=_estimate_words(ec, bounds, tier),
        parts=(
            _count("Estimate coverage: confirmed before the first cost", ec),
            _count("Case coverage: a declared business case", bc),
        ),
        beside=(
            _dollars(
                "Estimate coverage, weighted by spend", _weighted(spend, in_time), portfolio.basis
            ),
            _dollars("Case coverage, weighted by spend", _weighted(spend, backed), portfolio.basis),
        ),
        held_down=_holding_down(holdings, in_time, backed, portfolio),
        way_up=_workloads_up(ec, bc, bounds, tier),
    )


def _estimate_words(ec: Share, bounds: Bounds, tier: Tier | None) -> str:
    """Say what the tier rests on, because it is not the percentage in large type."""
    words = (
        f"Walk from {bounds.walk.normalize():f}% estimate coverage alone, Run from "
        f"{bounds.run.normalize():f}% of both estimate and case coverage"
    )
    percent = _percent(ec.percent, "")
    if tier is Tier.CRAWL and percent:
        return f"{words}. Crawl, because estimate coverage is {percent.amount}%"
    return words


def _holding_down(
    holdings: Sequence[Holding], in_time: set[int], backed: set[int], portfolio: Portfolio
) -> tuple[HeldDown, ...]:
    rows = []
    for holding in holdings:
        pk = holding.workload.pk
        reasons = []
        if pk not in in_time:
            reasons.append(
                "estimate confirmed after the first cost; late until a renewal is confirmed "
                "before its own first month"
                if holding.standing.in_force
                else "no confirmed estimate"
            )
        if pk not in backed:
            reasons.append("no declared business case")
        if reasons:
            amount = _last_closed(holding, portfolio)
            rows.append(
                (
                    amount,
                    HeldDown(
                        holding.workload.name,
                        holding.workload.get_absolute_url(),
                        "; ".join(reasons),
                        _actual(amount, portfolio, portfolio.basis),
                    ),
                )
            )
    return tuple(row for _, row in sorted(rows, key=lambda r: (-r[0], r[1].name)))


def _last_closed(holding: Holding, portfolio: Portfolio) -> Decimal:
    """Return the spend of the last closed month, 0 without one."""
    if not portfolio.closed:
        return Decimal(0)
    return sum(
        (m.amount for m in holding.months if m.period == portfolio.closed[-1]),
        Decimal(0),
    )


def _weighted(spend: dict[int, Decimal], covered: set[int]) -> Share:
    positive = {pk: amount for pk, amount in spend.items() if amount > 0}
    return Share(
        sum((amount for pk, amount in positive.items() if pk in covered), Decimal(0)),
        sum(positive.values(), Decimal(0)),
    )


def _percent(exact: Fraction | None, formula: str) -> Figure | None:
    if exact is None:
        return None
    # Rounded down to a tenth, so that 89.96 % never reads as the 90.0 % that it does not reach.
    tenths = int(exact * 10)
    return Figure(Decimal(tenths) / 10, "%", Kind.DERIVED, formula=formula)


def _count(label: str, share: Share) -> Part:
    whole = int(share.whole)
    return Part(
        label,
        _percent(share.percent, "Workloads ÷ claimed workloads"),
        f"{int(share.part)}",
        f"{whole} claimed workload{'' if whole == 1 else 's'}",
    )


def _dollars(label: str, share: Share, basis: str) -> Part:
    return Part(
        label,
        _percent(share.percent, f"{named(basis)} usage charges of the last closed month"),
        format_money(to_cents(share.part), CURRENCY, 2),
        f"{format_money(to_cents(share.whole), CURRENCY, 2)} actual",
    )


def _actual(amount: Decimal, portfolio: Portfolio, basis: str) -> Figure:
    month = portfolio.closed[-1] if portfolio.closed else month_of(portfolio.today)
    return Figure(
        to_cents(amount),
        CURRENCY,
        Kind.ACTUAL,
        formula=f"{named(basis)} usage charges of the month",
        sources=(Source("Month", formats.month(month)),),
    )


def _dollars_up(share: Share, bounds: Bounds, tier: Tier | None) -> str:
    """Say how many dollars more would reach the next tier."""
    if tier is None or tier is Tier.RUN:
        return ""
    target, name = (bounds.walk, "Walk") if tier is Tier.CRAWL else (bounds.run, "Run")
    needed = share.whole * target / 100 - share.part
    more = "at least" if tier is Tier.CRAWL else "more than"
    amount = format_money(to_cents(max(needed, Decimal(0))), CURRENCY, 2)
    return f"Give workloads {more} {amount} of what is listed below and you reach {name}."


def _workloads_up(ec: Share, bc: Share, bounds: Bounds, tier: Tier | None) -> str:
    """Say how many workloads more would reach the next tier."""
    if tier is None or tier is Tier.RUN:
        return ""
    if tier is Tier.CRAWL:
        count = _missing(ec, bounds.walk)
        return f"{count} more estimate{_s(count)} confirmed in time and you reach Walk."
    estimates, cases = _missing(ec, bounds.run), _missing(bc, bounds.run)
    parts = []
    if estimates:
        parts.append(f"{estimates} more estimate{_s(estimates)} confirmed in time")
    if cases:
        parts.append(f"{cases} more declared business case{_s(cases)}")
    return f"{' and '.join(parts)} and you reach Run."


def _missing(share: Share, target: Decimal) -> int:
    one = [Decimal(1)] * int(share.whole - share.part)
    return still_needed(share, target, one, above=False)


def _s(count: int) -> str:
    return "" if count == 1 else "s"
