"""A form field for a calendar month."""

import re
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from valueboard.lib import formats
from valueboard.lib.months import parse_month

PICKED = re.compile(r"\d{4}-\d{2}")


class MonthInput(forms.TextInput):
    """The browser's month picker.

    A picker drops any other text, so what is no month is shown as text, for its author to mend.
    """

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Choose between picker and text."""
        context = super().get_context(name, value, attrs)
        typed = context["widget"]["value"]
        context["widget"]["type"] = "month" if not typed or PICKED.fullmatch(typed) else "text"
        return context


class MonthField(forms.CharField):
    """A calendar month, `2026-03`; cleaned to its first day."""

    def __init__(self, **kwargs: Any) -> None:
        """Show the browser's month picker; where there is none it stays a text field."""
        super().__init__(widget=MonthInput(attrs={"autocomplete": "off"}), **kwargs)

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

    def echo(self, read: date) -> str:
        """Say what was read, in words."""
        return formats.month(read)
