"""The pages of the names that cases draw on: the list, merging, and taking a merge back."""

from dataclasses import replace
from decimal import Decimal

import pytest
from django.test import Client

from business_cases.actions import merge_names, retract_case
from business_cases.models import AnchorMerge
from spaces.models import Workload
from tests.business_cases.claimed import ARITHMETIC, WHOLE, oscars, page_of, read, words
from tests.cast import REVENUE, SAVING, Cast, added, proposal, submitted
from valueboard.lib.figure import ValueType


def test_a_merge_brings_two_spellings_together_and_taking_it_back_parts_them(
    client: Client, cast: Cast
) -> None:
    request = submitted(cast)
    oscars(cast, replace(WHOLE, anchor="Law firms"))
    page = request.get_absolute_url()
    assert "Law firms" not in read(client, cast.priya, page)

    client.force_login(cast.felix)
    address = "/names/merge/?type=cost_saving&name=law%20firms"
    assert "“Law firms”" in words(client.get(address))
    said = {"into": "OUTSIDE counsel", "reason": "The same firms.", "seen": "0"}
    assert client.post(address, said).status_code == 302
    text = read(client, cast.priya, page)
    assert ARITHMETIC in text
    assert "as “Law firms”" in text

    mine = read(client, cast.oscar, page_of(Workload.objects.get(name="Letters")))
    assert "“Law firms” is merged into “Outside counsel”, by Felix Example" in mine
    assert "The same firms." in mine

    client.force_login(cast.felix)
    undo = "/names/undo/?type=cost_saving&name=Law%20firms"
    assert "Law firms" in words(client.get(undo))
    answer = client.post(
        undo, {"reason": "They are two.", "seen": AnchorMerge.objects.get().version}
    )
    assert answer.status_code == 302
    assert "as “Law firms”" not in read(client, cast.priya, page)
    assert "stands for itself again" in read(client, cast.felix, "/names/")


def test_a_refused_merge_keeps_what_was_typed(client: Client, cast: Cast) -> None:
    added(cast)
    oscars(cast, replace(WHOLE, anchor="Law firms"))
    client.force_login(cast.felix)
    address = "/names/merge/?type=cost_saving&name=Law%20firms"
    answer = client.post(address, {"into": "Nobody", "reason": "Because <b>.", "seen": "0"})
    assert answer.status_code == 422
    html = answer.content.decode()
    assert 'value="Nobody"' in html
    assert "Because &lt;b&gt;." in html
    merge_names(
        actor=cast.felix,
        value_type=ValueType.COST_SAVING,
        name="Law firms",
        into="Outside counsel",
        seen=0,
        reason="One.",
    )
    stale = client.post(address, {"into": "Outside counsel", "reason": "Mine.", "seen": "0"})
    assert stale.status_code == 409
    assert "Felix Example merged it into" in words(stale)
    assert "Mine." in stale.content.decode()


@pytest.mark.parametrize("query", ["", "?type=cost_saving", "?type=x&name=y", "?name=y"])
def test_a_name_that_nobody_uses_has_no_page(client: Client, cast: Cast, query: str) -> None:
    client.force_login(cast.felix)
    for page in ("/names/merge/", "/names/undo/"):
        assert client.get(f"{page}{query}").status_code == 404
        assert client.post(f"{page}{query}").status_code == 404


def test_who_reads_the_list_and_who_merges(client: Client, cast: Cast) -> None:
    added(cast)
    merge = "/names/merge/?type=cost_saving&name=Outside%20counsel"
    reads = {"felix": (200, 200), "priya": (200, 403), "erin": (200, 403), "adam": (403, 403)}
    for name, expected in reads.items() | {("olivia", (403, 403)), ("sam", (403, 403))}:
        client.force_login(getattr(cast, name))
        assert (client.get("/names/").status_code, client.get(merge).status_code) == expected, name


def test_the_list_has_the_most_over_claimed_first(client: Client, cast: Cast) -> None:
    for number, (anchor, percent) in enumerate(
        [("Alpha", 60), ("Alpha", 60), ("Beta", 99), ("Gamma", 80), ("Gamma", 80), ("Delta", 1)]
    ):
        case = replace(SAVING, anchor=anchor, percent=Decimal(percent))
        added(cast, proposal(cast, name=f"W{number}", case=case))
    idle = added(cast, proposal(cast, name="W9", case=replace(SAVING, anchor="Idle")))
    retract_case(actor=cast.olivia, workload=idle, seen=1, reason="No.")
    added(cast, proposal(cast, name="Shop", case=REVENUE))
    client.force_login(cast.felix)
    answer = client.get("/names/")
    costs, streams = answer.context["kinds"]
    assert [row.claims.name for row in costs.over] == ["Gamma", "Alpha"]
    assert [row.claims.name for row in costs.claimed] == ["Beta", "Delta"]
    assert [row.claims.name for row in costs.idle] == ["Idle"]
    assert [row.claims.name for row in streams.claimed] == ["Web shop"]
    # Those come first, with what they add up to; the rest stands folded below.
    text = words(answer)
    added_up = "$3,680,000 + $3,680,000 = $7,360,000 declared a year, of $4,600,000: 160.0%"
    assert text.index("Gamma") < text.index(added_up) < text.index("Alpha") < text.index("Beta")


def test_the_list_is_searched_by_name_merged_name_workload_and_owner(
    client: Client, cast: Cast
) -> None:
    submitted(cast)
    oscars(cast, replace(WHOLE, anchor="Law firms"))
    oscars(cast, replace(WHOLE, anchor="Postage"), name="Stamps")
    merge_names(
        actor=cast.felix,
        value_type=ValueType.COST_SAVING,
        name="Law firms",
        into="Outside counsel",
        seen=0,
        reason="One contract.",
    )
    client.force_login(cast.felix)
    both = {"Outside counsel", "Postage"}
    for query, found in (
        ("OUTSIDE", {"Outside counsel"}),
        ("law firms", {"Outside counsel"}),
        ("stamps", {"Postage"}),
        ("oscar ex", both),
        (" ", both),
        ("<b>", set()),
    ):
        kinds = client.get("/names/", {"q": query}).context["kinds"]
        names = {row.claims.name for kind in kinds for row in (*kind.over, *kind.claimed)}
        assert names == found, query
