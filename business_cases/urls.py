"""Addresses of requests and revisions. They stand at the root: four nouns share this app."""

from django.urls import path

from business_cases.views import names, requests, revisions, sending, writing

urlpatterns = [
    path("names/", names.name_list, name="names"),
    path("names/merge/", names.name_merge, name="name-merge"),
    path("names/undo/", names.name_unmerge, name="name-unmerge"),
    path("requests/", requests.requests, name="requests"),
    path("requests/new/", writing.request_new, name="request-new"),
    path("requests/panel/", writing.request_panel, name="request-panel"),
    path("requests/<int:pk>/panel/", writing.request_panel, name="request-panel"),
    path("requests/<int:pk>/edit/", writing.request_edit, name="request-edit"),
    path(
        "requests/<int:pk>/submit-again/",
        sending.request_submit_again,
        name="request-submit-again",
    ),
    path("requests/<int:pk>/withdraw/", requests.request_withdraw, name="request-withdraw"),
    path("spaces/<slug:slug>/add-workload/", writing.workload_add, name="workload-add"),
    path("workloads/<slug:slug>/send/", sending.workload_send, name="workload-send"),
    path("workloads/<slug:slug>/estimate/", revisions.estimate_revise, name="estimate-revise"),
    path("workloads/<slug:slug>/case/", revisions.case_revise, name="case-revise"),
    path("workloads/<slug:slug>/case/retract/", revisions.case_retract, name="case-retract"),
]
