"""The forms by which Finance says that two names stand for one thing, or for two after all."""

from django import forms

from business_cases.forms.parts import ReasonForm


class MergeForm(ReasonForm):
    """Into which name another one is merged."""

    into = forms.CharField(
        label="Counts as",
        max_length=200,
        widget=forms.TextInput(attrs={"list": "known-names", "autocomplete": "off"}),
        help_text="A name that cases draw on already. What they say stays as it was typed.",
        error_messages={"required": "Choose the name that it counts as."},
    )
    field_order = ("into",)
