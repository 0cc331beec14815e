"""The history of mutable things as a page lists it: who, when, what changed, why.

It reads what django-simple-history kept, in one query per kind of row. That is a convenience and
no evidence, and the page says so; what must be provable is a frozen record.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts.models import RoleGrant, User
from business_cases.facts import NOBODY
from cur_ingest.models import Export
from spaces.models import Membership, Space
from valueboard.lib.history import AS_FOUND

UNKNOWN = "not known"
HIDDEN = "a Space that you don't read"
TOP = "the top of the tree"


@dataclass(frozen=True, slots=True)
class Change:
    """One field: what it said before (empty for a new row) and what it says since."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of a history."""

    at: datetime
    who: str
    what: str
    changes: tuple[Change, ...]
    why: str


# How a field is called, and how its value reads.
Fields = Mapping[str, tuple[str, Callable[[Any], str]]]


def changes_of_space(space: Space, read: set[int] | None) -> tuple[Entry, ...]:
    """Return what happened to a Space and to who belongs to it, the latest first.

    Spaces are named that are among `read`, the ids of those that the reader reads; None for all.
    """
    words: Fields = {"name": ("Name", str), "parent": ("Inside", _space_words(read))}
    people: Fields = {"role": ("Role", _role_words)}
    return _latest_first(
        _entries(_rows(Space, "parent", id=space.pk), words, lambda _row: "Space"),
        _entries(
            _rows(Membership, "user", space_id=space.pk),
            people,
            lambda row: f"{row.user} in this Space",
        ),
    )


def changes_of_person(person: User) -> tuple[Entry, ...]:
    """Return what happened to a person, their roles and their memberships, the latest first."""
    words: Fields = {
        "name": ("Name", str),
        "email": ("E-mail", str),
        "is_active": ("May sign in", lambda active: "Yes" if active else "No"),
    }
    return _latest_first(
        _entries(_rows(User, id=person.pk), words, lambda _row: "Person"),
        _entries(
            _rows(RoleGrant, user_id=person.pk), {}, lambda row: f"Role {row.get_role_display()}"
        ),
        _entries(
            _rows(Membership, "space", user_id=person.pk),
            {"role": ("Role", _role_words)},
            lambda row: f"Space {row.space}",
        ),
    )


def changes_of_export(export: Export) -> tuple[Entry, ...]:
    """Return what happened to how an export is read, the latest first."""
    formats = dict(Export.Format.choices)
    words: Fields = {
        "name": ("Name", str),
        "location": ("Location", str),
        "format": ("Format", lambda kind: str(formats.get(kind, kind))),
        "role_arn": ("Role", str),
        "external_id": ("External id", str),
        "profile": ("Profile", str),
        "active": ("Looks by itself", lambda active: "Yes" if active else "No"),
    }
    return _latest_first(_entries(_rows(Export, id=export.pk), words, lambda _row: "Export"))


def _rows(model: Any, *named: str, **about: int) -> Iterable[Any]:
    """Return the history rows about something, oldest first, with what they name (one query)."""
    rows: Iterable[Any] = (
        model.history.filter(**about).select_related("history_user", *named).order_by("history_id")
    )
    return rows


def _entries(rows: Iterable[Any], fields: Fields, called: Callable[[Any], str]) -> list[Entry]:
    found: list[Entry] = []
    before: dict[int, Any] = {}
    for row in rows:
        changes = _changes(before.get(row.id), row, fields) if row.history_type != "-" else ()
        reason = row.history_change_reason or ""
        unknown = NOBODY if reason and reason != AS_FOUND else UNKNOWN
        found.append(
            Entry(
                row.history_date,
                row.history_user.name if row.history_user else unknown,
                f"{called(row)} {_verb(row.history_type, reason)}",
                tuple(changes),
                reason,
            )
        )
        before[row.id] = row
    return found


def _changes(before: Any, row: Any, fields: Fields) -> Iterable[Change]:
    for name, (label, words) in fields.items():
        now = words(getattr(row, name))
        was = words(getattr(before, name)) if before else ""
        if now != was:
            yield Change(label, was, now)


def _verb(history_type: str, reason: str) -> str:
    if reason == AS_FOUND:
        return "found"
    return {"+": "added", "~": "changed", "-": "taken away"}[history_type]


def _role_words(role: str) -> str:
    return str(Membership.Role(role).label)


def _space_words(read: set[int] | None) -> Callable[[Space | None], str]:
    """Return how a Space is called: by its name of today, if the reader reads it."""
    if read is None:
        return lambda space: space.name if space else TOP
    # The top of the tree is hidden too: it would tell that there is nothing above.
    return lambda space: space.name if space and space.pk in read else HIDDEN


def _latest_first(*kinds: list[Entry]) -> tuple[Entry, ...]:
    found = [entry for entries in kinds for entry in reversed(entries)]
    return tuple(sorted(found, key=lambda entry: entry.at, reverse=True))
