"""Forms for exchange rates."""

from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings

from cur_ingest.models import RateVersion
from valueboard.lib.month_field import MonthField


class CorrectRateForm(forms.Form):
    """What a unit of a currency is in the organisation's, and where that was read."""

    rate = forms.DecimalField(
        max_digits=20,
        decimal_places=10,
        min_value=Decimal("0.0000000001"),
        label=f"One unit is, in {settings.REPORTING_CURRENCY}",
        help_text="Such as 1.0854; at most ten decimals.",
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    reason = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=2000,
        label="Source and reason",
        help_text="Such as: monthly mean of the central bank. Kept with the rate.",
    )

    @classmethod
    def initial_of(cls, version: RateVersion) -> dict[str, Any]:
        """Return what the form begins with when `version` is to be corrected."""
        return {"rate": f"{version.rate.normalize():f}"}


class RateForm(CorrectRateForm):
    """The first rate of a currency in a month."""

    currency = forms.RegexField(
        regex="^[A-Z]{3}$",
        max_length=3,
        help_text="Three letters, such as EUR.",
        error_messages={"invalid": "Write three letters, such as EUR."},
    )
    month = MonthField(help_text="The billing period.")

    field_order = ("currency", "month", "rate", "reason")

    def clean_currency(self) -> str:
        """Refuse the organisation's own."""
        typed: str = self.cleaned_data["currency"]
        if typed == settings.REPORTING_CURRENCY:
            message = f"{typed} is the organisation's currency; it needs no rate."
            raise forms.ValidationError(message)
        return typed
