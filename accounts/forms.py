"""Forms for people and roles."""

from django import forms
from django.contrib.auth.password_validation import validate_password

from accounts.models import Role, User
from valueboard.lib.answers import put_beside


class PersonForm(forms.ModelForm[User]):
    """A new person, with a first password."""

    password = forms.CharField(
        label="First password",
        widget=forms.PasswordInput(render_value=False, attrs={"autocomplete": "new-password"}),
        help_text="At least 12 characters. They change it after signing in.",
    )
    roles = forms.MultipleChoiceField(
        choices=Role.choices, required=False, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = User
        fields = ("name", "email")

    def validate_unique(self) -> None:
        """Say beside the field what is taken; constraints were checked just before."""
        super().validate_unique()
        put_beside(self, "email")

    def clean_password(self) -> str:
        """Hold the password against the same rules as a change of it."""
        password: str = self.cleaned_data["password"]
        validate_password(
            password, User(**{k: self.cleaned_data.get(k, "") for k in ("name", "email")})
        )
        return password


class ChangePersonForm(forms.Form):
    """What a person is called, which roles they hold, and whether they may sign in."""

    name = forms.CharField(max_length=150)
    roles = forms.MultipleChoiceField(
        label="Roles in the organisation",
        choices=Role.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    active = forms.BooleanField(required=False, label="May sign in")
    reason = forms.CharField(
        required=False,
        max_length=1000,
        label="Why",
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Needed to take a role away or to switch off signing in. Kept in the history.",
    )
