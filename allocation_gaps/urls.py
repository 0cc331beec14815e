"""Addresses of the Allocation Gaps pages."""

from django.urls import path

from allocation_gaps import views

urlpatterns = [
    path("", views.gaps, name="gaps"),
    path("<slug:kind>/<int:key>/request/", views.request_case, name="gap-request"),
]
