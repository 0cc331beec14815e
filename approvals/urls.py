"""Addresses of the approval pages."""

from django.urls import path

from approvals.views import commenting, deciding, delegating

urlpatterns = [
    path("", deciding.approvals, name="approvals"),
    path("requests/<int:pk>/", deciding.decide, name="decide"),
    path("requests/<int:pk>/comment/", commenting.comment, name="request-comment"),
    path("workloads/<slug:slug>/", deciding.confirm, name="confirm-estimate"),
    path("delegations/new/", delegating.delegation_new, name="delegation-new"),
    path(
        "delegations/<int:pk>/take-back/",
        delegating.delegation_take_back,
        name="delegation-take-back",
    ),
]
