"""Forms for attribution rules and AI signals."""

from cur_ingest.forms.reasons import ReasonForm, WhyForm
from cur_ingest.forms.rules import RuleForm, RuleTextForm
from cur_ingest.forms.signals import SignalForm

__all__ = ["ReasonForm", "RuleForm", "RuleTextForm", "SignalForm", "WhyForm"]
