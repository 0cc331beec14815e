"""The list of gaps as files, of exactly what is filtered."""

import tempfile
from collections.abc import Iterator, Sequence
from http import HTTPStatus

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.timezone import localdate, localtime
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.policy import actor_of, needs
from allocation_gaps.gap import Gap
from allocation_gaps.listing import Listing, read_listing, today_of
from cur_ingest.bases import named
from cur_ingest.reports import chosen_basis
from packs.access import EXPORTERS
from records.clock import now
from valueboard.lib.sheets import Cell, Sheet, csv_lines, write_workbook

CURRENCY = settings.REPORTING_CURRENCY
HEAD = (
    "Gap",
    "Kind",
    "State",
    "Workload or spend",
    "Space",
    "Owner",
    "Detail",
    "Open since",
    "Found",
    "Age, days",
    f"Annual cost, projected, {CURRENCY}",
    f"Run-rate or spend, actual, {CURRENCY}",
    "Actual is",
    f"Month above its estimate, derived, {CURRENCY}",
    "Assigned to",
    "Last request",
    "Requested by",
    "Answer by",
    "Resolved",
)


@needs(*EXPORTERS)
@require_safe
def gaps_csv(request: HttpRequest) -> HttpResponseBase:
    """Send the gaps that the address asks for as CSV."""
    listing = read_listing(actor_of(request), request.GET, now())
    if listing.problems:
        return _refused(listing)
    response = HttpResponse(
        "".join(csv_lines(rows_of(listing))), content_type="text/csv; charset=utf-8"
    )
    name = f"allocation-gaps-{today_of(listing)}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@needs(*EXPORTERS)
@require_safe
def gaps_xlsx(request: HttpRequest) -> HttpResponseBase:
    """Send the gaps as a workbook, with a second sheet that says what they are."""
    user, moment = actor_of(request), now()
    listing = read_listing(user, request.GET, moment)
    if listing.problems:
        return _refused(listing)
    # It lives as long as the response, which closes it.
    file = tempfile.TemporaryFile()  # noqa: SIM115
    about = list(_about(listing, user))
    write_workbook(file, [Sheet("Allocation Gaps", rows_of(listing)), Sheet("About", about)])
    file.seek(0)
    name = f"allocation-gaps-{today_of(listing)}.xlsx"
    return FileResponse(file, as_attachment=True, filename=name)


def rows_of(listing: Listing) -> Iterator[Sequence[Cell]]:
    """Yield the head, then a row for each gap, in the order of the page."""
    yield HEAD
    for gap in listing.shown:
        yield _row(gap)


def _row(gap: Gap) -> Sequence[Cell]:
    asked, workload = gap.asked, gap.workload
    return (
        gap.id,
        gap.kind.label,
        gap.state.label,
        gap.name,
        workload.space.name if workload else "",
        workload.owner.name if workload else "",
        gap.detail,
        gap.since,
        localdate(gap.found),
        gap.age,
        gap.projected.amount if gap.projected else None,
        gap.actual.amount,
        gap.rate_note,
        gap.excess.amount if gap.excess else None,
        gap.assignee,
        asked.rationale if asked else "",
        asked.recorded_by.name if asked and asked.recorded_by else "",
        asked.due if asked else None,
        localdate(gap.resolved) if gap.resolved else None,
    )


def _about(listing: Listing, user: User) -> Iterator[Sequence[Cell]]:
    yield ("What", "Value")
    yield ("As of", today_of(listing))
    yield from listing.words
    yield ("Gaps", len(listing.shown))
    yield ("Amounts", "as they were found" if listing.is_past else "as the latest look found them")
    yield ("Cost basis", named(chosen_basis(listing.known_at)))
    yield ("Made by", user.name)
    yield ("Made on", f"{localtime(now()):%Y-%m-%d %H:%M %Z}")


def _refused(listing: Listing) -> HttpResponse:
    """Answer that the address asks for what there is not: a file would be of something else."""
    text = "\n".join(listing.problems)
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    return HttpResponse(text, content_type="text/plain; charset=utf-8", status=status)
