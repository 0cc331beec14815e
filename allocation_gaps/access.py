"""Who acts on gaps: Finance and Financial Admins; whoever reads a workload sees its gaps."""

from datetime import datetime

from django.http import Http404

from accounts.models import Role, User
from allocation_gaps.reports import Gap, find_gap

ACTORS = frozenset({Role.FINANCE, Role.FINANCIAL_ADMIN})


def may_act(user: User) -> bool:
    """Tell whether the person may act on gaps."""
    return bool(user.roles & ACTORS)


def get_gap(user: User, kind: str, key: str, known_at: datetime) -> Gap:
    """Return a gap of a workload that the person reads, or raise 404 (also when it is gone)."""
    gap = find_gap(user, kind, key, known_at)
    if gap is None or gap.workload is None:
        message = "This gap is resolved, or there is none."
        raise Http404(message)
    return gap
