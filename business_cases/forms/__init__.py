"""Forms for requests, estimates and cases."""

from business_cases.forms.live import claims_of_form, panel_of_form, started
from business_cases.forms.names import MergeForm
from business_cases.forms.parts import (
    CASE_HINTS,
    CaseFields,
    EstimateFields,
    FiguresForm,
    ReasonForm,
    echoes_of,
    forgive_blanks,
    typed_in,
)
from business_cases.forms.proposal import ProposalForm, ResubmissionForm
from business_cases.forms.revisions import CaseRevisionForm, EstimateRevisionForm
from business_cases.forms.sending import SendForm
from business_cases.forms.typed import (
    said_today,
    typed_case,
    typed_estimate,
    typed_words,
    typed_workload,
)

__all__ = [
    "CASE_HINTS",
    "CaseFields",
    "CaseRevisionForm",
    "EstimateFields",
    "EstimateRevisionForm",
    "FiguresForm",
    "MergeForm",
    "ProposalForm",
    "ReasonForm",
    "ResubmissionForm",
    "SendForm",
    "claims_of_form",
    "echoes_of",
    "forgive_blanks",
    "panel_of_form",
    "said_today",
    "started",
    "typed_case",
    "typed_estimate",
    "typed_in",
    "typed_words",
    "typed_workload",
]
