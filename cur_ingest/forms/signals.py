"""The form of an AI signal."""

from typing import Any

from django import forms

from cur_ingest.actions import SignalTerms
from cur_ingest.forms.reasons import GLOBS, ReasonForm
from cur_ingest.models import SignalVersion


class SignalForm(ReasonForm):
    """A signal: a pattern over one field, and what it tells."""

    field = forms.ChoiceField(choices=SignalVersion.Field.choices, label="Compare with")
    pattern = forms.CharField(max_length=200, help_text=GLOBS)
    is_ai = forms.TypedChoiceField(
        label="A line that matches is",
        choices=[(1, "AI spend"), (0, "known, and not AI spend")],
        coerce=lambda value: value == "1",
        initial=1,
    )
    active = forms.BooleanField(required=False, initial=True, label="Switched on")
    note = forms.CharField(required=False, max_length=500, help_text="Where it was seen.")

    field_order = ("field", "pattern", "is_ai", "active", "note")

    @classmethod
    def initial_of(cls, version: SignalVersion) -> dict[str, Any]:
        """Return what the form begins with when `version` is to be changed."""
        return {
            "field": version.field,
            "pattern": version.pattern,
            "is_ai": int(version.is_ai),
            "active": version.active,
            "note": version.note,
        }

    def terms(self) -> SignalTerms:
        """Return what the valid form says."""
        given = self.cleaned_data
        return SignalTerms(
            field=given["field"],
            pattern=given["pattern"],
            is_ai=given["is_ai"],
            active=given["active"],
            note=given["note"],
        )
