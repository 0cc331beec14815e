"""The number of queries of a page does not grow with the number of workloads."""

from dataclasses import replace
from pathlib import Path

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.cast import TERMS, Cast, added, proposal
from tests.spend import bedrock, load, rule_for

FEW, MANY, MOST = 30, 300, 49
PAGES = [
    "/",
    "/gaps/",
    "/maturity/",
    "/names/",
    "/spaces/",
    "/spaces/commerce/",
    "/workloads/workload-0/",
    "/workloads/workload-1/",
    "/workloads/workload-1/case/",
]
# The score and the list of names are for who reads everything; a case is its owner's to revise.
FINANCES, OLIVIAS = {"/maturity/", "/names/"}, {"/workloads/workload-1/case/"}


def queries_of(client: Client, page: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert client.get(page).status_code == 200
    return len(queries)


def test_pages_ask_the_same_number_of_queries_at_30_and_300_workloads(
    client: Client, cast: Cast, tmp_path: Path
) -> None:
    def fill(numbers: range) -> None:
        for number in numbers:
            case = proposal(
                cast,
                name=f"Workload {number}",
                estimate=replace(TERMS, months=12 + number % 12),
                space=cast.search if number % 2 else cast.commerce,
            )
            added(cast, case if number % 3 else replace(case, case=None))

    def count() -> dict[tuple[str, str], int]:
        counts = {}
        for user in (cast.felix, cast.olivia):
            client.force_login(user)
            for page in PAGES:
                if page not in (OLIVIAS if user == cast.felix else FINANCES):
                    counts[user.name, page] = queries_of(client, page)
        return counts

    fill(range(FEW))
    spender = added(cast, proposal(cast, name="Spender"))
    load(tmp_path, *(bedrock(f"w{n}", 1.0 + n) for n in range(5)))
    rule_for(cast.felix, spender, "w*")
    count()  # warms what is cached once a process
    few = count()
    fill(range(FEW, MANY))
    assert count() == few
    assert max(few.values()) <= MOST
