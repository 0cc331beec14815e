"""The rows of one month of a plan: which lines exist, on which days, for how much.

Amounts are whole numbers of 10⁻¹⁰ dollars until the very end, so that they add up exactly.
"""

from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

import numpy as np
import numpy.typing as npt

from cur_ingest.generation.plan import CostPlan, Stream
from cur_ingest.generation.services import SERVICES, TOKENS, Line

UNITS = 10**10
# What a savings plan takes off the price on demand, and how much of it lies idle, in percent.
DISCOUNT, IDLE = 28, 4
# From this month on AWS counts tokens by the million.
MILLIONS_FROM = date(2026, 6, 1)
WEEKEND_WEIGHT, JUMP_WEIGHT = 0.45, 5.0
SATURDAY = 5

Units = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Kind:
    """What all rows of one line of one stream have in common."""

    line: Line
    account: str
    workload: str = ""
    principal: str = ""
    resource: str = ""
    description: str = ""
    plan_arn: str = ""
    month_long: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """One kind's amounts by day of the month (index 0 is the first), in UNITS.

    `effective`, `commitment` and `used` are those of savings plans, None where there is none.
    """

    kind: Kind
    unblended: Units
    effective: Units | None = None
    commitment: Units | None = None
    used: Units | None = None


def cells_of(plan: CostPlan, month: date, until: date, seed: int) -> list[Cell]:
    """Return all cells of a month, its days after `until` left out."""
    days = monthrange(month.year, month.month)[1]
    shown = min((until - month).days + 1, days) if until >= month else 0
    cells: list[Cell] = []
    for number, stream in enumerate(plan.streams):
        pick = np.random.default_rng([seed, month.year * 12 + month.month, number])
        cells += _stream_cells(stream, month, days, pick)
    cells += list(_settlements(plan, cells, days))
    return [_cut(cell, shown) for cell in cells] if shown < days else cells


def _stream_cells(
    stream: Stream, month: date, days: int, pick: np.random.Generator
) -> Iterator[Cell]:
    amount = int(stream.amounts.get(month, Decimal(0)) * UNITS)
    if not amount:
        return
    lines = SERVICES[stream.service]
    shares = [amount * line.share // 100 for line in lines]
    shares[0] += amount - sum(shares)
    name = stream.workload or f"{stream.service}-{stream.account[-3:]}"
    for line, share in zip(lines, shares, strict=True):
        kind = Kind(
            line=line,
            account=stream.account,
            workload=stream.workload,
            principal=_principal(stream, name) if line.calls else "",
            resource=line.resource.format(account=stream.account, name=name),
            description=f"{line.product_name}: {line.usage_type}",
            month_long=line.charge_type == "Fee",
        )
        by_day = _spread(share, _weights(stream, line, month, days, pick))
        if line.covered:
            kind = replace(kind, plan_arn=_plan_arn(line, stream.account))
            on_demand = by_day * 100 // (100 - DISCOUNT)
            yield Cell(kind, on_demand, effective=by_day)
        else:
            yield Cell(kind, by_day)


def _principal(stream: Stream, name: str) -> str:
    tail = stream.principal or f"assumed-role/{name}-runtime/{name}"
    service = "iam" if tail.startswith("user/") else "sts"
    return f"arn:aws:{service}::{stream.account}:{tail}"


def _plan_arn(line: Line, account: str) -> str:
    return f"arn:aws:savingsplans::{account}:savingsplan/{line.product_code.lower()}"


def _weights(
    stream: Stream, line: Line, month: date, days: int, pick: np.random.Generator
) -> npt.NDArray[np.float64]:
    if line.charge_type == "Fee":
        return np.array([1.0] + [0.0] * (days - 1))
    weights = pick.uniform(0.85, 1.15, days)
    if line.calls:
        first = month.weekday()
        weekend = np.array([(first + day) % 7 >= SATURDAY for day in range(days)])
        weights[weekend] *= WEEKEND_WEIGHT
    if stream.jump is not None and stream.jump.replace(day=1) == month:
        weights[stream.jump.day - 1] *= JUMP_WEIGHT
    if stream.first_day is not None and stream.first_day > month:
        weights[: (stream.first_day - month).days] = 0.0
    return weights


def _spread(total: int, weights: npt.NDArray[np.float64]) -> Units:
    """Divide a total by weights into whole units that add up to it."""
    if not weights.any():
        return np.zeros(len(weights), np.int64)
    ends: Units = (np.cumsum(weights) / weights.sum() * total).astype(np.int64)
    ends[np.flatnonzero(weights)[-1] :] = total
    by_day: Units = np.diff(ends, prepend=0)
    return by_day


def _settlements(plan: CostPlan, cells: Sequence[Cell], days: int) -> Iterator[Cell]:
    """Yield what the payer sees for the whole bill: savings plans, credits, tax."""
    covered: dict[tuple[str, str], list[Cell]] = {}
    taxed: dict[tuple[str, str], int] = {}
    for cell in cells:
        line = cell.kind.line
        if cell.effective is not None:
            covered.setdefault((cell.kind.account, cell.kind.plan_arn), []).append(cell)
        key = (cell.kind.account, line.product_code)
        charged = cell.unblended if cell.effective is None else cell.effective
        taxed[key] = taxed.get(key, 0) + int(charged.sum())
    for (account, arn), group in sorted(covered.items()):
        line = group[0].kind.line
        on_demand = np.sum([cell.unblended for cell in group], axis=0)
        used = np.sum([cell.effective for cell in group if cell.effective is not None], axis=0)
        # Down to eight decimals, so that whole percents of it are as exact as itself.
        commitment = used * (100 + IDLE) // 100 // 100 * 100
        back = _settling(line, "SavingsPlanNegation", "SavingsPlanNegation")
        yield Cell(Kind(back, account, description="SavingsPlanNegation", plan_arn=arn), -on_demand)
        fee = _settling(line, "SavingsPlanRecurringFee", "ComputeSP:1yrNoUpfront")
        kind = Kind(fee, plan.payer, description="1 year No Upfront Savings Plan", plan_arn=arn)
        yield Cell(kind, commitment, commitment=commitment, used=used)
    if plan.credit:
        line = _settling(SERVICES["claude"][0], "Credit", "USE1-Claude4.6Opus-input-tokens")
        kind = Kind(line, plan.payer, description="Credit for migration to AWS")
        yield Cell(kind, _spread(-int(plan.credit * UNITS), np.ones(days)))
    for (account, code), subtotal in sorted(taxed.items()):
        source = next(cell.kind.line for cell in cells if cell.kind.line.product_code == code)
        line = _settling(source, "Tax", "")
        amount = int(Decimal(subtotal) * plan.tax_percent / 100) // 10**8 * 10**8  # whole cents
        kind = Kind(line, account, description="Tax for this month", month_long=True)
        yield Cell(kind, _spread(amount, np.array([1.0] + [0.0] * (days - 1))))


def _settling(line: Line, charge_type: str, usage_type: str) -> Line:
    return replace(
        line,
        charge_type=charge_type,
        usage_type=usage_type,
        covered=False,
        calls=False,
        resource="",
    )


def _cut(cell: Cell, shown: int) -> Cell:
    """Leave out days that are still to come; what is billed for the month comes in its part."""
    days = len(cell.unblended)

    def cut(amounts: Units | None) -> Units | None:
        if amounts is None:
            return None
        if cell.kind.month_long:
            return amounts * shown // days
        return np.concatenate([amounts[:shown], np.zeros(days - shown, np.int64)])

    unblended = cut(cell.unblended)
    if unblended is None:  # pragma: no cover - the unblended amount is always there
        raise AssertionError
    return Cell(cell.kind, unblended, cut(cell.effective), cut(cell.commitment), cut(cell.used))


def unit_of(line: Line, month: date) -> tuple[str, float]:
    """Return the pricing unit of a line in a month, and the price of one."""
    if line.unit != TOKENS:
        return line.unit, line.price
    thousands = month < MILLIONS_FROM
    return ("1K tokens", line.price * 1e3) if thousands else ("1M tokens", line.price * 1e6)
