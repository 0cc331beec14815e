"""Shared cost is split among workloads, and every dollar still stands in exactly one place."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal, localcontext
from pathlib import Path
from typing import Any

import pytest
from django.db.models import Sum
from hypothesis import given
from hypothesis import strategies as st

from cur_ingest.actions import RuleTerms, add_rule
from cur_ingest.bases import BASES
from cur_ingest.models import DailyLine, MonthTotal, SpendClass, SplitPart
from cur_ingest.splitting import Share, parts, refusal
from maturity.pages import dimensions_of
from maturity.reading import read_evidence
from maturity.reports import read_maturity
from positions.reader import Reader
from records.clock import now
from spaces.models import Workload, WorkloadState
from tests.cast import Cast, added, proposal, submitted
from tests.cur_ingest.test_attribution import (
    BEDROCK,
    MARKET,
    UNTAGGED,
    Travel,
    by_tag,
    check_proof,
    load,
    rule,
)
from valueboard.lib.errors import RefusedError

AMOUNTS = st.decimals(
    min_value=-(10**12), max_value=10**12, places=24, allow_nan=False, allow_infinity=False
)
WEIGHTS = st.lists(
    st.decimals(min_value=0, max_value=10**12, places=12), min_size=1, max_size=9
).filter(any)


@given(AMOUNTS, WEIGHTS)
def test_parts_add_up_and_none_is_off_by_more_than_the_last_digits(
    amount: Decimal, weights: list[Decimal]
) -> None:
    found = parts(amount, weights)
    first = next(place for place, weight in enumerate(weights) if weight)
    with localcontext(prec=120):  # Python's own 28 digits would round what is compared
        assert sum(found) == amount
        for place, (part, weight) in enumerate(zip(found, weights, strict=True)):
            assert part.as_tuple().exponent >= -24  # type: ignore[operator]  # no NaN
            assert weight or not part
            right = amount * weight / sum(weights)
            assert place == first or abs(part - right) < Decimal("1e-24")


def test_what_the_cutting_leaves_goes_to_the_first_that_has_a_weight() -> None:
    third = Decimal("0." + "3" * 24)
    assert parts(Decimal(1), [Decimal(1)] * 3) == [third + Decimal("1e-24"), third, third]
    assert parts(Decimal(1), [Decimal(0), Decimal(1), Decimal(2)])[0] == 0
    assert parts(Decimal("-1e-24"), [Decimal(1)] * 2) == [Decimal("-1e-24"), 0]


@pytest.mark.parametrize(
    ("split", "shares", "said"),
    [
        ("", [Share(1)], "no shares"),
        ("fixed", [], "Name the workloads"),
        ("proportional", [Share(1), Share(1)], "once"),
        ("fixed", [Share(1, Decimal(0)), Share(2, Decimal(100))], "above 0"),
        ("fixed", [Share(1, Decimal("99.9999"))], "add up to 99.9999"),
        ("fixed", [Share(1, Decimal("33.4")), Share(2, Decimal("66.6"))], ""),
        ("proportional", [Share(1), Share(2)], ""),
    ],
)
def test_shares_that_cannot_be_are_refused(split: str, shares: list[Share], said: str) -> None:
    message = refusal(split, shares)
    assert said in message
    assert bool(said) == bool(message)


# --- in the database ---

pytestmark = pytest.mark.django_db
SHARED: dict[str, Any] = BEDROCK | {"resource_tags": {"user_workload": "gateway"}}


@pytest.fixture(autouse=True)
def _september(travel: Travel) -> None:
    travel(datetime(2026, 9, 20, 12, tzinfo=UTC))


@pytest.fixture
def chat(cast: Cast) -> Workload:
    return added(cast, proposal(cast, name="Chat"))


@pytest.fixture
def search(cast: Cast) -> Workload:
    return added(cast, proposal(cast, name="Search"))


def fixed(*shares: tuple[Workload, str], **terms: Any) -> RuleTerms:
    named = tuple(Share(workload.pk, Decimal(percent)) for workload, percent in shares)
    return RuleTerms(50, split="fixed", shares=named, **terms)


def in_proportion(*workloads: Workload, **terms: Any) -> RuleTerms:
    named = tuple(Share(workload.pk) for workload in workloads)
    return RuleTerms(50, split="proportional", shares=named, **terms)


GATEWAY: dict[str, Any] = {"tag_key": "workload", "tag_value": "gateway"}


def totals(basis: str = "amortised") -> dict[tuple[str | None, str], Decimal]:
    """The latest run's totals by workload and class."""
    run = MonthTotal.objects.latest("run").run
    rows = MonthTotal.objects.filter(run=run).values_list("workload__name", "spend_class", basis)
    return {(name, spend_class): amount for name, spend_class, amount in rows}


def check_parts() -> None:
    """The parts of each day and rule are its split lines, in every basis."""
    for basis in BASES:
        lines = DailyLine.objects.filter(spend_class=SpendClass.SPLIT)
        by_line = lines.values_list("day", "rule_version").annotate(s=Sum(basis)).order_by()
        by_part = SplitPart.objects.values_list("day", "rule_version").annotate(s=Sum(basis))
        assert set(by_line) == set(by_part.order_by())
    check_proof()


def test_fixed_percentages_split_to_the_last_digit(
    tmp_path: Path, cast: Cast, chat: Workload, search: Workload
) -> None:
    rule(cast, by_tag(chat))
    rule(cast, fixed((search, "33.3"), (chat, "66.7"), **GATEWAY))
    load(tmp_path, BEDROCK, SHARED | {"line_item_unblended_cost": 0.0000000001}, SHARED)
    assert totals() == {
        ("Search", "ai"): Decimal("0.4995000000333"),
        ("Chat", "ai"): Decimal("2.5005000000667"),
    }
    assert set(DailyLine.objects.values_list("account", "spend_class", "workload__name")) == {
        ("1", "ai", "Chat"),
        ("2", "split", None),
        ("3", "split", None),
    }
    check_parts()


def test_a_split_in_proportion_goes_by_what_the_targets_have_of_the_month(
    tmp_path: Path, cast: Cast, chat: Workload, search: Workload
) -> None:
    rule(cast, by_tag(chat))
    rule(cast, by_tag(search, "search"))
    rule(cast, in_proportion(chat, search, **GATEWAY))
    on_the_first = {"line_item_usage_start_date": datetime(2026, 9, 1, tzinfo=UTC)}
    load(
        tmp_path,
        BEDROCK | {"line_item_unblended_cost": 2.0},
        BEDROCK | {"line_item_unblended_cost": 1.0, "resource_tags": {"user_workload": "search"}},
        # A fee of the month stands on its first day, on which nobody has anything.
        SHARED | on_the_first | {"line_item_unblended_cost": 0.1},
        SHARED | {"line_item_unblended_cost": 0.1},
    )
    found = totals()
    assert sum(found.values()) == Decimal("3.2")
    thirty_third = Decimal("0.1") / 3
    assert abs(found["Search", "ai"] - 1 - 2 * thirty_third) < Decimal("1e-22")
    assert {part.day for part in SplitPart.objects.all()} == {date(2026, 9, 1), date(2026, 9, 5)}
    check_parts()


def test_with_nothing_to_go_by_it_stays_shared_and_comes_to_be_split_later(
    tmp_path: Path, cast: Cast, chat: Workload, search: Workload
) -> None:
    rule(cast, in_proportion(chat, search, **GATEWAY))
    load(tmp_path, SHARED, BEDROCK | {"line_item_unblended_cost": 1.0})
    assert totals() == {(None, "shared"): Decimal("1.5"), (None, "ai"): Decimal(1)}
    assert set(DailyLine.objects.values_list("account", "spend_class")) == {
        ("1", "shared"),
        ("2", "ai"),
    }
    check_parts()
    rule(cast, by_tag(chat))
    assert totals() == {("Chat", "ai"): Decimal("2.5")}
    check_parts()


def test_what_a_credit_leaves_below_nothing_weighs_nothing(
    tmp_path: Path, cast: Cast, chat: Workload, search: Workload
) -> None:
    rule(cast, by_tag(chat))
    rule(cast, by_tag(search, "search"))
    rule(cast, in_proportion(chat, search, **GATEWAY))
    discount = {"line_item_line_item_type": "EdpDiscount", "line_item_unblended_cost": -5.0}
    load(
        tmp_path,
        SHARED,
        BEDROCK | discount,
        BEDROCK | {"resource_tags": {"user_workload": "search"}},
    )
    assert totals() == {("Chat", "ai"): Decimal(-5), ("Search", "ai"): Decimal(3)}
    check_parts()


def test_a_split_of_negative_lines_keeps_their_sign_and_the_positive_sums(
    tmp_path: Path, cast: Cast, chat: Workload, search: Workload
) -> None:
    rule(cast, fixed((chat, "50"), (search, "50"), **GATEWAY))
    discount = {"line_item_line_item_type": "EdpDiscount", "line_item_unblended_cost": -0.5}
    load(tmp_path, SHARED, SHARED | discount)
    assert totals() == {("Chat", "ai"): Decimal("0.5"), ("Search", "ai"): Decimal("0.5")}
    assert set(totals("positive_amortised").values()) == {Decimal("0.75")}
    check_parts()


def test_a_share_is_a_first_spend(tmp_path: Path, cast: Cast) -> None:
    workload = submitted(cast).workload
    assert workload
    rule(cast, fixed((workload, "100"), **GATEWAY))
    load(tmp_path, SHARED)
    workload.refresh_from_db()
    assert workload.state == WorkloadState.CLAIMED
    assert MonthTotal.objects.get(workload=workload).first_day == date(2026, 9, 5)


def test_coverage_counts_a_part_as_attributed_and_the_not_yet_split_as_not(
    tmp_path: Path, cast: Cast, chat: Workload, search: Workload, travel: Travel
) -> None:
    rule(cast, fixed((chat, "60"), (search, "40"), **GATEWAY))
    rule(cast, in_proportion(search, tag_key="workload", tag_value="chat"))
    travel(datetime(2026, 10, 20, 12, tzinfo=UTC))
    load(tmp_path, SHARED | {"line_item_unblended_cost": 10.0}, BEDROCK, BEDROCK | UNTAGGED)
    found = read_evidence(Reader.of(cast.felix), now()).charges
    assert found
    assert {each.workload: each.amount for each in found.attributed} == {chat.pk: 6, search.pk: 4}
    assert [(each.name, each.amount) for each in found.unclaimed] == [
        ("Unclaimed AI spend", Decimal("1.5")),
        ("Shared, not yet split", Decimal("1.5")),
    ]
    attribution, *_ = dimensions_of(read_maturity(Reader.of(cast.felix), now()))
    held_down = {row.name: row.spend and row.spend.amount for row in attribution.held_down}
    assert held_down["Shared, not yet split"] == Decimal("1.50")


def test_a_later_load_and_another_rule_leave_no_old_parts(
    tmp_path: Path, cast: Cast, chat: Workload, search: Workload
) -> None:
    rule(cast, fixed((chat, "60"), (search, "40"), **GATEWAY))
    load(tmp_path, SHARED, SHARED)
    assert SplitPart.objects.count() == 2
    load(tmp_path, SHARED, execution="e-2")
    assert SplitPart.objects.count() == 2
    check_parts()
    rule(cast, RuleTerms(1, chat, account="1"))
    assert not SplitPart.objects.exists()
    check_parts()


def test_a_marketplace_row_is_split_only_by_a_rule_that_names_it(
    tmp_path: Path, cast: Cast, chat: Workload, search: Workload
) -> None:
    rule(cast, fixed((chat, "60"), (search, "40"), account="1"))
    load(tmp_path, MARKET)
    assert set(totals()) == {(None, "unclassified")}
    rule(cast, fixed((chat, "60"), (search, "40"), service="5hnn*"))
    assert set(totals()) == {("Chat", "ai"), ("Search", "ai")}
    check_parts()


@pytest.mark.parametrize(
    "terms",
    [
        lambda chat, search: fixed((chat, "60"), (search, "39.99"), **GATEWAY),
        lambda chat, search: fixed((chat, "60"), (chat, "40"), **GATEWAY),
        lambda chat, search: RuleTerms(1, split="fixed", **GATEWAY),
        lambda chat, search: RuleTerms(1, chat, shares=(Share(search.pk),), **GATEWAY),
    ],
)
def test_a_split_that_does_not_make_a_whole_is_refused(
    cast: Cast,
    chat: Workload,
    search: Workload,
    terms: Callable[[Workload, Workload], RuleTerms],
) -> None:
    with pytest.raises(RefusedError):
        add_rule(actor=cast.felix, terms=terms(chat, search), reason="So.")
