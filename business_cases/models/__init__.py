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
    BusinessRequest,
    BusinessRequestQuerySet,
    RequestEditor,
    RequestState,
)

__all__ = [
    "AnchorMerge",
    "BandBounds",
    "BusinessCase",
    "BusinessRequest",
    "BusinessRequestQuerySet",
    "CaseSnapshot",
    "Confirmation",
    "EstimateSnapshot",
    "RequestEditor",
    "RequestState",
]
