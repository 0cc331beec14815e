"""What every page knows around its content."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.timezone import localdate

from accounts.models import Role, User
from accounts.policy import READS_EVERYTHING
from approvals.access import standing_in
from notices.reports import given_up, unread, unread_words
from records.access import READ_RECORDS
from records.clock import DatabaseNow, database_kind
from records.reports import last_checkpoint_parts, last_checkpoint_words
from valueboard.first_run import asked_of, steps
from valueboard.lib import formats


@dataclass(frozen=True, slots=True)
class NavEntry:
    """One entry of the main navigation; `count` is shown beside it unless empty.

    `key` follows `g` in the keyboard shortcut that leads there.
    """

    label: str
    url: str
    current: bool
    count: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class NavGroup:
    """Entries that belong together; whoever has one of them alone gets it without the group."""

    label: str
    entries: tuple[NavEntry, ...]

    @property
    def alone(self) -> NavEntry | None:
        """Return the only entry, None where there are several."""
        return self.entries[0] if len(self.entries) == 1 else None

    @property
    def current(self) -> bool:
        """Tell whether the page is one of its entries."""
        return any(entry.current for entry in self.entries)

    @property
    def count(self) -> str:
        """Return the first count of its entries, so that a closed group shows it too."""
        return next((entry.count for entry in self.entries if entry.count), "")


# What follows `g` in a keyboard shortcut, by the name of the address; a test finds letters that
# stand twice.
KEYS = {
    "board": "b",
    "requests": "r",
    "names": "n",
    "approvals": "a",
    "spend": "s",
    "rules": "l",
    "rates": "e",
    "deliveries": "d",
    "gaps": "g",
    "owed": "o",
    "maturity": "m",
    "reviews": "v",
    "spaces": "p",
    "records": "c",
    "thresholds": "t",
}

# Label of the group; then label, name of the address, and the roles it is for (empty: everybody).
GROUPS: tuple[tuple[str, tuple[tuple[str, str, frozenset[Role]], ...]], ...] = (
    ("Value Board", (("Value Board", "board", frozenset()),)),
    (
        "Requests",
        (
            ("Business Requests", "requests", frozenset()),
            ("Double claims", "names", READS_EVERYTHING),
        ),
    ),
    ("Approvals", (("Approvals", "approvals", frozenset({Role.FINANCIAL_ADMIN})),)),
    (
        "Governance",
        (
            ("Allocation Gaps", "gaps", frozenset()),
            ("What I owe", "owed", frozenset()),
            ("Budget reviews", "reviews", frozenset()),
            ("Maturity", "maturity", READS_EVERYTHING),
        ),
    ),
    (
        "Spend",
        (
            ("Spend", "spend", READS_EVERYTHING),
            ("Attribution rules", "rules", READS_EVERYTHING),
            ("Exchange rates", "rates", READS_EVERYTHING),
            ("Deliveries", "deliveries", READS_EVERYTHING | {Role.ADMINISTRATOR}),
        ),
    ),
    ("Spaces", (("Spaces", "spaces", frozenset()),)),
    (
        "Controls",
        (
            ("Records", "records", frozenset(READ_RECORDS)),
            ("Thresholds", "thresholds", READS_EVERYTHING | {Role.ADMINISTRATOR}),
            ("People", "people", frozenset({Role.ADMINISTRATOR})),
            ("Mail", "undelivered", frozenset({Role.ADMINISTRATOR})),
        ),
    ),
)


def product(request: HttpRequest) -> dict[str, Any]:
    """Return what `base.html` shows around a page; one query asks all that changes."""
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        return {"organisation_name": settings.ORGANISATION_NAME, "locale": formats.active()}
    checkpoint = last_checkpoint_parts()
    asked = {"unread": unread(user), "stands_in": standing_in(user), "now": DatabaseNow()}
    asked |= checkpoint | asked_of(user, request.path)
    if Role.ADMINISTRATOR in user.roles:
        asked["given_up"] = given_up()
    found: dict[str, Any] = dict(User.objects.filter(pk=user.pk).values(**asked).get())
    counts = {"undelivered": str(found.get("given_up") or "")}
    lent = {"approvals"} if found["stands_in"] else set()
    return {
        "organisation_name": settings.ORGANISATION_NAME,
        "currency": settings.REPORTING_CURRENCY,
        "database_kind": database_kind(),
        "unread": unread_words(found["unread"]),
        "first_steps": steps(user, found),
        "locale": formats.active(),
        "shortcuts": user.preference.shortcuts,
        "today": localdate(found["now"]),
        "nav": _navigation(user, request.path, counts, lent),
        "last_checkpoint": last_checkpoint_words(*(found[name] for name in checkpoint)),
    }


def _navigation(
    user: User, path: str, counts: Mapping[str, str], lent: Collection[str]
) -> list[NavGroup]:
    """Return the entries for a person's roles, and those `lent` by somebody who is away."""
    addresses = {name: reverse(name) for _, entries in GROUPS for _, name, _ in entries}
    current = _current(path, addresses.values())
    groups = [
        NavGroup(
            group,
            tuple(
                NavEntry(label, url, url == current, counts.get(name, ""), KEYS.get(name, ""))
                for label, name, roles in entries
                if not roles or user.roles & roles or name in lent
                for url in [addresses[name]]
            ),
        )
        for group, entries in GROUPS
    ]
    return [group for group in groups if group.entries]


def _current(path: str, addresses: Iterable[str]) -> str:
    """Return the address that a page is below, the longest of those; the board has none below."""
    above = (url for url in addresses if path == url or (url != "/" and path.startswith(url)))
    return max(above, key=len, default="")
