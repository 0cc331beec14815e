"""Acting on Allocation Gaps: what people do, and what the system finds."""

from allocation_gaps.actions.asking import Asked, request_from_owner, request_many
from allocation_gaps.actions.giving import assign_gap, recall_request
from allocation_gaps.actions.looking import look_for_gaps
from allocation_gaps.actions.reminding import send_reminders
from allocation_gaps.actions.stopping import stop_from_gap

__all__ = [
    "Asked",
    "assign_gap",
    "look_for_gaps",
    "recall_request",
    "request_from_owner",
    "request_many",
    "send_reminders",
    "stop_from_gap",
]
