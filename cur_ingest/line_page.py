"""Daily lines as a page shows them: what was asked for, in words, and figures."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings

from cur_ingest.bases import BASES, BASIS_WORDS, named
from cur_ingest.line_filter import LineFilterForm
from cur_ingest.line_queries import LineFilter, Shared
from cur_ingest.models import DailyLine, Part, RuleVersion, SpendClass, SplitPart
from cur_ingest.usage_classes import TokenKind, tokens_of
from spaces.models import Workload
from valueboard.lib import formats
from valueboard.lib.figure import Figure, Kind
from valueboard.lib.money import format_number

CURRENCY: str = settings.REPORTING_CURRENCY
LABELS = {
    "month": "Billing period",
    "since": "Billing periods since",
    "day": "Day (UTC)",
    "export": "Export",
    "delivery": "Delivery",
    "part": "Part of the proof",
    "workload": "Workload",
    "rule": "Given by rule",
    "service": "Service",
    "account": "Account",
    "group": "Group of unclaimed spend",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """One filter that is set: its name in the address, and what it says."""

    name: str
    label: str
    value: str


@dataclass(frozen=True, slots=True)
class BasisTotal:
    """The sum of all lines that were asked for, in one basis."""

    basis: str
    words: str
    amount: Figure

    @property
    def name(self) -> str:
        """Return the name of the basis as people write it."""
        return named(self.basis)


@dataclass(frozen=True, slots=True)
class LineRow:
    """One line as a page shows it; `what` is the model and kind of token, else the usage type."""

    line: DailyLine
    part: Part
    service: str
    what: str
    amount: Figure
    amounts: tuple[BasisTotal, ...]
    usage: str


def asked_of(form: LineFilterForm) -> list[Asked]:
    """Return what a valid form asks for, in words."""
    chosen = form.line_filter()
    return [Asked(name, LABELS[name], _said(chosen, name)) for name in chosen.asked]


def totals_shown(amounts: Mapping[str, Decimal], formula: str) -> list[BasisTotal]:
    """Return sums as figures, one for each basis."""
    return [
        BasisTotal(basis, BASIS_WORDS[basis], _actual(amount, basis, formula))
        for basis, amount in amounts.items()
    ]


@dataclass(frozen=True, slots=True)
class SharedRow:
    """A workload's part of the lines that one rule splits, one figure for each basis."""

    rule: RuleVersion
    amounts: tuple[BasisTotal, ...]


def shared_rows(shares: Iterable[Shared]) -> list[SharedRow]:
    """Return the shares with their figures."""
    formula = "Parts of lines that the rule splits"
    return [SharedRow(each.rule, tuple(totals_shown(each.amounts, formula))) for each in shares]


def row_of(line: DailyLine, shown: str) -> LineRow:
    """Return a line with its figures; `shown` is the basis that pages show."""
    amounts = tuple(
        BasisTotal(
            basis, BASIS_WORDS[basis], _actual(getattr(line, basis), basis, "As the bill has it")
        )
        for basis in BASES
    )
    kind = TokenKind(line.token_kind)
    used = f"{line.model} {kind.label.lower()} tokens".strip() if kind else line.usage_type
    return LineRow(
        line=line,
        part=Part.of(line.spend_class, line.workload_id),
        service=line.product_name or line.service,
        what=used,
        amount=next(each.amount for each in amounts if each.basis == shown),
        amounts=amounts,
        usage=_usage(line),
    )


def shares_of(line: DailyLine, shown: str) -> list[tuple[Workload, Figure]]:
    """Return what a split gave whom of all of its lines of this line's delivery and day."""
    if line.spend_class != SpendClass.SPLIT:
        return []
    parts = SplitPart.objects.filter(
        delivery=line.delivery_id, day=line.day, rule_version=line.rule_version_id
    ).select_related("workload")
    formula = "Part of the day's lines that the rule splits"
    return [
        (part.workload, _actual(getattr(part, shown), shown, formula))
        for part in parts.order_by("workload__name")
    ]


def _usage(line: DailyLine) -> str:
    """Say how much was used, and how many tokens that is where the unit tells."""
    if line.usage_amount is None:
        return ""
    used = f"{format_number(line.usage_amount)} × {line.pricing_unit or '(no unit given)'}"
    tokens = tokens_of(line.usage_amount, line.pricing_unit)
    return used if tokens is None else f"{used}: {format_number(tokens)} tokens"


def _actual(amount: Decimal, basis: str, formula: str) -> Figure:
    return Figure(amount, CURRENCY, Kind.ACTUAL, None, f"{formula}, {named(basis)}")


def _said(chosen: LineFilter, name: str) -> str:
    value = getattr(chosen, name)
    if name in {"month", "since"}:
        return formats.month(value)
    if name == "day":
        return f"{value:%Y-%m-%d}"
    if name == "rule":
        return f"{value}, version {value.version}"
    if name == "delivery":
        return f"{value}, version {value.version}"
    return value.label if isinstance(value, Part) else str(value)
