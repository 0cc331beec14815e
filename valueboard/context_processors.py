"""What every page knows around its content."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from accounts.models import Role, User
from accounts.policy import READS_EVERYTHING
from approvals.access import may_see_queue
from notices.reports import undelivered_count, unread_count
from records.access import READ_RECORDS
from records.clock import database_kind


@dataclass(frozen=True, slots=True)
class NavEntry:
    """One entry of the main navigation; `count` is shown beside it unless empty."""

    label: str
    url: str
    current: bool
    count: str = ""


# Label, name of the address, and the roles it is for (empty: everybody).
ENTRIES: tuple[tuple[str, str, frozenset[Role]], ...] = (
    ("Value Board", "board", frozenset()),
    ("Allocation Gaps", "gaps", frozenset()),
    ("Business Requests", "requests", frozenset()),
    ("Double claims", "names", READS_EVERYTHING),
    ("Approvals", "approvals", frozenset({Role.FINANCIAL_ADMIN})),
    ("Spaces", "spaces", frozenset()),
    ("Spend", "spend", READS_EVERYTHING),
    ("Maturity", "maturity", READS_EVERYTHING),
    ("Records", "records", frozenset(READ_RECORDS)),
    ("People", "people", frozenset({Role.ADMINISTRATOR})),
    ("Thresholds", "thresholds", READS_EVERYTHING | {Role.ADMINISTRATOR}),
    ("Mail", "undelivered", frozenset({Role.ADMINISTRATOR})),
)


def product(request: HttpRequest) -> dict[str, Any]:
    """Return the navigation, the organisation's name and what kind of database this is."""
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        return {"organisation_name": settings.ORGANISATION_NAME}
    counts = {}
    if Role.ADMINISTRATOR in user.roles and (dead := undelivered_count()):
        counts["undelivered"] = str(dead)
    return {
        "organisation_name": settings.ORGANISATION_NAME,
        "currency": settings.REPORTING_CURRENCY,
        "database_kind": database_kind(),
        "unread": unread_count(user),
        "nav": [
            NavEntry(label, url, _is_current(request.path, url), counts.get(name, ""))
            for label, name, roles in ENTRIES
            if not roles or user.roles & roles or (name == "approvals" and may_see_queue(user))
            for url in [reverse(name)]
        ],
    }


def _is_current(path: str, url: str) -> bool:
    return path == url if url == "/" else path.startswith(url)
