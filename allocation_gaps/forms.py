"""Forms of the Allocation Gaps pages."""

from typing import Any

from django import forms

from accounts.models import User
from allocation_gaps.access import who_may_be_given
from allocation_gaps.models import GapOpening


def _due(label: str, hint: str) -> forms.DateField:
    return forms.DateField(
        required=False,
        label=label,
        help_text=hint,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )


def _why(label: str, hint: str, missing: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=hint,
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
        error_messages={"required": missing},
    )


class RequestFromOwnerForm(forms.Form):
    """Why the owner is asked, and by when."""

    rationale = _why(
        "Why you ask",
        "Goes to the owner and is kept with the gap.",
        "Say why you ask: the owner reads it.",
    )
    due = _due(
        "Answer by",
        "The owner is reminded on this day, and again until the gap is gone.",
    )


class AssignForm(forms.Form):
    """Who sees to a gap, and why."""

    assignee = forms.ModelChoiceField(
        User.objects.none(),
        label="Given to",
        empty_label="Choose",
        help_text="Finance, Financial Admins, and who belongs to the Space of the workload.",
    )
    rationale = _why(
        "Why", "Goes to that person and is kept with the gap.", "Say why: that person reads it."
    )
    due = _due("By", "Optional: when it should be seen to.")

    def __init__(self, *args: Any, opening: GapOpening, **kwargs: Any) -> None:
        """Offer who reads the gap."""
        super().__init__(*args, **kwargs)
        field = self.fields["assignee"]
        if isinstance(field, forms.ModelChoiceField):
            field.queryset = who_may_be_given(opening)


class RecallForm(forms.Form):
    """Why a request is taken back."""

    rationale = _why(
        "Why it is taken back",
        "Goes to who was asked and is kept with the gap, which counts as open again.",
        "Say why: who was asked reads it.",
    )


class StopForm(forms.Form):
    """Why a workload stops."""

    reason = forms.CharField(
        label="Why it stops",
        help_text="Kept for good, with your name and the time.",
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=1000,
        error_messages={"required": "Say why it stops: it is kept for good."},
    )
