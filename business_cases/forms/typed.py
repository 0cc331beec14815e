"""What is recorded, as somebody would type it."""

from collections.abc import Mapping

from django import forms

from business_cases.case import CaseTerms
from business_cases.projection import Terms
from business_cases.standing import Standing
from spaces.models import Workload
from valueboard.lib.conflicts import in_words
from valueboard.lib.money import format_number


def typed_estimate(terms: Terms) -> dict[str, str]:
    """Return terms as somebody would type them."""
    return {
        "monthly_amount": format_number(terms.monthly),
        "growth_percent": format_number(terms.growth),
        "first_month": f"{terms.first:%Y-%m}",
        "months": str(terms.months),
        "effective_month": f"{terms.effective:%Y-%m}",
    }


def typed_case(case: CaseTerms) -> dict[str, str]:
    """Return a case as somebody would type it."""
    return {
        "value_type": case.value_type.value,
        "anchor": case.anchor,
        "direction": case.direction,
        "mechanism": case.mechanism,
        "current_amount": format_number(case.current_amount),
        "percent": format_number(case.percent),
        "period": case.period,
        "source": case.source,
        "basis": case.basis,
        "net_of_review": case.net_of_review,
    }


def typed_workload(workload: Workload, standing: Standing) -> dict[str, str]:
    """Return a workload with its latest estimate and case as somebody would type them."""
    typed = {
        "name": workload.name,
        "purpose": workload.purpose,
        "space": workload.space.slug,
        "owner": str(workload.owner_id),
        "value_type": "",
    }
    if standing.asked:
        typed |= typed_estimate(standing.asked.terms)
    if standing.declared:
        typed |= typed_case(standing.declared)
    return typed


def said_today(form: forms.Form, recorded: Mapping[str, str]) -> dict[str, str]:
    """Return what is recorded today, in words, for the line below each field of its revision."""
    return {
        name: in_words(form.fields[name], text)
        for name, text in recorded.items()
        if text and name in form.fields
    }


def typed_words(form: forms.Form, typed: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return what was typed as label and words, in the order of the form, blanks left out."""
    return [
        (str(field.label or name), in_words(field, typed[name]))
        for name, field in form.fields.items()
        if typed.get(name, "").strip()
    ]
