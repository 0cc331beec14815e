"""What was recorded, as anybody can check it: one workload's chain, and all checkpoints."""

from contextlib import suppress
from pathlib import Path

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Role
from accounts.policy import actor_of, needs, signed_in
from records import verifier
from records.about import read_links, records_about
from records.access import READ_RECORDS, may_say_restored, may_take_checkpoint
from records.actions import say_restored, take_checkpoint
from records.export import written_file
from records.forms import RestoredForm
from records.models import Checkpoint
from records.reports import look
from records.signing import signer
from spaces.access import get_workload
from valueboard.lib.errors import RefusedError

LINKS_A_PAGE = 50
CHECKPOINTS_SHOWN = 30
LOST_SHOWN = 50


@signed_in
@require_safe
def workload_records(request: HttpRequest, slug: str) -> HttpResponse:
    """Show every record about a workload, and whether it verifies now."""
    workload = get_workload(actor_of(request), slug)
    keys = records_about(workload.pk)
    # A figure's panel leads to one record: to the page that it stands on.
    asked = next((n for n, key in enumerate(keys) if key.anchor == request.GET.get("record")), None)
    number = request.GET.get("page") if asked is None else asked // LINKS_A_PAGE + 1
    page = Paginator(keys, LINKS_A_PAGE).get_page(number)
    links, last = read_links(list(page.object_list))
    context = {
        "workload": workload,
        "page": page,
        "links": links,
        "broken": [link for link in links if link.problems],
        "uncovered": sum(not link.is_covered for link in links),
        "last": last,
    }
    return render(request, "records/workload.html", context)


@needs(*READ_RECORDS)
@require_safe
def records(request: HttpRequest) -> HttpResponse:
    """Show the checkpoints, and how the database stands to the last one."""
    return _records(request, RestoredForm())


def _records(request: HttpRequest, form: RestoredForm) -> HttpResponse:
    user, standing = actor_of(request), look()
    try:
        key = signer()
    except RefusedError:
        key = None
    checkpoints = Checkpoint.objects.select_related("recorded_by").order_by("-number")
    context = {
        "standing": standing,
        "key": key,
        "is_folder": standing.last is not None and "://" not in standing.last.location,
        "checkpoints": checkpoints[:CHECKPOINTS_SHOWN],
        "lost": standing.difference.lost[:LOST_SHOWN],
        "changed": standing.difference.changed[:LOST_SHOWN],
        "may_take": may_take_checkpoint(user) and not standing.missing and not standing.difference,
        "may_say_restored": may_say_restored(user)
        and standing.is_short
        and not standing.is_tampered,
        "form": form,
    }
    status = 422 if form.is_bound else 200
    return render(request, "records/records.html", context, status=status)


@needs(Role.ADMINISTRATOR, Role.FINANCE)
@require_POST
def checkpoint_take(request: HttpRequest) -> HttpResponse:
    """Take a checkpoint now."""
    try:
        made = take_checkpoint(actor=actor_of(request), kind=Checkpoint.Kind.ON_DEMAND)
    except RefusedError as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"Checkpoint {made.number} was signed and written.")
    return redirect("records")


@needs(Role.ADMINISTRATOR)
@require_POST
def restored_say(request: HttpRequest) -> HttpResponse:
    """Record that a backup was restored."""
    form = RestoredForm(request.POST)
    if not form.is_valid():
        return _records(request, form)
    try:
        made = say_restored(actor=actor_of(request), reason=form.cleaned_data["reason"])
    except RefusedError as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"Checkpoint {made.number} says that a backup was restored.")
    return redirect("records")


@signed_in
@require_safe
def verifier_file(_request: HttpRequest) -> HttpResponse:
    """Hand out the program that verifies an export."""
    return _file(Path(verifier.__file__).read_bytes(), "verify.py", "text/x-python")


@signed_in
@require_safe
def public_keys(_request: HttpRequest) -> HttpResponse:
    """Hand out the public keys, the present one first."""
    keys = list(Checkpoint.objects.order_by("-number").values_list("public_key", flat=True))
    # Without a key of today's, old checkpoints are verified all the same.
    with suppress(RefusedError):
        keys.insert(0, signer().public_key)
    lines = [f"{key}  {verifier.key_id(key)}\n" for key in dict.fromkeys(keys)]
    return _file("".join(lines).encode(), "public-keys.txt", "text/plain")


@needs(*READ_RECORDS)
@require_safe
def checkpoint_file(_request: HttpRequest, number: int) -> HttpResponse:
    """Hand out a checkpoint's file, as it was written."""
    checkpoint = get_object_or_404(Checkpoint, number=number)
    return _file(written_file(checkpoint), verifier.checkpoint_name(number), "application/json")


def _file(content: bytes, name: str, kind: str) -> HttpResponse:
    disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type=f"{kind}; charset=utf-8", headers=disposition)
