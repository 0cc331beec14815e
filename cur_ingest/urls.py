"""Addresses below /spend/."""

from django.urls import path

from cur_ingest.views import bases, closings, deliveries, lines, rates, rules, signals, spend

urlpatterns = [
    path("", spend.spend, name="spend"),
    path("export.csv", spend.spend_csv, name="spend-csv"),
    path("deliveries/", deliveries.deliveries, name="deliveries"),
    path("deliveries/<int:pk>/load/", deliveries.load_ask, name="load-ask"),
    path("deliveries/<int:pk>/<str:month>/", deliveries.delivery_month, name="delivery-month"),
    path("<str:month>/close/", closings.close, name="month-close"),
    path("<str:month>/reopen/", closings.reopen, name="month-reopen"),
    path("adjustments/<int:pk>/", closings.adjustment, name="adjustment"),
    path("lines/", lines.lines, name="spend-lines"),
    path("lines/export.csv", lines.lines_csv, name="spend-lines-csv"),
    path("lines/export.xlsx", lines.lines_xlsx, name="spend-lines-xlsx"),
    path("lines/<int:pk>/", lines.line, name="spend-line"),
    path("basis/", bases.basis, name="basis"),
    path("rates/", rates.rates, name="rates"),
    path("rates/new/", rates.rate_new, name="rate-new"),
    path("rates/<str:currency>/<str:month>/", rates.rate, name="rate"),
    path("rules/", rules.rules, name="rules"),
    path("rules/new/", rules.rule_new, name="rule-new"),
    path("rules/<int:pk>/", rules.rule, name="rule"),
    path("rules/<int:pk>/history/", rules.rule_history, name="rule-history"),
    path("rules/<int:pk>/retire/", rules.rule_retire, name="rule-retire"),
    path("signals/", signals.signals, name="signals"),
    path("signals/new/", signals.signal_new, name="signal-new"),
    path("signals/<int:pk>/", signals.signal, name="signal"),
]
