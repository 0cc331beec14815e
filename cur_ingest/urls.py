"""Addresses below /spend/."""

from django.urls import path

from cur_ingest import views

urlpatterns = [
    path("", views.spend, name="spend"),
    path("export.csv", views.spend_csv, name="spend-csv"),
    path("rules/", views.rules, name="rules"),
    path("rules/new/", views.rule_new, name="rule-new"),
    path("rules/<int:pk>/", views.rule, name="rule"),
    path("rules/<int:pk>/retire/", views.rule_retire, name="rule-retire"),
    path("signals/", views.signals, name="signals"),
    path("signals/new/", views.signal_new, name="signal-new"),
    path("signals/<int:pk>/", views.signal, name="signal"),
]
