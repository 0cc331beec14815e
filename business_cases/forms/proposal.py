"""The form of a Business Request, and of a workload that is added without one."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from django import forms

from accounts.models import User
from business_cases.actions import Proposal
from business_cases.fields import ProseField
from business_cases.forms.parts import EstimateFields, FiguresForm, ReasonForm
from business_cases.projection import Terms
from business_cases.standing import Standing
from spaces.models import Space, Workload, people_of
from valueboard.lib.months import add_months, month_of


class ProposalForm(FiguresForm):
    """A workload, its estimate and its optional case."""

    # Errors are listed in the order of the page.
    field_order = ("name", "space", "purpose", "owner", *EstimateFields.base_fields)

    name = forms.CharField(
        label="Workload name",
        max_length=120,
        error_messages={"required": "Name the workload."},
    )
    purpose = ProseField(
        label="What it does",
        rows=2,
        max_length=2000,
        help_text="One or two sentences, for somebody who has never heard of it.",
        error_messages={"required": "Say in a sentence what the workload does."},
    )
    space = forms.ModelChoiceField(
        label="Space",
        queryset=Space.objects.none(),
        to_field_name="slug",
        empty_label="Choose",
        error_messages={
            "required": "Choose the Space that the workload belongs to.",
            "invalid_choice": "You are no product owner of this Space; choose one of yours.",
        },
    )
    owner = forms.ModelChoiceField(
        label="Product owner",
        queryset=User.objects.none(),
        help_text="Answers for the workload, and gets the questions about it.",
        empty_label="Choose",
        error_messages={
            "required": "Choose who answers for the workload.",
            "invalid_choice": "This person belongs to none of your Spaces; choose another.",
        },
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        actor: User,
        today: date,
        space: Space | None = None,
        workload: Workload | None = None,
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        """Offer the Spaces in which `actor` may add workloads, or only `space`.

        A `workload` that was proposed already may stay where it is, and whose it is.
        """
        start = {"owner": actor.pk, "first_month": f"{add_months(month_of(today), 1):%Y-%m}"}
        super().__init__(data, today=today, initial=start | dict(initial or {}))
        spaces = Space.objects.open_to_requests_of(actor)
        kept = {actor.pk}
        if space:
            spaces = spaces.filter(pk=space.pk)
            self.fields["space"].widget = forms.HiddenInput()
        if workload:
            spaces |= Space.objects.filter(pk=workload.space_id)
            kept.add(workload.owner_id)
        people = people_of({s.pk for s in spaces}) | User.objects.filter(pk__in=kept)
        self._kept, self._spaces = kept, spaces.order_by("name")
        self._offer("space", self._spaces)
        self._offer("owner", people.order_by("name"))

    def _offer(self, name: str, choices: Any) -> None:
        field = self.fields[name]
        if isinstance(field, forms.ModelChoiceField):
            field.queryset = choices

    def typed_space(self) -> Space | None:
        """Return the Space that was chosen, whether the rest of the form is valid or not."""
        return self._spaces.filter(slug=self.data.get("space", "")).first()

    def clean(self) -> dict[str, Any]:
        """Hold the owner against the chosen Space."""
        given = super().clean()
        space, owner = given.get("space"), given.get("owner")
        if (
            space
            and owner
            and owner.pk not in self._kept
            and not people_of({space.pk}).filter(pk=owner.pk).exists()
        ):
            self.add_error("owner", f"{owner} does not belong to {space}.")
        return given

    def proposal(self) -> Proposal:
        """Return the valid form as what the action takes."""
        estimate = self.estimate()
        if estimate is None:
            message = "Only a valid form is a proposal."
            raise ValueError(message)
        given = self.cleaned_data
        return Proposal(
            name=given["name"],
            purpose=given["purpose"],
            space=given["space"],
            owner=given["owner"],
            estimate=estimate,
            case=self.case(),
        )


class ResubmissionForm(ProposalForm, ReasonForm):
    """A returned request: what was submitted stays readable, so a change of figures needs a why."""

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, standing: Standing, **kwargs: Any
    ) -> None:
        """Compare with what is recorded: `standing`."""
        self.standing = standing
        super().__init__(data, **kwargs)
        reason = self.fields["reason"]
        reason.label, reason.required = "Why the figures changed", False
        reason.help_text = "Needed where estimate or business case changed; kept with the version."

    def estimate(self) -> Terms | None:
        """Return the recorded terms where the same was typed, whenever they were effective from."""
        typed, latest = super().estimate(), self.standing.asked
        if typed and latest and replace(typed, effective=latest.terms.effective) == latest.terms:
            return latest.terms
        return typed

    def clean(self) -> dict[str, Any]:
        """Ask why, where figures changed."""
        given = super().clean()
        latest = self.standing.asked
        recorded = (latest.terms if latest else None, self.standing.declared)
        typed = (self.estimate(), self.case())
        if not self.errors and typed != recorded and not given.get("reason"):
            self.add_error("reason", "Say why the figures changed.")
        return given
