"""Scores that are kept: equal to those scored afresh, by what counted on their day."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from maturity import formulas
from maturity.actions import keep_scores
from maturity.formulas import FORMULAS
from maturity.keeping import Version, in_force, month_ends
from maturity.models import FormulaVersion, KeptScore
from maturity.reports import kept_of, kept_scores, read_maturity
from maturity.score import Dimension, Measure, Shares, Tier
from positions.reader import Reader
from records.actions import set_threshold
from records.clock import now, today
from tests.approvals.test_deciding import approve
from tests.cast import Cast, added, proposal, submitted
from tests.maturity.test_maturity import Travel, confirm
from tests.spend import bedrock, load, rule_for
from tests.standing import living
from valueboard.lib.moment import end_of


def live(cast: Cast, travel: Travel, folder: Path) -> Cast:
    """An organisation from August to the middle of October 2026."""
    travel(datetime.fromisoformat("2026-08-20T12:00:00Z"))
    confirm(cast, early := added(cast, proposal(cast, name="Early")))
    approve(cast.priya, submitted(cast, proposal(cast, name="Asked")))
    travel(datetime.fromisoformat("2026-10-02T12:00:00Z"))
    late = added(cast, proposal(cast, name="Late", case=None, space=cast.search))
    travel(datetime.fromisoformat("2026-10-16T12:00:00Z"))
    load(folder, bedrock("early", 60.0), bedrock("late", 25.0), bedrock("", 15.0))
    rule_for(cast.felix, early, "early")
    rule_for(cast.felix, late, "late")
    return cast


lived = living("lived", live)


def test_what_is_kept_is_what_is_scored_afresh(lived: Cast) -> None:
    """Of every kept day, of the organisation, of a Space, and of one with those below."""
    assert keep_scores() == [*month_ends(today()), today() - timedelta(days=1), today()]
    compared = 0
    for day in KeptScore.objects.values_list("day", flat=True).distinct():
        moment = min(end_of(day), now())
        for spaces in (None, {lived.search.pk}, {lived.commerce.pk, lived.search.pk}, set()):
            kept = kept_of(spaces, moment)
            assert kept.day == day
            fresh = read_maturity(Reader.of(lived.felix), moment, spaces, by_group=False)
            assert {d: (s.shares, s.tier, s.version) for d, s in kept.scores.items()} == {
                d: (s.shares, s.tier, s.version) for d, s in fresh.scores.items()
            }
            assert kept.overall == fresh.overall
            compared += any(s.percent is not None for s in kept.scores.values())
    assert compared > 6, "days without data alone prove nothing"


def test_the_kept_score_costs_one_query(lived: Cast) -> None:
    keep_scores()
    moment, reader = now(), Reader.of(lived.felix)
    with CaptureQueriesContext(connection) as queries:
        found = kept_scores(reader, moment)
    assert len(queries) == 1
    assert found.scores[Dimension.ATTRIBUTION].shares[Measure.ATTRIBUTED].percent == 85
    assert found.overall is Tier.CRAWL


def test_nothing_kept_is_no_data(cast: Cast) -> None:
    assert kept_of(None, now()).overall is None


def test_a_day_that_is_over_is_kept_once_and_today_as_often_as_asked(
    lived: Cast, travel: Travel
) -> None:
    keep_scores()
    assert keep_scores() == [today()]
    added(lived, proposal(lived, name="Another", case=None))
    before = kept_of(None, now()).scores[Dimension.ESTIMATE].shares[Measure.BACKED]
    keep_scores()
    after = kept_of(None, now()).scores[Dimension.ESTIMATE].shares[Measure.BACKED]
    assert after.whole == before.whole + 1
    day = today()
    travel(now() + timedelta(days=1))
    # Kept before its day was over, so not for good.
    assert keep_scores() == [day, today()]
    # Nor in the hour after it, in which what was recorded by its end may be committed.
    day = today()
    travel(end_of(day) + timedelta(minutes=30))
    assert keep_scores() == [day, today()]
    travel(end_of(day) + timedelta(hours=2))
    assert keep_scores() == [day, today()]
    travel(end_of(day) + timedelta(hours=4))
    assert keep_scores() == [today()]


def test_a_past_day_keeps_its_thresholds(lived: Cast, travel: Travel) -> None:
    keep_scores()
    yesterday = kept_of(None, end_of(today()))
    assert yesterday.scores[Dimension.ATTRIBUTION].tier is Tier.WALK
    day = today()
    travel(now() + timedelta(days=1))
    key = "maturity.attribution.walk"
    set_threshold(
        actor=lived.adam, key=key, seen=1, value=Decimal(86), effective_from=today(), reason="More."
    )
    keep_scores()
    assert kept_of(None, now()).scores[Dimension.ATTRIBUTION].tier is Tier.CRAWL
    assert kept_of(None, end_of(day)).scores[Dimension.ATTRIBUTION].tier is Tier.WALK


def test_a_new_formula_counts_from_its_day(
    lived: Cast, travel: Travel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half of what the old one reads; a day before it keeps the old one."""
    old = FORMULAS[Dimension.ATTRIBUTION, 1]

    def half(shares: Shares) -> Fraction | None:
        whole = old.percent(shares)
        return whole / 2 if whole is not None else None

    halved = replace(old, percent=half)
    monkeypatch.setitem(formulas.FORMULAS, (Dimension.ATTRIBUTION, 2), halved)
    first = today() + timedelta(days=1)
    FormulaVersion.objects.create(
        dimension="attribution", number=2, effective_from=first, reason="Halved."
    )
    travel(now() + timedelta(days=2))
    keep_scores()
    before = kept_of(None, end_of(first - timedelta(days=1)))
    after = kept_of(None, now())
    assert before.day == month_ends(today())[-1], "days before yesterday were not kept"
    assert [p.scores[Dimension.ATTRIBUTION].version for p in (before, after)] == [1, 2]
    afresh = read_maturity(Reader.of(lived.felix), end_of(first - timedelta(days=1)))
    assert afresh.scores[Dimension.ATTRIBUTION].version == 1
    assert after.scores[Dimension.ATTRIBUTION].percent == Decimal("42.5")


@pytest.mark.django_db
def test_a_formula_comes_into_force_once() -> None:
    with pytest.raises(IntegrityError, match="formula_in_force_once"):
        FormulaVersion.objects.create(
            dimension="attribution", number=1, effective_from=date(2026, 1, 1), reason="Again."
        )


def test_a_measure_is_kept_once_a_day_even_of_what_lies_in_no_space(lived: Cast) -> None:
    keep_scores()
    for found in (KeptScore.objects.filter(space=None), KeptScore.objects.exclude(space=None)):
        again = found[0]
        again.pk = None
        with pytest.raises(IntegrityError, match="kept_score_once"), transaction.atomic():
            again.save(force_insert=True)


def test_of_versions_in_force_the_latest_counts() -> None:
    at = datetime.fromisoformat("2026-06-01T12:00:00Z")
    versions = [
        Version("maturity.a", 1, Decimal(1), date(2000, 1, 1), at),
        Version("maturity.a", 3, Decimal(3), date(2026, 9, 1), at),
        Version("maturity.a", 2, Decimal(2), date(2026, 7, 1), at + timedelta(days=9)),
    ]

    def value(day: date, known_at: datetime) -> Decimal:
        return in_force(versions, day, known_at)["maturity.a"]

    assert value(date(2026, 7, 1), at) == 1, "version 2 was not recorded yet"
    assert value(date(2026, 7, 1), at + timedelta(days=30)) == 2
    assert value(date(2026, 9, 1), at + timedelta(days=30)) == 3
    assert value(date(2025, 1, 1), at - timedelta(days=999)) == 1, "the first was always known"


def test_the_month_ends_of_two_years() -> None:
    found = month_ends(date(2026, 3, 31))
    assert (len(found), found[0], found[-1]) == (24, date(2024, 3, 31), date(2026, 2, 28))
