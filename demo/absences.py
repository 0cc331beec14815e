"""A second approver, who decides while a Financial Admin is away, and who leaves."""

from datetime import timedelta
from decimal import Decimal

from approvals.actions import delegate_approving
from approvals.reports import SECOND_ABOVE
from demo.people import Made
from demo.plan.organisation import ADAM
from demo.plan.values import Absence, Departure
from records.actions import set_threshold
from records.clock import today
from spaces.actions import remove_member
from spaces.models import Membership


def want_two_approvers(above: Decimal, made: Made) -> None:
    """Let Adam set from which sum on two Financial Admins approve."""
    set_threshold(
        actor=made.people[ADAM],
        key=SECOND_ABOVE,
        seen=0,
        value=above,
        effective_from=today(),
        reason="Large sums are looked at twice, says the audit committee.",
    )


def go_away(absence: Absence, made: Made) -> None:
    """Let somebody decide for a Financial Admin who is away."""
    day = today()
    delegate_approving(
        actor=made.people[absence.who],
        delegate=made.people[absence.delegate],
        first_day=day,
        last_day=day + timedelta(days=absence.days - 1),
        reason=absence.reason,
    )


def leave(departure: Departure, made: Made) -> None:
    """Let Adam take a product owner out of a Space."""
    membership = Membership.objects.get(
        space=made.spaces[departure.space], user=made.people[departure.who]
    )
    remove_member(actor=made.people[ADAM], membership=membership, reason=departure.reason)
