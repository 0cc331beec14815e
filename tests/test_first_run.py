"""The first steps of an installation: ticked by facts, for those who take them, until dismissed."""

import re

from django.test import Client

from accounts.models import User
from tests.cast import Cast, added


def listed(client: Client, person: User) -> dict[str, bool]:
    """Every step that a person's board lists, with whether it is done."""
    client.force_login(person)
    page = client.get("/").content.decode()
    items = re.findall(
        r'<li class="(is-done)?">\s*<span class="tick".*?(?:<a [^>]*>|class="label">)([^<]*)<',
        page,
        re.DOTALL,
    )
    return {name: bool(done) for done, name in items}


def test_steps_tick_themselves(cast: Cast, client: Client) -> None:
    steps = listed(client, cast.felix)
    assert steps["Make the Spaces that own workloads"]
    assert steps["Add the people who ask, decide and close"]
    assert not steps["Have the first workload requested or added"]
    assert not steps["Load the first cost data"]
    added(cast)
    assert listed(client, cast.felix)["Have the first workload requested or added"]


def test_each_step_is_linked_for_who_takes_it(cast: Cast, client: Client) -> None:
    client.force_login(cast.adam)
    page = client.get("/").content.decode()
    assert "Finance does this." in page
    assert '<a href="/spend/deliveries/">Load the first cost data</a>' in page
    assert '<a href="/spend/rules/">' not in page


def test_it_is_for_those_who_set_up_and_dismissed_for_oneself(cast: Cast, client: Client) -> None:
    for person in (cast.olivia, cast.erin, cast.priya, cast.sam):
        assert not listed(client, person)
    assert listed(client, cast.adam)
    client.post("/settings/checklist/")
    assert not listed(client, cast.adam)
    assert listed(client, cast.felix)
