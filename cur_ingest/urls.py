"""Addresses below /spend/."""

from django.urls import path

from cur_ingest.views import closings, rules, signals, spend

urlpatterns = [
    path("", spend.spend, name="spend"),
    path("export.csv", spend.spend_csv, name="spend-csv"),
    path("<str:month>/close/", closings.close, name="month-close"),
    path("<str:month>/reopen/", closings.reopen, name="month-reopen"),
    path("adjustments/<int:pk>/", closings.adjustment, name="adjustment"),
    path("rules/", rules.rules, name="rules"),
    path("rules/new/", rules.rule_new, name="rule-new"),
    path("rules/<int:pk>/", rules.rule, name="rule"),
    path("rules/<int:pk>/retire/", rules.rule_retire, name="rule-retire"),
    path("signals/", signals.signals, name="signals"),
    path("signals/new/", signals.signal_new, name="signal-new"),
    path("signals/<int:pk>/", signals.signal, name="signal"),
]
