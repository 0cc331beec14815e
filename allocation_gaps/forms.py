"""Forms of the Allocation Gaps pages."""

from django import forms


class RequestFromOwnerForm(forms.Form):
    """Why the owner is asked."""

    rationale = forms.CharField(
        label="Why you ask",
        help_text="Goes to the owner and is kept with the gap.",
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
        error_messages={"required": "Say why you ask: the owner reads it."},
    )
