"""Every change to Business Requests, estimates and cases."""

from business_cases.actions.figures import (
    Proposal,
    add_workload,
    confirm_estimate,
    lock_workload,
    retract_case,
    revise_case,
    revise_estimate,
)
from business_cases.actions.names import merge_names, undo_merge
from business_cases.actions.requests import save_draft, submit_request, withdraw_request
from business_cases.actions.steps import move_request

__all__ = [
    "Proposal",
    "add_workload",
    "confirm_estimate",
    "lock_workload",
    "merge_names",
    "move_request",
    "retract_case",
    "revise_case",
    "revise_estimate",
    "save_draft",
    "submit_request",
    "undo_merge",
    "withdraw_request",
]
