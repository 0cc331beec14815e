"""Every change to Business Requests, estimates and cases."""

from business_cases.actions.bounds import set_bounds
from business_cases.actions.figures import (
    Proposal,
    add_workload,
    confirm_estimate,
    retract_case,
    revise_case,
    revise_estimate,
)
from business_cases.actions.names import merge_names, undo_merge
from business_cases.actions.requests import (
    record_comment,
    save_draft,
    send_to_approval,
    submit_again,
    submit_request,
    withdraw_request,
)
from business_cases.actions.steps import (
    decline_pending,
    lock_workload,
    move_request,
    restate_request,
)
from business_cases.actions.workloads import change_workload

__all__ = [
    "Proposal",
    "add_workload",
    "change_workload",
    "confirm_estimate",
    "decline_pending",
    "lock_workload",
    "merge_names",
    "move_request",
    "record_comment",
    "restate_request",
    "retract_case",
    "revise_case",
    "revise_estimate",
    "save_draft",
    "send_to_approval",
    "set_bounds",
    "submit_again",
    "submit_request",
    "undo_merge",
    "withdraw_request",
]
