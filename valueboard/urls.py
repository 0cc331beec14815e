"""Every address of the product."""

from django.urls import URLPattern, URLResolver, include, path

from valueboard import health
from valueboard.views import board, exports, people, records, request, spaces, thresholds, workload

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
    path("spaces/<slug:slug>/edit/", spaces.space_edit, name="space-edit"),
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
    path("workloads/<slug:slug>/edit/", workload.workload_edit, name="workload-edit"),
    path("workloads/<slug:slug>/records/", records.workload_records, name="workload-records"),
    path("records/", records.records, name="records"),
    path("records/checkpoint/", records.checkpoint_take, name="checkpoint-take"),
    path("records/restored/", records.restored_say, name="restored-say"),
    path("records/verify.py", records.verifier_file, name="verifier"),
    path("records/public-keys.txt", records.public_keys, name="public-keys"),
    path("records/checkpoints/<int:number>/", records.checkpoint_file, name="checkpoint-file"),
    path("approvals/", include("approvals.urls")),
    path("", include("positions.urls")),
    path("packs/", include("packs.urls")),
    path("gaps/", include("allocation_gaps.urls")),
    path("maturity/", include("maturity.urls")),
    path("reviews/", include("reviews.urls")),
    path("spend/exports/", exports.exports, name="exports"),
    path("spend/exports/new/", exports.export_new, name="export-new"),
    path("spend/exports/<int:pk>/", exports.export, name="export"),
    path("spend/", include("cur_ingest.urls")),
]
