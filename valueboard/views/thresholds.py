"""Thresholds and bounds: what each is for, what it is now, how it came to be, and setting it."""

from datetime import date
from decimal import Decimal
from http import HTTPStatus
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import Role
from accounts.policy import READS_EVERYTHING, actor_of, needs, reads_everything
from business_cases.actions import set_bounds
from business_cases.case import decimals_of
from business_cases.fields import NumberField
from business_cases.figures import CURRENCY
from business_cases.models import BandBounds
from business_cases.reports import bounds_on
from cur_ingest.reports import chosen_basis
from maturity.actions import apply_preset
from maturity.presets import PRESETS, PRESETS_BY_KEY
from maturity.thresholds import seen_of_preset, versions_of_preset
from records.actions import set_threshold
from records.clock import now, today
from records.thresholds import KNOWN, KNOWN_BY_KEY, thresholds, versions_of_thresholds
from valueboard.lib.answers import refuse
from valueboard.lib.bands import Bound
from valueboard.lib.errors import RefusedError
from valueboard.lib.http import digest_in, seen_in
from valueboard.lib.money import format_number, parse_money

DECIMALS = 4
BANDS = ("strong", "solid", "marginal", "thin")


class VersionForm(forms.Form):
    """From when a new version counts, and why it is set."""

    effective_from = forms.DateField(
        label="Counts from",
        help_text="Today or later; past days keep what they had.",
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"required": "Give the day from which it counts."},
    )
    reason = forms.CharField(
        label="Why",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Kept with the version.",
        error_messages={"required": "Say why: it is kept with the version."},
    )


class ThresholdForm(VersionForm):
    """The next value of a threshold."""

    value = NumberField(
        label="Value",
        parse=lambda typed: parse_money(typed.strip().removesuffix("%"), CURRENCY),
        error_messages={"required": "Give a number; 0 switches an optional threshold off."},
    )
    field_order = ("value", "effective_from", "reason")

    def clean_value(self) -> Decimal:
        """Refuse what would be rounded when it is recorded."""
        value: Decimal = self.cleaned_data["value"]
        if decimals_of(value) > DECIMALS:
            message = f"Give it with {DECIMALS} decimals at most."
            raise ValidationError(message)
        return value


class BoundsForm(VersionForm):
    """The smallest score of each band."""

    strong = forms.DecimalField(label="Strong from", max_digits=8, decimal_places=4)
    solid = forms.DecimalField(label="Solid from", max_digits=8, decimal_places=4)
    marginal = forms.DecimalField(label="Marginal from", max_digits=8, decimal_places=4)
    thin = forms.DecimalField(label="Thin from", max_digits=8, decimal_places=4)
    field_order = (*BANDS, "effective_from", "reason")


@needs(Role.ADMINISTRATOR, *sorted(READS_EVERYTHING))
@require_safe
def threshold_list(request: HttpRequest) -> HttpResponse:
    """List every threshold with its value of today and its versions, and the bounds."""
    day, known_at = today(), now()
    values, versions = thresholds("", day, known_at), versions_of_thresholds(known_at)
    context = {
        "rows": [
            {
                "threshold": known,
                "now": known.words(values.get(known.key)),
                "versions": [(v, known.words(v.value)) for v in versions[known.key]],
            }
            for known in KNOWN
        ],
        "bounds": [(bound.band, _times(bound.at_least)) for bound in _bounds_now(day)],
        "bounds_versions": [
            (version, ", ".join(_times(getattr(version, band)) for band in BANDS))
            for version in BandBounds.objects.select_related("recorded_by").order_by("-version")
        ],
        "may_set": Role.ADMINISTRATOR in actor_of(request).roles,
        "basis": chosen_basis(known_at) if reads_everything(actor_of(request)) else "",
        "presets": PRESETS,
        "known_at": known_at,
    }
    return render(request, "thresholds/thresholds.html", context)


@needs(Role.ADMINISTRATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def threshold_set(request: HttpRequest, key: str) -> HttpResponse:
    """Set a threshold."""
    if key not in KNOWN_BY_KEY:
        message = "There is no such threshold."
        raise Http404(message)
    known, day = KNOWN_BY_KEY[key], today()
    value = thresholds(key, day, now()).get(key)
    form = ThresholdForm(
        request.POST or None,
        initial={
            "value": format_number(value) if value else None,
            "effective_from": day.isoformat(),
        },
    )
    if known.optional:
        form.fields["value"].help_text = "0 switches it off."

    def save(given: dict[str, Any]) -> None:
        set_threshold(actor=actor_of(request), key=key, seen=seen_in(request), **given)

    status = _status(form, save)
    if status is None:
        messages.success(request, f"{known.label} was set.")
        return redirect("thresholds")
    versions = versions_of_thresholds(now())[key]
    context = {
        "form": form,
        "title": known.label,
        "meaning": known.meaning,
        "now": known.words(value),
        "seen": versions[0].version if versions else 0,
    }
    return render(request, "thresholds/set.html", context, status=status)


@needs(Role.ADMINISTRATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def bounds_set(request: HttpRequest) -> HttpResponse:
    """Set the bounds of the Investment Prospect."""
    day = today()
    bounds = {bound.band: bound.at_least for bound in _bounds_now(day)}
    form = BoundsForm(
        request.POST or None,
        initial={band: f"{bounds[band].normalize():f}" for band in BANDS}
        | {"effective_from": day.isoformat()},
    )

    def save(given: dict[str, Any]) -> None:
        set_bounds(
            actor=actor_of(request),
            seen=seen_in(request),
            bounds={band: Decimal(given[band]) for band in BANDS},
            effective_from=given["effective_from"],
            reason=given["reason"],
        )

    status = _status(form, save)
    if status is None:
        messages.success(request, "The bounds were set.")
        return redirect("thresholds")
    context = {
        "form": form,
        "title": "Bounds of the Investment Prospect",
        "meaning": "The smallest score of each band; they fall, and Weak begins at 0.",
        "now": ", ".join(f"{band.capitalize()} {bounds[band].normalize():f}×" for band in BANDS),
        "seen": BandBounds.objects.latest("version").version,
    }
    return render(request, "thresholds/set.html", context, status=status)


@needs(Role.ADMINISTRATOR, *sorted(READS_EVERYTHING))
@require_http_methods(["GET", "HEAD", "POST"])
def preset_apply(request: HttpRequest, name: str) -> HttpResponse:
    """Show what a preset would change, old beside new, and apply it."""
    if name not in PRESETS_BY_KEY:
        message = "There is no such preset."
        raise Http404(message)
    preset, may_set = PRESETS_BY_KEY[name], Role.ADMINISTRATOR in actor_of(request).roles
    rows = versions_of_preset(preset)
    form = VersionForm(request.POST or None, initial={"effective_from": today().isoformat()})

    def save(given: dict[str, Any]) -> None:
        apply_preset(actor=actor_of(request), preset=preset, seen=digest_in(request), **given)

    status = _status(form, save)
    if status is None:
        messages.success(request, f"The thresholds were set as “{preset.label}” has them.")
        return redirect("thresholds")
    context = {
        "preset": preset,
        "rows": rows,
        "form": form,
        "may_set": may_set,
        "changes": sum(1 for row in rows if row.changes),
        "seen": seen_of_preset(rows),
    }
    return render(request, "thresholds/preset.html", context, status=status)


def _times(score: Decimal) -> str:
    return f"{score.normalize():f}×"


def _bounds_now(day: date) -> list[Bound]:
    return [bound for bound in bounds_on(day, now()) if bound.band in BANDS]


def _status(form: forms.Form, save: Any) -> HTTPStatus | None:
    """Save a valid form; return the status of the page that shows it again, None when saved."""
    if not form.is_bound:
        return HTTPStatus.OK
    if not form.is_valid():
        return HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        save(form.cleaned_data)
    except (RefusedError, ValidationError) as wrong:
        return refuse(form, wrong, beside="reason")
    return None
