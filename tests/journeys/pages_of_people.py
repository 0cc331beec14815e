"""Pages of Spaces and people, of settings and thresholds, and of who is not signed in."""

from spaces.models import Membership, Workload
from tests.cast import Cast
from tests.journeys.pages import NOBODY


def full(cast: Cast, workload: Workload) -> dict[str, list[str]]:
    mona = f"/people/{cast.mona.pk}/"
    membership = Membership.objects.get(user=cast.mona)
    return {
        "felix": ["/spaces/", "/spaces/commerce/"],
        "olivia": [
            "/spaces/commerce/add-workload/",
            f"/workloads/{workload.slug}/edit/",
            "/people/me/",
            "/accounts/logout/",
            "/accounts/password/change/",
        ],
        "adam": [
            "/people/",
            mona,
            f"{mona}memberships/{membership.pk}/",
            "/people/new/",
            "/spaces/new/",
            "/spaces/search/edit/",
            "/mail/undelivered/",
            "/thresholds/",
            "/thresholds/approval.second_above/",
            "/thresholds/bounds/",
            "/thresholds/presets/finops-maturity-2026/",
        ],
        NOBODY: [
            "/accounts/login/",
            "/accounts/inactive/",
            "/accounts/password/reset/",
            "/accounts/password/reset/done/",
            "/accounts/password/reset/key/1-of-long-ago/",
            "/accounts/password/reset/key/done/",
        ],
    }


def empty(_cast: Cast) -> dict[str, list[str]]:
    return {"sam": ["/", "/spaces/"]}
