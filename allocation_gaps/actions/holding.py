"""The lock under which gaps are found and acted on, and what is checked under it."""

from collections.abc import Collection
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection

from accounts.models import User
from allocation_gaps.access import may_act
from allocation_gaps.looking import look_at
from allocation_gaps.models import GapAction, GapOpening
from allocation_gaps.reports import acts_of
from allocation_gaps.states import Acts
from records.actions import lock_versions
from records.clock import now
from spaces.models import Workload
from valueboard.lib.errors import StaleError

# A look holds it alone; whoever acts shares it, so that no gap is resolved under their hands.
LOOK_LOCK = 7_236_401


class GoneError(StaleError):
    """The gap was resolved meanwhile; nothing was done."""


@dataclass(frozen=True, slots=True)
class Locked:
    """A gap that nobody else acts on until the transaction ends, and what was done about it."""

    opening: GapOpening
    acts: Acts


def hold_looks(*, exclusive: bool) -> None:
    """Wait for the look that runs, or for whoever acts; until the transaction ends."""
    function = "pg_advisory_xact_lock" if exclusive else "pg_advisory_xact_lock_shared"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s)", [LOOK_LOCK])


def must_act(actor: User, rationale: str) -> str:
    """Return the rationale without blanks around it; raise unless the person may act and says why.

    `PermissionDenied` and `ValidationError`, which names the field.
    """
    if not may_act(actor):
        message = "Finance and Financial Admins act on gaps."
        raise PermissionDenied(message)
    if not rationale.strip():
        raise ValidationError({"rationale": "Say why: it is kept with the gap."})
    return rationale.strip()


def lock_gaps(openings: Collection[int]) -> dict[int, Locked]:
    """Lock gaps, and their workloads against new snapshots, and read them afresh, by id."""
    hold_looks(exclusive=False)
    for pk in sorted(openings):
        lock_versions(f"gap:{pk}")
    found = {
        opening.pk: opening
        for opening in GapOpening.objects.filter(pk__in=openings).select_related("workload")
    }
    workloads = [each.workload_id for each in found.values() if each.workload_id is not None]
    list(Workload.objects.select_for_update(of=("self",)).filter(pk__in=workloads).order_by("pk"))
    acts = acts_of(found, now())
    return {pk: Locked(opening, acts[pk]) for pk, opening in found.items()}


def still_there(locked: Collection[Locked]) -> set[int]:
    """Return which gaps hold in the facts now: between a fact and the look that sees it.

    Unclaimed spend is taken as it was found: its lines are read by the look alone.
    """
    workloads = {each.opening.workload_id for each in locked} - {None}
    look = look_at(now(), {pk for pk in workloads if pk is not None}) if workloads else None
    return {
        each.opening.pk
        for each in locked
        if not each.acts.resolved
        and (each.opening.workload_id is None or (look and look.holds(each.opening)))
    }


def refuse_stale(locked: Locked, seen: int) -> None:
    """Raise `StaleError` where somebody did something about the gap since the page was shown."""
    if locked.acts.seen != seen:
        raise StaleError(what_came_between(locked.acts))


def what_came_between(acts: Acts) -> str:
    """Say what was done since a page was shown."""
    done = [row for row in acts.rows if row.version == acts.seen]
    if not done:
        return "It changed meanwhile. Nothing was done."
    by = done[0].recorded_by.name if done[0].recorded_by else "ValueBoard"
    what = GapAction.Act(done[0].act).label
    return f"{what} by {by} meanwhile: “{done[0].rationale}” Nothing was done a second time."
