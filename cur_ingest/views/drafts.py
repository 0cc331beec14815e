"""Drafts of changes to the rules: made, tried over past months, published."""

from collections.abc import Iterator, Sequence
from http import HTTPStatus

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from accounts.policy import actor_of, needs
from cur_ingest.access import EDITORS, get_drafted, get_rule
from cur_ingest.actions import draft_retirement, draft_rule, publish_draft, take_out
from cur_ingest.drafting import changes_of, draft_of, drafted_in_words, seen_of_rules
from cur_ingest.dry_run import DryRun, run_dry
from cur_ingest.forms import ReasonForm, RuleTextForm
from cur_ingest.models import DraftedRule, RuleVersion
from cur_ingest.rule_groups import rule_groups
from cur_ingest.views.changing import CHANGING, done
from records.clock import now, today
from valueboard.lib.conflicts import differences
from valueboard.lib.errors import RefusedError, StaleError
from valueboard.lib.http import digest_in, seen_in
from valueboard.lib.sheets import Cell, csv_lines

# How far back a draft is tried; the first unless one asks otherwise.
MONTHS = (3, 1, 6, 12)


@needs(*EDITORS)
@require_safe
def draft(request: HttpRequest) -> HttpResponse:
    """Show what is in one's draft, and the rules to change in it."""
    return _draft_page(request)


@needs(*EDITORS)
@require_http_methods(CHANGING)
def draft_new(request: HttpRequest) -> HttpResponse:
    """Draft a new rule."""
    form = RuleTextForm(request.POST or None, initial={"priority": 100})
    return _drafting(request, form, None, None)


@needs(*EDITORS)
@require_http_methods(CHANGING)
def draft_change(request: HttpRequest, pk: int) -> HttpResponse:
    """Draft other terms of a rule."""
    version = get_rule(pk)
    form = RuleTextForm(request.POST or None, initial=RuleTextForm.initial_of(version))
    return _drafting(request, form, version, None)


@needs(*EDITORS)
@require_http_methods(CHANGING)
def drafted(request: HttpRequest, pk: int) -> HttpResponse:
    """Change what is drafted."""
    change = get_drafted(actor_of(request), pk)
    form = RuleTextForm(request.POST or None, initial=RuleTextForm.initial_of(change))
    return _drafting(request, form, None, change)


@needs(*EDITORS)
@require_POST
def draft_retire(request: HttpRequest, pk: int) -> HttpResponse:
    """Put into the draft that a rule no longer counts."""
    rule, revision = get_rule(pk).rule, seen_in(request, "revision")
    try:
        draft_retirement(
            actor=actor_of(request), revision=revision, rule=rule, seen=seen_in(request)
        )
    except StaleError as stale:
        return _draft_page(request, str(stale))
    return redirect("rule-draft")


@needs(*EDITORS)
@require_POST
def drafted_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a change out of the draft."""
    try:
        take_out(actor=actor_of(request), revision=seen_in(request, "revision"), drafted=pk)
    except RefusedError as refused:
        return _draft_page(request, str(refused))
    return redirect("rule-draft")


@needs(*EDITORS)
@require_http_methods(CHANGING)
def draft_run(request: HttpRequest) -> HttpResponse:
    """Try the draft over the last months; publish what was tried."""
    form = ReasonForm(request.POST or None)
    context: dict[str, object] = {}
    status = HTTPStatus.OK
    if request.method == "POST" and form.is_valid():
        try:
            made = publish_draft(actor=actor_of(request), seen=digest_in(request), **form.why)
        except StaleError as stale:
            context, status = {"conflict": str(stale)}, HTTPStatus.CONFLICT
        except RefusedError as refused:
            form.add_error(None, str(refused))
        else:
            changes = f"{len(made)} change{'' if len(made) == 1 else 's'}"
            messages.success(request, done(f"The draft was published: {changes} count", form))
            return redirect("rules")
    if form.errors:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
    mine = draft_of(actor_of(request))
    changes_drafted = changes_of(mine)
    if not changes_drafted:
        conflict = str(context.get("conflict", ""))
        return _draft_page(request, conflict) if conflict else redirect("rule-draft")
    months = _months(request)
    context |= {
        "form": form,
        "seen": seen_of_rules(mine),
        "drafted": drafted_in_words(changes_drafted),
        "run": run_dry(changes_drafted, months, now()),
        "months": months,
        "choices": sorted(MONTHS),
    }
    return render(request, "cur_ingest/dry_run.html", context, status=status)


@needs(*EDITORS)
@require_safe
def draft_run_csv(request: HttpRequest) -> StreamingHttpResponse:
    """Send the dry run as CSV, every amount to its last digit."""
    found = run_dry(changes_of(draft_of(actor_of(request))), _months(request), now())
    answer = StreamingHttpResponse(csv_lines(_csv_rows(found)), content_type="text/csv")
    answer["Content-Disposition"] = 'attachment; filename="dry-run.csv"'
    return answer


def _csv_rows(run: DryRun) -> Iterator[Sequence[Cell]]:
    yield ("month", "what", "name", "space", "currency", "now", "with the draft", "change")
    for row in run.rows:
        space = row.workload.space.name if row.workload else ""
        for period, cell in zip(run.periods, row.cells, strict=True):
            amounts = (cell.before.amount, cell.after.amount, cell.change.amount)
            head = (f"{period:%Y-%m}", row.part.value, row.name, space)
            yield (*head, cell.change.unit, *amounts)


def _months(request: HttpRequest) -> int:
    asked = request.GET.get("months", "") or request.POST.get("months", "")
    return next((each for each in MONTHS if str(each) == asked), MONTHS[0])


def _drafting(
    request: HttpRequest,
    form: RuleTextForm,
    version: RuleVersion | None,
    change: DraftedRule | None,
) -> HttpResponse:
    """Answer a form about one rule in the draft: of a rule's version, of a drafted one, or new."""
    actor, context, status = actor_of(request), {}, HTTPStatus.OK
    if request.method == "POST" and form.is_valid():
        try:
            draft_rule(
                actor=actor,
                revision=seen_in(request, "revision"),
                terms=form.terms(),
                rule=version.rule if version else None,
                seen=seen_in(request) if version else 0,
                drafted=change.pk if change else None,
            )
        except StaleError as stale:
            context, status = _stale(actor, form, stale, version, change), HTTPStatus.CONFLICT
        else:
            return redirect("rule-draft")
    elif request.method == "POST":
        status = HTTPStatus.UNPROCESSABLE_ENTITY
    context |= {
        "form": form,
        "version": version,
        "drafting": True,
        "drafted": change,
        "revision": draft_of(actor).revision,
    }
    return render(request, "cur_ingest/rule_form.html", context, status=status)


def _stale(
    actor: User,
    form: RuleTextForm,
    stale: StaleError,
    version: RuleVersion | None,
    change: DraftedRule | None,
) -> dict[str, object]:
    """Return what a page shows of what was saved meanwhile, beside what was typed."""
    saved: RuleVersion | DraftedRule | None = version
    if change is not None:
        saved = next((each for each in changes_of(draft_of(actor)) if each.pk == change.pk), None)
    differing = differences(form, RuleTextForm.initial_of(saved)) if saved else None
    return {"conflict": str(stale), "differences": differing}


def _draft_page(request: HttpRequest, conflict: str = "") -> HttpResponse:
    mine = draft_of(actor_of(request))
    changes_drafted = changes_of(mine)
    taken = {change.rule_id for change in changes_drafted}
    context = {
        "conflict": conflict,
        "draft": mine,
        "drafted": drafted_in_words(changes_drafted),
        "groups": [
            (group, [rule for rule in group.rules if rule.version.rule_id not in taken])
            for group in rule_groups(today())
        ],
        "choices": sorted(MONTHS),
        "months": MONTHS[0],
    }
    status = HTTPStatus.CONFLICT if conflict else HTTPStatus.OK
    return render(request, "cur_ingest/draft.html", context, status=status)
