"""Addresses of the Governance Maturity page."""

from django.urls import path

from maturity import views

urlpatterns = [path("", views.maturity, name="maturity")]
