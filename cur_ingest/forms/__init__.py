"""Forms for exports, attribution rules, AI signals, rates, closings and the cost basis."""

from cur_ingest.forms.bases import BasisForm
from cur_ingest.forms.exports import ExportForm
from cur_ingest.forms.rates import CorrectRateForm, RateForm
from cur_ingest.forms.reasons import ReasonForm, WhyForm
from cur_ingest.forms.rules import RuleForm, RuleTextForm
from cur_ingest.forms.signals import SignalForm

__all__ = [
    "BasisForm",
    "CorrectRateForm",
    "ExportForm",
    "RateForm",
    "ReasonForm",
    "RuleForm",
    "RuleTextForm",
    "SignalForm",
    "WhyForm",
]
