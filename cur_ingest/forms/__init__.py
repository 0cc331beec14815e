"""Forms for attribution rules, AI signals, exchange rates, closings and the cost basis."""

from cur_ingest.forms.bases import BasisForm
from cur_ingest.forms.rates import CorrectRateForm, RateForm
from cur_ingest.forms.reasons import ReasonForm, WhyForm
from cur_ingest.forms.rules import RuleForm, RuleTextForm
from cur_ingest.forms.signals import SignalForm

__all__ = [
    "BasisForm",
    "CorrectRateForm",
    "RateForm",
    "ReasonForm",
    "RuleForm",
    "RuleTextForm",
    "SignalForm",
    "WhyForm",
]
