"""Double claims as arithmetic: names, chains of merges, sums and shares. No database."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from business_cases.anchors import Anchor, claimed, fold, follow, similar
from business_cases.case import CaseTerms
from tests.cast import REVENUE, SAVING
from valueboard.lib.figure import ValueType

SPELLINGS = [
    ("Outside counsel", "outside  Counsel"),
    ("Outside counsel", "\tOUTSIDE\u00a0counsel\n"),
    ("Straße", "STRASSE"),
    ("Café", "cafe\u0301"),
    ("ﬁeld sales", "Field Sales"),
]


@pytest.mark.parametrize(("one", "other"), SPELLINGS)
def test_case_white_space_and_ways_of_writing_an_accent_do_not_count(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(
    ("one", "other"), [("Outside counsel", "Outsidecounsel"), ("Cafe", "Café"), ("CRM", "CRM 2")]
)
def test_other_names_are_others(one: str, other: str) -> None:
    assert fold(one) != fold(other)


def test_a_cost_and_a_revenue_stream_of_one_name_are_two() -> None:
    cost = Anchor.named(ValueType.COST_SAVING, "Web shop")
    assert cost != Anchor.named(ValueType.REVENUE_DRIVING, "web  shop")


@given(st.text())
def test_folding_twice_changes_nothing(name: str) -> None:
    assert fold(fold(name)) == fold(name)


# --- sums -----------------------------------------------------------------------------------------

#         (C, p) of each case, declared together, largest, percent as shown, over?
SUMS = [
    ([("4600000", "25")], "1150000", "4600000", "25", False),
    # The example of the method: two cases, and the larger amount is not the first one's.
    ([("4600000", "25"), ("3900000", "100")], "5050000", "4600000", "109.8", True),
    ([("410000", "60"), ("290500", "70")], "449350", "410000", "109.6", True),
    ([("4600000", "25"), ("4600000", "75")], "4600000", "4600000", "100", False),
    ([("4600000", "25"), ("4600000", "75.0001")], "4600004.60", "4600000", "100.1", True),
    ([("1000000", "50"), ("1000000", "49.9999")], "999999", "1000000", "99.9", False),
    ([("100", "60"), ("10000", "60"), ("100", "100")], "6160", "10000", "61.6", False),
]


def cases(amounts: list[tuple[str, str]]) -> list[CaseTerms]:
    return [replace(SAVING, current_amount=Decimal(c), percent=Decimal(p)) for c, p in amounts]


@pytest.mark.parametrize(("amounts", "together", "largest", "percent", "over"), SUMS)
def test_what_cases_claim_together(
    amounts: list[tuple[str, str]], together: str, largest: str, percent: str, *, over: bool
) -> None:
    found = claimed(cases(amounts))
    assert found
    assert (found.declared, found.largest) == (Decimal(together), Decimal(largest))
    assert found.percent == Decimal(percent)
    assert found.is_over is over


def test_one_case_alone_claims_nothing_twice() -> None:
    """A stream may be declared to grow tenfold."""
    found = claimed([replace(REVENUE, percent=Decimal(1000))])
    assert found
    assert found.percent == 1000
    assert not found.is_over


def test_savings_and_revenue_never_meet_in_one_sum() -> None:
    with pytest.raises(ValueError, match="never meet"):
        claimed([SAVING, replace(REVENUE, anchor=SAVING.anchor)])


def test_without_cases_nothing_is_claimed() -> None:
    assert claimed([]) is None


AMOUNTS = st.decimals("0.01", "99999999999999.99", places=2)
PERCENTS = st.decimals("0.0001", "100", places=4)
CASES = st.lists(
    st.builds(lambda c, p: replace(SAVING, current_amount=c, percent=p), AMOUNTS, PERCENTS),
    min_size=1,
    max_size=6,
)


@given(CASES)
def test_a_sum_holds_its_promises(several: list[CaseTerms]) -> None:
    found = claimed(several)
    assert found
    assert found == claimed(several[::-1]) or found.declared == sum(c.opportunity for c in several)
    assert found.largest in {case.current_amount for case in several}
    assert found.share == Fraction(found.declared) / Fraction(found.largest)
    # What is shown never hides on which side of 100 the share lies.
    exact = found.share * 100
    assert abs(Fraction(found.percent) - exact) < Fraction(1, 10)
    if abs(exact - 100) >= Fraction(1, 10):
        off = exact - Fraction(found.percent)
        assert Fraction(-1, 20) <= off < Fraction(1, 20), "rounded half up"
    assert (found.percent > 100, found.percent < 100) == (exact > 100, exact < 100)
    assert found.is_over == (len(several) > 1 and exact > 100)


# --- merges ---------------------------------------------------------------------------------------

KEYS = [Anchor(ValueType.COST_SAVING, letter) for letter in "abcde"]
A, B, C, D, E = KEYS


@pytest.mark.parametrize(
    ("into", "chain"),
    [({}, (A,)), ({A: B}, (A, B)), ({A: B, B: C, D: E}, (A, B, C)), ({B: A}, (A,))],
)
def test_chains_are_followed_to_their_end(
    into: dict[Anchor, Anchor], chain: tuple[Anchor, ...]
) -> None:
    assert follow(A, into) == chain


@given(st.dictionaries(st.sampled_from(KEYS), st.sampled_from(KEYS)))
def test_following_ends_even_where_there_is_a_circle(into: dict[Anchor, Anchor]) -> None:
    chain = follow(A, into)
    assert chain[0] == A
    assert len(set(chain)) == len(chain)


# --- hints ----------------------------------------------------------------------------------------


def test_a_name_spelt_nearly_like_a_known_one_is_hinted_at() -> None:
    known = ["Outside counsel", "Web shop", "Contact centre contractors"]
    assert similar("Outside councel", known) == ["Outside counsel"]
    assert similar("outside  COUNSEL", known) == []
    assert similar("Fleet", known) == []
    assert similar("", known) == []
