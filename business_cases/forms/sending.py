"""The form that sends a workload that is there to approval, or a returned request once more."""

from collections.abc import Mapping
from typing import Any

from django import forms

from business_cases.fields import ProseField


class SendForm(forms.Form):
    """What the Financial Admins should know; the figures are those that are recorded."""

    note = ProseField(
        label="What the Financial Admins should know",
        rows=3,
        max_length=2000,
        help_text="Kept with the request.",
        error_messages={"required": "Say what you did about the return."},
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, again: bool) -> None:
        """Ask for words where the request was returned."""
        super().__init__(data)
        note = self.fields["note"]
        note.required = again
        if again:
            note.label = "What you did about the return"
