"""Choosing how one gets mail."""

from django import forms

from notices.models import MailPreference


class MailPreferenceForm(forms.Form):
    """One of the three."""

    choice = forms.ChoiceField(
        label="Mail", choices=MailPreference.Choice.choices, widget=forms.RadioSelect
    )
