"""Attribution rules."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import SimpleLazyObject
from django.views.decorators.http import require_http_methods, require_safe

from accounts.policy import actor_of, needs
from cur_ingest.access import EDITORS, READERS, get_rule, may_edit
from cur_ingest.actions import add_rule, change_rule, retire_rule
from cur_ingest.forms import ReasonForm, RuleForm
from cur_ingest.matching import CONDITIONS
from cur_ingest.models import RuleVersion
from cur_ingest.rule_groups import rule_groups
from cur_ingest.rule_words import history, worded
from cur_ingest.views.changing import CHANGING, answer
from records.clock import today
from valueboard.lib.http import seen_in
from valueboard.lib.months import DAWN


@needs(*READERS)
@require_safe
def rules(request: HttpRequest) -> HttpResponse:
    """List the rules in the order in which they are tried, and the retired ones below."""
    groups = rule_groups(today())
    context = {
        "groups": groups,
        "any_rule": any(group.rules for group in groups),
        "may_edit": may_edit(actor_of(request)),
    }
    return render(request, "cur_ingest/rules.html", context)


@needs(*READERS)
@require_safe
def rule_history(request: HttpRequest, pk: int) -> HttpResponse:
    """Show every version of a rule: who, when, why, from which day on, and what it changed."""
    latest = get_rule(pk)
    versions = RuleVersion.objects.filter(rule=pk).select_related("recorded_by")
    context = {
        "latest": latest,
        "history": history(list(versions.order_by("version"))),
        "may_edit": may_edit(actor_of(request)),
        "dawn": DAWN,
    }
    return render(request, "cur_ingest/rule_history.html", context)


@needs(*EDITORS)
@require_http_methods(CHANGING)
def rule_new(request: HttpRequest) -> HttpResponse:
    """Make a rule; the address may carry conditions to begin with."""
    names = (*CONDITIONS, "tag_key", "tag_value")
    begin = {name: request.GET.get(name, "") for name in names} | {"priority": 100}
    form = RuleForm(request.POST or None, initial=begin)

    def act() -> str:
        add_rule(actor=actor_of(request), terms=form.terms(), **form.why)
        return "The rule counts"

    return answer(request, form, act, template="cur_ingest/rule_form.html", then="rules")


@needs(*EDITORS)
@require_http_methods(CHANGING)
def rule(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a rule: the next version of it, with a reason."""
    version, begin = _saved(pk)
    form = RuleForm(request.POST or None, initial=begin)

    def act() -> str:
        seen, terms = seen_in(request), form.terms()
        change_rule(actor=actor_of(request), rule=version.rule, seen=seen, terms=terms, **form.why)
        return "The rule was changed"

    return answer(
        request,
        form,
        act,
        template="cur_ingest/rule_form.html",
        then="rules",
        saved=lambda: _saved(pk),
        context={"version": version},
    )


@needs(*EDITORS)
@require_http_methods(CHANGING)
def rule_retire(request: HttpRequest, pk: int) -> HttpResponse:
    """Retire a rule, with a reason."""
    version = get_rule(pk)
    form = ReasonForm(request.POST or None)

    def act() -> str:
        seen = seen_in(request)
        retire_rule(actor=actor_of(request), rule=version.rule, seen=seen, **form.why)
        return "The rule was retired"

    return answer(
        request,
        form,
        act,
        template="cur_ingest/rule_retire.html",
        then="rules",
        saved=lambda: (get_rule(pk), None),
        # Read as the page is made: after a conflict it is about what was recorded meanwhile.
        context={
            "version": version,
            "words": SimpleLazyObject(lambda: worded([get_rule(pk)])[0]),
        },
    )


def _saved(pk: int) -> tuple[RuleVersion, dict[str, Any]]:
    version = get_rule(pk)
    return version, RuleForm.initial_of(version)
