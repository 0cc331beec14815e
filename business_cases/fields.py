"""Form fields that read numbers and months as people type them."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError

from valueboard.lib.money import NotANumberError, parse_money, parse_percent
from valueboard.lib.months import parse_month


class NumberField(forms.CharField):
    """A number typed by a person; cleaned to a Decimal, None when empty."""

    def __init__(self, *, parse: Any = parse_percent, **kwargs: Any) -> None:
        """Take the reader of what is typed."""
        self.parse = parse
        attrs = {"inputmode": "decimal", "autocomplete": "off"}
        super().__init__(widget=forms.TextInput(attrs=attrs), **kwargs)

    def clean(self, value: Any) -> Any:
        """Read the number; the error says how to write it."""
        typed = super().clean(value)
        if not typed:
            return None
        try:
            return self.parse(typed)
        except NotANumberError as wrong:
            raise ValidationError(str(wrong)) from wrong


class MoneyField(NumberField):
    """An amount in the reporting currency, with or without its sign."""

    def __init__(self, **kwargs: Any) -> None:
        """Read amounts in the reporting currency."""
        super().__init__(
            parse=lambda typed: parse_money(typed, settings.REPORTING_CURRENCY), **kwargs
        )


class MonthField(forms.CharField):
    """A calendar month, `2026-03`; cleaned to its first day."""

    def __init__(self, **kwargs: Any) -> None:
        """Show the browser's month picker; where there is none it stays a text field."""
        attrs = {"type": "month", "placeholder": "2026-03"}
        super().__init__(widget=forms.TextInput(attrs=attrs), **kwargs)

    def clean(self, value: Any) -> Any:
        """Read the month."""
        typed = super().clean(value)
        if not typed:
            return None
        try:
            return parse_month(typed)
        except ValueError as wrong:
            message = f"“{typed}” is not a month. Write it like 2026-03."
            raise ValidationError(message) from wrong
