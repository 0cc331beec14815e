"""Business Requests, estimates and business cases."""

from business_cases.models.recorded import (
    AnchorMerge,
    BandBounds,
    BusinessCase,
    CaseSnapshot,
    Confirmation,
    EstimateSnapshot,
)
from business_cases.models.requests import (
    LEGAL_STEPS,
    BusinessRequest,
    BusinessRequestQuerySet,
    Comment,
    Decline,
    RequestEditor,
    RequestKind,
    RequestState,
    RequestStep,
)

__all__ = [
    "LEGAL_STEPS",
    "AnchorMerge",
    "BandBounds",
    "BusinessCase",
    "BusinessRequest",
    "BusinessRequestQuerySet",
    "CaseSnapshot",
    "Comment",
    "Confirmation",
    "Decline",
    "EstimateSnapshot",
    "RequestEditor",
    "RequestKind",
    "RequestState",
    "RequestStep",
]
