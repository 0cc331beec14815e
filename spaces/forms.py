"""Forms for Spaces and who belongs to them."""

from typing import Any

from django import forms

from accounts.models import User
from spaces.models import Membership, Space, Workload, people_of
from valueboard.lib.answers import put_beside


class SpaceForm(forms.ModelForm[Space]):
    """A new Space and where it lies in the tree."""

    parent = forms.ModelChoiceField(
        Space.objects.order_by("name"),
        required=False,
        label="Inside",
        empty_label="the top of the tree",
    )

    class Meta:
        model = Space
        fields = ("name", "parent")

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
        for name in ("user", "space"):
            field = self.fields[name]
            if isinstance(field, forms.ModelChoiceField):
                field.empty_label = "Choose"
        role = self.fields["role"]
        if isinstance(role, forms.TypedChoiceField):
            role.choices = [("", "Choose"), *Membership.Role.choices]

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


class ChangeSpaceForm(forms.Form):
    """What a Space is called and where it lies in the tree."""

    name = forms.CharField(max_length=100)
    parent = forms.ModelChoiceField(
        Space.objects.order_by("name"),
        required=False,
        label="Inside",
        empty_label="the top of the tree",
        help_text="Everything inside the Space moves with it. Its address stays.",
    )
    reason = _why("Kept in the history.")


class ChangeWorkloadForm(forms.Form):
    """What a workload is called and for, where it lives and whose it is."""

    name = forms.CharField(max_length=120)
    purpose = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 3}))
    space = forms.ModelChoiceField(
        Space.objects.none(),
        empty_label=None,
        help_text="Whoever belongs to the Space reads the workload, and nobody else by it.",
    )
    owner = forms.ModelChoiceField(
        User.objects.none(),
        label="Product owner",
        empty_label=None,
        help_text="Whoever owned it never decides on it, after it was handed over too.",
    )
    reason = _why("Kept for good, with what changed.", required=True)

    def __init__(self, *args: Any, actor: User, workload: Workload, **kwargs: Any) -> None:
        """Offer the Spaces in which `actor` may add workloads, and who belongs to them."""
        super().__init__(*args, **kwargs)
        spaces = Space.objects.open_to_requests_of(actor) | Space.objects.filter(
            pk=workload.space_id
        )
        kept = User.objects.filter(pk__in={actor.pk, workload.owner_id})
        people = people_of({space.pk for space in spaces}) | kept
        for name, choices in (("space", spaces), ("owner", people)):
            field = self.fields[name]
            if isinstance(field, forms.ModelChoiceField):
                field.queryset = choices.order_by("name")


class RoleForm(forms.Form):
    """What somebody is in a Space."""

    role = forms.ChoiceField(choices=Membership.Role.choices)
    reason = _why("Needed to make a product owner a member. Kept in the history.")


class LeaveForm(forms.Form):
    """Lets a person out of a Space."""

    reason = _why("Kept in the history.", required=True)
