"""Which files make up a period: what the manifest says, and nothing else."""

import json
import shutil
from datetime import date
from pathlib import Path

import pytest

from cur_ingest.sources import SourceError, manifests, open_source
from tests.cur_ingest.conftest import S3Server
from tests.cur_ingest.deliveries import PERIOD, deliver, write_manifest, write_parquet
from tests.cur_ingest.reading import read

FIRST = "data/BILLING_PERIOD=2026-09/ai-00001.snappy.parquet"


def test_location_may_be_the_export_or_a_folder_above_it(real_data: Path) -> None:
    for location in ("workshop", "workshop/WorkshopCUR"):
        source = open_source(str(real_data / location))
        assert source.periods == [date(2018, 10, 1), date(2018, 11, 1)]
        assert source.manifest(date(2018, 10, 1)).export == "WorkshopCUR"


def test_stale_files_and_copies_of_manifests_are_not_read(tmp_path: Path) -> None:
    deliver(tmp_path, [{}])
    write_parquet(tmp_path / "data/BILLING_PERIOD=2026-09/ai-00002.snappy.parquet", [{}])
    execution = tmp_path / "metadata/BILLING_PERIOD=2026-09/2026-09-03T00-e-0"
    execution.mkdir()
    (execution / "ai-Manifest.json").write_text("not even JSON")
    result, _ = read(tmp_path, PERIOD)
    assert result.source_rows == 1


def test_create_new_layout_and_lower_case_partitions(tmp_path: Path) -> None:
    key = "data/billing_period=2026-09/20260903T000000Z-e-2/ai-00001.snappy.parquet"
    write_parquet(tmp_path / key, [{}, {}])
    write_manifest(tmp_path, [key])
    (tmp_path / "metadata/BILLING_PERIOD=2026-09").rename(
        tmp_path / "metadata/billing_period=2026-09"
    )
    assert read(tmp_path, PERIOD)[0].source_rows == 2


def test_fingerprint_tells_deliveries_apart(tmp_path: Path) -> None:
    deliver(tmp_path, [{}])
    first = open_source(str(tmp_path)).manifest(PERIOD).fingerprint
    assert open_source(str(tmp_path)).manifest(PERIOD).fingerprint == first
    write_manifest(tmp_path, [FIRST], execution="e-2")
    second = open_source(str(tmp_path)).manifest(PERIOD).fingerprint
    write_parquet(tmp_path / FIRST, [{}, {}])
    third = open_source(str(tmp_path)).manifest(PERIOD).fingerprint
    assert len({first, second, third}) == 3


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("data/BILLING_PERIOD=2026-09/gone.parquet", "gone.parquet is missing"),
        ("data/BILLING_PERIOD=2026-09/../../../secret.parquet", "no plain path"),
        ("data/BILLING_PERIOD=2026-09//x.parquet", "no plain path"),
        ("data/BILLING_PERIOD=2026-08/ai-00001.snappy.parquet", "is the manifest of 2026-09 but"),
        ("elsewhere/ai-00001.snappy.parquet", "not where an export keeps"),
        ("data/BILLING_PERIOD=2026-09/ai.csv.gz", "not a Parquet file"),
    ],
)
def test_what_a_manifest_names_wrongly_is_refused(tmp_path: Path, key: str, said: str) -> None:
    deliver(tmp_path, [{}])
    write_manifest(tmp_path, [FIRST, key])
    with pytest.raises(SourceError, match=said):
        read(tmp_path, PERIOD)


def test_a_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    write_parquet(tmp_path / "outside.parquet", [{}])
    root = deliver(tmp_path / "export", [{}])
    (root / FIRST).unlink()
    (root / FIRST).symlink_to(tmp_path / "outside.parquet")
    with pytest.raises(SourceError, match="leads out of"):
        read(root, PERIOD)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "is not JSON"),
        ("[]", "is not a manifest"),
        ("{}", "names no data files"),
        ('{"dataFiles": []}', "names no data files"),
        ('{"dataFiles": [7]}', "no file name"),
        (json.dumps({"dataFiles": [f"s3://b/{FIRST}"] * 2}), "names a data file twice"),
    ],
)
def test_a_broken_manifest_is_refused(tmp_path: Path, content: str, said: str) -> None:
    deliver(tmp_path, [{}])
    write_manifest(tmp_path, [FIRST]).write_text(content)
    with pytest.raises(SourceError, match=said):
        read(tmp_path, PERIOD)


def test_places_without_an_export_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="is not a folder"):
        open_source(str(tmp_path / "nowhere"))
    with pytest.raises(SourceError, match="holds no export"):
        open_source(str(tmp_path))
    # Not the folder that one happens to be in.
    for blank in ("", " "):
        with pytest.raises(SourceError, match="Name a location"):
            open_source(blank)
    with pytest.raises(SourceError, match=r"local folder or s3://"):
        open_source("https://example.com/export")
    (tmp_path / "metadata" / "BILLING_PERIOD=2026-09").mkdir(parents=True)
    with pytest.raises(SourceError, match="holds no manifest yet"):
        open_source(str(tmp_path))


def test_several_exports_are_not_mixed(tmp_path: Path) -> None:
    deliver(tmp_path / "one", [{}])
    deliver(tmp_path / "two", [{}])
    with pytest.raises(SourceError, match=r"2 exports \(one, two\)"):
        open_source(str(tmp_path))


def test_a_period_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no period 2026-01; it holds 2026-09"):
        read(deliver(tmp_path, [{}]), date(2026, 1, 1))


@pytest.mark.parametrize("content", [b"", b"PAR1", b"a,b\n1,2\n" * 20])
def test_a_file_that_is_not_parquet_is_refused(tmp_path: Path, content: bytes) -> None:
    deliver(tmp_path, [{}])
    (tmp_path / FIRST).write_bytes(content)
    with pytest.raises(SourceError, match="is not Parquet"):
        read(tmp_path, PERIOD)


def test_a_damaged_parquet_file_is_refused(tmp_path: Path) -> None:
    deliver(tmp_path, [{}])
    content = bytearray((tmp_path / FIRST).read_bytes())
    content[40:-8] = b"\0" * (len(content) - 48)
    (tmp_path / FIRST).write_bytes(content)
    with pytest.raises(SourceError, match="can't be read as cost data"):
        read(tmp_path, PERIOD)


def test_other_formats_are_named(tmp_path: Path) -> None:
    deliver(tmp_path, [{}])
    write_parquet(tmp_path / FIRST, [{"price": 1}], only=["price"])
    with pytest.raises(SourceError, match="unknown format"):
        read(tmp_path, PERIOD)


def test_a_legacy_report_in_csv_is_refused(tmp_path: Path, real_data: Path) -> None:
    shutil.copytree(
        real_data / "workshop/WorkshopCUR/20181001-20181101", tmp_path / "20181001-20181101"
    )
    manifest = tmp_path / "20181001-20181101/WorkshopCUR-Manifest.json"
    manifest.write_text(manifest.read_text().replace('"Parquet"', '"text/csv"'))
    with pytest.raises(SourceError, match="Parquet is what can be read"):
        read(tmp_path, date(2018, 10, 1))


def test_local_files_that_change_while_they_are_read_end_in_an_error(tmp_path: Path) -> None:
    source = open_source(str(deliver(tmp_path, [{}])))
    manifest = source.manifest(PERIOD)
    with pytest.raises(SourceError, match="changed while it was read"), source.fetched(manifest):
        write_parquet(tmp_path / FIRST, [{}, {}])


def test_files_read_in_place_are_looked_at_again_afterwards(tmp_path: Path) -> None:
    source = open_source(str(deliver(tmp_path, [{}], [{}])))
    manifest = source.manifest(PERIOD)
    with source.in_place(manifest) as places:
        assert [Path(place).exists() for place in places] == [True, True]
    with (
        pytest.raises(SourceError, match="changed while it was read"),
        source.in_place(manifest) as places,
    ):
        write_parquet(Path(places[0]), [{}, {}])


def test_s3_objects_that_change_between_manifest_and_get_are_refused(
    tmp_path: Path, s3: S3Server
) -> None:
    s3.upload(deliver(tmp_path, [{}]), "swapped")
    source = open_source("s3://swapped")
    manifest = source.manifest(PERIOD)
    s3.client().put_object(Bucket="swapped", Key=FIRST, Body=b"PAR1 something else PAR1")
    with pytest.raises(SourceError, match="changed while it was read"), source.fetched(manifest):
        pytest.fail("nothing may be read")


def test_a_manifest_that_changes_while_s3_is_read_is_refused(tmp_path: Path, s3: S3Server) -> None:
    s3.upload(deliver(tmp_path, [{}]), "renewed")
    source = open_source("s3://renewed")
    manifest = source.manifest(PERIOD)
    s3.client().put_object(Bucket="renewed", Key=manifest.file.key, Body=b"{}")
    with pytest.raises(SourceError, match="changed while it was read"), source.fetched(manifest):
        pytest.fail("nothing may be read")


def test_s3_errors_say_what_to_do(
    tmp_path: Path, s3: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SourceError, match="names no bucket"):
        open_source("s3://")
    with pytest.raises(SourceError, match=r"no such bucket|holds no export"):
        open_source("s3://never-made/exports")
    s3.upload(deliver(tmp_path, [{}]), "partial")
    s3.client().delete_object(Bucket="partial", Key=FIRST)
    with pytest.raises(SourceError, match=r"ai-00001.snappy.parquet is missing"):
        read("s3://partial", PERIOD)
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9")
    with pytest.raises(SourceError, match="AWS_ENDPOINT_URL_S3"):
        open_source("s3://partial")


def test_a_place_of_very_many_folders_is_not_walked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each folder is a question to S3, and somebody may wait for the answer."""
    for number in range(6):
        (tmp_path / f"other-{number}").mkdir()
    deliver(tmp_path / "zz" / "ai", [{}])
    assert open_source(str(tmp_path)).home == str(tmp_path / "zz" / "ai")
    monkeypatch.setattr(manifests, "MOST_FOLDERS", 5)
    with pytest.raises(SourceError, match="holds more than 5 folders"):
        open_source(str(tmp_path))
    assert open_source(str(tmp_path / "zz")).periods == [PERIOD]
