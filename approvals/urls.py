"""Addresses of the approval pages."""

from django.urls import path

from approvals import views

urlpatterns = [
    path("", views.approvals, name="approvals"),
    path("requests/<int:pk>/", views.decide, name="decide"),
    path("requests/<int:pk>/comment/", views.comment, name="request-comment"),
    path("workloads/<slug:slug>/", views.confirm, name="confirm-estimate"),
]
