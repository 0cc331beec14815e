"""What loading a month costs, as ratios taken in one run: `python -m bench --spend --rows N …`.

For each size a month of CUR 2.0 is written (32 columns, tags in maps) and aggregated by a bare
DuckDB query; loaded as the worker loads it, from the call of the action in a warm process to the
commit, from the folder and from an S3 server on loopback; and added up by pandas.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from devtools import postgres, run
from tests.cur_ingest.conftest import S3Server

DATABASE = "valueboard_bench"
SIZES = (1_000_000, 3_000_000)
WARM = 10_000
RUNS = 3
# pandas takes minutes and gigabytes from here on.
PANDAS_UP_TO = 10_000_000


@dataclass(frozen=True, slots=True)
class Measured:
    """Seconds (the median of the runs), the peak of the process in MB, and daily lines."""

    seconds: float
    memory: float
    lines: int


def environment() -> dict[str, str]:
    """Return the environment of a process of Django's."""
    return os.environ | {"DJANGO_SETTINGS_MODULE": "valueboard.settings"}


def month(what: str, *folders: str | Path) -> Measured:
    """Run one measurement in a process of its own."""
    command = [sys.executable, "-m", "bench.month", what, *map(str, folders)]
    done = subprocess.run(
        command,
        cwd=postgres.CLONE,
        env=environment(),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    if what == "write":
        return Measured(0, 0, 0)
    told = json.loads(done.stdout.splitlines()[-1])
    return Measured(statistics.median(told["seconds"]), told["memory"], told["lines"])


def copies(folder: Path, label: str) -> list[Path]:
    """Return the folder under other names: a location that was loaded is an export of its own."""
    found = [folder.with_name(f"{folder.name}-{label}-{number}") for number in range(RUNS)]
    for copy in found:
        shutil.copytree(folder, copy, copy_function=os.link)
    return found


def sizes(rows: Sequence[int], folder: Path) -> None:
    """Measure each size."""
    warm = folder / "warm"
    month("write", warm, str(WARM))
    before: tuple[int, Measured] | None = None
    for size in rows:
        export = folder / str(size)
        month("write", export, str(size))
        files = list(export.rglob("*.parquet"))
        megabytes = sum(path.stat().st_size for path in files) / 1e6
        bare = month("bare", warm, *[export] * RUNS)
        loaded = month("load", warm, *copies(export, "local"))
        print(f"\n{size:,} rows, {len(files)} files, {megabytes:,.0f} MB, {loaded.lines:,} lines")
        tell("bare DuckDB query", bare)
        tell("load, local", loaded, bare, "the bare query")
        with_s3(export, warm, loaded)
        if size <= PANDAS_UP_TO:
            frames = month("pandas", warm, export)
            tell("pandas", frames)
            print(f"  {'':<30} load is {frames.seconds / loaded.seconds:.1f} × as fast as pandas")
        if before:
            first, other = before
            print(
                f"  {'':<30} time {loaded.seconds / other.seconds:.2f} ×, memory "
                f"{loaded.memory / other.memory:.2f} × that of {first:,} rows"
            )
        before = size, loaded


def with_s3(export: Path, warm: Path, local: Measured) -> None:
    """Load from an S3 server on loopback."""
    with tempfile.TemporaryDirectory() as state:
        server = S3Server(Path(state))
        try:
            server.wait()
            for number in range(RUNS):
                server.upload(export, f"month-{number}")
            os.environ |= {
                "AWS_ENDPOINT_URL_S3": server.endpoint,
                "AWS_ACCESS_KEY_ID": "any",
                "AWS_SECRET_ACCESS_KEY": "any",
                "AWS_DEFAULT_REGION": "us-east-1",
            }
            loaded = month("load", warm, *(f"s3://month-{number}" for number in range(RUNS)))
            tell("load, from S3 on loopback", loaded, local, "local")
        finally:
            server.stop()


def tell(name: str, found: Measured, other: Measured | None = None, than: str = "") -> None:
    """Print one line."""
    ratio = f"   {found.seconds / other.seconds:.2f} × {than}" if other else ""
    print(f"  {name:<30} {found.seconds:>7.2f} s {found.memory:>7,.0f} MB{ratio}", flush=True)


def measure(rows: Sequence[int]) -> None:
    """Print all of it; the files are removed at the end."""
    with run.embedded() as server, tempfile.TemporaryDirectory(prefix="valueboard-bench-") as at:
        folder = Path(at)
        run.create(server, DATABASE)
        run.migrate()
        sizes(rows, folder)
