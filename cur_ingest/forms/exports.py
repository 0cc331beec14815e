"""The form for exports."""

from django import forms

from cur_ingest.actions import ExportTerms
from cur_ingest.models import Export


class ExportForm(forms.Form):
    """An export: what it is called, where it lies, and who asks AWS for it."""

    name = forms.CharField(max_length=200, help_text="As pages and load_cur --export name it.")
    location = forms.CharField(
        max_length=500,
        help_text=(
            "s3://bucket/prefix under which AWS delivers it, or a folder below those that the "
            "setting SPEND_FOLDERS names."
        ),
    )
    role_arn = forms.RegexField(
        r"^arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]+$",
        required=False,
        max_length=2048,
        label="Role to assume",
        help_text="Its ARN. With neither role nor profile: AWS's default chain of this machine.",
        error_messages={"invalid": "A role is written like arn:aws:iam::111122223333:role/name."},
    )
    external_id = forms.CharField(
        required=False, max_length=1224, help_text="If the role's trust policy asks for one."
    )
    profile = forms.RegexField(
        r"^[\w+=,.@/ -]+$",
        required=False,
        max_length=200,
        label="Profile",
        help_text="One that the AWS configuration of this machine names, instead of a role.",
        error_messages={"invalid": "A profile's name has letters, digits and +=,.@/-_."},
    )
    active = forms.BooleanField(
        required=False,
        initial=True,
        label="Look for deliveries by itself",
        help_text="Otherwise it is paused: what was loaded stays and counts.",
    )
    reason = forms.CharField(
        required=False,
        max_length=1000,
        label="Why",
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Kept in the history.",
    )

    @staticmethod
    def initial_of(export: Export) -> dict[str, object]:
        """Return what the form begins with for an export."""
        return {
            "name": export.name,
            "location": export.location,
            "role_arn": export.role_arn,
            "external_id": export.external_id,
            "profile": export.profile,
            "active": export.active,
        }

    def terms(self) -> ExportTerms:
        """Return what was typed."""
        given = self.cleaned_data
        names = ("name", "location", "role_arn", "external_id", "profile", "active")
        return ExportTerms(**{name: given[name] for name in names})
