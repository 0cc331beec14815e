"""Every address of the product."""

from django.urls import URLPattern, URLResolver, include, path

from valueboard import health
from valueboard.views import board, people, request, spaces, thresholds, workload

handler403 = "valueboard.views.errors.refused"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", board.board, name="board"),
    path("accounts/", include("accounts.urls")),
    path("", include("notices.urls")),
    path("livez", health.livez, name="livez"),
    path("readyz", health.readyz, name="readyz"),
    path("spaces/", spaces.spaces, name="spaces"),
    path("spaces/new/", spaces.space_new, name="space-new"),
    path("spaces/<slug:slug>/", spaces.space, name="space"),
    path("thresholds/", thresholds.threshold_list, name="thresholds"),
    path("thresholds/bounds/", thresholds.bounds_set, name="bounds-set"),
    path("thresholds/<str:key>/", thresholds.threshold_set, name="threshold-set"),
    path("people/", people.people, name="people"),
    path("people/me/", people.me, name="me"),
    path("people/new/", people.person_new, name="person-new"),
    path("people/<int:pk>/", people.person, name="person"),
    path("people/<int:pk>/memberships/", people.membership_add, name="membership-add"),
    path(
        "people/<int:pk>/memberships/<int:membership>/",
        people.membership,
        name="membership",
    ),
    path(
        "people/<int:pk>/memberships/<int:membership>/remove/",
        people.membership_remove,
        name="membership-remove",
    ),
    path("", include("business_cases.urls")),
    path("requests/<int:pk>/", request.request_detail, name="request"),
    path("workloads/<slug:slug>/", workload.workload, name="workload"),
    path("approvals/", include("approvals.urls")),
    path("gaps/", include("allocation_gaps.urls")),
    path("maturity/", include("maturity.urls")),
    path("spend/", include("cur_ingest.urls")),
]
