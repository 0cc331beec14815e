"""Forms of the budget reviews."""

from datetime import date
from typing import Any

from django import forms

from reviews.actions import LONGEST_NOTES
from reviews.models import Closing, Direction, Review

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class ReviewForm(forms.Form):
    """Name and day of a review."""

    name = forms.CharField(
        label="Name",
        help_text="Such as “Fourth quarter”.",
        max_length=120,
        error_messages={"required": "Give the review a name."},
    )
    as_of = forms.DateField(
        label="As of",
        help_text="The figures are those of the end of this day; of today, those of now.",
        widget=DAY,
        error_messages={"required": "Say of which day.", "invalid": "This is no date."},
    )

    def __init__(self, *args: Any, latest: date, **kwargs: Any) -> None:
        """Offer no day after `latest`."""
        super().__init__(*args, **kwargs)
        self.fields["as_of"].widget.attrs["max"] = f"{latest:%Y-%m-%d}"


class NewReviewForm(ReviewForm):
    """A new review, and the one that it follows."""

    previous = forms.ModelChoiceField(
        Review.objects.none(),
        label="Starts with what was said at",
        required=False,
        empty_label="No review before",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the closed reviews, the latest first, and begin with that."""
        super().__init__(*args, **kwargs)
        closed = Review.objects.filter(pk__in=Closing.objects.values("review"))
        choice = self.fields["previous"]
        assert isinstance(choice, forms.ModelChoiceField)  # noqa: S101 - declared above
        choice.queryset = closed.order_by("-as_of", "-pk")
        self.initial.setdefault("previous", choice.queryset.first())


class NoteForm(forms.Form):
    """What the review says of a workload."""

    direction = forms.ChoiceField(
        label="Proposed direction",
        choices=[("", "None yet"), *Direction.choices],
        required=False,
    )
    notes = forms.CharField(
        label="Notes",
        help_text="Kept with the review; the owner is sent them when it is closed.",
        widget=forms.Textarea(attrs={"rows": 5}),
        required=False,
        max_length=LONGEST_NOTES,
    )


class CloseForm(forms.Form):
    """What the meeting came to."""

    summary = forms.CharField(
        label="Summary",
        help_text="What the meeting came to, for the next one.",
        widget=forms.Textarea(attrs={"rows": 5}),
        required=False,
        max_length=LONGEST_NOTES,
    )
