"""Forms for attribution rules and AI signals."""

from typing import Any

from django import forms

from cur_ingest.actions import RuleTerms, SignalTerms
from cur_ingest.models import RuleVersion, SignalVersion
from cur_ingest.tag_keys import normalise
from spaces.models import Workload

REASON = "Kept with the rule, for whoever asks later why a dollar went where it went."
GLOBS = "* stands for any text, ? for one character; upper and lower case are the same."
CLOSED = (
    "Closed months keep the rules of their time otherwise. What was known on a past date stays as "
    "it was recorded then."
)


class WhyForm(forms.Form):
    """Why a month is closed, opened again, or takes a later delivery over."""

    reason = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=2000,
        help_text="Kept with the month, for whoever asks later.",
    )


class ReasonForm(forms.Form):
    """Why, and how far back: what every change of rules asks for."""

    reason = forms.CharField(widget=forms.Textarea(attrs={"rows": 2}), help_text=REASON)
    include_closed = forms.BooleanField(
        required=False, label="Attribute closed months anew too", help_text=CLOSED
    )


class RuleForm(ReasonForm):
    """A rule: its conditions and the workload that they lead to."""

    workload = forms.ModelChoiceField(
        queryset=Workload.objects.select_related("space").order_by("name"),
        empty_label="Choose",
    )
    account = forms.CharField(
        required=False, max_length=100, label="Account is", help_text="Account id. " + GLOBS
    )
    service = forms.CharField(
        required=False,
        max_length=200,
        label="Service is",
        help_text="Product code or product name, such as AmazonBedrock*.",
    )
    tag_key = forms.CharField(
        required=False,
        max_length=128,
        label="Tag",
        help_text=(
            "Key of a cost allocation tag, such as workload. A key that no rule had before is kept "
            "from the next load of a month on."
        ),
    )
    tag_value = forms.CharField(
        required=False, max_length=256, label="has the value", help_text="Such as contract-*."
    )
    priority = forms.IntegerField(
        min_value=1,
        max_value=100_000,
        initial=100,
        help_text="The matching rule with the smallest number wins; among equals the older one.",
    )

    field_order = ("workload", "account", "service", "tag_key", "tag_value", "priority")

    @classmethod
    def initial_of(cls, version: RuleVersion) -> dict[str, Any]:
        """Return what the form begins with when `version` is to be changed."""
        return {
            "workload": version.workload_id,
            "account": version.account,
            "service": version.service,
            "tag_key": version.tag_key,
            "tag_value": version.tag_value,
            "priority": version.priority,
        }

    def clean_tag_key(self) -> str:
        """Bring the key to its one spelling; one that the form began with has it already."""
        typed: str = self.cleaned_data["tag_key"]
        return typed if typed == self.initial.get("tag_key") else normalise(typed)

    def clean(self) -> dict[str, Any]:
        """Ask for at least one whole condition."""
        cleaned = super().clean() or {}
        key, value = cleaned.get("tag_key"), cleaned.get("tag_value")
        if bool(key) != bool(value):
            self.add_error(
                "tag_value" if key else "tag_key", "A condition on a tag needs key and value."
            )
        elif not (key or cleaned.get("account") or cleaned.get("service")):
            message = "Give at least one condition; a rule without any would claim all AI spend."
            raise forms.ValidationError(message)
        return cleaned

    def terms(self) -> RuleTerms:
        """Return what the valid form says."""
        given = self.cleaned_data
        return RuleTerms(
            priority=given["priority"],
            workload=given["workload"],
            account=given["account"],
            service=given["service"],
            tag_key=given["tag_key"],
            tag_value=given["tag_value"],
        )


class SignalForm(ReasonForm):
    """A signal: a pattern over one field, and what it tells."""

    field = forms.ChoiceField(choices=SignalVersion.Field.choices, label="Compare with")
    pattern = forms.CharField(max_length=200, help_text=GLOBS)
    is_ai = forms.TypedChoiceField(
        label="A line that matches is",
        choices=[(1, "AI spend"), (0, "known, and not AI spend")],
        coerce=lambda value: value == "1",
        initial=1,
    )
    active = forms.BooleanField(required=False, initial=True, label="Switched on")
    note = forms.CharField(required=False, max_length=500, help_text="Where it was seen.")

    field_order = ("field", "pattern", "is_ai", "active", "note")

    @classmethod
    def initial_of(cls, version: SignalVersion) -> dict[str, Any]:
        """Return what the form begins with when `version` is to be changed."""
        return {
            "field": version.field,
            "pattern": version.pattern,
            "is_ai": int(version.is_ai),
            "active": version.active,
            "note": version.note,
        }

    def terms(self) -> SignalTerms:
        """Return what the valid form says."""
        given = self.cleaned_data
        return SignalTerms(
            field=given["field"],
            pattern=given["pattern"],
            is_ai=given["is_ai"],
            active=given["active"],
            note=given["note"],
        )
