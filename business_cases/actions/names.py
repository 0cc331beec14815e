"""Every change to which names stand for one thing: Finance merges, and takes merges back."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction

from accounts.models import User
from business_cases.access import may_merge_names
from business_cases.anchors import Anchor
from business_cases.models import AnchorMerge
from business_cases.names import Merge, Merges, merges, names
from records.clock import now
from valueboard.lib.errors import StaleError
from valueboard.lib.figure import ValueType

MERGES_LOCK = 7_236_203


@transaction.atomic
def merge_names(
    *, actor: User, value_type: ValueType, name: str, into: str, seen: int, reason: str
) -> AnchorMerge:
    """Let `name` count as `into`, for all cases that draw on it; what they say stays.

    `seen` is the version of what was last said of the name (0: nothing). Raise `ValidationError`
    for names that no case draws on, for the same one, for one that is merged and for a circle,
    which the database refuses too; `StaleError` if somebody said something else meanwhile.
    """
    said, anchor = _lock(actor, value_type, name, seen)
    known, target = names(now()), Anchor.named(value_type, into)
    problem = ""
    if anchor not in known:
        problem = f"No business case draws on “{name}”."
    elif target not in known:
        problem = "Choose a name from the list: no business case draws on this one."
    elif target == anchor:
        problem = "That is the same name; case and white space don't count."
    elif anchor in said.in_force:
        problem = f"“{known[anchor]}” is merged already; take that back first."
    elif said.end_of(target) == anchor:
        problem = f"“{known[target]}” counts as this name already; take that merge back first."
    if problem:
        raise ValidationError({"into": problem})
    return _record(actor, anchor, known[anchor], target, known[target], reason)


@transaction.atomic
def undo_merge(
    *, actor: User, value_type: ValueType, name: str, seen: int, reason: str
) -> AnchorMerge:
    """Let a merged name stand for itself again. `seen` and errors as in `merge_names`."""
    said, anchor = _lock(actor, value_type, name, seen)
    merge = said.in_force.get(anchor)
    if merge is None:
        raise ValidationError({"__all__": f"“{name}” is not merged."})
    return _record(actor, anchor, merge.name, None, "", reason)


def _lock(actor: User, value_type: ValueType, name: str, seen: int) -> tuple[Merges, Anchor]:
    """Return what was said so far, and what `name` stands for; nobody says more meanwhile."""
    if not may_merge_names(actor):
        message = "Only Finance merges names."
        raise PermissionDenied(message)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [MERGES_LOCK])
    said, anchor = merges(now()), Anchor.named(value_type, name)
    last = said.latest.get(anchor)
    if seen != (last.version if last else 0):
        raise StaleError(_what_was_said(last))
    return said, anchor


def _what_was_said(last: Merge | None) -> str:
    if last is None:
        return "Nothing was said of this name yet. Open the list again."
    done = f"merged it into “{last.into_name}”" if last.into else "took its merge back"
    return f"{last.recorded_by} {done} after you opened this page. Nothing was done."


def _record(  # noqa: PLR0917 - the fields of the record
    actor: User, anchor: Anchor, name: str, into: Anchor | None, into_name: str, reason: str
) -> AnchorMerge:
    if not reason.strip():
        raise ValidationError({"reason": "Say why, so that the next review understands it."})
    return AnchorMerge.objects.create(
        value_type=anchor.value_type.value,
        name=name,
        key=anchor.key,
        into=into_name,
        into_key=into.key if into else "",
        reason=reason.strip(),
        recorded_by=actor,
    )
