"""The totals of a month: lines added up by workload and class, shared cost split.

Shared cost is added up by rule and day and split there: the parts of a day and rule add up to its
lines in every basis. A split in proportion goes by what its targets have of the same delivery's
month without any split, in `WEIGHED_IN`, sums below 0 counting as none: a month and not a day,
because a fee for the month stands on its first day. Where none of the targets has anything, the
cost stays shared, not yet split.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, localcontext

from cur_ingest.bases import BASES
from cur_ingest.models import SpendClass
from cur_ingest.splitting import DIGITS, Share, parts

# The weights are the same in every basis, and whatever basis pages show: showing another one moves
# no dollar.
WEIGHED_IN = "amortised"
POSITIVE = tuple(f"positive_{basis}" for basis in BASES)
SUMS = ", ".join(
    [f"sum(d.{basis}) AS {basis}" for basis in BASES]
    + [
        f"coalesce(sum(d.{basis}) FILTER (WHERE d.{basis} > 0), 0) AS positive_{basis}"
        for basis in BASES
    ]
)
SOME_COST = " OR ".join(f"d.{basis} > 0" for basis in BASES)
SPLIT = "d.spend_class IN ('split', 'shared')"
# Of daily lines `d`; lines that a rule splits come by rule and day, others do not.
COLUMNS = f"""d.workload_id, d.spend_class,
    CASE WHEN {SPLIT} THEN d.rule_version_id END AS rule,
    CASE WHEN {SPLIT} THEN d.day END AS on_day,
    min(d.day) FILTER (WHERE {SOME_COST}) AS first_day, {SUMS}"""
GROUPS = "SELECT {columns} FROM {lines} WHERE {here} GROUP BY 1, 2, 3, 4"


@dataclass(slots=True)
class Sums:
    """Sums in every basis, of all lines and of those above 0; the first day with one of these."""

    amounts: dict[str, Decimal] = field(
        default_factory=lambda: dict.fromkeys((*BASES, *POSITIVE), Decimal(0))
    )
    first_day: date | None = None

    @property
    def columns(self) -> dict[str, Decimal]:
        """Return the sums by the names of their columns."""
        return dict(self.amounts)

    def add(self, other: "Sums") -> None:
        """Add other sums to these."""
        with localcontext(prec=DIGITS):
            for name, amount in other.amounts.items():
                self.amounts[name] += amount
        days = [day for day in (self.first_day, other.first_day) if day is not None]
        self.first_day = min(days, default=None)


@dataclass(frozen=True, slots=True)
class Group:
    """Lines of one workload or none and one class; of one rule and day where a rule splits them."""

    workload: int | None
    spend_class: str
    rule: int | None
    day: date | None
    sums: Sums

    @classmethod
    def of(cls, row: Sequence[object]) -> "Group":
        """Read a row of GROUPS."""
        workload, spend_class, rule, day, first_day, *amounts = row
        named = dict(zip((*BASES, *POSITIVE), amounts, strict=True))
        return cls(workload, spend_class, rule, day, Sums(named, first_day))  # type: ignore[arg-type]  # the columns of GROUPS


@dataclass(frozen=True, slots=True)
class Given:
    """What a workload gets of one day's lines of a rule."""

    rule: int
    day: date
    workload: int
    sums: Sums


@dataclass(slots=True)
class Settled:
    """A month with its shared cost split: totals by workload and class, and the parts.

    `not_split` are the rules that had nothing to go by.
    """

    totals: dict[tuple[int | None, str], Sums] = field(default_factory=dict)
    parts: list[Given] = field(default_factory=list)
    not_split: set[int] = field(default_factory=set)

    @property
    def whole(self) -> Sums:
        """Return the sum of everything."""
        whole = Sums()
        for sums in self.totals.values():
            whole.add(sums)
        return whole

    def add(self, workload: int | None, spend_class: str, sums: Sums) -> None:
        """Add to a total."""
        self.totals.setdefault((workload, spend_class), Sums()).add(sums)


def settle(groups: Iterable[Group], targets: Mapping[int, Sequence[Share]]) -> Settled:
    """Return the totals of a month; `targets` has the shares of each rule that splits."""
    settled, shared = Settled(), []
    for group in groups:
        if group.rule is None:
            settled.add(group.workload, group.spend_class, group.sums)
        else:
            shared.append(group)
    weights = {
        group.rule: _weights(targets[group.rule], settled.totals)
        for group in shared
        if group.rule is not None
    }
    for group in shared:
        _split(group, weights, targets, settled)
    return settled


def _split(
    group: Group,
    weights: Mapping[int, Sequence[Decimal]],
    targets: Mapping[int, Sequence[Share]],
    settled: Settled,
) -> None:
    if group.rule is None or group.day is None:
        message = "Only lines of one rule and day are split."
        raise ValueError(message)
    of_each = weights[group.rule]
    if not any(of_each):
        settled.not_split.add(group.rule)
        settled.add(None, SpendClass.SHARED, group.sums)
        return
    amounts = {name: parts(amount, of_each) for name, amount in group.sums.amounts.items()}
    for place, share in enumerate(targets[group.rule]):
        if not of_each[place]:
            continue
        sums = Sums({name: split[place] for name, split in amounts.items()}, group.sums.first_day)
        settled.parts.append(Given(group.rule, group.day, share.workload_id, sums))
        settled.add(share.workload_id, SpendClass.AI, sums)


def _weights(
    shares: Sequence[Share], totals: Mapping[tuple[int | None, str], Sums]
) -> list[Decimal]:
    """Return the weights of a rule's shares, from what the lines without a split add up to."""
    if shares[0].percent is not None:
        return [share.percent or Decimal(0) for share in shares]
    found = [totals.get((share.workload_id, SpendClass.AI), Sums()) for share in shares]
    return [max(sums.amounts[WEIGHED_IN], Decimal(0)) for sums in found]
