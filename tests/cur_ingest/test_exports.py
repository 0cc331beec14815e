"""Exports in the product: configured, tried, changed and confined by Administrators."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django import Settings

from cur_ingest.actions import (
    ExportTerms,
    add_export,
    ask_load,
    change_export,
    load_deliveries,
    loads,
    run_load,
    try_export,
)
from cur_ingest.models import Delivery, Export, Load
from cur_ingest.reading import aggregated
from cur_ingest.sources import NotTakenError, open_source
from tests.cast import Cast
from tests.cur_ingest.conftest import S3Server
from tests.cur_ingest.deliveries import PERIOD, deliver
from valueboard.lib.errors import StaleError

pytestmark = pytest.mark.django_db

ROLE = "arn:aws:iam::111122223333:role/cost-reader"


@pytest.fixture
def folders(settings: Settings, tmp_path: Path) -> Path:
    """A folder below which exports may lie."""
    allowed = tmp_path / "allowed"
    allowed.mkdir()
    settings.SPEND_FOLDERS = [str(allowed)]
    return allowed


def typed(location: Path | str, **more: Any) -> dict[str, Any]:
    return {"name": "Payer one", "location": str(location), "active": "on"} | more


def test_an_administrator_configures_an_export(client: Client, cast: Cast) -> None:
    client.force_login(cast.adam)
    form = typed("s3://bucket/exports/", role_arn=ROLE, external_id="x-1", reason="Our payer.")
    answer = client.post("/spend/exports/new/", form)
    assert answer.status_code == 302
    export = Export.objects.get()
    assert (export.location, export.role_arn, export.active) == ("s3://bucket/exports", ROLE, True)
    assert export.history.get().history_user == cast.adam
    assert export.history.get().history_change_reason == "Our payer."
    assert "Payer one" in client.get("/spend/exports/").content.decode()
    shown = client.get(f"/spend/exports/{export.pk}/").content.decode()
    assert "Our payer." in shown


def test_try_it_lists_what_there_is_and_loads_nothing(
    client: Client, cast: Cast, folders: Path
) -> None:
    deliver(folders / "ai", [{}], [{}])
    bad = folders / "ai/metadata/BILLING_PERIOD=2026-08"
    bad.mkdir()
    (bad / "ai-Manifest.json").write_text("{")
    client.force_login(cast.adam)
    answer = client.post("/spend/exports/new/", typed(folders) | {"recalculate": "1"})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "CUR 2.0" in page
    assert "September 2026" in page
    assert "is not JSON" in page
    assert 'value="Payer one"' in page
    assert not Export.objects.exists()
    assert not Load.objects.exists()


def test_try_it_says_what_is_wrong(client: Client, cast: Cast, folders: Path) -> None:
    client.force_login(cast.adam)
    answer = client.post("/spend/exports/new/", typed(folders) | {"recalculate": "1"})
    assert answer.status_code == 422
    assert "holds no export" in answer.content.decode()


def test_try_it_reads_s3_within_bounds(
    cast: Cast, tmp_path: Path, s3: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    s3.upload(deliver(tmp_path, [{}], [{}]), "tried", "exports/ai/")
    found = try_export(actor=cast.adam, terms=ExportTerms("x", "s3://tried"))
    assert found.home == "s3://tried/exports/ai"
    (month,) = found.periods
    assert month.files == 2
    assert month.size
    assert month.size > 1000
    monkeypatch.setattr("cur_ingest.actions.exports.TRY_SECONDS", 0)
    (month,) = try_export(actor=cast.adam, terms=ExportTerms("x", "s3://tried")).periods
    assert month.files is None


@pytest.mark.parametrize("inside", ["", "../outside", "link", "../allowed-not"])
def test_folders_are_confined(cast: Cast, folders: Path, tmp_path: Path, inside: str) -> None:
    outside = deliver(tmp_path / "outside", [{}])
    (tmp_path / "allowed-not").mkdir()
    (folders / "link").symlink_to(outside)
    place = str(folders / inside)
    for act in (add_export, try_export):
        if inside:
            with pytest.raises(ValidationError, match="SPEND_FOLDERS"):
                act(actor=cast.adam, terms=ExportTerms("x", place))
    assert not Export.objects.exists()


@pytest.mark.parametrize(
    "place", ["/etc", "/", "etc", "../x", "file:///etc", "s3://", "https://s3.amazonaws.com/b"]
)
def test_without_the_setting_no_folder_is_read(cast: Cast, place: str) -> None:
    for act in (add_export, try_export):
        with pytest.raises(ValidationError):
            act(actor=cast.adam, terms=ExportTerms("x", place))


def test_what_the_command_line_was_given_stays_where_it_is(
    cast: Cast, tmp_path: Path, folders: Path
) -> None:
    call_command("load_cur", str(deliver(tmp_path / "anywhere", [{}])), stdout=StringIO())
    export = Export.objects.get()
    assert not export.active
    terms = ExportTerms("Renamed", export.location, active=True)
    change_export(actor=cast.adam, export=export, seen=export.seen, terms=terms)
    export.refresh_from_db()
    assert (export.name, export.active) == ("Renamed", True)
    elsewhere = ExportTerms("Renamed", str(tmp_path), active=True)
    with pytest.raises(ValidationError, match="SPEND_FOLDERS"):
        change_export(actor=cast.adam, export=export, seen=export.seen, terms=elsewhere)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"role_arn": ROLE, "profile": "finance"}, "not both"),
        ({"external_id": "x"}, "belongs to a role"),
        ({"role_arn": "cost-reader"}, "A role is written like"),
        ({"profile": "a\nb"}, "name has letters"),
        ({"location": "bucket/exports"}, "s3://bucket/prefix"),
        ({"name": "TAKEN"}, "has this name"),
        ({"location": "s3://taken"}, "read from there already"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(
    client: Client, cast: Cast, more: dict[str, str], said: str
) -> None:
    add_export(actor=cast.adam, terms=ExportTerms("Taken", "s3://taken"))
    client.force_login(cast.adam)
    answer = client.post("/spend/exports/new/", typed("s3://bucket") | more)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert Export.objects.count() == 1


def test_only_administrators_configure(client: Client, cast: Cast) -> None:
    export = add_export(actor=cast.adam, terms=ExportTerms("x", "s3://b"))
    for user in (cast.felix, cast.priya, cast.erin, cast.olivia, cast.sam):
        client.force_login(user)
        for address in ("", "new/", f"{export.pk}/"):
            assert client.get(f"/spend/exports/{address}").status_code == 403
        for act in (add_export, try_export):
            with pytest.raises(PermissionDenied):
                act(actor=user, terms=ExportTerms("y", "s3://c"))
        with pytest.raises(PermissionDenied):
            change_export(
                actor=user, export=export, seen=export.seen, terms=ExportTerms("y", "s3://c")
            )


def test_the_second_to_change_is_told(cast: Cast) -> None:
    export = add_export(actor=cast.adam, terms=ExportTerms("x", "s3://b"))
    seen = export.seen
    paused = ExportTerms("x", "s3://b", active=False)
    change_export(actor=cast.adam, export=export, seen=seen, terms=paused, reason="Too early.")
    with pytest.raises(StaleError, match="Nothing was overwritten"):
        change_export(actor=cast.adam, export=export, seen=seen, terms=paused)
    assert [row.history_change_reason for row in export.history.order_by("history_id")] == [
        "No reason given.",
        "Too early.",
    ]


def test_the_command_loads_a_configured_export(cast: Cast, tmp_path: Path, s3: S3Server) -> None:
    s3.upload(deliver(tmp_path, [{}]), "named")
    add_export(actor=cast.adam, terms=ExportTerms("Payer one", "s3://named"))
    out = StringIO()
    call_command("load_cur", "--export", "payer ONE", "--json", stdout=out)
    (result,) = json.loads(out.getvalue())
    assert (result["export"], result["outcome"], result["tries"]) == ("Payer one", "loaded", 1)
    assert Load.objects.get().origin == Load.Origin.COMMAND
    with pytest.raises(CommandError, match="There are: Payer one"):
        call_command("load_cur", "--export", "nobody", stdout=out)
    for wrong in ([], ["s3://named", "--export", "Payer one"]):
        with pytest.raises(CommandError):
            call_command("load_cur", *wrong, stdout=out)


def test_exports_stand_side_by_side_under_names_of_their_own(tmp_path: Path) -> None:
    for place in ("one", "two"):
        call_command("load_cur", str(deliver(tmp_path / place, [{}])), stdout=StringIO())
    assert sorted(Export.objects.values_list("name", flat=True)) == ["ai", "ai 2"]


def test_what_is_changed_of_an_export_while_it_is_loaded_stays(
    cast: Cast, folders: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A load takes minutes, and keeps by itself what it found out about the export."""
    place = deliver(folders / "ai", [{}])
    export = add_export(actor=cast.adam, terms=ExportTerms("Payer one", str(place.parent)))

    def change(**terms: Any) -> None:
        now = Export.objects.get()
        changed = ExportTerms(**{"name": now.name, "location": now.location} | terms)
        change_export(actor=cast.adam, export=now, seen=now.seen, terms=changed)

    def paused_meanwhile(*args: Any, **given: Any) -> Any:
        change(active=False)
        return aggregated(*args, **given)

    def renamed_meanwhile(*args: Any, **given: Any) -> Any:
        change(name="Renamed")
        return open_source(*args, **given)

    monkeypatch.setattr(loads, "aggregated", paused_meanwhile)
    monkeypatch.setattr(loads, "open_source", renamed_meanwhile)
    load = ask_load(actor=cast.felix, export=export, period=PERIOD)
    run_load(load_id=load.pk)
    export.refresh_from_db()
    assert (export.name, export.active) == ("Renamed", False)
    assert (export.location, export.format) == (str(place), Export.Format.CUR2)


def test_a_location_that_is_changed_while_it_is_looked_at_is_looked_at_again(
    cast: Cast, folders: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = (deliver(folders / name / "ai", [{}]).parent for name in ("one", "two"))
    export = add_export(actor=cast.adam, terms=ExportTerms("Payer one", str(one)))

    def moved_meanwhile(*args: Any, **given: Any) -> Any:
        terms = ExportTerms(export.name, str(two))
        change_export(actor=cast.adam, export=export, seen=export.seen, terms=terms)
        return open_source(*args, **given)

    monkeypatch.setattr(loads, "open_source", moved_meanwhile)
    load = ask_load(actor=cast.felix, export=export, period=PERIOD)
    run_load(load_id=load.pk)
    load.refresh_from_db()
    assert (load.state, Delivery.objects.count()) == (Load.State.WAITING, 0)
    monkeypatch.undo()
    run_load(load_id=load.pk)
    export.refresh_from_db()
    assert export.location == str(two / "ai")


def test_a_folder_that_became_a_link_leads_nowhere(cast: Cast, folders: Path) -> None:
    """Who may write into a folder of exports must not have another one read by it."""
    elsewhere = deliver(folders.parent / "elsewhere", [{}])
    (folders / "ai").mkdir()
    export = add_export(actor=cast.adam, terms=ExportTerms("Payer one", str(folders / "ai")))
    (folders / "ai").rmdir()
    (folders / "ai").symlink_to(elsewhere)
    load = ask_load(actor=cast.felix, export=export, period=PERIOD)
    run_load(load_id=load.pk)
    load.refresh_from_db()
    assert (load.state, Delivery.objects.count()) == (Load.State.FAILED, 0)
    assert f"leads to {elsewhere}, which nobody named" in load.error


def test_the_bill_of_another_payer_takes_no_place(cast: Cast, folders: Path) -> None:
    for payer in ("111122223333", "444455556666"):
        deliver(folders / payer, [{"bill_payer_account_id": payer}], execution=payer)
    load_deliveries(actor=None, location=str(folders / "111122223333"))
    export = Export.objects.get()
    terms = ExportTerms(export.name, str(folders / "444455556666"))
    change_export(actor=cast.adam, export=export, seen=export.seen, terms=terms)
    with pytest.raises(NotTakenError, match="Give the other bill an export of its own"):
        load_deliveries(actor=None, location=terms.location)
    assert Delivery.objects.get().payers == ["111122223333"]
