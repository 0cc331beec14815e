"""Addresses of the Allocation Gaps pages."""

from django.urls import path

from allocation_gaps import views

urlpatterns = [
    path("gaps/", views.gaps, name="gaps"),
    path("gaps/gaps.csv", views.gaps_csv, name="gaps-csv"),
    path("gaps/gaps.xlsx", views.gaps_xlsx, name="gaps-xlsx"),
    path("gaps/request/", views.bulk_request, name="gaps-request"),
    path("gaps/<int:pk>/", views.gap, name="gap"),
    path("gaps/<int:pk>/request/", views.request_case, name="gap-request"),
    path("gaps/<int:pk>/assign/", views.assign, name="gap-assign"),
    path("gaps/<int:pk>/recall/", views.recall, name="gap-recall"),
    path("owed/", views.owed, name="owed"),
    path("workloads/<slug:slug>/stop/", views.workload_stop, name="workload-stop"),
]
