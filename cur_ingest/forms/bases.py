"""The form that chooses the cost basis."""

from django import forms

from cur_ingest.bases import BASES, BASIS_WORDS, named


class BasisForm(forms.Form):
    """Which basis pages show, and why."""

    basis = forms.ChoiceField(
        label="Actual spend is shown",
        choices=[(basis, f"{named(basis)}: {BASIS_WORDS[basis]}") for basis in BASES],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label="Why",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Kept with the choice.",
    )
