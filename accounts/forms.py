"""Forms for people and roles."""

from datetime import UTC, datetime
from decimal import Decimal

from django import forms
from django.contrib.auth.password_validation import validate_password

from accounts.models import Role, User
from valueboard.lib import formats
from valueboard.lib.answers import put_beside
from valueboard.lib.formats import LOCALES, Locale
from valueboard.lib.money import format_money


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


class DisplayForm(forms.Form):
    """How one's own pages are written, and whether single keys do something."""

    SAMPLE = datetime(2026, 10, 31, 14, 5, tzinfo=UTC), Decimal("1234567.50")

    locale = forms.ChoiceField(label="Dates and numbers", required=False, widget=forms.RadioSelect)
    shortcuts = forms.BooleanField(
        label="Keyboard shortcuts",
        required=False,
        help_text="Single keys such as ? and g b. While off, letters only ever write.",
    )

    def __init__(self, *args: object, default: Locale, **kwargs: object) -> None:
        """Offer every locale, and the organisation's by name."""
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.default = default
        named = [(code, locale.name) for code, locale in LOCALES.items()]
        own = ("", f"As the organisation: {default.name}")
        self.fields["locale"].choices = [own, *named]  # type: ignore[attr-defined]

    def samples(self) -> dict[str, str]:
        """Return what each locale writes, for the line below its name."""
        moment, amount = self.SAMPLE
        samples = {}
        for code, used in {"": self.default.code, **{code: code for code in LOCALES}}.items():
            with formats.using(used):
                samples[code] = f"{formats.moment(moment)}; {format_money(amount, 'USD')}"
        return samples
