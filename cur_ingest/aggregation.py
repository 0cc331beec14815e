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

from cur_ingest.bases import BASES
from cur_ingest.canonical import Canonical
from cur_ingest.formats import FOCUS
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
# The column that takes another one's place in the net bases, where a row has it.
NET = {
    column: f"net_{column}"
    for column in (
        "unblended",
        "savings_plan_effective",
        "reservation_effective",
        "reservation_unused_upfront",
        "reservation_unused_recurring",
    )
}
# Unused commitment has no net column: it is scaled by net / gross of the plan's commitment, of the
# recurring part where there is one, else of the part paid up front.
SCALED = "SavingsPlanRecurringFee"
COMMITMENTS = (
    ("net_recurring_commitment", "recurring_commitment"),
    ("net_upfront_commitment", "upfront_commitment"),
)
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
    units, to 12 decimals; NULL on rows that aren't kept fine), an amount in each of BASES,
    `precision`, and the earliest and latest `billing_start` of its rows. A few lines have a
    `net_commitment` and a `gross_commitment`: their `net_amortised` is still to be scaled.
    """
    table = bound.table
    fine = _is_fine(table, known)
    bases = _bases(bound, table, held)
    commitments = _commitments(bound, table, held)
    usage = _decimal(table.usage_amount, NARROW).fill_null(0)
    keys = {
        "usage_date": ibis.coalesce(table.usage_start, table.billing_start).date(),
        **{key: table[key] for key in KEYS[1:]},
        **{key: fine.ifelse(table[key], "") for key in FINE_KEYS},
        **{tag: table[tag] for tag in bound.tags.values()},
        **commitments,
    }
    # By the texts as they stand: '' in the place of NULL, in every row, costs a fifth of the time.
    raw = table.group_by(**keys).aggregate(
        line_count=table.count(),
        usage_amount=fine.ifelse(usage, ibis.null()).sum(),
        **{name: amounts.sum() for name, amounts in bases.items()},
        precision=_precision(bound, table, held).max(),
        first_billing_start=table.billing_start.min(),
        last_billing_start=table.billing_start.max(),
        without_period=table.billing_start.isnull().sum(),
    )
    texts = (*KEYS[1:], *FINE_KEYS, *bound.tags.values())
    sums = ("line_count", "usage_amount", *bases, "without_period")
    lines = raw.group_by(
        usage_date=raw.usage_date,
        **{name: raw[name].fill_null("") for name in texts},
        **{name: raw[name] for name in commitments},
    ).aggregate(
        **{name: raw[name].sum() for name in sums},
        precision=raw.precision.max(),
        first_billing_start=raw.first_billing_start.min(),
        last_billing_start=raw.last_billing_start.max(),
    )
    # What is the same for every row is said once, here, and not added up again.
    rest = {name: lines[name.removeprefix("net_")] for name in BASES if name not in bases}
    if not commitments:
        none = ibis.null().cast(held.type)
        rest |= {"net_commitment": none, "gross_commitment": none}
    return lines.mutate(**rest)


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


def _bases(bound: Canonical, table: ir.Table, held: Decimals) -> dict[str, ir.DecimalColumn]:
    """Return the bases that differ from row to row; a net one that repeats a gross one isn't here.

    Of SavingsPlanRecurringFee rows with commitments (`_commitments`) net_amortised is before
    scaling.
    """
    costs = _Costs(bound, table, held)
    bases = {"unblended": costs.exact("unblended")}
    if bound.format is FOCUS:
        return {**bases, "amortised": costs.exact("effective")}
    bases["amortised"] = _amortised(table, costs)
    net = _Costs(bound, table, held, net=True)
    if "net_unblended" in bound.costs:
        bases["net_unblended"] = net.exact("unblended")
    if bound.costs.keys() & NET.values():
        bases["net_amortised"] = _amortised(table, net)
    return bases


def _amortised(table: ir.Table, costs: "_Costs") -> ir.DecimalColumn:
    branches = [(table.operation.isin(SPLIT_OPERATIONS), costs.zero)]
    for charge_type, terms in AMORTISED.items():
        value = costs.zero
        for sign, column in terms:
            amount = costs.exact(column)
            value = value + amount if sign > 0 else value - amount
        branches.append((table.charge_type == charge_type, value))
    branches += [(condition, costs.zero) for condition in _prepaid(table)]
    return ibis.cases(*branches, else_=costs.exact("unblended"))


def _commitments(bound: Canonical, table: ir.Table, held: Decimals) -> dict[str, ir.DecimalColumn]:
    """Return the two keys by whose quotient a line's net_amortised is scaled, NULL for most rows.

    An engine's decimals don't divide exactly, so it only keeps apart what has different
    commitments; `conversion.scaled` makes the quotient, for every engine alike.
    """
    pairs = [pair for pair in COMMITMENTS if bound.costs.keys() >= set(pair)]
    if not pairs:
        return {}
    fee = table.charge_type == SCALED
    found: dict[str, list[tuple[ir.BooleanValue, ir.DecimalColumn]]] = {"net": [], "gross": []}
    for net, gross in pairs:
        amounts = {"net": _decimal(table[net], held), "gross": _decimal(table[gross], held)}
        counts = fee & (amounts["gross"] != 0) & amounts["net"].notnull()
        for side, amount in amounts.items():
            found[side].append((counts, amount))
    none = ibis.null().cast(held.type)
    return {
        f"{side}_commitment": ibis.cases(*branches, else_=none) for side, branches in found.items()
    }


def _prepaid(table: ir.Table) -> list[ir.BooleanValue]:
    """Fees paid up front, and their refunds: their cost comes back month by month elsewhere."""
    return [
        (table.charge_type == "Fee") & (table.reservation_arn != ""),
        (table.charge_type == "Refund")
        & (table.product_code == "ComputeSavingsPlans")
        & table.description.like("Refund for one-time fee for Savings Plan ID%"),
    ]


@dataclass(frozen=True, slots=True)
class _Costs:
    """The cost columns of a table as decimals; `net` takes the net one where a row has it."""

    bound: Canonical
    table: ir.Table
    held: Decimals
    net: bool = False

    @property
    def zero(self) -> ir.DecimalScalar:
        return ibis.literal(0).cast(self.held.type)

    def exact(self, name: str) -> ir.DecimalColumn:
        """Return a column's amounts; 0 for NULL, for what is no amount, and without the column."""
        found = [self.table[column] for column in (NET.get(name), name) if self._has(column)]
        if len({column.type() for column in found}) == 1:
            found = [ibis.coalesce(*found)] if len(found) > 1 else found
        return ibis.coalesce(*(_decimal(column, self.held) for column in found), self.zero)

    def _has(self, column: str | None) -> bool:
        return column in self.bound.costs and (self.net or column not in NET.values())


def _decimal(column: ir.Column, held: Decimals) -> ir.DecimalColumn:
    """Return the decimal that the shortest text form denotes; NULL for NULL and what is no amount.

    `try_cast`, because an engine may compute a branch for rows that don't take it.
    """
    value = column.cast("string").try_cast(held.type)
    if held == NARROW and not column.type().is_string():
        small = column.abs() < CAST_IS_EXACT_BELOW
        value = ibis.cases((small, column.try_cast(held.type)), else_=value)
    return value


def _precision(bound: Canonical, table: ir.Table, held: Decimals) -> ir.IntegerColumn:
    """Return 0, 1 or 2 for a row, looking only at columns that its charge type uses."""
    everywhere = [
        _held(table[column], held)
        for column in ("unblended", "net_unblended", "effective")
        if column in bound.costs
    ]
    branches = []
    for charge_type, terms in AMORTISED.items():
        columns = [column for _, term in terms for column in (term, NET.get(term))]
        if charge_type == SCALED:
            columns += [column for pair in COMMITMENTS for column in pair]
        used = [_held(table[column], held) for column in columns if column in bound.costs]
        if used:
            branches.append((table.charge_type == charge_type, _greatest(*used)))
    if branches:
        everywhere.append(ibis.cases(*branches, else_=ibis.literal(EXACT)))
    return _greatest(*everywhere)


def _greatest(*values: ir.IntegerValue) -> ir.IntegerValue:
    """Return the greatest of one or more; some engines take no fewer than two."""
    return ibis.greatest(*values) if len(values) > 1 else values[0]


def _held(column: ir.Column, held: Decimals) -> ir.IntegerValue:
    branches = []
    if column.type().is_string():
        branches = [(column.isnull(), ibis.literal(EXACT))]
    else:
        # Not isnull() of a double: Ibis has it mean NaN too, on Spark.
        column = ibis.coalesce(column, 0.0)
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
        *branches,
        (size < held.limit, fits.ifelse(EXACT, NEEDS_MORE_DECIMALS)),
        else_=ibis.literal(NO_AMOUNT),
    )
