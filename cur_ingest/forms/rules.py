"""The form of an attribution rule."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django import forms

from cur_ingest.actions import RuleTerms
from cur_ingest.forms.reasons import GLOBS, ReasonForm
from cur_ingest.matching import CONDITIONS
from cur_ingest.models import RuleText, SplitKind
from cur_ingest.rule_words import LABELS
from cur_ingest.signals import globs
from cur_ingest.splitting import Share, refusal
from cur_ingest.tag_keys import normalise
from spaces.models import Workload

LISTS = "Several stand one a line, or with commas. " + GLOBS
HELP = {
    "payer": "Id of the account that is billed.",
    "account": "Account id. " + LISTS,
    "service": (
        "Product code or product name, such as AmazonBedrock*. A Marketplace product that no "
        "signal knows goes only to a rule that names it here, by more than * and ?."
    ),
    "model": "As the bill spells it, such as NovaLite or *Claude*.",
    "usage_type": "Such as *-output-tokens*.",
    "region": "Such as eu-*.",
    "resource": "Such as the ARN of an inference profile.",
    "principal": "ARN of the calling user or role, such as *:assumed-role/Gateway/*.",
}
USUAL = ("tag_key", "tag_value", "account", "service")
# As many workloads share a cost as a form has rows; there are always two to spare.
FEWEST_ROWS, MOST_ROWS = 6, 40


class RuleTextForm(forms.Form):
    """What a rule says: its conditions, and the workload or workloads that they lead to."""

    split = forms.ChoiceField(
        label="The spend goes to",
        required=False,
        choices=[("", "One workload"), *((kind.value, kind.label) for kind in SplitKind)],
        help_text="Shared cost is split among several workloads, named below.",
    )
    workload = forms.ModelChoiceField(
        queryset=Workload.objects.order_by("name"),
        required=False,
        help_text="Where it all goes to one.",
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
    priority = forms.IntegerField(
        min_value=1,
        max_value=100_000,
        initial=100,
        help_text="The matching rule with the smallest number wins; among equals the older one.",
    )

    field_order: tuple[str, ...] | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Add the conditions, and a row for each workload that shares."""
        super().__init__(*args, **kwargs)
        for name in CONDITIONS:
            self.fields[name] = _condition(name, f"{LABELS[name].capitalize()} is", HELP[name])
        self.fields["tag_value"] = _condition("tag_value", "has the value", "Such as contract-*.")
        everyone = Workload.objects.select_related("space").order_by("name")
        # One query for the choices of all rows.
        choices = [(workload.pk, str(workload)) for workload in everyone]
        self.fields["workload"].widget = forms.Select(choices=[("", "Choose"), *choices])
        for row in range(1, self._rows() + 1):
            self.fields[f"share_{row}"] = forms.ModelChoiceField(
                queryset=everyone, required=False, label=f"Workload {row}"
            )
            self.fields[f"share_{row}"].widget = forms.Select(choices=[("", "None"), *choices])
            self.fields[f"percent_{row}"] = forms.DecimalField(
                max_digits=12,
                decimal_places=8,
                min_value=Decimal(0),
                required=False,
                label=f"Percent {row}",
                widget=forms.TextInput(attrs={"inputmode": "decimal"}),
            )
        conditions = ["tag_key" if name == "tag_key" else name for name in LABELS]
        conditions.insert(conditions.index("tag_key") + 1, "tag_value")
        self.order_fields(["split", "workload", *conditions, "priority"])

    def _rows(self) -> int:
        named = [name for name in (self.data or self.initial) if name.startswith("share_")]
        last = max((int(n) for name in named if (n := name[6:]).isdecimal()), default=0)
        return min(max(FEWEST_ROWS, last if self.data else last + 2), MOST_ROWS)

    @property
    def share_rows(self) -> Iterator[tuple[forms.BoundField, forms.BoundField]]:
        """Yield the two fields of each workload that shares."""
        for row in range(1, self._rows() + 1):
            yield self[f"share_{row}"], self[f"percent_{row}"]

    @property
    def usual_conditions(self) -> list[forms.BoundField]:
        """Return the fields of the conditions that most rules have."""
        return [self[name] for name in USUAL]

    @property
    def other_conditions(self) -> list[forms.BoundField]:
        """Return the fields of the others, which are folded."""
        return [self[name] for name in LABELS if name not in USUAL]

    @property
    def says_other_conditions(self) -> bool:
        """Tell whether one of the folded fields says something, or is wrong."""
        return any(field.value() or field.errors for field in self.other_conditions)

    @property
    def after_conditions(self) -> list[forms.BoundField]:
        """Return the fields that stand below the conditions."""
        above = {"split", "workload", "tag_value", *LABELS}
        return [
            field
            for field in self.visible_fields()
            if field.name not in above and not field.name.startswith(("share_", "percent_"))
        ]

    @classmethod
    def initial_of(cls, text: RuleText) -> dict[str, Any]:
        """Return what the form begins with when `text` is to be changed."""
        begin = {name: getattr(text, name) for name in (*CONDITIONS, "tag_key", "tag_value")}
        for row, share in enumerate(text.targets, start=1):
            begin[f"share_{row}"] = share.workload_id
            begin[f"percent_{row}"] = share.percent
        return begin | {
            "split": text.split,
            "workload": text.workload_id,
            "priority": text.priority,
        }

    def clean_tag_key(self) -> str:
        """Bring the key to its one spelling; one that the form began with has it already."""
        typed: str = self.cleaned_data["tag_key"]
        return typed if typed == self.initial.get("tag_key") else normalise(typed)

    def clean(self) -> dict[str, Any]:
        """Ask for at least one whole condition, and a whole target."""
        cleaned = super().clean() or {}
        key, value = cleaned.get("tag_key"), globs(cleaned.get("tag_value") or "")
        if bool(key) != bool(value):
            self.add_error(
                "tag_value" if key else "tag_key", "A condition on a tag needs key and value."
            )
        elif not key and not any(globs(cleaned.get(name) or "") for name in CONDITIONS):
            message = "Give at least one condition; a rule without any would claim all AI spend."
            self.add_error(None, message)
        if not cleaned.get("split"):
            if not cleaned.get("workload"):
                self.add_error("workload", "Choose the workload.")
        elif message := refusal(cleaned["split"], self._shares(cleaned)):
            self.add_error("share_1", message)
        return cleaned

    def _shares(self, cleaned: dict[str, Any]) -> tuple[Share, ...]:
        if not cleaned["split"]:
            return ()
        fixed = cleaned["split"] == SplitKind.FIXED
        rows = range(1, self._rows() + 1)
        return tuple(
            Share(workload.pk, (cleaned.get(f"percent_{row}") or Decimal(0)) if fixed else None)
            for row in rows
            if (workload := cleaned.get(f"share_{row}"))
        )

    def terms(self) -> RuleTerms:
        """Return what the valid form says."""
        given = self.cleaned_data
        return RuleTerms(
            priority=given["priority"],
            workload=None if given["split"] else given["workload"],
            tag_key=given["tag_key"],
            tag_value=given["tag_value"],
            split=given["split"],
            shares=self._shares(given),
            **{name: given[name] for name in CONDITIONS},
        )


class RuleForm(RuleTextForm, ReasonForm):
    """A rule, with why and from which day on."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Put the reason last."""
        super().__init__(*args, **kwargs)
        last = ["effective_from", "on_purpose", "include_closed", "reason"]
        self.order_fields([name for name in self.fields if name not in last] + last)


def _condition(name: str, label: str, help_text: str) -> forms.CharField:
    return forms.CharField(
        required=False,
        max_length=4000 if name in {"resource", "principal"} else 2000,
        label=label,
        help_text=help_text,
        widget=forms.Textarea(attrs={"rows": 1}),
    )
