"""Load generated months of cost lines, as `make bench`.

`--records` measures the ledger instead, `--attribution` attributing a month of daily lines anew.

`--board` measures the pages that list many workloads (bench.board).

`--spend` compares loading with a bare query, with pandas, and with S3 (bench.spend).

Each size is generated, loaded into a database of its own, and loaded again (which has to find that
nothing changed). Seconds include the start of the process; memory is the peak of the process.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench import attribution, board, records, spend
from devtools import postgres, run

DATABASE = "valueboard_bench"
SIZES = (10_000, 100_000, 1_000_000)


def measure(*arguments: str) -> tuple[float, float]:
    """Run a command of manage.py; return wall seconds and peak memory in MB."""
    start = time.monotonic()
    command = [sys.executable, "manage.py", *arguments]
    process = subprocess.Popen(command, cwd=postgres.CLONE, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"manage.py {arguments[0]} failed.")
    # Linux counts in KiB.
    return time.monotonic() - start, usage.ru_maxrss / 1024


def main() -> None:
    """Print one line a size."""
    parser = argparse.ArgumentParser(description="Measure the loading of one month.")
    parser.add_argument("--rows", type=int, nargs="*", help="rows of the month, or workloads")
    parser.add_argument("--records", action="store_true", help="measure the ledger, not loading")
    parser.add_argument("--spend", action="store_true", help="measure loading as ratios")
    parser.add_argument("--attribution", action="store_true", help="measure attributing anew")
    parser.add_argument("--board", action="store_true", help="measure pages of many workloads")
    given = parser.parse_args()
    os.environ |= {"VALUEBOARD_ENVIRONMENT": "development", "VALUEBOARD_DATABASE_KIND": "demo"}
    os.environ["LOG_LEVEL"] = "WARNING"
    if given.attribution:
        attribution.measure()
        return
    if given.records:
        records.measure()
        return
    if given.board:
        board.measure(given.rows or board.SIZES)
        return
    if given.spend:
        spend.measure(given.rows or spend.SIZES)
        return
    print(f"{'rows':>12} {'generate':>10} {'load':>10} {'rows/s':>10} {'peak':>10} {'again':>10}")
    for rows in given.rows or SIZES:
        with run.embedded() as server, tempfile.TemporaryDirectory() as folder:
            run.create(server, DATABASE)
            run.migrate()
            export = str(Path(folder) / "export")
            generate, _ = measure("generate_cur", export, f"--rows={rows}", "--months=1")
            load, peak = measure("load_cur", export)
            again, _ = measure("load_cur", export)
            print(
                f"{rows:>12,} {generate:>8.1f} s {load:>8.1f} s {rows / load:>10,.0f}"
                f" {peak:>7,.0f} MB {again:>8.1f} s",
                flush=True,
            )


if __name__ == "__main__":
    main()
