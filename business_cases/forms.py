"""Forms for requests, estimates and cases."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.models import User
from business_cases.actions import Proposal
from business_cases.case import CaseTerms, problems_of_case, problems_of_estimate
from business_cases.fields import MoneyField, MonthField, NumberField
from business_cases.models import CaseSnapshot
from business_cases.projection import MOST_MONTHS, Terms
from spaces.models import Space, people_of
from valueboard.lib.figure import ValueType
from valueboard.lib.money import format_number
from valueboard.lib.months import add_months, month_of

NO_CASE = ""
CASE_CHOICES = [
    (NO_CASE, "No business case yet"),
    (ValueType.COST_SAVING.value, ValueType.COST_SAVING.label),
    (ValueType.REVENUE_DRIVING.value, ValueType.REVENUE_DRIVING.label),
]
CASE_HINTS = {
    NO_CASE: "Never blocks funding. The workload will surface as Unbacked.",
    "cost_saving": "Something that is paid for today will cost less.",
    "revenue_driving": "A revenue stream will grow, or be protected.",
}


class EstimateFields(forms.Form):
    """What the workload is expected to cost on the cloud bill."""

    monthly_amount = MoneyField(
        label="Monthly cost at the start",
        help_text="What the cloud bill will charge in the first funded month, before tax.",
    )
    growth_percent = NumberField(
        label="Expected growth a month", help_text="Compounds. 0 if it stays level.", initial="0"
    )
    first_month = MonthField(label="First funded month")
    months = forms.IntegerField(
        label="Funded months",
        initial=12,
        min_value=1,
        max_value=MOST_MONTHS,
        error_messages={
            "min_value": f"The funding lasts 1 to {MOST_MONTHS} months.",
            "max_value": f"The funding lasts 1 to {MOST_MONTHS} months.",
        },
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
        label="How it creates value",
        choices=CASE_CHOICES,
        required=False,
        widget=forms.RadioSelect,
        initial=NO_CASE,
    )
    anchor = forms.CharField(
        label="What it draws on",
        required=False,
        max_length=200,
        help_text="The process, tool or vendor that is paid for today, or the revenue stream.",
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
        help_text="What it costs or earns in a year today.",
    )
    percent = NumberField(
        label="Expected change",
        required=False,
        help_text="Relative to that amount: reduction, growth, or the part that would be lost.",
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
    basis = forms.CharField(
        label="How you reached the percentage",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=4000,
    )
    net_of_review = forms.ChoiceField(
        label="Is human review of the output taken off?",
        choices=[("", "Choose"), *CaseSnapshot.NetOfReview.choices],
        required=False,
    )

    def case(self) -> CaseTerms | None:
        """Return what was typed as a case, None without a value type, amount or percentage."""
        given = getattr(self, "cleaned_data", {})
        amount, percent = given.get("current_amount"), given.get("percent")
        if not given.get("value_type") or amount is None or percent is None:
            return None
        value_type = ValueType(given["value_type"])
        drives = value_type is ValueType.REVENUE_DRIVING
        return CaseTerms(
            value_type=value_type,
            anchor=given.get("anchor", ""),
            current_amount=amount,
            percent=percent,
            period=given.get("period", ""),
            source=given.get("source", ""),
            basis=given.get("basis", ""),
            net_of_review=given.get("net_of_review", ""),
            direction=given.get("direction", "") if drives else "",
            mechanism=given.get("mechanism", "") if drives else "",
        )

    def clean(self) -> dict[str, Any]:
        """Hold the case against METHOD 3, field by field; without a value type there is none."""
        given = super().clean() or {}
        if not given.get("value_type"):
            self.forgive(*CaseFields.base_fields)
            return given
        if given["value_type"] != ValueType.REVENUE_DRIVING:
            self.forgive("direction", "mechanism")
        for name, message in (
            ("current_amount", "Give the current annual amount that the percentage is of."),
            ("percent", "Give the expected change in percent."),
        ):
            if given.get(name) is None and name not in self.errors:
                self.add_error(name, message)
        probe = self.case() or CaseTerms(
            value_type=ValueType(given["value_type"]),
            current_amount=Decimal(1),
            percent=Decimal(1),
            **{
                name: given.get(name, "")
                for name in ("anchor", "period", "source", "basis", "net_of_review",
                             "direction", "mechanism")
            },
        )  # fmt: skip
        add_problems(self, problems_of_case(probe))
        return given

    def forgive(self, *names: str) -> None:
        """Drop errors of fields that don't count for the chosen value type."""
        for name in names:
            self.errors.pop(name, None)


class ProposalForm(EstimateFields, CaseFields):
    """A workload, its estimate and its optional case: a Business Request, or a new workload."""

    name = forms.CharField(label="Workload name", max_length=120)
    purpose = forms.CharField(
        label="What it does",
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=2000,
        help_text="One or two sentences, for somebody who has never heard of it.",
    )
    space = forms.ModelChoiceField(
        label="Space", queryset=Space.objects.none(), to_field_name="slug"
    )
    owner = forms.ModelChoiceField(
        label="Product owner",
        queryset=User.objects.none(),
        help_text="Answers for the workload, and gets the questions about it.",
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        actor: User,
        today: date,
        space: Space | None = None,
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        """Offer the Spaces in which `actor` may add workloads, or only `space`."""
        self.actor, self.today = actor, today
        start = {"owner": actor.pk, "first_month": f"{add_months(month_of(today), 1):%Y-%m}"}
        super().__init__(data, initial=start | dict(initial or {}))
        spaces = Space.objects.open_to_requests_of(actor)
        if space is not None:
            spaces = spaces.filter(pk=space.pk)
        choose_space, choose_owner = self.fields["space"], self.fields["owner"]
        if isinstance(choose_space, forms.ModelChoiceField):
            choose_space.queryset = spaces
            if space is not None:
                choose_space.empty_label = None
        if isinstance(choose_owner, forms.ModelChoiceField):
            people = people_of({s.pk for s in spaces})
            choose_owner.queryset = (people | User.objects.filter(pk=actor.pk)).order_by("name")

    def clean(self) -> dict[str, Any]:
        """Hold the owner against the chosen Space."""
        given = super().clean()
        space, owner = given.get("space"), given.get("owner")
        if (
            space
            and owner
            and owner != self.actor
            and not people_of({space.pk}).filter(pk=owner.pk).exists()
        ):
            self.add_error("owner", f"{owner} does not belong to {space}.")
        return given

    def proposal(self) -> Proposal:
        """Return the valid form as what the action takes."""
        estimate = self.estimate()
        if estimate is None:
            message = "Only a valid form is a proposal."
            raise ValueError(message)
        given = self.cleaned_data
        return Proposal(
            name=given["name"],
            purpose=given["purpose"],
            space=given["space"],
            owner=given["owner"],
            estimate=estimate,
            case=self.case(),
        )


class ReasonForm(forms.Form):
    """Why something recorded is changed."""

    reason = forms.CharField(
        label="Why",
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=2000,
        help_text="Kept with the new version, for the next review.",
        error_messages={"required": "Say why, so that the next review understands it."},
    )


class EstimateRevisionForm(EstimateFields, ReasonForm):
    """The next version of an estimate."""

    effective_month = MonthField(
        label="Counts from", help_text="Months before it keep the schedule they had."
    )
    field_order = ("monthly_amount", "growth_percent", "first_month", "months", "effective_month")

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        today: date,
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        """Start from the latest estimate, effective from this month."""
        self.today = today
        super().__init__(data, initial=dict(initial or {}))

    def clean_effective_month(self) -> date:
        """Refuse to change months that are over."""
        month: date = self.cleaned_data["effective_month"]
        if month < month_of(self.today):
            message = "A revision can't change months that are over."
            raise ValidationError(message)
        return month


class CaseRevisionForm(CaseFields, ReasonForm):
    """The next version of a case, or the first one of a workload without."""

    field_order = tuple(CaseFields.base_fields)

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        first: bool,
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        """Ask for a reason unless it is the first declaration."""
        super().__init__(data, initial=dict(initial or {}))
        self.fields["value_type"] = forms.ChoiceField(
            label="How it creates value",
            choices=CASE_CHOICES[1:],
            widget=forms.RadioSelect,
            error_messages={"required": "Choose Cost Saving or Revenue Driving."},
        )
        if first:
            del self.fields["reason"]


def add_problems(form: forms.Form, problems: Mapping[str, str]) -> None:
    """Set each problem beside its field, unless the field has one already."""
    for name, message in problems.items():
        if name not in form.errors:
            form.add_error(name if name in form.fields else None, message)


def typed_estimate(terms: Terms) -> dict[str, str]:
    """Return terms as somebody would type them."""
    return {
        "monthly_amount": format_number(terms.monthly),
        "growth_percent": f"{terms.growth.normalize():f}",
        "first_month": f"{terms.first:%Y-%m}",
        "months": str(terms.months),
        "effective_month": f"{terms.effective:%Y-%m}",
    }


def typed_case(case: CaseTerms) -> dict[str, str]:
    """Return a case as somebody would type it."""
    return {
        "value_type": case.value_type.value,
        "anchor": case.anchor,
        "direction": case.direction,
        "mechanism": case.mechanism,
        "current_amount": format_number(case.current_amount),
        "percent": f"{case.percent.normalize():f}",
        "period": case.period,
        "source": case.source,
        "basis": case.basis,
        "net_of_review": case.net_of_review,
    }


@dataclass(frozen=True, slots=True)
class Difference:
    """One field whose text differs between two people."""

    label: str
    theirs: str
    yours: str


def differences(
    form: forms.Form, theirs: Mapping[str, str], yours: Mapping[str, str]
) -> list[Difference]:
    """Return the fields whose typed text differs."""
    return [
        Difference(str(field.label or name), theirs.get(name, ""), yours.get(name, ""))
        for name, field in form.fields.items()
        if theirs.get(name, "") != yours.get(name, "")
    ]
