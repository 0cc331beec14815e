"""Thresholds and bounds: read by who reads everything, set by an Administrator, never backwards."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client

from business_cases.models import BandBounds
from business_cases.reports import bounds_on
from records.clock import now, today
from records.models import ThresholdVersion
from records.thresholds import KNOWN_BY_KEY, thresholds
from tests.approvals.pages import text_of
from tests.cast import Cast

SECOND = "/thresholds/approval.second_above/"


@pytest.mark.parametrize(
    ("name", "reads", "sets"),
    [
        ("adam", 200, 200),
        ("priya", 200, 403),
        ("felix", 200, 403),
        ("erin", 200, 403),
        ("olivia", 403, 403),
        ("sam", 403, 403),
    ],
)
def test_who_reads_and_who_sets(
    client: Client, cast: Cast, *, name: str, reads: int, sets: int
) -> None:
    client.force_login(getattr(cast, name))
    assert client.get("/thresholds/").status_code == reads
    assert client.get(SECOND).status_code == sets
    assert client.get("/thresholds/bounds/").status_code == sets
    data = {"value": "5000", "effective_from": f"{today()}", "reason": "Test."}
    assert client.post(SECOND, data).status_code == (302 if sets == 200 else 403)


def test_a_new_version_counts_from_its_day_and_the_old_ones_stay(
    client: Client, cast: Cast
) -> None:
    client.force_login(cast.adam)
    later = today() + timedelta(days=3)
    key = "estimate.revision_percent"
    data = {"value": "12.5", "effective_from": f"{later}", "reason": "As decided.", "seen": "1"}
    assert client.post(f"/thresholds/{key}/", data).status_code == 302
    assert thresholds(key, today(), now())[key] == 10
    assert thresholds(key, later, now())[key] == Decimal("12.5")
    page = text_of(client.get("/thresholds/"))
    for said in ("v1: 10%", "v2: 12.5%", "As decided.", "Second approver: none"):
        assert said in page, said
    again = client.post(f"/thresholds/{key}/", data)
    assert again.status_code == 409
    assert "As decided." in text_of(again)


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("value", "-1"),
        ("value", "lots"),
        ("value", "1e30"),
        ("value", ""),
        ("effective_from", "2020-01-01"),
        ("effective_from", "9999-12-31"),
        ("reason", " "),
    ],
)
def test_what_is_wrong_stands_beside_its_field(
    client: Client, cast: Cast, field: str, typed: str
) -> None:
    client.force_login(cast.adam)
    data = {"value": "5000", "effective_from": f"{today()}", "reason": "Test."}
    answer = client.post(SECOND, data | {field: typed})
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert not ThresholdVersion.objects.filter(key="approval.second_above").exists()


def test_only_an_optional_threshold_is_switched_off(client: Client, cast: Cast) -> None:
    client.force_login(cast.adam)
    data = {"value": "0", "effective_from": f"{today()}", "reason": "Test."}
    assert client.post(SECOND, data).status_code == 302
    revision = "/thresholds/estimate.revision_percent/"
    assert client.post(revision, data | {"seen": "1"}).status_code == 422
    assert client.get("/thresholds/made.up/").status_code == 404


def test_bounds_fall(client: Client, cast: Cast) -> None:
    client.force_login(cast.adam)
    data = {"strong": "6", "solid": "3", "marginal": "1.5", "thin": "1", "seen": "1"}
    data |= {"effective_from": f"{today()}", "reason": "Stricter."}
    assert client.post("/thresholds/bounds/", data | {"solid": "7"}).status_code == 422
    assert client.post("/thresholds/bounds/", data).status_code == 302
    assert [bound.at_least for bound in bounds_on(today(), now())][:2] == [6, 3]
    assert bounds_on(today() - timedelta(days=1), now())[0].at_least == 5
    assert client.post("/thresholds/bounds/", data).status_code == 409
    assert BandBounds.objects.count() == 2


def test_every_recorded_threshold_is_known(cast: Cast) -> None:
    assert set(thresholds("", today(), now())) <= set(KNOWN_BY_KEY)
