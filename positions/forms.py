"""The form of a saved view."""

from typing import Any

from django import forms

from accounts.models import User
from positions.actions import ViewTerms
from positions.models import SavedView
from spaces.models import Space


class ViewForm(forms.Form):
    """What a view is called and who sees it in their list."""

    name = forms.CharField(max_length=80)
    space = forms.ModelChoiceField(
        Space.objects.none(),
        required=False,
        label="Shared with",
        empty_label="nobody: only you",
        help_text=(
            "Whoever reads the Space finds the view in their list. It shows everybody only what "
            "they read."
        ),
    )
    is_default = forms.BooleanField(
        required=False, label="Open the Value Board with this view", help_text="For you alone."
    )

    def __init__(self, *args: Any, actor: User, **kwargs: Any) -> None:
        """Offer the Spaces that `actor` reads."""
        super().__init__(*args, **kwargs)
        field = self.fields["space"]
        if isinstance(field, forms.ModelChoiceField):
            field.queryset = Space.objects.visible_to(actor)

    @staticmethod
    def initial_of(view: SavedView) -> dict[str, object]:
        """Return what the form begins with for a view."""
        return {"name": view.name, "space": view.space_id, "is_default": view.is_default}

    def terms(self) -> ViewTerms:
        """Return what was typed."""
        given = self.cleaned_data
        return ViewTerms(given["name"], given["space"], given["is_default"])
