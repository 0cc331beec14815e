"""The real cost data, deliveries written for a test, and a real S3 server."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from types_boto3_s3.client import S3Client

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder with real cost data, beside the repository or where the environment says."""
    named = os.environ.get("VALUEBOARD_TEST_DATA")
    folder = Path(named) if named else ROOT.parent / "shared" / "data"
    if not (folder / "workshop").is_dir() and not named:
        # A worktree lies one folder deeper than the repository itself.
        folder = ROOT.parents[1] / "shared" / "data"
    if not (folder / "workshop").is_dir():
        pytest.skip(f"NO COST DATA at {folder}: set VALUEBOARD_TEST_DATA to its folder.")
    return folder


class S3Server:
    """A SeaweedFS server on a free loopback port, with any credentials welcome."""

    def __init__(self, folder: Path) -> None:
        ports = free_ports(8)
        self.endpoint = f"http://127.0.0.1:{ports[0]}"
        self.log = (folder / "weed.log").open("wb")
        parts = ("s3", "master", "volume", "filer")
        names = [f"{part}.port{grpc}" for part in parts for grpc in ("", ".grpc")]
        self.process = subprocess.Popen(
            [
                Path(sys.executable).parent / "weed",
                "server",
                f"-dir={folder}",
                "-s3",
                "-s3.iam=false",
                # These listen on fixed ports otherwise.
                "-s3.port.iceberg=0",
                "-s3.port.lance=0",
                "-ip=127.0.0.1",
                "-ip.bind=127.0.0.1",
                "-volume.max=500",
                "-master.volumeSizeLimitMB=64",
                *(f"-{name}={port}" for name, port in zip(names, ports, strict=True)),
            ],
            stdout=self.log,
            stderr=subprocess.STDOUT,
            cwd=folder,
        )

    def client(self) -> "S3Client":
        """Return a boto3 client of this server."""
        config = Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1})
        return boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            config=config,
            region_name="us-east-1",
            aws_access_key_id="any",
            aws_secret_access_key="any",
        )

    def wait(self) -> None:
        """Return once it answers."""
        deadline = time.monotonic() + 600
        while True:
            try:
                self.client().create_bucket(Bucket="ready")
            except (BotoCoreError, ClientError):
                if time.monotonic() > deadline or self.process.poll() is not None:
                    raise
                time.sleep(0.2)
            else:
                return

    def upload(self, folder: Path, bucket: str, prefix: str = "") -> None:
        """Make a bucket and put a folder's files into it."""
        self.client().create_bucket(Bucket=bucket)
        self.put(folder, bucket, prefix)

    def put(self, folder: Path, bucket: str, prefix: str = "") -> None:
        """Put a folder's files into a bucket, over what lies there; manifests last, as AWS does."""
        client = self.client()
        files = folder.rglob("*")
        for path in sorted(files, key=lambda file: (file.name.endswith("Manifest.json"), file)):
            if path.is_file():
                client.upload_file(str(path), bucket, prefix + str(path.relative_to(folder)))

    def stop(self) -> None:
        """End the server and wait for its end."""
        # It takes its time over an orderly end, and its data are thrown away.
        self.process.kill()
        self.process.wait()
        self.log.close()


def free_ports(count: int) -> list[int]:
    """Ports that are free now; all are held until all are known."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """A real S3 server, one per test process."""
    folder = tmp_path_factory.mktemp("s3")
    server = S3Server(folder)
    try:
        server.wait()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def s3(s3_server: S3Server, monkeypatch: pytest.MonkeyPatch) -> S3Server:
    """The S3 server, with an environment that leads the product to it."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", s3_server.endpoint)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "any")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "any")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    return s3_server
