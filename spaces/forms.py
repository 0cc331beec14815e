"""Forms for Spaces and who belongs to them."""

from django import forms

from accounts.models import User
from spaces.models import Membership, Space


class SpaceForm(forms.ModelForm[Space]):
    """A new Space and where it lies in the tree."""

    class Meta:
        model = Space
        fields = ("name", "parent")
        labels = {"parent": "Inside"}
        help_texts = {"parent": "Leave empty for a Space at the top of the tree."}


class MembershipForm(forms.ModelForm[Membership]):
    """Lets a person into a Space."""

    class Meta:
        model = Membership
        fields = ("user", "space", "role")
        labels = {"user": "Person"}

    def __init__(self, *args: object, **kwargs: object) -> None:
        """Offer people who are still there."""
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        people = self.fields["user"]
        if isinstance(people, forms.ModelChoiceField):
            people.queryset = User.objects.filter(is_active=True).order_by("name")
