"""Forms of the decision pages.

Each carries the hashes of the snapshots that its page showed. What a form says of a decision is
checked again by the action, under lock.
"""

from typing import Any

from django import forms

from accounts.models import User
from approvals.actions import acknowledgements_of
from approvals.models import Decision
from approvals.reports import Seen
from business_cases.models import Comment
from business_cases.standing import Standing

HASH = 64
LONGEST = 4000
SAY_WHY = "Say why: the rationale is kept with the decision."


OUTCOMES = [
    (Decision.Outcome.APPROVED, "Approve"),
    (Decision.Outcome.RETURNED, "Return for changes"),
    (Decision.Outcome.REJECTED, "Reject"),
]


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

    workload_seen = forms.CharField(
        required=False, max_length=HASH, widget=forms.HiddenInput(attrs={"autocomplete": "off"})
    )

    @property
    def workload(self) -> str:
        """Return what the page showed of the workload that this was posted from."""
        return str(self.data.get("workload_seen", ""))


class DecisionForm(SeenForm):
    """Decides on a request, as its page showed it."""

    request_seen = forms.IntegerField(
        required=False, widget=forms.HiddenInput(attrs={"autocomplete": "off"})
    )
    outcome = forms.ChoiceField(
        label="Decision",
        widget=forms.RadioSelect,
        choices=OUTCOMES,
        error_messages={"required": "Choose approve, return or reject."},
    )
    acknowledgement = forms.ChoiceField(label="Value acknowledgement", widget=forms.RadioSelect)

    field_order = ("outcome", "acknowledgement", "rationale")

    @property
    def revision(self) -> int:
        """Return the revision of the request that the page showed, 0 if it names none."""
        text = str(self.data.get("request_seen", ""))
        return int(text) if text.isdecimal() and len(text) < len(str(2**31)) else 0

    def __init__(
        self, *args: Any, standing: Standing, why_not_approve: str = "", **kwargs: Any
    ) -> None:
        """Offer the acknowledgements that fit what was declared; no approval to who may not."""
        super().__init__(*args, **kwargs)
        self.standing = standing
        if why_not_approve:
            outcome = self.fields["outcome"]
            if isinstance(outcome, forms.ChoiceField):
                outcome.choices = [c for c in OUTCOMES if c[0] != Decision.Outcome.APPROVED]
            outcome.help_text = why_not_approve
            outcome.error_messages["invalid_choice"] = why_not_approve
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


class CommentForm(forms.Form):
    """Says something of a request."""

    text = forms.CharField(
        label="Comment",
        help_text="Up to 5,000 characters; it is never changed.",
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=Comment.LONGEST,
        error_messages={
            "required": "Write something: a comment is kept for good.",
            "max_length": "A comment has at most 5,000 characters; yours has %(show_value)d.",
        },
    )


HINTS = {
    Decision.Outcome.APPROVED.value: "Brings the estimate into force; the workload is claimed.",
    Decision.Outcome.RETURNED.value: "Back to its author, who changes it and submits it again.",
    Decision.Outcome.REJECTED.value: "For good. What was recorded stays readable.",
    Decision.Acknowledgement.AGREED.value: "You checked how it was reached and agree.",
    Decision.Acknowledgement.OTHER_REASON.value: "Say in the rationale what it is funded for.",
    Decision.Acknowledgement.NO_VALUE.value: "The workload stands on the board as Unbacked.",
}


class DelegationForm(forms.Form):
    """Names who decides during an absence, and for how long."""

    delegate = forms.ModelChoiceField(
        label="Who decides for you",
        queryset=User.objects.none(),
        empty_label="Choose",
        error_messages={"required": "Choose who decides for you."},
    )
    first_day = forms.DateField(
        label="From",
        help_text="The first day, today or later.",
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"required": "Give the first day of your absence."},
    )
    last_day = forms.DateField(
        label="Until",
        help_text="The last day, at most 92 days in all.",
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"required": "Give the last day of your absence."},
    )
    reason = forms.CharField(
        label="Why",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Kept with the delegation, and mailed to them.",
        error_messages={"required": "Say why, such as a holiday."},
    )

    def __init__(self, *args: Any, actor: User, **kwargs: Any) -> None:
        """Offer everybody who may sign in, but not the person who delegates."""
        super().__init__(*args, **kwargs)
        field = self.fields["delegate"]
        if isinstance(field, forms.ModelChoiceField):
            people = User.objects.filter(is_active=True).exclude(pk=actor.pk)
            field.queryset = people.order_by("name")


class TakeBackForm(forms.Form):
    """Ends a delegation early."""

    reason = forms.CharField(
        label="Why",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Kept with the delegation, and mailed to them.",
        error_messages={"required": "Say why you take it back."},
    )
