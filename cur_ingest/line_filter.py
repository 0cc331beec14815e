"""The filters of the daily lines, as they stand in an address."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django import forms
from django.http import QueryDict

from cur_ingest.line_queries import LineFilter
from cur_ingest.models import Delivery, Export, Part, RuleVersion
from spaces.models import Workload
from valueboard.lib import formats

ALL = "all"
# What leads to a period by itself, so that the latest month is not meant without a month.
PERIODS = ("since", "day", "delivery")


class LineFilterForm(forms.Form):
    """What one may filter lines by; everything may be left out.

    Without a month, or anything else that says when, the lines are those of the latest month.
    """

    month = forms.ChoiceField(required=False)
    part = forms.ChoiceField(required=False, choices=[("", "All"), *Part.choices])
    export = forms.ModelChoiceField(Export.objects.order_by("name"), required=False)
    workload = forms.ModelChoiceField(
        Workload.objects.order_by("name"), to_field_name="slug", required=False
    )
    service = forms.CharField(required=False, max_length=300)
    account = forms.CharField(required=False, max_length=20)
    day = forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date"}))
    since = forms.CharField(required=False, max_length=7, widget=forms.HiddenInput)
    delivery = forms.ModelChoiceField(
        Delivery.objects.select_related("export"), required=False, widget=forms.HiddenInput
    )
    rule = forms.ModelChoiceField(
        RuleVersion.objects.all(), required=False, widget=forms.HiddenInput
    )
    # As the bill has it: a tag's value may begin or end with blanks.
    group = forms.CharField(required=False, max_length=2_500, strip=False, widget=forms.HiddenInput)

    def __init__(self, asked: QueryDict, periods: Sequence[date]) -> None:
        """Offer `periods`, the latest first."""
        super().__init__(asked, auto_id="filter-%s")
        months = [(f"{period:%Y-%m}", formats.month(period)) for period in periods]
        self.fields["month"].choices = [*months, (ALL, "All months")]  # type: ignore[attr-defined]
        for name in ("export", "workload"):
            self.fields[name].empty_label = "All"  # type: ignore[attr-defined]
        self.latest = periods[0] if periods else None

    def clean_since(self) -> date | None:
        """Return the first day of the month that is named."""
        text: str = self.cleaned_data["since"]
        return _month(text) if text else None

    def clean(self) -> dict[str, Any]:
        """Return the fields of a LineFilter."""
        given = super().clean() or {}
        month = given.get("month") or ""
        elsewhere = any(given.get(name) for name in PERIODS)
        if month == ALL or (not month and elsewhere):
            return given | {"month": None}
        return given | {"month": _month(month) if month else self.latest}

    def line_filter(self) -> LineFilter:
        """Return what the valid form asks for."""
        given = self.cleaned_data
        part = Part(given["part"]) if given["part"] else None
        return LineFilter(**{**given, "part": part})


def _month(text: str) -> date:
    try:
        return datetime.strptime(text, "%Y-%m").replace(day=1).date()  # noqa: DTZ007 - a month
    except ValueError as error:
        message = "Write the month as 2026-09."
        raise forms.ValidationError(message) from error
