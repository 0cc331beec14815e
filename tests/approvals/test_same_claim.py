"""The other cases that claim the same, on the decision pages."""

from dataclasses import replace
from decimal import Decimal

import pytest
from django.test import Client

from business_cases.actions import add_workload, revise_case
from spaces.models import Workload
from tests.approvals.pages import posted
from tests.approvals.test_background import deciding, opened, text_of
from tests.approvals.test_deciding import workload_of
from tests.cast import SAVING, Cast, proposal, submitted

ARITHMETIC = "$1,150,000 + $3,900,000 = $5,050,000 declared a year, of $4,600,000: 109.8%"


@pytest.fixture
def letters(cast: Cast) -> Workload:
    case = replace(SAVING, current_amount=Decimal(3_900_000), percent=Decimal(100))
    wanted = proposal(cast, name="Letters", case=case, owner=cast.oscar, space=cast.support)
    return add_workload(actor=cast.oscar, proposal=wanted)


def test_the_decision_page_has_the_other_claims(
    client: Client, cast: Cast, letters: Workload
) -> None:
    request = submitted(cast)
    text, background = deciding(client, cast.priya, request)
    assert background.claims
    assert ARITHMETIC in text
    assert (
        letters.get_absolute_url()
        in client.get(f"/approvals/requests/{request.pk}/").content.decode()
    )
    text, _ = opened(client, cast.priya, f"/approvals/workloads/{letters.slug}/")
    assert "$5,050,000" in text
    # Mona reads the request, and answers for nothing in it.
    assert deciding(client, cast.mona, request)[1].claims is None


def test_without_another_claim_it_says_so(client: Client, cast: Cast) -> None:
    text, _ = deciding(client, cast.priya, submitted(cast))
    assert "No other current case draws on it." in text


def test_a_double_claim_blocks_no_decision(client: Client, cast: Cast, letters: Workload) -> None:
    request = submitted(cast)
    client.force_login(cast.priya)
    answer = client.post(f"/approvals/requests/{request.pk}/", posted(workload_of(request)))
    assert answer.status_code == 302


def test_the_page_after_a_conflict_has_the_background_too(
    client: Client, cast: Cast, letters: Workload
) -> None:
    request = submitted(cast)
    workload = workload_of(request)
    client.force_login(cast.priya)
    body = posted(workload)
    case = replace(SAVING, percent=Decimal(10))
    revise_case(actor=cast.olivia, workload=workload, seen=1, case=case, reason="Less.")
    answer = client.post(f"/approvals/requests/{request.pk}/", body)
    assert answer.status_code == 409
    assert "$460,000 + $3,900,000 = $4,360,000 declared a year, of $4,600,000: 94.8%" in text_of(
        answer
    )
