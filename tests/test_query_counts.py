"""The number of queries of a page does not grow with the number of workloads."""

from dataclasses import replace
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.cast import TERMS, Cast, added, proposal
from tests.spend import bedrock, load, rule_for

FEW, MANY = 30, 300
PAGES = ["/", "/gaps/", "/maturity/", "/workloads/workload-0/", "/spaces/", "/spaces/commerce/"]


def queries_of(client: Client, page: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert client.get(page).status_code == 200
    return len(queries)


@pytest.mark.parametrize("name", ["felix", "olivia"])
def test_pages_ask_the_same_number_of_queries_at_30_and_300_workloads(
    client: Client, cast: Cast, tmp_path: Path, name: str
) -> None:
    user = getattr(cast, name)
    client.force_login(user)
    pages = [page for page in PAGES if name == "felix" or page != "/maturity/"]

    def fill(numbers: range) -> None:
        for number in numbers:
            case = proposal(
                cast,
                name=f"Workload {number}",
                estimate=replace(TERMS, months=12 + number % 12),
                space=cast.search if number % 2 else cast.commerce,
            )
            added(cast, case if number % 3 else replace(case, case=None))

    fill(range(FEW))
    workload = added(cast, proposal(cast, name="Spender"))
    load(tmp_path, *(bedrock(f"w{n}", 1.0 + n) for n in range(5)))
    rule_for(cast.felix, workload, "w*")
    for page in pages:
        client.get(page)
    few = {page: queries_of(client, page) for page in pages}
    fill(range(FEW, MANY))
    many = {page: queries_of(client, page) for page in pages}
    assert many == few
    assert max(many.values()) <= 30
