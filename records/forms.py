"""What is typed about records."""

from django import forms


class RestoredForm(forms.Form):
    """That a backup was restored, and why."""

    reason = forms.CharField(
        label="What happened",
        help_text="And up to when the backup reached. It is signed and stays.",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
