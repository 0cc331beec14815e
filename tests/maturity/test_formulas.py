"""The five formulas, their tiers and what lifts them: vectors, a model, brute force."""

from dataclasses import asdict
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maturity.counting import share_of
from maturity.evidence import (
    Approval,
    Charged,
    Charges,
    ConfirmedEstimate,
    Evidence,
    Opening,
    Subject,
    Unclaimed,
)
from maturity.fixes import (
    Act,
    candidates,
    fix_id,
    late,
    shortest_first,
    still_needed,
    way_up,
    what_if,
)
from maturity.formulas import Scored, overall, score
from maturity.score import (
    Bounds,
    Dimension,
    Measure,
    Share,
    Tier,
    accuracy_tier,
    attribution_tier,
    estimate_percent,
    estimate_tier,
    overall_tier,
    plain_tier,
    shown,
)
from maturity.words import decides_words, question
from tests.maturity.made_up import LIMITS, TODAY, evidence
from tests.model import maturity as model

FIRST = dict.fromkeys(Dimension, 1)
OCTOBER = date(2026, 10, 1)


def share(part: str, whole: str = "100") -> Share:
    return Share(Decimal(part), Decimal(whole))


def bounds(walk: int, run: int) -> Bounds:
    return Bounds(Decimal(walk), Decimal(run))


def scored(found: Evidence, dimension: Dimension) -> Scored:
    return score(found, FIRST)[dimension]


def subject(number: int, **more: Any) -> Subject:
    return Subject(number, f"Workload {number}", f"workload-{number}", 1, **more)


# --- tiers ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("part", "tier"),
    [("79.99", Tier.CRAWL), ("80", Tier.WALK), ("90", Tier.WALK), ("90.01", Tier.RUN)],
)
def test_attribution_runs_above_its_bound(part: str, tier: Tier) -> None:
    assert attribution_tier(share(part), bounds(80, 90)) is tier


@pytest.mark.parametrize(
    ("part", "tier"),
    [("49.99", Tier.CRAWL), ("50", Tier.WALK), ("89.99", Tier.WALK), ("90", Tier.RUN)],
)
def test_approval_and_response_run_from_their_bound_on(part: str, tier: Tier) -> None:
    assert plain_tier(share(part), bounds(50, 90)) is tier


@pytest.mark.parametrize(
    ("estimates", "cases", "percent", "tier"),
    [
        ("69", "100", "84.5", Tier.CRAWL),
        ("70", "0", "35", Tier.WALK),
        ("100", "0", "50", Tier.WALK),
        ("90", "89", "89.5", Tier.WALK),
        ("90", "90", "90", Tier.RUN),
    ],
)
def test_estimate_coverage_walks_by_estimates_and_runs_by_both(
    estimates: str, cases: str, percent: str, tier: Tier
) -> None:
    ec, bc = share(estimates), share(cases)
    assert estimate_percent(ec, bc) == Decimal(percent)
    assert estimate_tier(ec, bc, bounds(70, 90)) is tier


@pytest.mark.parametrize(
    ("wide", "narrow", "tier"),
    [("69", "69", Tier.CRAWL), ("70", "69.9", Tier.WALK), ("70", "70", Tier.RUN)],
)
def test_plan_accuracy_asks_for_one_share_at_two_tolerances(
    wide: str, narrow: str, tier: Tier
) -> None:
    assert accuracy_tier(share(wide), share(narrow), Decimal(70)) is tier


def test_no_denominator_is_no_data() -> None:
    nothing = Evidence(TODAY, LIMITS)
    scores = score(nothing, FIRST)
    assert {(s.percent, s.tier) for s in scores.values()} == {(None, None)}
    assert overall(scores) is None
    assert overall_tier([None, Tier.RUN]) is Tier.RUN
    assert overall_tier([Tier.WALK, Tier.RUN, None]) is Tier.WALK
    assert [way_up(s, nothing) for s in scores.values()] == [None] * 5


def test_a_percentage_is_shown_rounded_down() -> None:
    assert shown(Fraction(8996, 100)) == Decimal("89.9")
    assert shown(Fraction(200, 3)) == Decimal("66.6")


# --- what counts ----------------------------------------------------------------------------------


def test_a_score_is_the_sum_of_its_rows_and_spaces_add_up() -> None:
    one, two = Share(Decimal(1), Decimal(2)), Share(Decimal(9), Decimal(10))
    assert one + two == Share(Decimal(10), Decimal(12)), "a sum of both, no mean of percentages"


def test_an_approval_leaves_after_twelve_months() -> None:
    def read(day: date, today: date) -> Share:
        approval = Approval(1, 1, "W", "w", 1, day, acknowledged=True)
        found = Evidence(today, LIMITS, approvals=(approval,))
        return scored(found, Dimension.APPROVAL).shares[Measure.ACKNOWLEDGED]

    assert read(date(2025, 11, 22), TODAY) == share("1", "1")
    assert read(date(2025, 11, 21), TODAY) == share("0", "0")
    assert read(date(2027, 3, 1), date(2028, 2, 29)) == share("1", "1")
    assert read(date(2027, 2, 28), date(2028, 2, 29)) == share("0", "0")


@pytest.mark.parametrize(
    ("spend", "wide", "narrow"),
    [(79, 0, 0), (80, 1, 0), (88, 1, 1), (112, 1, 1), (113, 1, 0), (120, 1, 0), (121, 0, 0)],
)
def test_a_tolerance_has_its_bounds_inside(spend: int, wide: int, narrow: int) -> None:
    found = Evidence(
        TODAY,
        LIMITS,
        subjects=(subject(1, spend=Decimal(spend), planned=Decimal(100)),),
    )
    shares = scored(found, Dimension.ACCURACY).shares
    assert [shares[m].part for m in (Measure.WITHIN_WALK, Measure.WITHIN_RUN)] == [wide, narrow]


def test_only_workloads_with_plan_and_spend_are_in_plan_accuracy() -> None:
    lone = (subject(1, spend=Decimal(5)), subject(2, planned=Decimal(5)), subject(3))
    found = Evidence(TODAY, LIMITS, subjects=lone)
    assert scored(found, Dimension.ACCURACY).percent is None


@pytest.mark.parametrize(
    ("age", "took", "read"),
    [(29, 1, None), (30, 30, 100), (31, 31, 0), (120, None, 0), (121, 1, None), (120, 0, 100)],
)
def test_gap_response_looks_at_what_was_opened_30_to_120_days_ago(
    age: int, took: int | None, read: int | None
) -> None:
    day = TODAY - timedelta(days=age)
    resolved = None if took is None else day + timedelta(days=took)
    found = Evidence(
        TODAY, LIMITS, openings=(Opening(1, "unbacked", "1", "W", day, resolved=resolved),)
    )
    assert scored(found, Dimension.RESPONSE).percent == read


def test_unclaimed_spend_is_in_the_denominator_alone_and_in_no_space() -> None:
    charged = Charges(
        OCTOBER,
        "amortised",
        (Charged(1, "W", "w", Decimal(85)),),
        (Unclaimed("account:1", "Account 1", "no rule", Decimal(15)),),
    )
    found = Evidence(TODAY, LIMITS, charged, (subject(1, declared=True),))
    assert scored(found, Dimension.ATTRIBUTION).percent == 85
    assert scored(found.inside({1}), Dimension.ATTRIBUTION).percent is None
    assert scored(found.inside({1}), Dimension.ESTIMATE).percent == 50
    assert scored(found.inside({2}), Dimension.ESTIMATE).percent is None


@pytest.mark.parametrize(
    ("estimates", "cases", "said"),
    [
        (2, 3, "decided by estimates alone: 66.6%"),
        (3, 0, "decided by cases alone: 0.0%"),
        (3, 3, ""),
        (0, 0, "decided by estimates alone: 0.0%"),
    ],
)
def test_beside_a_mean_stands_the_share_that_decides(estimates: int, cases: int, said: str) -> None:
    planned = (ConfirmedEstimate(date(2026, 1, 1), OCTOBER, date(2027, 1, 1)),)
    subjects = tuple(
        subject(n, confirmed=planned if n < estimates else (), declared=n < cases) for n in range(3)
    )
    found = Evidence(TODAY, LIMITS, subjects=subjects)
    assert decides_words(scored(found, Dimension.ESTIMATE)) == said


def test_gap_response_names_the_days_of_opening_that_count() -> None:
    found = Evidence(TODAY, LIMITS)
    assert question(Dimension.RESPONSE, found) == (
        "Of the Allocation Gaps found from 24 Jul 2026 to 22 Oct 2026, how many were resolved "
        "within 30 days?"
    )


# --- beside the model -----------------------------------------------------------------------------


def of_model(found: Evidence) -> dict[str, tuple[Fraction | None, str | None]]:
    bill = []
    if found.charges:
        bill += [{"amount": c.amount, "claimed": True} for c in found.charges.attributed]
        bill += [{"amount": u.amount, "claimed": False} for u in found.charges.unclaimed]
    approvals = [
        {"day": a.day, "acknowledgement": "agreed" if a.acknowledged else "no_value"}
        for a in found.approvals
    ]
    rows = [asdict(each) for each in found.subjects]
    gaps = [asdict(each) for each in found.openings]
    return {
        "attribution": model.attribution(bill, 80, 90),
        "estimate": model.estimates(rows, 70, 90),
        "approval": model.approvals(approvals, found.today, 50, 90),
        "accuracy": model.accuracy(rows, Fraction(20), Fraction(12), 70),
        "response": model.response(gaps, found.today, 30, 60, 90),
    }


@given(evidence())
def test_every_dimension_is_what_the_method_says(found: Evidence) -> None:
    scores, meant = score(found, FIRST), of_model(found)
    for dimension, each in scores.items():
        tier = each.tier.value if each.tier else None
        assert (each.percent, tier) == meant[dimension.value], dimension
    lowest = overall(scores)
    assert (lowest.value if lowest else None) == model.overall(t for _, t in meant.values())


@given(evidence())
def test_what_spaces_come_to_is_what_the_organisation_does(found: Evidence) -> None:
    """But for what lies in no Space."""
    whole, parts = score(found, FIRST), [score(found.inside({n}), FIRST) for n in (1, 2)]
    for dimension in (Dimension.ESTIMATE, Dimension.APPROVAL, Dimension.ACCURACY):
        for measure, counted in whole[dimension].rows.items():
            one, two = (part[dimension].shares[measure] for part in parts)
            assert one + two == share_of(counted)


# --- what lifts it --------------------------------------------------------------------------------


def lifted(found: Evidence, dimension: Dimension, ids: tuple[str, ...], target: Tier) -> bool:
    tier = scored(what_if(found, ids), dimension).tier
    return tier is not None and list(Tier).index(tier) >= list(Tier).index(target)


@settings(max_examples=150)
@given(evidence(), st.sampled_from([d for d in Dimension if d is not Dimension.RESPONSE]))
def test_the_list_reaches_the_tier_and_none_is_shorter(
    found: Evidence, dimension: Dimension
) -> None:
    """Every set of things to do is tried."""
    way = way_up(scored(found, dimension), found)
    if way is None:
        return
    offered = [fix for fix in candidates(found) if fix.act.dimension is dimension]
    declared = {str(s.id) for s in found.subjects if s.declared}
    # An approval without a declared case would be one more that acknowledges none.
    ids = [f.id for f in offered if f.act is not Act.APPROVE or f.key in declared]
    chosen = tuple(fix.id for fix in way.fixes)
    assert lifted(found, dimension, chosen, way.target) == way.reaches
    enough = [
        size
        for size in range(len(ids) + 1)
        if any(lifted(found, dimension, some, way.target) for some in combinations(ids, size))
    ][:1]
    assert enough == ([len(chosen)] if way.reaches else [])


@given(evidence())
def test_what_is_late_is_never_offered_and_confirming_it_changes_nothing(found: Evidence) -> None:
    offered = {fix.key for fix in candidates(found) if fix.act is Act.CONFIRM}
    before = scored(found, Dimension.ESTIMATE)
    for one in late(found):
        assert str(one.id) not in offered
        if one.confirmed == ():
            after = scored(what_if(found, [f"no_estimate:{one.id}"]), Dimension.ESTIMATE)
            assert after.percent == before.percent


def test_the_shortest_list_stands_first_and_one_that_is_not_enough_last() -> None:
    late_one = subject(
        1,
        first_cost=date(2026, 1, 5),
        confirmed=(ConfirmedEstimate(date(2026, 2, 1), date(2026, 2, 1), date(2027, 2, 1)),),
    )
    charged = Charges(
        OCTOBER,
        "amortised",
        (Charged(1, "W", "w", Decimal(70)),),
        (
            Unclaimed("account:1", "Account 1", "no rule", Decimal(4)),
            Unclaimed("account:2", "Account 2", "no rule", Decimal(6)),
            Unclaimed("account:3", "Account 3", "no rule", Decimal(20)),
        ),
    )
    off = (
        subject(2, spend=Decimal(300), planned=Decimal(100), declared=True),
        subject(3, spend=Decimal(125), planned=Decimal(100), declared=True),
    )
    found = Evidence(TODAY, LIMITS, charged, (late_one, *off))
    ways = shortest_first(
        way for s in score(found, FIRST).values() if (way := way_up(s, found)) is not None
    )
    assert [(w.dimension, w.reaches, [f.id for f in w.fixes]) for w in ways] == [
        (Dimension.ATTRIBUTION, True, [fix_id("unclaimed", "account:3")]),
        (Dimension.ACCURACY, True, ["off_plan:3", "off_plan:2"]),
        (Dimension.ESTIMATE, False, ["no_estimate:2", "no_estimate:3"]),
    ]
    assert [way.title for way in ways] == ["to Walk", "to Walk", "Walk is out of reach now"]
    assert ways[-1].words == (
        "This can't reach Walk now: it takes 3 more estimates confirmed before the first cost, and "
        "2 can still be. 1 workload that holds it down can't be mended any more: a late estimate "
        "stays late until a renewal is confirmed before its own first month."
    )


def test_one_person_is_asked_for_estimate_and_case_before_two_are() -> None:
    planned = (ConfirmedEstimate(date(2026, 1, 1), OCTOBER, date(2027, 1, 1)),)
    fine = [subject(n, confirmed=planned, declared=True) for n in range(1, 18)]
    lacking = (subject(18, confirmed=planned), subject(19), subject(20, declared=True))
    found = Evidence(TODAY, LIMITS, subjects=(*fine[1:], *lacking, subject(21, declared=True)))
    way = way_up(scored(found, Dimension.ESTIMATE), found)
    assert way
    # 17 of 20 have an estimate, 18 a case.
    assert [fix.id for fix in way.fixes] == ["no_estimate:19"]
    found = Evidence(TODAY, LIMITS, subjects=(*fine[1:], *lacking, subject(21)))
    way = way_up(scored(found, Dimension.ESTIMATE), found)
    assert way
    assert [fix.id for fix in way.fixes] == ["unbacked:19", "no_estimate:19"]


def test_a_gap_that_is_ticked_off_is_resolved_today() -> None:
    day = TODAY - timedelta(days=30)
    found = Evidence(TODAY, LIMITS, openings=(Opening(1, "unbacked", "7", "W", day, 1),))
    assert scored(found, Dimension.RESPONSE).percent == 0
    assert scored(what_if(found, ["unbacked:7"]), Dimension.RESPONSE).percent == 100


def test_a_gap_that_came_back_leaves_the_one_before_as_it_was() -> None:
    began, ended = (TODAY - timedelta(days=days) for days in (100, 95))
    before = Opening(1, "unbacked", "7", "W", began, 1, resolved=ended)
    again = Opening(2, "unbacked", "7", "W", TODAY - timedelta(days=3), 1)
    found = Evidence(TODAY, LIMITS, openings=(before, again))
    assert scored(what_if(found, ["unbacked:7"]), Dimension.RESPONSE).percent == 100


@pytest.mark.parametrize(
    ("target", "above", "needed"),
    [("60", False, 1), ("60", True, 2), ("50", False, 0), ("99", False, 4)],
)
def test_how_many_more_are_needed(target: str, needed: int, *, above: bool) -> None:
    parts = [Decimal(10), Decimal(5), Decimal(5)]
    assert still_needed(share("50"), Decimal(target), parts, above=above) == needed
