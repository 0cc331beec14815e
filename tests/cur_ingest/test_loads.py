"""Loads: how one goes from asked for to its end, what is tried again, and what a death leaves."""

import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from cur_ingest.actions import ask_load, load_deliveries, look_at_exports, run_load, sweep_loads
from cur_ingest.actions.asking import RUN
from cur_ingest.actions.loads import LOADS_LOCK, WAITS
from cur_ingest.models import DailyLine, Delivery, Export, Load
from records.clock import now
from tests.cast import Cast
from tests.cur_ingest.conftest import S3Server
from tests.cur_ingest.deliveries import PERIOD, deliver, write_manifest
from tests.database import TestDatabase, connect_as_owner
from tests.notices.worker import let_waiting_jobs_be_due, work
from valueboard.lib.errors import RefusedError

State = Load.State
FIRST = "data/BILLING_PERIOD=2026-09/ai-00001.snappy.parquet"

pytestmark = pytest.mark.django_db(transaction=True)


def export(location: Path | str, **more: Any) -> Export:
    """An export as an Administrator configures it, not yet found."""
    made = Export(name="AI", location=str(location), **more)
    made.save()
    return made


def load_by_worker(cast: Cast, which: Export, period: date | None = PERIOD) -> Load:
    """Ask for a load as a person does, and let the worker work until nothing is left to do."""
    load = ask_load(actor=cast.felix, export=which, period=period)
    for _ in range(5):
        let_waiting_jobs_be_due()
        work("spend")
    load.refresh_from_db()
    return load


def test_a_load_that_was_asked_for_is_done_by_the_worker(cast: Cast, tmp_path: Path) -> None:
    load = load_by_worker(cast, export(deliver(tmp_path, [{}], [{}, {}])))
    assert (load.state, load.tries, load.error) == (State.LOADED, 1, "")
    assert load.delivery
    assert load.delivery.recorded_by == load.asked_by == cast.felix
    assert (load.files, load.files_done, load.rows_done) == (2, 2, 3)
    assert load.bytes == load.bytes_done > 0
    assert load.started_at
    assert load.finished_at
    assert load.asked_at <= load.started_at <= load.finished_at
    assert Export.objects.get().format == Export.Format.CUR2


def test_the_same_again_is_unchanged_and_leaves_one_row(cast: Cast, tmp_path: Path) -> None:
    which = export(deliver(tmp_path, [{}]))
    first = load_by_worker(cast, which)
    for _ in range(3):
        load_deliveries(actor=None, location=str(tmp_path))
    assert list(Load.objects.order_by("pk").values_list("state", "delivery", "origin")) == [
        (State.LOADED, first.delivery_id, Load.Origin.PERSON),
        (State.UNCHANGED, first.delivery_id, Load.Origin.COMMAND),
    ]


def test_what_lasts_fails_at_once_and_the_month_stays(cast: Cast, tmp_path: Path) -> None:
    which = export(deliver(tmp_path, [{}]))
    load_by_worker(cast, which)
    write_manifest(tmp_path, [FIRST, FIRST.replace("1.", "2.")], execution="e-2")
    load = load_by_worker(cast, which)
    assert (load.state, load.tries) == (State.FAILED, 1)
    assert "ai-00002.snappy.parquet is missing" in load.error
    assert DailyLine.objects.count() == Delivery.objects.count() == 1


def test_what_may_pass_is_tried_three_times(
    cast: Cast, tmp_path: Path, s3: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    s3.upload(deliver(tmp_path, [{}]), "three")
    which = export("s3://three")
    load_by_worker(cast, which)
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9")
    asked = ask_load(actor=cast.felix, export=which, period=PERIOD)
    for tries in (1, 2, 3):
        let_waiting_jobs_be_due()
        work("spend")
        load = Load.objects.get(pk=asked.pk)
        assert load.tries == tries
        assert "AWS_ENDPOINT_URL_S3" in load.error
        assert load.state == (State.FAILED if tries == 3 else State.WAITING)
        if tries < 3:
            assert load.try_again_at
            (due,) = queued()
            assert timedelta(0) < due - datetime.now(UTC) <= WAITS[tries - 1]
    assert not queued()
    assert Delivery.objects.count() == 1


def queued() -> list[datetime]:
    """When the loads are due that wait in the queue."""
    waiting = ProcrastinateJob.objects.filter(task_name=RUN, status="todo")
    return [job.scheduled_at for job in waiting]


def test_what_passed_is_loaded_at_the_next_try(
    cast: Cast, tmp_path: Path, s3: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    s3.upload(deliver(tmp_path, [{}]), "passed")
    good = s3.endpoint
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9")
    load = ask_load(actor=cast.felix, export=export("s3://passed"), period=PERIOD)
    work("spend")
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", good)
    let_waiting_jobs_be_due()
    work("spend")
    load.refresh_from_db()
    assert (load.state, load.tries, load.error) == (State.LOADED, 2, "")


@pytest.mark.parametrize(
    ("rows", "execution", "state"),
    [
        ([{"line_item_currency_code": "NOK"}], "20260912T000000Z", State.NEEDS_RATE),
        ([{}], "20260910T000000Z", State.REFUSED),
        (
            [{"bill_billing_period_start_date": datetime(2026, 8, 1, tzinfo=UTC)}],
            "20260912T000000Z",
            State.REFUSED,
        ),
        ([{"line_item_unblended_cost": float("nan")}], "20260912T000000Z", State.FAILED),
    ],
)
def test_what_is_not_taken_says_which_way(
    cast: Cast, tmp_path: Path, rows: list[dict[str, Any]], execution: str, state: str
) -> None:
    which = export(deliver(tmp_path, [{}, {}], execution="20260911T000000Z"))
    load_by_worker(cast, which)
    deliver(tmp_path, rows, execution=execution)
    load = load_by_worker(cast, which)
    assert (load.state, load.tries) == (state, 1)
    assert load.error
    assert Delivery.objects.get().source_rows == 2


def test_one_load_at_a_time(cast: Cast, tmp_path: Path) -> None:
    which = export(tmp_path)
    first = ask_load(actor=cast.felix, export=which, period=PERIOD)
    with pytest.raises(RefusedError, match="September 2026 of AI is being loaded already"):
        ask_load(actor=cast.adam, export=which, period=PERIOD)
    ask_load(actor=cast.adam, export=which, period=date(2026, 8, 1))
    ask_load(actor=cast.adam, export=which, period=None)
    with pytest.raises(RefusedError, match="AI is being loaded already"):
        ask_load(actor=cast.adam, export=which, period=None)
    with pytest.raises(IntegrityError), transaction.atomic():
        Load.objects.create(export=which, period=PERIOD, asked_at=now(), origin="person")
    assert ProcrastinateJob.objects.filter(args__load_id=first.pk).count() == 1


@pytest.mark.parametrize("name", ["priya", "erin", "olivia", "sam"])
def test_only_finance_and_administrators_ask(cast: Cast, tmp_path: Path, name: str) -> None:
    with pytest.raises(PermissionDenied):
        ask_load(actor=getattr(cast, name), export=export(tmp_path), period=PERIOD)
    assert not Load.objects.exists()


def left_running(which: Export, tries: int) -> Load:
    """A load as a worker leaves it that is killed in the middle."""
    long_ago = now() - timedelta(minutes=5)
    return Load.objects.create(
        export=which,
        period=PERIOD,
        state=State.RUNNING,
        phase=Load.Phase.ADDING_UP,
        origin=Load.Origin.SCHEDULE,
        asked_at=long_ago,
        started_at=long_ago,
        tries=tries,
    )


def test_what_a_dead_worker_left_is_found_and_tried_again(tmp_path: Path) -> None:
    load = left_running(export(deliver(tmp_path, [{}])), tries=1)
    sweep_loads()
    sweep_loads()
    assert ProcrastinateJob.objects.get(task_name=RUN).args == {"load_id": load.pk}
    work("spend")
    load.refresh_from_db()
    assert (load.state, load.tries) == (State.LOADED, 2)


def test_what_died_three_times_is_given_up(tmp_path: Path) -> None:
    load = left_running(export(deliver(tmp_path, [{}])), tries=3)
    sweep_loads()
    work("spend")
    load.refresh_from_db()
    assert (load.state, load.tries) == (State.FAILED, 3)
    assert "out of memory" in load.error
    assert not Delivery.objects.exists()


def test_the_command_takes_up_what_was_left(tmp_path: Path) -> None:
    source = deliver(tmp_path, [{}])
    load = left_running(export(source), tries=3)
    load_deliveries(actor=None, location=str(source))
    assert [each.state for each in Load.objects.order_by("pk")] == [State.FAILED, State.LOADED]
    load.refresh_from_db()
    assert load.state == State.FAILED


def test_whoever_runs_a_load_is_left_alone(test_database: TestDatabase, tmp_path: Path) -> None:
    load = left_running(export(deliver(tmp_path, [{}])), tries=1)
    with connect_as_owner(test_database.name) as other:
        key = [f"{LOADS_LOCK}:{load.export_id}:{PERIOD}"]
        other.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", key)
        run_load(load_id=load.pk)
        load.refresh_from_db()
        assert (load.state, load.tries) == (State.RUNNING, 1)
        # Given back by name: a connection that is closed lets go a moment after.
        other.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", key)
    run_load(load_id=load.pk)
    load.refresh_from_db()
    assert (load.state, load.tries) == (State.LOADED, 2)


def test_a_load_that_is_over_is_not_run_again(cast: Cast, tmp_path: Path) -> None:
    load = load_by_worker(cast, export(deliver(tmp_path, [{}])))
    deliver(tmp_path, [{}, {}], execution="e-2")
    run_load(load_id=load.pk)
    run_load(load_id=0)
    assert Delivery.objects.get().source_rows == 1


def test_an_error_of_ours_is_tried_again_and_tells_no_secrets(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**_values: object) -> None:
        message = "password=hunter2"
        raise RuntimeError(message)

    monkeypatch.setattr("cur_ingest.loading.attribute", fail)
    load = load_by_worker(cast, export(deliver(tmp_path, [{}])))
    assert (load.state, load.tries) == (State.FAILED, 3)
    assert "RuntimeError" in load.error
    assert "hunter2" not in load.error
    assert not Delivery.objects.exists()


def test_a_look_loads_the_current_and_the_previous_month(
    tmp_path: Path, travel: Callable[[datetime], None]
) -> None:
    # In the organisation's time zone it may be October still; AWS's months are UTC's.
    travel(datetime(2026, 10, 1, 0, 30, tzinfo=UTC))
    active = export(deliver(tmp_path / "here", [{}]), active=True)
    Export.objects.bulk_create([Export(name="Paused", location=str(tmp_path / "gone"))])
    for month in ("2026-08", "2026-10"):
        folder = tmp_path / "here/metadata" / f"BILLING_PERIOD={month}"
        folder.mkdir()
        (folder / "ai-Manifest.json").write_text("{}")
    look_at_exports()
    look_at_exports()
    work("spend")
    look, *months = Load.objects.order_by("pk")
    assert (look.export, look.period, look.state) == (active, None, State.LOOKED)
    assert {(load.period, load.state) for load in months} == {
        (date(2026, 9, 1), State.LOADED),
        (date(2026, 10, 1), State.FAILED),
    }
    assert {load.origin for load in months} == {Load.Origin.SCHEDULE}
    assert {load.asked_by for load in months} == {None}


def test_what_needs_a_rate_is_looked_at_again(
    cast: Cast, tmp_path: Path, travel: Callable[[datetime], None]
) -> None:
    travel(datetime(2027, 3, 5, tzinfo=UTC))
    which = export(deliver(tmp_path, [{"line_item_currency_code": "NOK"}]), active=True)
    assert load_by_worker(cast, which).state == State.NEEDS_RATE
    deliver(tmp_path, [{}], execution="e-2")
    look_at_exports()
    work("spend")
    assert Load.objects.latest("pk").state == State.LOADED


def test_a_look_that_fails_says_why(tmp_path: Path) -> None:
    export(tmp_path / "gone", active=True)
    look_at_exports()
    work("spend")
    load = Load.objects.get()
    assert (load.period, load.state) == (None, State.FAILED)
    assert "is not a folder" in load.error


def test_two_exports_of_one_place_are_not_added_up(cast: Cast, tmp_path: Path) -> None:
    deliver(tmp_path / "export", [{}])
    load_by_worker(cast, export(tmp_path / "export"))
    above = Export(name="Above", location=str(tmp_path))
    above.save()
    load = load_by_worker(cast, above)
    assert load.state == State.FAILED
    assert "is read as the export AI already" in load.error
    assert Delivery.objects.count() == 1


def test_states_and_what_belongs_to_them(cast: Cast, tmp_path: Path) -> None:
    which = export(tmp_path)
    wrong: list[dict[str, Any]] = [
        {"state": "done"},
        {"state": "loaded", "finished_at": now()},
        {"state": "failed"},
        {"finished_at": now()},
        {"period": date(2026, 9, 2)},
        {"tries": 4},
        {"files_done": 1},
    ]
    for values in wrong:
        row = {"export": which, "period": PERIOD, "asked_at": now(), "origin": "person"} | values
        with pytest.raises(IntegrityError), transaction.atomic():
            Load.objects.create(**row)


def test_the_lock_goes_with_its_connection(test_database: TestDatabase, cast: Cast) -> None:
    """What tells a dead worker from a slow one."""
    key = [f"{LOADS_LOCK}:1:{PERIOD}"]
    with connect_as_owner(test_database.name) as other:
        other.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", key)
    deadline = time.monotonic() + 60
    while not taken(key):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def taken(key: list[str]) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", key)
        return bool(cursor.fetchone()[0])
