"""The parts of a board pack beside its board: movers, gaps, maturity and foot, each of its day."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from django.http import QueryDict

from allocation_gaps.actions import look_for_gaps, request_from_owner
from allocation_gaps.models import GapOpening
from maturity.actions import keep_scores
from records.actions import take_checkpoint
from records.clock import now
from records.models import Checkpoint
from tests.cast import Cast
from tests.clock import Travel
from tests.spend import load_months, rule_for
from tests.standing import living
from tests.test_board import workload
from valueboard.packing import GapCount, Pages, read_pages

UNBACKED, UNCLAIMED = "Unbacked AI workload", "Unclaimed AI spend"


def live(cast: Cast, travel: Travel, folder: Path) -> Cast:
    """Early lacks a case since August and was asked for it; Later, below it, since September."""
    travel(datetime(2026, 8, 10, 12, tzinfo=UTC))
    early = workload(cast, "Early", case=None)
    rule_for(cast.felix, early, "early")
    load_months(folder / "august", travel, {date(2026, 8, 1): {"early": "300", "lost": "100"}})
    look_for_gaps()
    later = workload(cast, "Later", case=None, space=cast.search)
    rule_for(cast.felix, later, "later")
    opening = GapOpening.objects.get(kind="unbacked", workload=early)
    request_from_owner(actor=cast.felix, opening=opening, seen=0, rationale="For the review.")
    keep_scores()
    load_months(folder / "september", travel, {date(2026, 9, 1): {"early": "300", "later": "40"}})
    look_for_gaps()
    return cast


lived = living("lived", live)


def pages_of(cast: Cast, query: str = "") -> Pages:
    return read_pages(cast.felix, QueryDict(query), now())


def gaps_of(pages: Pages) -> dict[str, GapCount]:
    return {each.label: each for each in pages.gaps}


def sums_of(found: GapCount) -> tuple[int, int, Decimal | None, Decimal | None, str]:
    projected, actual = (each.amount if each else None for each in (found.projected, found.actual))
    return found.count, found.actioned, projected, actual, found.actual_note


def leads_on(found: GapCount) -> bool:
    return bool(found.projected and found.projected.made)


@pytest.mark.parametrize(
    ("query", "since"), [("", date(2026, 9, 30)), ("compare=2026-08-31", date(2026, 8, 31))]
)
def test_movers_are_since_the_month_before_unless_a_day_is_asked_for(
    lived: Cast, query: str, since: date
) -> None:
    movers = pages_of(lived, query).movers
    assert movers
    assert movers.since == since


def test_gaps_are_counted_by_kind_and_the_oldest_named_first(lived: Cast) -> None:
    pages = pages_of(lived)
    found = gaps_of(pages)
    year = "a year, from 2 closed months"
    assert sums_of(found[UNBACKED]) == (2, 1, Decimal(240_000), Decimal(3840), year)
    assert sums_of(found[UNCLAIMED]) == (1, 0, None, Decimal(100), "so far, since Jul 2026")
    assert leads_on(found[UNBACKED]), "all of its list"
    assert [gap.since for gap in pages.oldest] == [date(2026, 8, 1)] * 3 + [date(2026, 9, 1)] * 2
    assert {gap.name for gap in pages.oldest[:3]} == {"Early", "workload = lost"}


def test_gaps_are_those_of_the_filtered_workloads(lived: Cast) -> None:
    """Unclaimed spend is of none, and a part of a kind is not what the list of it comes to."""
    pages = pages_of(lived, "space=search")
    found = gaps_of(pages)
    year = "a year, from 2 closed months"
    assert sums_of(found[UNBACKED]) == (1, 0, Decimal(120_000), Decimal(240), year)
    assert not leads_on(found[UNBACKED])
    assert UNCLAIMED not in found
    assert {gap.name for gap in pages.oldest} == {"Later"}
    assert [(each.path, each.totals.count) for each in pages.sections] == [("Commerce / Search", 1)]


def test_a_past_day_has_the_gaps_and_the_foot_of_then(lived: Cast, travel: Travel) -> None:
    pages = pages_of(lived, "as_of=2026-09-20")
    assert sums_of(gaps_of(pages)[UNBACKED])[:2] == (1, 1)
    assert "As of 20 Sep 2026." in pages.footer
    travel(datetime(2026, 10, 21, 12, tzinfo=UTC))
    look_for_gaps()
    # Of a past day a gap says what its opening did: Early's one closed month, Later's two.
    found = gaps_of(pages_of(lived, "as_of=2026-10-20"))[UNBACKED]
    assert (found.count, found.actual_note) == (2, "a year, each from its closed months")


def test_the_maturity_is_the_latest_that_was_kept(lived: Cast) -> None:
    pages = pages_of(lived)
    assert (pages.tier, pages.kept_on) == ("Crawl", date(2026, 9, 20))
    found = {each.label: each for each in pages.dimensions}
    attribution = found["Attribution Coverage"]
    assert attribution.percent
    assert attribution.percent.made
    assert (attribution.percent.amount, attribution.tier) == (Decimal(75), "Crawl")
    assert "2026-09-20" in attribution.percent.made.at
    assert [note.text for note in attribution.counted] == ["$300.00 of $400.00, actual"]
    assert {label: len(each.counted) for label, each in found.items()} == {
        "Attribution Coverage": 1,
        "Estimate Coverage": 2,
        "Value at Approval": 1,
        "Plan Accuracy": 2,
        "Gap Response": 1,
    }


def test_each_space_is_totalled_by_itself(lived: Cast) -> None:
    found = [
        (each.path, [line.name for line in each.lines], int(each.totals.projected.amount))
        for each in pages_of(lived).sections
    ]
    assert found == [("Commerce", ["Early"], 120_000), ("Commerce / Search", ["Later"], 120_000)]


def test_the_foot_names_the_latest_checkpoint(lived: Cast) -> None:
    for _ in range(2):
        take_checkpoint(actor=lived.felix, kind=Checkpoint.Kind.ON_DEMAND)
    assert "Records up to checkpoint 2 of" in pages_of(lived).footer
