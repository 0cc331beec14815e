"""Addresses of the Governance Maturity pages."""

from django.urls import path

from maturity import views

urlpatterns = [
    path("", views.maturity, name="maturity"),
    path("what-if/", views.what_if, name="maturity-what-if"),
    path("<slug:dimension>/", views.rows, name="maturity-rows"),
]
