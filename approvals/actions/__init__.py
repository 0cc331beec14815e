"""Every change of this app: decisions, comments on what is decided, delegations."""

from approvals.actions.commenting import comment_on_request
from approvals.actions.deciding import (
    SnapshotAddedError,
    acknowledgements_of,
    confirm_pending_estimate,
    decide_request,
    refuse_what_changed,
)
from approvals.actions.delegating import delegate_approving, take_delegation_back

__all__ = [
    "SnapshotAddedError",
    "acknowledgements_of",
    "comment_on_request",
    "confirm_pending_estimate",
    "decide_request",
    "delegate_approving",
    "refuse_what_changed",
    "take_delegation_back",
]
