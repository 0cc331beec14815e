"""The number of queries of a page does not grow with the number of workloads, and its frame asks 4.

The frame is what stands around every page: who is signed in, the navigation, the header, the
footer.
"""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from allocation_gaps.actions import look_for_gaps
from tests.cast import TERMS, Cast, added, proposal
from tests.spend import bedrock, load, rule_for

FEW, MANY, FRAME = 30, 300, 4
# What each page asks at most, its frame included.
PAGES = {
    "/": 12,
    "/?type=cost_saving&sort=-prospect&columns=prospect,decision": 12,
    "/?q=workload&lens=actual": 12,
    "/gaps/": 12,
    "/gaps/?kind=unbacked": 12,
    "/maturity/": 12,
    "/names/": 12,
    "/spaces/": 9,
    "/spaces/commerce/": 12,
    "/workloads/workload-0/": 12,
    "/workloads/workload-1/": 12,
    "/workloads/workload-1/?part=timeline": 12,
    "/workloads/spender/?part=days": 12,
    "/workloads/workload-1/?part=claims": 12,
    "/workloads/workload-1/case/": 12,
}
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
    look_for_gaps()
    count()  # warms what is cached once a process
    few = count()
    fill(range(FEW, MANY))
    look_for_gaps()
    assert count() == few
    assert {at: asked for at, asked in few.items() if asked > PAGES[at[1]]} == {}


SESSION = {"django_session"}
PERSON = {"accounts_user", "accounts_preference", "accounts_rolegrant"}
# Unread messages, for whom the person decides, the last checkpoint.
SCALARS = {
    "accounts_user",
    "accounts_rolegrant",
    "notices_message",
    "approvals_delegation",
    "records_checkpoint",
}
ALARM = {"valueboard_cache"}


@pytest.mark.parametrize(
    ("name", "frame"),
    [
        ("sam", [SESSION, PERSON, SCALARS]),
        ("olivia", [SESSION, PERSON, SCALARS]),
        ("erin", [SESSION, PERSON, SCALARS]),
        ("felix", [SESSION, PERSON, SCALARS, ALARM]),
        ("priya", [SESSION, PERSON, SCALARS, ALARM]),
        ("adam", [SESSION, PERSON, SCALARS | {"notices_mail"}, ALARM]),
    ],
)
def test_the_frame_of_a_page_costs_four_queries_at_most(
    client: Client, cast: Cast, name: str, frame: list[set[str]]
) -> None:
    """Changing one's password is a page that asks nothing itself."""
    client.force_login(getattr(cast, name))
    page = "/accounts/password/change/"
    queries_of(client, page)  # warms what is cached once a process
    with CaptureQueriesContext(connection) as asked:
        assert "colophon" in client.get(page).content.decode()
    tables = [set(re.findall(r'(?:FROM|JOIN) "(\w+)"', one["sql"])) for one in asked]
    assert tables == frame
    assert len(asked) <= FRAME


def test_a_swapped_filter_asks_no_more_than_its_page(client: Client, cast: Cast) -> None:
    added(cast, proposal(cast))
    client.force_login(cast.felix)
    page = "/?type=cost_saving"
    queries_of(client, page)  # warms what is cached once a process
    with CaptureQueriesContext(connection) as swapped:
        answer = client.get(page, headers={"hx-request": "true"})
    assert "colophon" not in answer.content.decode()  # the frame stays
    assert len(swapped) < PAGES["/"]


def test_an_estimate_that_waits_costs_its_decider_one_query(client: Client, cast: Cast) -> None:
    workload = added(cast, proposal(cast))
    client.force_login(cast.priya)
    page = workload.get_absolute_url()
    assert workload.name in client.get(page).content.decode()
    assert queries_of(client, page) <= PAGES["/workloads/workload-1/"]
