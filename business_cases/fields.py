"""Form fields that read numbers and prose as people type them, and say what they read."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError

from valueboard.lib.money import (
    NotANumberError,
    format_money,
    format_percent,
    parse_money,
    parse_percent,
)

LONGEST_NUMBER = 60


class NumberField(forms.CharField):
    """A percentage typed by a person; cleaned to a Decimal, None when empty."""

    def __init__(
        self, *, parse: Callable[[str], Decimal] = parse_percent, unit: str = "", **kwargs: Any
    ) -> None:
        """Take the reader of what is typed, and the words after what was read."""
        self.parse, self.unit = parse, unit
        attrs = {"inputmode": "decimal", "autocomplete": "off"}
        super().__init__(widget=forms.TextInput(attrs=attrs), max_length=LONGEST_NUMBER, **kwargs)

    def clean(self, value: Any) -> Any:
        """Read the number; the error says how to write it."""
        typed = super().clean(value)
        if not typed:
            return None
        try:
            return self.parse(typed)
        except NotANumberError as wrong:
            raise ValidationError(str(wrong)) from wrong

    def echo(self, read: Decimal) -> str:
        """Say what was read, in full."""
        return f"{format_percent(read)}{self.unit}"


class MoneyField(NumberField):
    """An amount in the reporting currency, with or without its sign."""

    def __init__(self, **kwargs: Any) -> None:
        """Read amounts in the reporting currency."""
        super().__init__(
            parse=lambda typed: parse_money(typed, settings.REPORTING_CURRENCY), **kwargs
        )

    def echo(self, read: Decimal) -> str:
        """Say what was read, in full."""
        return f"{format_money(read, settings.REPORTING_CURRENCY)}{self.unit}"


class CountField(forms.IntegerField):
    """A whole number. A text field: a browser's number field drops what is no number."""

    def __init__(self, **kwargs: Any) -> None:
        """Show a text field with the keyboard for numbers."""
        attrs = {"inputmode": "numeric", "autocomplete": "off", "class": "num"}
        super().__init__(widget=forms.TextInput(attrs=attrs), **kwargs)


class ProseField(forms.CharField):
    """Some sentences, with line ends as we keep them and not as browsers send them."""

    def __init__(self, *, rows: int, **kwargs: Any) -> None:
        """Show a text area of some rows."""
        super().__init__(widget=forms.Textarea(attrs={"rows": rows}), **kwargs)

    def to_python(self, value: Any) -> Any:
        """Return the text with one kind of line end, so that equal texts compare equal."""
        text = super().to_python(value)
        return text.replace("\r\n", "\n") if isinstance(text, str) else text
