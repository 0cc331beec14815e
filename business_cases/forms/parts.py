"""The parts that every form on requests and revisions is made of: estimate, case, reason."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from business_cases.case import CaseTerms, problems_of_case, problems_of_estimate
from business_cases.fields import CountField, MoneyField, NumberField, ProseField
from business_cases.models import CaseSnapshot
from business_cases.projection import MOST_MONTHS, Terms
from valueboard.lib.figure import ValueType
from valueboard.lib.month_field import MonthField

NO_CASE = ""
NO_CASE_LABEL = "No business case yet"
CASE_HINTS = {
    NO_CASE: "Never blocks funding. The workload will surface as Unbacked.",
    "cost_saving": "Something paid for today is meant to cost less.",
    "revenue_driving": "A revenue stream is meant to grow, or to be protected.",
}
TYPE_CHOICES = [(kind.value, kind.label) for kind in ValueType]
COUNT_MESSAGE = f"The funding lasts 1 to {MOST_MONTHS} whole months."
STATED = ("anchor", "period", "source", "basis", "net_of_review", "direction", "mechanism")


def by_type(*hints: tuple[str, str]) -> SafeString:
    """Return the hints of every value type; the style sheet shows those of the chosen one."""
    return format_html_join(" ", '<span class="{}">{}</span>', hints)


class EstimateFields(forms.Form):
    """What the workload is expected to cost on the cloud bill."""

    monthly_amount = MoneyField(
        label="Monthly cost at the start",
        help_text="What the cloud bill should charge in the first funded month, before tax.",
        unit=" a month",
        error_messages={"required": "Give the cost of the first funded month."},
    )
    growth_percent = NumberField(
        label="Expected growth a month",
        help_text="Compounds from month to month. 0 if it stays level; may be negative.",
        initial="0",
        unit=" a month",
        error_messages={"required": "Give the growth a month; 0 if it stays level."},
    )
    first_month = MonthField(
        label="First funded month",
        help_text="Year and month, like 2026-03.",
        error_messages={"required": "Give the first funded month."},
    )
    months = CountField(
        label="Funded months",
        initial=12,
        min_value=1,
        max_value=MOST_MONTHS,
        help_text=f"1 to {MOST_MONTHS}.",
        error_messages=dict.fromkeys(
            ("required", "invalid", "min_value", "max_value"), COUNT_MESSAGE
        ),
    )

    today: date

    def estimate(self) -> Terms | None:
        """Return what was typed as terms, None while a part is missing or wrong."""
        given = getattr(self, "cleaned_data", {})
        names = ("monthly_amount", "growth_percent", "first_month", "months")
        if any(given.get(name) is None for name in names):
            return None
        return Terms(
            given["monthly_amount"],
            given["growth_percent"],
            given["first_month"],
            given["months"],
            given.get("effective_month") or given["first_month"],
        )

    def clean(self) -> dict[str, Any]:
        """Hold the estimate against METHOD 3, field by field."""
        given = super().clean() or {}
        terms = self.estimate()
        if terms:
            add_problems(self, problems_of_estimate(terms, self.today))
        return given


class CaseFields(forms.Form):
    """What the workload is declared to be worth."""

    value_type = forms.ChoiceField(
        label="How it is meant to create value",
        choices=[(NO_CASE, NO_CASE_LABEL), *TYPE_CHOICES],
        required=False,
        widget=forms.RadioSelect,
        initial=NO_CASE,
        error_messages={"required": "Choose Cost Saving or Revenue Driving."},
    )
    anchor = forms.CharField(
        label="What it draws on",
        required=False,
        max_length=200,
        # The page has the list of the names that cases draw on already; any other may be typed.
        widget=forms.TextInput(attrs={"list": "known-names", "autocomplete": "off"}),
        help_text=by_type(
            ("if-saving", "The process, tool or vendor that is paid for today."),
            ("if-revenue", "The revenue stream."),
        ),
    )
    direction = forms.ChoiceField(
        label="What happens to the revenue",
        choices=[("", "Choose"), *CaseSnapshot.Direction.choices],
        required=False,
    )
    mechanism = forms.ChoiceField(
        label="How it is driven",
        choices=[("", "Choose"), *CaseSnapshot.Mechanism.choices],
        required=False,
    )
    current_amount = MoneyField(
        label="Current annual amount",
        required=False,
        unit=" a year",
        help_text=by_type(
            ("if-saving", "What it costs in a year today."),
            ("if-revenue", "What the stream earns in a year today: revenue, not margin."),
        ),
    )
    percent = NumberField(
        label="Expected change",
        required=False,
        help_text=by_type(
            ("if-saving", "The reduction, of that amount: above 0 and at most 100%."),
            ("if-revenue if-grow", "The growth, of that amount: above 0 and at most 1,000%."),
            ("if-revenue if-protect", "The part of it that would be lost: at most 100%."),
        ),
    )
    period = forms.CharField(
        label="Period that the amount covers",
        required=False,
        max_length=100,
        help_text="Such as “calendar year 2025”.",
    )
    source = forms.CharField(
        label="Where the amount can be looked up",
        required=False,
        max_length=200,
        help_text="Ledger account, contract or report.",
    )
    basis = ProseField(
        label="How you reached the percentage",
        required=False,
        rows=3,
        max_length=4000,
        help_text="A pilot, a benchmark, a comparison: what finance can check at review.",
    )
    net_of_review = forms.ChoiceField(
        label="Is human review of the output taken off?",
        choices=[("", "Choose"), *CaseSnapshot.NetOfReview.choices],
        required=False,
        help_text="The people who check what the AI puts out cost time too.",
    )

    @property
    def has_case(self) -> bool:
        """Tell whether a value type was chosen, so that a case is asked for."""
        return bool(getattr(self, "cleaned_data", {}).get("value_type"))

    def case(self) -> CaseTerms | None:
        """Return what was typed as a case, None without a value type, amount or percentage."""
        given = getattr(self, "cleaned_data", {})
        amount, percent = given.get("current_amount"), given.get("percent")
        if not self.has_case or amount is None or percent is None:
            return None
        return self._case_of(amount, percent)

    def _case_of(self, amount: Decimal, percent: Decimal) -> CaseTerms:
        given = self.cleaned_data
        value_type = ValueType(given["value_type"])
        stated = {name: given.get(name, "") for name in STATED}
        if value_type is not ValueType.REVENUE_DRIVING:
            stated |= {"direction": "", "mechanism": ""}
        return CaseTerms(value_type=value_type, current_amount=amount, percent=percent, **stated)

    def clean(self) -> dict[str, Any]:
        """Hold the case against METHOD 3, field by field; without a value type there is none."""
        given = super().clean() or {}
        if not given.get("value_type"):
            self._forgive(*set(CaseFields.base_fields) - {"value_type"})
            return given
        if given["value_type"] != ValueType.REVENUE_DRIVING:
            self._forgive("direction", "mechanism")
        for name, message in (
            ("current_amount", "Give the current annual amount that the percentage is of."),
            ("percent", "Give the expected change in percent."),
        ):
            if given.get(name) is None and name not in self.errors:
                self.add_error(name, message)
        # Where amount or percentage is missing, the rest is held against the method all the same.
        amount, percent = given.get("current_amount"), given.get("percent")
        checked = self._case_of(
            Decimal(1) if amount is None else amount, Decimal(1) if percent is None else percent
        )
        add_problems(self, problems_of_case(checked))
        return given

    def _forgive(self, *names: str) -> None:
        """Drop errors of fields that don't count for the chosen value type."""
        for name in names:
            self.errors.pop(name, None)


class FiguresForm(EstimateFields, CaseFields):
    """Estimate and case alone: all that the live panel needs, without a query."""

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        today: date,
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        """Take the day on which the figures are stated."""
        self.today = today
        super().__init__(data, initial=dict(initial or {}))


class ReasonForm(forms.Form):
    """Why something recorded is changed."""

    reason = ProseField(
        label="Why",
        rows=2,
        max_length=2000,
        help_text="Kept with the new version, for the next review.",
        error_messages={"required": "Say why, so that the next review understands it."},
    )


def add_problems(form: forms.Form, problems: Mapping[str, str]) -> None:
    """Set each problem beside its field, unless the field has one already."""
    for name, message in problems.items():
        if name not in form.errors:
            form.add_error(name if name in form.fields else None, message)


def forgive_blanks(form: forms.Form) -> None:
    """Drop the errors of fields that nothing was typed in: somebody is still filling them in."""
    for name in [name for name in form.errors if not form.data.get(name, "").strip()]:
        del form.errors[name]


def typed_in(form: forms.Form) -> dict[str, str]:
    """Return the text in every field as it was typed."""
    return {name: str(form.data.get(name, "")) for name in form.fields}


def echoes_of(form: forms.Form) -> dict[str, str]:
    """Return what was read in the fields for numbers; empty where nothing was."""
    given = getattr(form, "cleaned_data", {})
    return {
        name: field.echo(given[name]) if given.get(name) is not None else ""
        for name, field in form.fields.items()
        if isinstance(field, NumberField)
    }
