"""Two texts of one thing: what somebody typed, and what somebody else saved meanwhile.

A page that answers 409 keeps what was typed in its form and shows what is saved now beside it, by
`components/conflict.html`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from django import forms
from django.core.exceptions import ValidationError
from django.forms.widgets import ChoiceWidget


@runtime_checkable
class Echoing(Protocol):
    """A form field that says what it read: a number, a month."""

    def clean(self, value: Any) -> Any:
        """Read what was typed."""

    def echo(self, read: Any) -> str:
        """Say what was read."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One field whose text differs: as saved by somebody else meanwhile, and as typed here."""

    label: str
    theirs: str
    yours: str


def differences(form: forms.Form, saved: Mapping[str, object]) -> list[Difference]:
    """Return the fields whose text differs, in the words of the form.

    `saved` is what the form would begin with now, by field name; fields that it does not name
    aren't compared.
    """
    found = []
    for name, field in form.fields.items():
        if name not in saved:
            continue
        theirs, yours = _texts(saved[name]), _texts(_typed(form, name, field))
        if theirs != yours:
            found.append(
                Difference(
                    str(form[name].label), _all_in_words(field, theirs), _all_in_words(field, yours)
                )
            )
    return found


def in_words(field: forms.Field, typed: str) -> str:
    """Return a number or month as it is read, the label of a choice, any other text as it is."""
    if isinstance(field, forms.ChoiceField):
        choices = field.widget.choices if isinstance(field.widget, ChoiceWidget) else ()
        return next((str(label) for value, label in choices if str(value) == typed), typed)
    if isinstance(field, Echoing):
        try:
            read = field.clean(typed)
        except ValidationError:
            return typed
        return typed if read is None else field.echo(read)
    return typed


def _typed(form: forms.Form, name: str, field: forms.Field) -> object:
    return field.widget.value_from_datadict(form.data, form.files, form.add_prefix(name))


def _texts(value: object) -> list[str]:
    """Return one text per value; nothing for what is empty or not ticked."""
    if value is None or value is False or value == "":
        return []
    if isinstance(value, bool):
        return ["Yes"]
    if isinstance(value, list | tuple):
        return sorted(str(each) for each in value)
    return [str(value).replace("\r\n", "\n")]


def _all_in_words(field: forms.Field, texts: list[str]) -> str:
    if isinstance(field, forms.BooleanField):
        return "Yes" if texts else "No"
    return ", ".join(in_words(field, text) for text in texts)
