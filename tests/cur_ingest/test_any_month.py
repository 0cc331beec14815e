"""The proof of whatever is delivered, whatever rules, splits and signals there are: it holds."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cur_ingest.actions import (
    RuleTerms,
    SignalTerms,
    Since,
    add_rule,
    add_signal,
    load_deliveries,
    record_rate,
)
from cur_ingest.bases import BASES
from cur_ingest.models import DailyLine, Delivery, SpendClass, SplitPart
from cur_ingest.proof import read_month
from cur_ingest.splitting import Share
from records.clock import now
from spaces.models import Workload
from tests.cast import Cast, added, proposal
from tests.cur_ingest.deliveries import PERIOD, deliver
from tests.cur_ingest.formulas import (
    COST,
    COVERED,
    FEE,
    IDLE,
    NET,
    NET_COVERED,
    NET_RECURRING,
    NET_RESERVED,
    RECURRING,
    RESERVED,
    USED,
    WHOLE,
    amounts_of,
)
from tests.cur_ingest.test_attribution import Travel
from tests.cur_ingest.test_net import ALL, TYPE
from tests.soak import rounds
from valueboard.lib.months import DAWN

pytestmark = pytest.mark.django_db

CURRENCY, RATE = "line_item_currency_code", Decimal("1.0854123457")
TAGS = ("chat", "search", "gateway", "shared")
# Most of a bill has two decimals or ten; some amounts are large, and some came out of arithmetic.
COSTS = st.one_of(
    st.integers(-(10**6), 10**9).map(lambda cents: cents / 100),
    st.integers(-(10**9), 10**12).map(lambda parts: parts / 10**10),
    st.sampled_from([0.0, 0.1 + 0.2, 1e-13, -1.5e-20, 1234567890.12, 999.9999999999, -0.1]),
)
MAYBE = st.one_of(st.none(), COSTS)
ROWS = st.fixed_dictionaries(
    {
        COST: COSTS,
        NET: MAYBE,
        COVERED: COSTS,
        NET_COVERED: MAYBE,
        FEE: MAYBE,
        RESERVED: COSTS,
        NET_RESERVED: MAYBE,
        IDLE: MAYBE,
        WHOLE: COSTS,
        USED: COSTS,
        RECURRING: st.sampled_from([None, 0.0, 3.0, 9.7]),
        NET_RECURRING: st.sampled_from([None, 2.0, 6.3]),
        TYPE: st.sampled_from(
            [
                *["Usage"] * 3,
                *["EdpDiscount", "Tax", "Credit", "Refund", "RIFee", "DiscountedUsage"],
                *["SavingsPlanCoveredUsage", "SavingsPlanRecurringFee", "SavingsPlanNegation"],
            ]
        ),
        CURRENCY: st.sampled_from(["USD", "USD", "EUR"]),
        "line_item_product_code": st.sampled_from(["AmazonBedrock", "AmazonEC2", "5hnnev"]),
        "bill_billing_entity": st.sampled_from(["AWS", "AWS", "AWS Marketplace"]),
        "line_item_usage_account_id": st.sampled_from(["1", "2"]),
        "line_item_usage_start_date": st.sampled_from(
            [datetime(2026, 9, day, 13, tzinfo=UTC) for day in (1, 5, 30)]
        ),
        "resource_tags": st.sampled_from([{}, *({"user_workload": tag} for tag in TAGS)]),
    }
)
DELIVERIES = st.lists(st.lists(ROWS, min_size=1, max_size=8), min_size=1, max_size=3)
CONDITIONS = st.sampled_from(
    [
        *({"tag_key": "workload", "tag_value": tag} for tag in (*TAGS, "*a*")),
        {"account": "1"},
        {"service": "5hnn*"},
        {"service": "*", "account": "2"},
    ]
)
# A workload of three; two or three that share in proportion; hundredths that share by percentages.
TARGETS = st.one_of(
    st.integers(0, 2),
    st.lists(st.integers(0, 2), min_size=1, max_size=3, unique=True),
    st.lists(st.integers(1, 9_999), min_size=2, max_size=2, unique=True).map(
        lambda cuts: (min(cuts), max(cuts))
    ),
)
RULES = st.lists(
    st.tuples(
        st.integers(1, 3),
        CONDITIONS,
        TARGETS,
        st.sampled_from([DAWN, date(2026, 9, 5), date(2026, 9, 30)]),
    ),
    max_size=4,
)
SIGNALS = st.lists(st.tuples(st.sampled_from(["AmazonEC2", "5hnn*"]), st.booleans()), max_size=2)


def terms_of(
    priority: int, conditions: Mapping[str, Any], target: Any, workloads: list[Workload]
) -> RuleTerms:
    """Return what a generated rule says."""
    if isinstance(target, int):
        return RuleTerms(priority, workloads[target], **conditions)
    if isinstance(target, list):
        shares = tuple(Share(workloads[place].pk) for place in target)
        return RuleTerms(priority, split="proportional", shares=shares, **conditions)
    cuts = [0, *target, 10_000]
    shares = tuple(
        Share(workload.pk, Decimal(end - begin) / 100)
        for workload, begin, end in zip(workloads, cuts, cuts[1:], strict=False)
    )
    return RuleTerms(priority, split="fixed", shares=shares, **conditions)


def must_hold(files: list[list[dict[str, Any]]]) -> None:
    """The parts, the lines behind each and the parts of split lines are what was delivered."""
    delivery = Delivery.objects.latest("version")
    month, rows = read_month(PERIOD, now()), [row for file in files for row in file]
    lines = DailyLine.objects.counting()
    assert set(lines.values_list("delivery", flat=True)) <= {delivery.pk}
    for proof in month.proofs:
        assert proof.holds
        held = Fraction(getattr(delivery, proof.basis))
        assert Fraction(proof.delivered.amount) == held
        assert sum(Fraction(each.amount.amount) for each in proof.parts) == held
        for each in proof.parts:
            behind = lines.of_part(each.part).aggregate(sum=Sum(proof.basis))["sum"] or 0
            assert behind == each.amount.amount, (each.part, proof.basis)
        exact = sum(
            amounts_of(row)[proof.basis] * (Fraction(RATE) if row[CURRENCY] == "EUR" else 1)
            for row in rows
        )
        # Where anything is rounded at all, each line is, once.
        assert abs(held - exact) <= Fraction(lines.count(), 2 * 10**24)
        split = lines.filter(spend_class=SpendClass.SPLIT).values_list("day", "rule_version")
        parts = SplitPart.objects.counting().values_list("day", "rule_version")
        assert set(split.annotate(sum=Sum(proof.basis)).order_by()) == set(
            parts.annotate(sum=Sum(proof.basis)).order_by()
        )
    assert {proof.basis for proof in month.proofs} == set(BASES)


@pytest.fixture(autouse=True)
def _month_is_nearly_over(travel: Travel) -> None:
    travel(datetime(2026, 9, 30, 20, tzinfo=UTC))


@settings(
    max_examples=rounds(12, 500),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(first=DELIVERIES, second=DELIVERIES, before=RULES, after=RULES, signals=SIGNALS)
def test_every_dollar_of_any_month_stands_in_one_part(  # noqa: PLR0917 - what is generated
    cast: Cast,
    tmp_path: Path,
    first: list[list[dict[str, Any]]],
    second: list[list[dict[str, Any]]],
    before: list[Any],
    after: list[Any],
    signals: list[Any],
) -> None:
    """Rules before and after a load, then a restatement: after each step."""
    with transaction.atomic():
        workloads = [added(cast, proposal(cast, name=tag)) for tag in TAGS[:3]]
        record_rate(
            actor=cast.felix, currency="EUR", month=PERIOD, rate=RATE, reason="Mean.", seen=0
        )
        folder = Path(mkdtemp(dir=tmp_path))

        def rule(priority: int, conditions: Mapping[str, Any], target: Any, day: date) -> None:
            terms = terms_of(priority, conditions, target, workloads)
            since = Since(day, on_purpose=True)
            add_rule(actor=cast.felix, terms=terms, reason="Generated.", since=since)

        def load(files: list[list[dict[str, Any]]], execution: str) -> None:
            whole = [[{**ALL, **row} for row in rows] for rows in files]
            deliver(folder, *whole, execution=execution)
            load_deliveries(actor=None, location=str(folder))
            must_hold(files)

        for given_rule in before:
            rule(*given_rule)
        load(first, "e-1")
        for pattern, is_ai in signals:
            terms = SignalTerms("product_code", pattern, is_ai=is_ai, active=True)
            add_signal(actor=cast.felix, terms=terms, reason="Generated.")
        for given_rule in after:
            rule(*given_rule)
        must_hold(first)
        load(second, "e-2")
        transaction.set_rollback(True)
