"""Forms for Spaces and who belongs to them."""

from django import forms

from accounts.models import User
from spaces.models import Membership, Space
from valueboard.lib.answers import put_beside


class SpaceForm(forms.ModelForm[Space]):
    """A new Space and where it lies in the tree."""

    class Meta:
        model = Space
        fields = ("name", "parent")
        labels = {"parent": "Inside"}
        help_texts = {"parent": "Leave empty for a Space at the top of the tree."}

    def validate_unique(self) -> None:
        """Say beside the field what is taken; constraints were checked just before."""
        super().validate_unique()
        put_beside(self, "name")


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

    def validate_unique(self) -> None:
        """Say beside the field what is taken; constraints were checked just before."""
        super().validate_unique()
        put_beside(self, "space")


def _why(hint: str, *, required: bool = False) -> forms.CharField:
    return forms.CharField(
        required=required,
        max_length=1000,
        label="Why",
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=hint,
    )


class RoleForm(forms.Form):
    """What somebody is in a Space."""

    role = forms.ChoiceField(choices=Membership.Role.choices)
    reason = _why("Needed to make a product owner a member. Kept in the history.")


class LeaveForm(forms.Form):
    """Lets a person out of a Space."""

    reason = _why("Kept in the history.", required=True)
