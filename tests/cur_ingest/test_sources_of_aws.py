"""Who asks AWS, and what of its answers is believed."""

import json
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import date
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from cur_ingest import sources
from cur_ingest.sources import Credentials, PassingError, SourceError, open_source
from tests.cur_ingest.conftest import S3Server
from tests.cur_ingest.deliveries import PERIOD, deliver, write_manifest
from tests.cur_ingest.fault_proxy import Fault, FaultProxy, Kind
from tests.cur_ingest.reading import read

ROLE = "arn:aws:iam::111122223333:role/cost-reader"
FIRST = "data/BILLING_PERIOD=2026-09/ai-00001.snappy.parquet"
GIVEN = """<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult>
<Credentials><AccessKeyId>of-the-role</AccessKeyId><SecretAccessKey>s</SecretAccessKey>
<SessionToken>t</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>
</AssumeRoleResult></AssumeRoleResponse>"""
DENIED = """<ErrorResponse><Error><Code>AccessDenied</Code><Message>No.</Message></Error>
</ErrorResponse>"""


class Sts(HTTPServer):
    """A server that answers as STS does, and keeps what it was asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.asked: list[dict[str, list[str]]] = []
        self.status, self.body = 200, GIVEN


class Answer(BaseHTTPRequestHandler):
    """One answer of it."""

    def do_POST(self) -> None:
        """Keep the question and answer."""
        assert isinstance(self.server, Sts)
        length = int(self.headers["Content-Length"])
        self.server.asked.append(parse_qs(self.rfile.read(length).decode()))
        body = self.server.body.encode()
        self.send_response(self.server.status)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def sts(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sts]:
    """An STS on loopback, which the environment leads to."""
    server = Sts()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", f"http://127.0.0.1:{server.server_port}")
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_role_is_assumed_with_its_external_id(tmp_path: Path, s3: S3Server, sts: Sts) -> None:
    s3.upload(deliver(tmp_path, [{}]), "of-a-role")
    source = open_source("s3://of-a-role", Credentials(role_arn=ROLE, external_id="x-1"))
    assert source.periods == [PERIOD]
    (asked,) = sts.asked
    assert (asked["RoleArn"], asked["ExternalId"]) == ([ROLE], ["x-1"])
    signer = source.store.client._request_signer  # type: ignore[attr-defined]  # noqa: SLF001
    assert signer._credentials.access_key == "of-the-role"  # noqa: SLF001


def test_a_role_that_is_refused_says_what_to_do(s3: S3Server, sts: Sts) -> None:
    sts.status, sts.body = 403, DENIED
    with pytest.raises(SourceError, match=f"{ROLE}|trust policy") as caught:
        open_source("s3://of-a-role", Credentials(role_arn=ROLE))
    assert not isinstance(caught.value, PassingError)


def test_sts_in_trouble_may_pass(s3: S3Server, sts: Sts) -> None:
    sts.status, sts.body = 503, ""
    with pytest.raises(PassingError):
        open_source("s3://of-a-role", Credentials(role_arn=ROLE))


def test_a_profile_is_taken_from_the_machine(
    tmp_path: Path, s3: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    s3.upload(deliver(tmp_path / "export", [{}]), "of-a-profile")
    config = tmp_path / "config"
    config.write_text("[profile finance]\naws_access_key_id=of-finance\naws_secret_access_key=s\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    source = open_source("s3://of-a-profile", Credentials(profile="finance"))
    signer = source.store.client._request_signer  # type: ignore[attr-defined]  # noqa: SLF001
    assert signer._credentials.access_key == "of-finance"  # noqa: SLF001
    with pytest.raises(SourceError, match="nobody") as caught:
        open_source("s3://of-a-profile", Credentials(profile="nobody"))
    assert not isinstance(caught.value, PassingError)


@pytest.mark.parametrize(
    ("place", "settles"), [("bucket-at-aws/exports/ai", False), ("copies/ai", True)]
)
def test_files_of_a_delivery_that_is_being_written_are_not_read(
    tmp_path: Path, s3: S3Server, monkeypatch: pytest.MonkeyPatch, place: str, *, settles: bool
) -> None:
    """Two files of the new delivery, the old manifest: together they are neither bill.

    AWS writes the manifest last, so there no age makes up for it. A copy has an order of its own.
    """
    bucket, prefix = place.split("/", 1)
    s3.upload(deliver(tmp_path, [{}], [{}]), bucket, f"{prefix}/")
    time.sleep(1.1)  # S3 says when by the second
    s3.client().upload_file(str(tmp_path / FIRST), bucket, f"{prefix}/{FIRST}")
    source = open_source(f"s3://{place}")
    manifest = source.manifest(PERIOD)
    assert manifest.by_aws != settles
    assert manifest.is_overtaken
    with (
        pytest.raises(PassingError, match="is being written"),
        source.fetched(manifest),
    ):
        pytest.fail("nothing may be read")
    monkeypatch.setattr(sources, "SETTLED_SECONDS", -10)
    with (
        nullcontext() if settles else pytest.raises(PassingError, match="is being written"),
        source.fetched(manifest) as paths,
    ):
        assert len(paths) == 2


def test_a_month_with_two_manifests_keeps_no_other_from_being_read(tmp_path: Path) -> None:
    deliver(tmp_path, [{}])
    august = tmp_path / "metadata/BILLING_PERIOD=2026-08"
    for folder in (august, tmp_path / "metadata/billing_period=2026-08"):
        folder.mkdir()
        (folder / "ai-Manifest.json").write_text("{}")
    (august / "other-Manifest.json").write_text("{}")
    source = open_source(str(tmp_path))
    assert source.periods == [date(2026, 8, 1), PERIOD]
    assert source.manifest(PERIOD).export == "ai"
    with pytest.raises(SourceError, match="more than one manifest for 2026-08"):
        source.manifest(date(2026, 8, 1))


def test_a_legacy_report_with_a_folder_per_version(tmp_path: Path, real_data: Path) -> None:
    shutil.copytree(real_data / "workshop/WorkshopCUR", tmp_path / "Report")
    period = tmp_path / "Report/20181001-20181101"
    manifest = period / "WorkshopCUR-Manifest.json"
    content = json.loads(manifest.read_text())

    for assembly in ("20181102T000000Z", "20181103T000000Z"):
        (period / assembly).mkdir()
        for key in content["reportKeys"]:
            source = tmp_path / "Report" / "/".join(key.split("/")[-4:])
            shutil.copy(source, period / assembly / Path(key).name)
    content["reportKeys"] = [
        f"billing/Report/20181001-20181101/20181103T000000Z/{Path(key).name}"
        for key in content["reportKeys"]
    ]
    manifest.write_text(json.dumps(content))
    found = open_source(str(tmp_path)).manifest(date(2018, 10, 1))
    files = [file.key for file in found.data_files]
    assert all("/20181103T000000Z/" in key for key in files)
    result, _ = read(tmp_path, date(2018, 10, 1))
    assert result.source_rows == 119_307


def test_the_manifest_is_read_again_after_the_last_file(tmp_path: Path, s3: S3Server) -> None:
    s3.upload(deliver(tmp_path, [{}]), "again")
    source = open_source("s3://again")
    manifest = source.manifest(PERIOD)
    write_manifest(tmp_path, [FIRST], execution="e-2")
    s3.client().upload_file(str(tmp_path / manifest.file.key), "again", manifest.file.key)
    with pytest.raises(PassingError, match="changed while it was read"), source.fetched(manifest):
        pytest.fail("nothing may be read")


@pytest.mark.parametrize("place", ["", "s3://counted"])
def test_progress_counts_files_bytes_and_rows(tmp_path: Path, s3: S3Server, place: str) -> None:
    deliver(tmp_path, [{}], [{}, {}])
    if place:
        s3.upload(tmp_path, "counted")
    source = open_source(place or str(tmp_path))
    manifest = source.manifest(PERIOD)
    seen: list[tuple[int, int, int]] = []
    with source.fetched(manifest, lambda at: seen.append((at.files, at.bytes, at.rows))):
        pass
    assert seen[-1] == (2, sum(file.size for file in manifest.data_files), 3)
    assert seen == sorted(seen)


def test_a_body_that_drips_is_given_up(
    tmp_path: Path, s3: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No single wait is long, and no megabyte comes to its end."""
    s3.upload(deliver(tmp_path, [{}]), "dripping")
    with FaultProxy(s3.endpoint, set) as proxy:
        thread = threading.Thread(target=proxy.serve_forever, daemon=True)
        thread.start()
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", proxy.endpoint)
        source = open_source("s3://dripping")
        manifest = source.manifest(PERIOD)
        monkeypatch.setattr("cur_ingest.sources.s3.PATIENCE_SECONDS", 1)
        with (
            proxy.broken_by(Fault(Kind.SLOW, at=1, times=1, where=0, other=True)),
            pytest.raises(PassingError, match=r"came too slowly.*Load it again"),
            source.fetched(manifest),
        ):
            pytest.fail("nothing may be read")
        assert proxy.struck
        proxy.shutdown()
        thread.join()
