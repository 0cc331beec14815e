"""The pages of Allocation Gaps."""

from allocation_gaps.views.acting import assign, bulk_request, recall, request_case
from allocation_gaps.views.files import gaps_csv, gaps_xlsx
from allocation_gaps.views.listing import gap, gaps, owed
from allocation_gaps.views.stopping import workload_stop

__all__ = [
    "assign",
    "bulk_request",
    "gap",
    "gaps",
    "gaps_csv",
    "gaps_xlsx",
    "owed",
    "recall",
    "request_case",
    "workload_stop",
]
