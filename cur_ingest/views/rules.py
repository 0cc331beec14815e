"""Attribution rules."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.policy import actor_of, needs
from cur_ingest.access import EDITORS, READERS, get_rule, may_edit
from cur_ingest.actions import add_rule, change_rule, retire_rule
from cur_ingest.dating import DAWN
from cur_ingest.forms import ReasonForm, RuleForm
from cur_ingest.matching import CONDITIONS
from cur_ingest.models import RuleVersion
from cur_ingest.rule_groups import rule_groups
from cur_ingest.rule_words import history, worded
from cur_ingest.views.changing import CHANGING, conflict, done, page
from records.clock import today
from valueboard.lib.conflicts import differences
from valueboard.lib.errors import RefusedError, StaleError
from valueboard.lib.http import seen_in


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
    if request.method == "POST" and form.is_valid():
        add_rule(
            actor=actor_of(request),
            terms=form.terms(),
            reason=form.cleaned_data["reason"],
            since=form.since,
            include_closed=form.cleaned_data["include_closed"],
        )
        messages.success(request, done("The rule counts", form))
        return redirect("rules")
    return page(request, "cur_ingest/rule_form.html", form, {})


@needs(*EDITORS)
@require_http_methods(CHANGING)
def rule(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a rule: the next version of it, with a reason."""
    version = get_rule(pk)
    context: dict[str, object] = {"version": version}
    form = RuleForm(request.POST or None, initial=RuleForm.initial_of(version))
    if request.method == "POST" and form.is_valid():
        try:
            change_rule(
                actor=actor_of(request),
                rule=version.rule,
                seen=seen_in(request),
                terms=form.terms(),
                reason=form.cleaned_data["reason"],
                since=form.since,
                include_closed=form.cleaned_data["include_closed"],
            )
        except StaleError as stale:
            version = get_rule(pk)
            context |= conflict(stale, version, differences(form, RuleForm.initial_of(version)))
        else:
            messages.success(request, done("The rule was changed", form))
            return redirect("rules")
    return page(request, "cur_ingest/rule_form.html", form, context)


@needs(*EDITORS)
@require_http_methods(CHANGING)
def rule_retire(request: HttpRequest, pk: int) -> HttpResponse:
    """Retire a rule, with a reason."""
    version = get_rule(pk)
    context: dict[str, object] = {"version": version, "words": worded([version])[0]}
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            retire_rule(
                actor=actor_of(request),
                rule=version.rule,
                seen=seen_in(request),
                reason=form.cleaned_data["reason"],
                since=form.since,
                include_closed=form.cleaned_data["include_closed"],
            )
        except StaleError as stale:
            context |= conflict(stale, get_rule(pk), None)
        except RefusedError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, done("The rule was retired", form))
            return redirect("rules")
    return page(request, "cur_ingest/rule_retire.html", form, context)
