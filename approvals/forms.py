"""Forms of the decision pages.

Each carries the hashes of the snapshots that its page showed. What a form says of a decision is
checked again by the action, under lock.
"""

from typing import Any

from django import forms

from approvals.actions import acknowledgements_of
from approvals.models import Decision
from approvals.reports import Seen
from business_cases.standing import Standing

HASH = 64
LONGEST = 4000
SAY_WHY = "Say why: the rationale is kept with the decision."


class SeenForm(forms.Form):
    """What was seen, and why it is decided so."""

    rationale = forms.CharField(
        label="Rationale",
        help_text="Kept with the decision for good; the author and the owner read it.",
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=LONGEST,
        error_messages={"required": SAY_WHY},
    )
    estimate_seen = forms.CharField(
        required=False, max_length=HASH, widget=forms.HiddenInput(attrs={"autocomplete": "off"})
    )
    case_seen = forms.CharField(
        required=False, max_length=HASH, widget=forms.HiddenInput(attrs={"autocomplete": "off"})
    )

    @property
    def seen(self) -> Seen:
        """Return what the page showed that this was posted from."""
        return Seen(self.data.get("estimate_seen", ""), self.data.get("case_seen", ""))

    def typed(self) -> dict[str, str]:
        """Return what a person entered, to keep it on a page that is shown anew."""
        return {name: self.data.get(name, "") for name in self.fields if not name.endswith("seen")}


class ConfirmForm(SeenForm):
    """Confirms an estimate."""


class DecisionForm(SeenForm):
    """Decides on a request, as its page showed it."""

    request_seen = forms.IntegerField(
        required=False, widget=forms.HiddenInput(attrs={"autocomplete": "off"})
    )
    outcome = forms.ChoiceField(
        label="Decision",
        widget=forms.RadioSelect,
        choices=[
            (Decision.Outcome.APPROVED, "Approve"),
            (Decision.Outcome.RETURNED, "Return for changes"),
            (Decision.Outcome.REJECTED, "Reject"),
        ],
        error_messages={"required": "Choose approve, return or reject."},
    )
    acknowledgement = forms.ChoiceField(label="Value acknowledgement", widget=forms.RadioSelect)

    field_order = ("outcome", "acknowledgement", "rationale")

    def __init__(self, *args: Any, standing: Standing, **kwargs: Any) -> None:
        """Offer the acknowledgements that fit what was declared."""
        super().__init__(*args, **kwargs)
        self.standing = standing
        field = self.fields["acknowledgement"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [(a.value, a.label) for a in acknowledgements_of(standing)]
        # Asked for an approval only; without one nothing is acknowledged.
        others = {Decision.Outcome.RETURNED, Decision.Outcome.REJECTED}
        field.required = self.data.get("outcome") not in others
        field.error_messages["required"] = field.error_messages["invalid_choice"] = (
            "Say whether you agree with the declared value."
            if standing.declared
            else "There is no declared value; say that it is funded knowingly."
        )


HINTS = {
    Decision.Outcome.APPROVED.value: "Brings the estimate into force and claims the workload.",
    Decision.Outcome.RETURNED.value: "Back to its author, who changes it and submits it again.",
    Decision.Outcome.REJECTED.value: "For good. What was recorded stays readable.",
    Decision.Acknowledgement.AGREED.value: "You checked how it was reached and agree.",
    Decision.Acknowledgement.OTHER_REASON.value: "Say in the rationale what it is funded for.",
    Decision.Acknowledgement.NO_VALUE.value: "The workload stands on the board as Unbacked.",
}
