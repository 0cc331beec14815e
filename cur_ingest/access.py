"""Who may do what with spend, exports, rules and signals (METHOD 2).

Fetch and authorise in one call.

| Verb | Who |
|---|---|
| read the spend of all, daily lines, rules, signals, rates | Financial Admin, Finance, Executive |
| make, change and retire rules and signals; record exchange rates | Finance |
| draft changes of rules, try and publish them; a draft is its author's alone | Finance |
| close a month, open it again, take a later delivery over | Finance |
| leave a month of an export out, count it again | Finance |
| see deliveries, without their amounts | who reads spend, Administrators |
| have deliveries loaded | Finance, Administrators |
| configure exports | Administrators |
| choose the cost basis that pages show | Finance |
"""

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404

from accounts.models import Role, User
from accounts.policy import READS_EVERYTHING
from cur_ingest.models import AttributionRun, DailyLine, DraftedRule, RuleVersion, SignalVersion

READERS = tuple(sorted(READS_EVERYTHING))
EDITORS = (Role.FINANCE,)
LOADERS = (Role.FINANCE, Role.ADMINISTRATOR)
DELIVERY_READERS = (*READERS, Role.ADMINISTRATOR)
TO_CLOSE = "Only Finance closes months, opens them and takes deliveries over."
TO_LEAVE_OUT = "Only Finance leaves months out and has them counted again."
TO_CHOOSE = "Only Finance chooses the cost basis."


def may_edit(user: User) -> bool:
    """Tell whether the person makes and changes rules and signals, and closes months."""
    return bool(user.roles.intersection(EDITORS))


def may_load(user: User) -> bool:
    """Tell whether the person has deliveries loaded."""
    return bool(user.roles.intersection(LOADERS))


def must_be_finance(user: User, message: str) -> None:
    """Raise PermissionDenied with a message for whoever is not of finance."""
    if not may_edit(user):
        raise PermissionDenied(message)


def get_rule(pk: int) -> RuleVersion:
    """Return the latest version of a rule, or raise 404; the policy has let the reader in."""
    versions = RuleVersion.objects.filter(rule=pk).select_related("rule", "workload")
    return get_object_or_404(versions.order_by("-version")[:1])


def get_drafted(user: User, pk: int) -> DraftedRule:
    """Return what stands in one's own draft, or raise 404."""
    return get_object_or_404(DraftedRule.objects.select_related("rule"), pk=pk, draft__author=user)


def get_signal(pk: int) -> SignalVersion:
    """Return the latest version of a signal, or raise 404; as `get_rule`."""
    versions = SignalVersion.objects.filter(signal=pk).select_related("signal")
    return get_object_or_404(versions.order_by("-version")[:1])


def get_waiting_run(user: User, pk: int, *, to_change: bool) -> AttributionRun:
    """Return the run of a delivery that came after its month was closed, or raise 404.

    It stays to be looked at when it was taken over or a later one came. PermissionDenied for
    whoever may only read and wants to change.
    """
    if to_change:
        must_be_finance(user, TO_CLOSE)
    return get_object_or_404(
        AttributionRun.objects.select_related("delivery__export", "export"), pk=pk, counts=False
    )


def get_line(pk: int) -> DailyLine:
    """Return a daily line, or raise 404; as `get_rule`. A new delivery brings new lines."""
    lines = DailyLine.objects.select_related(
        "delivery__export", "workload__space", "rule_version__recorded_by"
    )
    return get_object_or_404(lines, pk=pk)
