"""The one aggregation: an Ibis expression over the canonical table, for every engine.

A cost column is a double, and the right value of a double is the decimal that its shortest text
form denotes. An engine's own cast from double to decimal is not that: DuckDB makes
1234567890.119999881216 of 1234567890.12. Below 1,000 the cast is exact when casting back gives
the same double (at most 15 digits then, which every double tells apart); from there on the text
form is cast. That holds while values have at most 12 decimals, which `precision` reports for
every group: 0 exact, 1 some value needs more decimals, 2 some value is no amount at all. With
WIDE every value takes the text route, exact to 24 decimals.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

from cur_ingest.canonical import Canonical
from cur_ingest.signals import MARKETPLACE

# AWS's published CASE (CUR.md 2.3): charge type -> the columns added and subtracted.
AMORTISED: Mapping[str, tuple[tuple[int, str], ...]] = {
    "SavingsPlanCoveredUsage": ((1, "savings_plan_effective"),),
    "SavingsPlanRecurringFee": (
        (1, "savings_plan_commitment"),
        (-1, "savings_plan_used"),
    ),
    "SavingsPlanNegation": (),
    "SavingsPlanUpfrontFee": (),
    "DiscountedUsage": ((1, "reservation_effective"),),
    "RIFee": ((1, "reservation_unused_upfront"), (1, "reservation_unused_recurring")),
}
# Split cost allocation repeats the cost of the instance per pod and task. Only the amortised sum
# leaves these rows out, as AWS's query does; their unblended cost is zero.
SPLIT_OPERATIONS = ("EKSPod-EC2", "ECSTask-EC2")
CAST_IS_EXACT_BELOW = 1_000
# A double from here on has at most 12 decimals in its shortest text form (17 digits in all).
TWELVE_DECIMALS_FROM = 10_000
EXACT, NEEDS_MORE_DECIMALS, NO_AMOUNT = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Decimals:
    """How costs are held: `type` of the engine, `decimals` after the point, amounts below `limit`.

    28 digits where they are enough: Spark takes scale away from sums of wider ones.
    """

    type: str
    decimals: int
    limit: float


@dataclass(frozen=True, slots=True)
class KnownAsAi:
    """What the signals know of a delivery: values by column as they stand there, and name globs.

    A pattern matched against every row costs more than all the rest; matched against the few
    distinct values of a column it costs nothing. Product names lie in a map, where looking for
    distinct ones costs more than a pattern.
    """

    values: Mapping[str, Collection[str]]
    product_names: Sequence[str]


NARROW = Decimals("decimal(28, 12)", 12, 1e13)
WIDE = Decimals("decimal(38, 24)", 24, 1e13)

KEYS = (
    "usage_date",
    "payer_account_id",
    "usage_account_id",
    "product_code",
    "product_name",
    "billing_entity",
    "charge_type",
    "currency_code",
)
# Kept on AI and Marketplace lines only; '' elsewhere.
FINE_KEYS = ("service_code", "usage_type", "region", "resource", "principal", "pricing_unit")


def aggregate(bound: Canonical, *, known: KnownAsAi, held: Decimals) -> ir.Table:
    """Return the daily lines of a canonical table; rows that are `known` are kept finer.

    One row per KEYS, FINE_KEYS and tag column, with `line_count`, `usage_amount` (in pricing
    units, to 12 decimals; NULL on rows that aren't kept fine), `unblended`, `amortised`,
    `precision`, and the earliest and latest `billing_start` of its rows.
    """
    table = bound.table
    fine = _is_fine(table, known)
    keys = {
        "usage_date": ibis.coalesce(table.usage_start, table.billing_start).date(),
        **{key: table[key] for key in KEYS[1:]},
        **{key: fine.ifelse(table[key], "") for key in FINE_KEYS},
        **{tag: table[tag] for tag in bound.tags.values()},
    }
    return table.group_by(**keys).aggregate(
        line_count=table.count(),
        usage_amount=fine.ifelse(_exact(table.usage_amount, NARROW), ibis.null()).sum(),
        unblended=_exact(table.unblended, held).sum(),
        amortised=_amortised(table, held).sum(),
        precision=_precision(table, held).max(),
        first_billing_start=table.billing_start.min(),
        last_billing_start=table.billing_start.max(),
        without_period=table.billing_start.isnull().sum(),
    )


def _is_fine(table: ir.Table, known: KnownAsAi) -> ir.BooleanValue:
    """Whether a row is AI spend or may be: this decides how fine it is kept, nothing else."""
    return ibis.or_(
        table.billing_entity == MARKETPLACE,
        *(table[column].isin(sorted(values)) for column, values in known.values.items() if values),
        # LIKE has no escape character that all engines share, so `%` and `_` match more than
        # themselves here: some line is then kept finer than it need be.
        *(
            table.product_name.lower().like(glob.lower().replace("*", "%").replace("?", "_"))
            for glob in known.product_names
        ),
    )


def _amortised(table: ir.Table, held: Decimals) -> ir.DecimalColumn:
    zero = ibis.literal(0).cast(held.type)
    branches = [(table.operation.isin(SPLIT_OPERATIONS), zero)]
    for charge_type, terms in AMORTISED.items():
        value = zero
        for sign, column in terms:
            amount = _exact(table[column], held)
            value = value + amount if sign > 0 else value - amount
        branches.append((table.charge_type == charge_type, value))
    branches += [(condition, zero) for condition in _prepaid(table)]
    return ibis.cases(*branches, else_=_exact(table.unblended, held))


def _prepaid(table: ir.Table) -> list[ir.BooleanValue]:
    """Fees paid up front, and their refunds: their cost comes back month by month elsewhere."""
    return [
        (table.charge_type == "Fee") & (table.reservation_arn != ""),
        (table.charge_type == "Refund")
        & (table.product_code == "ComputeSavingsPlans")
        & table.description.like("Refund for one-time fee for Savings Plan ID%"),
    ]


def _exact(column: ir.Column, held: Decimals) -> ir.DecimalColumn:
    """Return the decimal that the shortest text form denotes; 0 for NULL and what is no amount.

    `try_cast`, because an engine may compute a branch for rows that don't take it.
    """
    value = column.cast("string").try_cast(held.type)
    if held == NARROW and not column.type().is_string():
        small = column.abs() < CAST_IS_EXACT_BELOW
        value = ibis.cases((small, column.try_cast(held.type)), else_=value)
    return value.fill_null(0)


def _precision(table: ir.Table, held: Decimals) -> ir.IntegerColumn:
    """Return 0, 1 or 2 for a row, looking only at columns that its charge type uses."""
    branches = [
        (
            table.charge_type == charge_type,
            ibis.greatest(*(_held(table[c], held) for _, c in terms)),
        )
        for charge_type, terms in AMORTISED.items()
        if terms
    ]
    return ibis.greatest(
        _held(table.unblended, held), ibis.cases(*branches, else_=ibis.literal(EXACT))
    )


def _held(column: ir.Column, held: Decimals) -> ir.IntegerValue:
    number = column.try_cast("float64")
    size = number.abs()
    if held == NARROW and column.type().is_string():
        fits = column.try_cast(NARROW.type) == column.try_cast(WIDE.type)
    elif held == NARROW:
        text = column.cast("string")
        point = text.find(".")
        decimals = (point >= 0).ifelse(text.length() - point - 1, 0)
        back = column.try_cast(held.type).cast("float64")
        fits = ibis.cases(
            (size < CAST_IS_EXACT_BELOW, back == number),
            (size < TWELVE_DECIMALS_FROM, decimals <= held.decimals),
            else_=True,
        )
    else:
        # Exact both ways: a decimal's text is all its digits, and reading text rounds correctly.
        fits = column.cast("string").try_cast(held.type).cast("string").cast("float64") == number
    return ibis.cases(
        (column.isnull(), ibis.literal(EXACT)),
        (size < held.limit, fits.ifelse(EXACT, NEEDS_MORE_DECIMALS)),
        else_=ibis.literal(NO_AMOUNT),
    )
