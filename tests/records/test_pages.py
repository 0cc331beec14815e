"""The pages about records: who reads them, what they show, and what they say out loud."""

import hashlib
import html
import json
import re
from pathlib import Path

import psycopg
import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from accounts.models import User
from business_cases.actions import record_comment, retract_case
from records import verifier
from records.actions import take_checkpoint
from records.models import Checkpoint
from records.reports import look
from spaces.actions import describe_workload
from spaces.models import Workload
from tests.approvals.test_deciding import approve
from tests.cast import Cast, added, proposal, submitted
from tests.records.owner import Tamper
from tests.records.test_checkpoints import restore


def page(client: Client, user: User, address: str) -> str:
    client.force_login(user)
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


def chain_of(workload: Workload) -> str:
    return reverse("workload-records", args=[workload.slug])


def test_the_chain_of_a_workload(client: Client, recorded: Cast) -> None:
    """Everything about it and nothing about another; each text has its hash."""
    workload = Workload.objects.get(name="Contract review")
    shown = page(client, recorded.olivia, chain_of(workload))
    # The workload's own page says of all of them what this one says of each.
    overview = page(client, recorded.olivia, workload.get_absolute_url())
    assert f"<strong>Its {shown.count('SHA-256 <code>')} records verify,</strong>" in overview
    # A decision names what it saw in records of its own; the closing of a month is of no workload.
    assert "They are more than the entries" in " ".join(overview.split())
    for what in ("Placement", "Estimate snapshot", "Case snapshot", "Decision", "Comment"):
        assert f"<strong>{what} v1</strong>" in shown
    assert "Threshold version" not in shown
    assert "verify now" in " ".join(shown.split())
    hashes = re.findall(r"SHA-256 <code>([0-9a-f]{64})</code>", shown)
    texts = [html.unescape(text) for text in re.findall(r"<pre tabindex=\"0\">({.*?)</pre>", shown)]
    assert len(hashes) == len(texts) > 8
    assert [hashlib.sha256(text.encode()).hexdigest() for text in texts] == hashes
    assert chain_of(workload) in page(client, recorded.olivia, workload.get_absolute_url())


def test_another_workloads_records_stay_out(client: Client, cast: Cast) -> None:
    mine, other = added(cast), added(cast, proposal(cast, name="Secret plan"))
    assert "Secret plan" not in page(client, cast.olivia, chain_of(mine))
    assert "Secret plan" in page(client, cast.olivia, chain_of(other))


def test_whoever_reads_the_records_reads_the_requests_that_they_are_of(
    client: Client, cast: Cast
) -> None:
    """Also where the workload moved on since: its comments stand among its records."""
    request = submitted(cast)
    record_comment(actor=cast.mona, request=request, text="Which pilot?")
    approve(cast.priya, request)
    workload = Workload.objects.get()
    describe_workload(
        actor=cast.olivia,
        workload=workload,
        name=workload.name,
        purpose=workload.purpose,
        space=cast.support,
        owner=cast.olivia,
    )
    client.force_login(cast.oscar)
    assert "Which pilot?" in client.get(f"{workload.get_absolute_url()}records/").content.decode()
    assert "Which pilot?" in client.get(f"/requests/{request.pk}/").content.decode()


def test_who_does_not_read_the_workload_does_not_read_its_chain(client: Client, cast: Cast) -> None:
    workload = added(cast)
    for user in (cast.sam, cast.oscar, cast.adam):
        client.force_login(user)
        assert client.get(chain_of(workload)).status_code == 404
    for user in (cast.mona, cast.felix, cast.erin, cast.priya):
        page(client, user, chain_of(workload))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE business_cases_estimatesnapshot SET monthly_amount = 1",
        "UPDATE records_entry SET text = replace(text, 'Olivia', 'Oliver') || ' '",
        "UPDATE records_entry SET hash = repeat('0', 64)",
        "DELETE FROM records_entry",
    ],
)
def test_a_broken_chain_is_said_on_the_page(
    client: Client, cast: Cast, tamper: Tamper, statement: str
) -> None:
    workload = added(cast)
    assert "verify now" in " ".join(page(client, cast.olivia, chain_of(workload)).split())
    overview = page(client, cast.olivia, workload.get_absolute_url())
    assert "<strong>Its 3 records verify,</strong>" in overview
    assert "3 of 3 entries" in overview
    assert "more than the entries" not in " ".join(overview.split())
    tamper(statement)
    shown = " ".join(page(client, cast.olivia, workload.get_absolute_url()).split())
    assert re.search(r"<strong>[123] of its 3 records do not verify,", shown)
    assert "records verify" not in shown
    shown = page(client, cast.olivia, chain_of(workload))
    assert "do not" in shown
    assert "does not verify" in shown


def test_records_newer_than_the_last_checkpoint_are_told_apart(client: Client, cast: Cast) -> None:
    workload = added(cast)
    assert "There is none." in page(client, cast.olivia, chain_of(workload))

    def overview() -> str:
        return " ".join(page(client, cast.olivia, workload.get_absolute_url()).split())

    assert "No signed checkpoint has seen them yet." in overview()
    made = take_checkpoint(actor=None, kind=Checkpoint.Kind.DAILY)
    assert f"Checkpoint {made.number} of " in overview()
    assert "saw all of them." in overview()
    retract_case(actor=cast.olivia, workload=workload, seen=1, reason="Counted twice.")
    said = overview()
    assert f"1 of them came after checkpoint {made.number} of " in said
    assert re.search(r"up to <a href=[^>]*>case snapshot v2</a>", said)
    assert "Not checked here: whether somebody with rights on the database" in said
    shown = page(client, cast.olivia, chain_of(workload))
    assert Checkpoint.objects.get().digest in shown


def test_who_sees_the_page_of_all_records(client: Client, cast: Cast) -> None:
    for user in (cast.priya, cast.felix, cast.erin, cast.adam):
        page(client, user, "/records/")
    for user in (cast.olivia, cast.mona, cast.sam):
        client.force_login(user)
        assert client.get("/records/").status_code == 403
        assert client.get("/records/checkpoints/1/").status_code == 403
        assert client.post("/records/checkpoint/").status_code == 403
    for user in (cast.priya, cast.erin):
        assert "Take a checkpoint now" not in page(client, user, "/records/")
        assert client.post("/records/checkpoint/").status_code == 403
    client.force_login(cast.felix)
    assert client.post("/records/restored/", {"reason": "x"}).status_code == 403


def test_a_checkpoint_is_taken_and_fetched(client: Client, cast: Cast, location: Path) -> None:
    assert "No checkpoint yet" in page(client, cast.felix, "/records/")
    shown = " ".join(client.post("/records/checkpoint/", follow=True).content.decode().split())
    assert "Checkpoint 1 was signed and written." in shown
    assert "server finds that its database holds all that checkpoint 1 saw" in shown
    content = client.get("/records/checkpoints/1/").content
    assert content == (location / "checkpoint-000001.json").read_bytes()
    assert client.get("/records/verify.py").content == Path(verifier.__file__).read_bytes()
    made = Checkpoint.objects.get()
    assert client.get("/records/public-keys.txt").content.decode() == (
        f"{made.public_key}  {made.key_id}\n"
    )
    assert made.recorded_by == cast.felix
    # On paper every page names it.
    assert f"checkpoint 1 of {made.recorded_at:%Y-%m-%d}" in page(client, cast.olivia, "/")
    assert f"{made.digest[:16]}…" in page(client, cast.olivia, "/")


def test_what_is_missing_is_said(client: Client, cast: Cast, settings: Settings) -> None:
    settings.CHECKPOINT_KEY = ""
    shown = page(client, cast.felix, "/records/")
    assert "No checkpoints are taken." in shown
    assert "CHECKPOINT_KEY" in shown
    assert "Take a checkpoint now" not in shown
    answer = client.post("/records/checkpoint/", follow=True)
    assert "CHECKPOINT_KEY" in answer.content.decode()
    assert not Checkpoint.objects.exists()


def test_production_warns_and_is_ready_all_the_same(
    client: Client, db: None, settings: Settings
) -> None:
    settings.PRODUCTION = True
    assert b"checkpoint" not in client.get("/readyz").content
    settings.CHECKPOINT_LOCATION = ""
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert b"\nwarning: no checkpoints are taken" in answer.content


def test_a_restore_is_told_to_those_whom_it_concerns_until_it_is_said(
    client: Client, cast: Cast, location: Path
) -> None:
    restore(location)
    look()
    for user in (cast.adam, cast.felix, cast.priya):
        assert "restored from a backup" in page(client, user, "/")
    assert b"\nwarning: records: " in client.get("/readyz").content
    for user in (cast.olivia, cast.erin):
        assert "restored from a backup" not in page(client, user, "/")
    shown = page(client, cast.felix, "/records/")
    assert "What happened" not in shown
    assert "Take a checkpoint now" not in shown
    shown = page(client, cast.adam, "/records/")
    assert "What happened" in shown
    assert "lost" in shown
    answer = client.post("/records/restored/", {"reason": "   "})
    assert answer.status_code == 422
    answer = client.post("/records/restored/", {"reason": "The disk broke."}, follow=True)
    assert "says that a backup was restored" in answer.content.decode()
    look()
    assert "restored from a backup: " not in page(client, cast.adam, "/")
    said = json.loads(Checkpoint.objects.latest("number").statement)
    assert said["reason"].startswith("The disk broke.")


@pytest.mark.django_db(transaction=True)
def test_rewriting_is_told_apart_from_a_restore(
    client: Client, cast: Cast, tamper: Tamper, owner_cursor: psycopg.Cursor
) -> None:
    workload = added(cast)
    take_checkpoint(actor=None, kind=Checkpoint.Kind.DAILY)
    tamper(
        "UPDATE records_entry SET hash = repeat('0', 64) WHERE record = 'spaces_placement'",
        "UPDATE records_head SET hash = repeat('0', 64) WHERE record = 'spaces_placement'",
    )
    shown = page(client, cast.adam, "/records/")
    assert "were rewritten" in shown
    assert "spaces_placement" in shown
    assert "Say that a backup was restored" not in shown
    assert str(workload.pk) in shown
