"""Business Requests, estimates and business cases."""

from business_cases.models.recorded import (
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
