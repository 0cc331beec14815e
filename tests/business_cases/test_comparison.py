"""Versions side by side: what they say, what changed, and where no difference is shown."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from business_cases.case import CaseTerms
from business_cases.comparison import (
    Comparison,
    Difference,
    Line,
    asked_side,
    baseline_side,
    compare,
    current_side,
    named_side,
)
from business_cases.history import versions_of
from business_cases.outlook import outlook_of
from business_cases.projection import Terms
from business_cases.standing import CaseVersion, EstimateVersion, Mark, Standing
from tests.cast import REVENUE, SAVING, TERMS
from valueboard.lib.bands import Bound
from valueboard.templatetags.figures import figure_change, words

BOUNDS = [
    Bound("strong", Decimal(5)),
    Bound("solid", Decimal(2)),
    Bound("marginal", Decimal("1.25")),
    Bound("thin", Decimal(1)),
    Bound("weak", Decimal(0)),
]
MONTH = date(2026, 3, 1)


def mark(version: int) -> Mark:
    moment = datetime(2026, 1, version, 12, tzinfo=UTC)
    return Mark(version, version, f"{version:064}", moment, "Olivia", 1, f"Reason {version}.")


def standing(estimates: list[tuple[Terms, str]], cases: list[CaseTerms | None]) -> Standing:
    return Standing(
        tuple(
            EstimateVersion(mark(i), terms, mark(i).recorded_at if basis else None, basis)
            for i, (terms, basis) in enumerate(estimates, 1)
        ),
        tuple(CaseVersion(mark(i), terms) for i, terms in enumerate(cases, 1)),
    )


def line(comparison: Comparison, label: str) -> Line:
    return next(x for part in comparison.parts for x in part.lines if x.label == label)


def compared(found: Standing) -> Comparison:
    sides = (baseline_side(found), current_side(found))
    return compare(sides, [("From the baseline", 0, 1)], MONTH, BOUNDS)


def shown(line: Line) -> list[str]:
    return [words(cell.figure) if cell.figure else cell.words for cell in line.cells]


def test_a_lowered_case_shows_both_scores_and_the_difference() -> None:
    lowered = replace(SAVING, percent=Decimal(10))
    found = compared(standing([(TERMS, "decision")], [SAVING, lowered]))
    scored = line(found, "This funding year")
    assert shown(scored) == ["7.22×", "2.88×"]
    assert [cell.band for cell in scored.cells] == ["strong", "solid"]
    declared = line(found, "Declared annual opportunity")
    assert shown(declared) == ["$1,150,000", "$460,000"]
    assert "−$690,000" in str(figure_change(declared.differences[0][1].figure))
    assert "−15 points" in str(
        figure_change(line(found, "Expected percentage").differences[0][1].figure)
    )
    assert "−4.34×" in str(figure_change(scored.differences[0][1].figure))
    assert not line(found, "Monthly amount").changed
    assert line(found, "Expected percentage").changed


def test_a_changed_value_type_has_no_difference() -> None:
    found = compared(standing([(TERMS, "decision")], [SAVING, REVENUE]))
    for label in ("Current annual amount", "Declared annual opportunity", "This funding year"):
        assert line(found, label).changed
        assert line(found, label).differences[0][1] == Difference(word="not compared")
    assert shown(line(found, "Value type")) == ["Cost Saving", "Revenue Driving"]
    assert shown(line(found, "Direction")) == ["", "Grow"]


def test_a_retracted_case_leaves_the_baseline_and_no_score() -> None:
    found = compared(standing([(TERMS, "decision")], [SAVING, None]))
    assert shown(line(found, "Value type")) == ["Cost Saving", "Retracted"]
    assert [cell.band for cell in line(found, "This funding year").cells] == ["strong", "unbacked"]


def test_a_case_alone_is_not_scored() -> None:
    found = compared(standing([], [SAVING]))
    assert [cell.band for cell in line(found, "This funding year").cells] == [
        "not_scored",
        "not_scored",
    ]


def test_an_estimate_that_waits_is_not_the_current_one() -> None:
    dearer = replace(TERMS, monthly=Decimal(20000), effective=date(2026, 4, 1))
    found = standing([(TERMS, "decision"), (dearer, "")], [SAVING])
    assert shown(line(compared(found), "Monthly amount")) == ["$10,000.00", "$10,000.00"]
    asked = compare(
        (current_side(found), asked_side(found, "Asked for")), [("Change", 0, 1)], MONTH, BOUNDS
    )
    assert shown(line(asked, "Monthly amount")) == ["$10,000.00", "$20,000.00"]
    # January to March keep the schedule they had.
    assert shown(line(asked, "Cost of the funding year")) == ["$159,171.27", "$286,817.53"]
    assert shown(line(asked, "First effective month")) == ["Jan 2026", "Apr 2026"]


def test_the_versions_that_a_decision_named_are_found_again() -> None:
    dearer = replace(TERMS, monthly=Decimal(11000), effective=date(2026, 4, 1))
    lowered = replace(SAVING, percent=Decimal(10))
    found = standing([(TERMS, "decision"), (dearer, "within_threshold")], [SAVING, lowered])
    side = named_side(found, "Acknowledged", 1, 1)
    assert side.estimate is found.estimates[0]
    assert side.terms == SAVING
    assert side.schedule == found.estimates[0].alone
    assert named_side(found, "Acknowledged", 1, None).terms is None


def test_the_outlook_shows_every_funding_year_and_the_term() -> None:
    """METHOD 5: 10,000 growing 5 % for 48 months with O = 600,000."""
    terms = replace(TERMS, months=48)
    case = replace(SAVING, current_amount=Decimal(600_000), percent=Decimal(100))
    found = standing([(terms, "decision")], [case])
    assert found.in_force
    assert found.estimate
    outlook = outlook_of(found.in_force, found.estimate, case, BOUNDS, date(2027, 5, 1))
    assert [words(y.prospect) for y in outlook.years if y.prospect] == [
        "3.76×",
        "2.09×",
        "1.16×",
        "0.65×",
    ]
    assert outlook.term.prospect
    assert words(outlook.term.prospect) == "1.27×"
    assert [year.is_now for year in outlook.years] == [False, True, False, False]
    assert outlook.years[1].when == "Jan 2027 – Dec 2027"


@pytest.mark.parametrize(
    ("month", "said"),
    [
        (date(2025, 12, 1), ["not yet started", ""]),
        (date(2026, 1, 1), ["now", ""]),
        (date(2027, 12, 1), ["", "now"]),
        (date(2028, 1, 1), ["", "funding ended"]),
    ],
)
def test_the_outlook_says_where_the_scored_year_stands(month: date, said: list[str]) -> None:
    found = standing([(replace(TERMS, months=24), "decision")], [SAVING])
    assert found.in_force
    assert found.estimate
    outlook = outlook_of(found.in_force, found.estimate, SAVING, BOUNDS, month)
    assert [year.standing for year in outlook.years] == said


def test_the_list_of_versions_is_newest_first_and_marks_what_waits() -> None:
    dearer = replace(TERMS, monthly=Decimal(20000))
    found = versions_of(standing([(TERMS, "decision"), (dearer, "")], [SAVING, None]))
    assert [(v.what, v.mark.version, v.is_pending) for v in found] == [
        ("Estimate", 2, True),
        ("Business case", 2, False),
        ("Estimate", 1, False),
        ("Business case", 1, False),
    ]
    assert found[1].standing == "retracted"


@pytest.mark.parametrize(("ratio", "said"), [("23.99", "23×"), ("9.99", "9.99×"), ("99.9", "99×")])
def test_no_score_is_shown_higher_than_it_is(ratio: str, said: str) -> None:
    """METHOD 5: the display rounds down, from 10 on to whole multiples."""
    found = standing(
        [(replace(TERMS, monthly=Decimal(100), growth=Decimal(0)), "decision")],
        [replace(SAVING, current_amount=Decimal(ratio) * 1200, percent=Decimal(100))],
    )
    assert shown(line(compared(found), "This funding year"))[0] == said
