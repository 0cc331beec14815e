"""What every change of rules and signals asks for: why, and from which day on."""

from typing import Any, TypedDict

from django import forms

from cur_ingest.actions import Since
from records.clock import today

REASON = "Kept with the rule, for whoever asks later why a dollar went where it went."
GLOBS = "* stands for any text, ? for one character; upper and lower case are the same."
CLOSED = (
    "Closed months keep the rules of their time otherwise. What was known on a past date stays as "
    "it was recorded then."
)
PAST = (
    "Past days keep the rules of their time. Choose today or a later day, or reach back on purpose."
)


class Why(TypedDict):
    """Why rules or signals change, from which day on, and whether closed months follow."""

    reason: str
    since: Since
    include_closed: bool


class WhyForm(forms.Form):
    """Why a month is closed, opened again, or takes a later delivery over."""

    reason = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=2000,
        help_text="Kept with the month, for whoever asks later.",
    )


class ReasonForm(forms.Form):
    """Why, from which day on, and how far back."""

    effective_from = forms.DateField(
        label="Counts from",
        required=False,
        help_text="Today or a later day. Earlier days keep the rules of their time.",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        initial=today,
    )
    on_purpose = forms.BooleanField(
        required=False,
        label="Reach back on purpose",
        help_text="Then the day may be an earlier one, and the days since are attributed anew.",
    )
    include_closed = forms.BooleanField(
        required=False, label="Attribute closed months anew too", help_text=CLOSED
    )
    reason = forms.CharField(widget=forms.Textarea(attrs={"rows": 2}), help_text=REASON)

    def clean(self) -> dict[str, Any]:
        """Refuse an earlier day that isn't meant."""
        cleaned = super().clean() or {}
        # Left empty, it is the day that the form began with.
        day = cleaned.get("effective_from") or today()
        if day < today() and not cleaned.get("on_purpose"):
            self.add_error("effective_from", PAST)
        cleaned["effective_from"] = day
        return cleaned

    @property
    def why(self) -> Why:
        """Return what the valid form says."""
        given = self.cleaned_data
        return Why(
            reason=given["reason"],
            since=Since(given["effective_from"], given["on_purpose"]),
            include_closed=given["include_closed"],
        )
