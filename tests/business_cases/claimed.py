"""Two cases on one name, whose owners don't read each other, and what pages say of them."""

import re
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.test import Client

from accounts.models import User
from business_cases.actions import add_workload
from business_cases.case import CaseTerms
from business_cases.models import BusinessRequest
from spaces.models import Workload
from tests.approvals.test_deciding import approve
from tests.cast import SAVING, Cast, proposal

# Oscar's case beside Olivia's 25 % of $4,600,000: together 109.8 % of the larger amount.
WHOLE = replace(
    SAVING,
    anchor="outside  COUNSEL",
    current_amount=Decimal(3_900_000),
    percent=Decimal(100),
    source="Oscar's own ledger",
    basis="Oscar's secret pilot.",
)
ARITHMETIC = "$1,150,000 + $3,900,000 = $5,050,000 declared a year, of $4,600,000: 109.8%"
OTHER_WAY = "$3,900,000 + $1,150,000 = $5,050,000 declared a year, of $4,600,000: 109.8%"


def words(answer: Any) -> str:
    """The text of a page, without markup and with single spaces."""
    html = re.sub(r"</?data[^>]*>", "", answer.content.decode())
    html = re.sub(r'<a class="figure"[^>]*>([^<]*)</a>', r"\1", html)
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def read(client: Client, user: User, page: str) -> str:
    client.force_login(user)
    answer = client.get(page)
    assert answer.status_code == 200, page
    return words(answer)


def oscars(cast: Cast, case: CaseTerms | None = WHOLE, name: str = "Letters") -> Workload:
    """Add a workload to Support, which Olivia doesn't read."""
    wanted = proposal(cast, name=name, case=case, owner=cast.oscar, space=cast.support)
    return add_workload(actor=cast.oscar, proposal=wanted)


def decide(cast: Cast, request: BusinessRequest, outcome: str) -> None:
    request.refresh_from_db()
    approve(cast.priya, request, outcome=outcome, acknowledgement="")
    request.refresh_from_db()


def page_of(workload: Workload) -> str:
    return f"{workload.get_absolute_url()}?part=claims"
