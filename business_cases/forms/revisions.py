"""The forms that append a version to what is recorded."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from business_cases.forms.parts import TYPE_CHOICES, CaseFields, EstimateFields, ReasonForm
from valueboard.lib.month_field import MonthField
from valueboard.lib.months import month_of


class EstimateRevisionForm(EstimateFields, ReasonForm):
    """The next version of an estimate."""

    effective_month = MonthField(
        label="Counts from",
        help_text="Year and month, not before this one. Earlier months keep the schedule they had.",
        error_messages={"required": "Give the month from which the new figures count."},
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
        kind = self.fields["value_type"]
        if isinstance(kind, forms.ChoiceField):
            kind.choices, kind.required = TYPE_CHOICES, True
        if first:
            del self.fields["reason"]
