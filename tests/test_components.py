"""The shared parts of pages: forms for people who cannot see them, badges, lists."""

import re
from typing import Any

import pytest
from django import forms
from django.core.paginator import Paginator
from django.template import Context, RequestContext, Template
from django.test import RequestFactory

from valueboard.lib.palette import LOOKS


class CaseForm(forms.Form):
    """A field of each kind."""

    amount = forms.CharField(
        label="Current annual cost",
        help_text="In dollars.",
        widget=forms.TextInput(attrs={"inputmode": "decimal", "placeholder": "1,200,000"}),
    )
    note = forms.CharField(required=False)
    value_type = forms.ChoiceField(
        choices=[("cost_saving", "Cost Saving"), ("revenue_driving", "Revenue Driving")],
        widget=forms.RadioSelect,
    )
    agreed = forms.BooleanField(required=False, label="Net of human review")


def render(template: str, **context: Any) -> str:
    return Template(template).render(Context(context))


def field(form: forms.Form, name: str, **context: Any) -> str:
    return render('{% include "components/field.html" %}', field=form[name], **context)


def ids(page: str) -> set[str]:
    return set(re.findall(r'\bid="([^"]+)"', page))


def test_hint_and_error_are_said_with_their_field() -> None:
    page = field(CaseForm({}), "amount")
    described = re.search(r'aria-describedby="([^"]+)"', page)
    assert described
    assert set(described[1].split()) <= ids(page)
    assert 'aria-invalid="true"' in page
    assert "This field is required." in page


def test_a_field_without_errors_claims_none() -> None:
    assert "aria-invalid" not in field(CaseForm(), "amount")


def test_only_fields_that_may_stay_empty_say_so() -> None:
    assert "(optional)" in field(CaseForm(), "note")
    assert "(optional)" not in field(CaseForm(), "amount")


def test_amounts_are_set_in_columns_with_their_unit_and_without_placeholder() -> None:
    page = field(CaseForm(), "amount", prefix="USD")
    assert 'class="form-control num"' in page
    assert "USD" in page
    assert "placeholder" not in page


def test_radio_buttons_are_a_group_with_a_name_and_a_sentence_each() -> None:
    page = field(CaseForm(), "value_type", hints={"cost_saving": "Spend that will fall"})
    assert re.search(r"<legend>\s*Value type\s*</legend>", page)
    assert page.count('type="radio"') == 2
    assert "Spend that will fall" in page
    for target in re.findall(r'<label for="([^"]+)"', page):
        assert target in ids(page)


def test_a_checkbox_stands_before_its_label() -> None:
    page = field(CaseForm(), "agreed")
    assert page.index("checkbox") < page.index("Net of human review")


def test_the_summary_takes_the_focus_and_links_every_error_to_its_field() -> None:
    form = CaseForm({})
    page = render('{% include "components/form.html" %}', form=form)
    assert "data-focus" in page
    for target in re.findall(r'href="#([^"]+)"', page):
        assert target in ids(page), target
    assert page.count('href="#') == len(form.errors) == 2


def test_a_form_without_errors_has_no_summary() -> None:
    assert "data-focus" not in render('{% include "components/form.html" %}', form=CaseForm())


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.key)
def test_a_badge_says_its_band_in_words(look: Any) -> None:
    page = render('{% include "components/band.html" %}', band=look.key, score="7.22×")
    text = re.sub(r"<span[^>]*aria-hidden[^>]*>[^<]*</span>|<[^>]+>", " ", page)
    assert text.split() == ["7.22×", *look.short.split()]


def test_a_pager_keeps_the_other_parameters() -> None:
    request = RequestFactory().get("/gaps/?kind=unbacked&page=2")
    page = Template('{% include "components/pager.html" with noun="gaps" %}').render(
        RequestContext(request, {"page": Paginator(range(70), 25).page(2)})
    )
    assert "26–50 of 70 gaps" in page
    assert 'href="?kind=unbacked&amp;page=1"' in page
    assert 'href="?kind=unbacked&amp;page=3"' in page


def test_text_of_people_is_escaped_in_every_part() -> None:
    evil = '"><script>alert(1)</script>'
    parts: dict[str, dict[str, Any]] = {
        "components/kpi.html": {"label": evil, "value": evil, "note": evil, "exact": evil},
        "components/fact.html": {"label": evil, "value": evil, "note": evil},
        "components/empty.html": {"title": evil, "text": evil, "action": evil, "href": evil},
        "components/mark.html": {"text": evil},
        "components/meter.html": {"percent": 14, "label": evil},
        "components/chart.html": {"id": "c", "figure": {"data": [evil]}, "title": evil},
    }
    for template, context in parts.items():
        page = render(f'{{% include "{template}" %}}', **context)
        assert "<script>alert" not in page, template
