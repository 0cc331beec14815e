"""What the board costs with many workloads. `python -m bench --board`, `--rows 300 5000` for sizes.

Workloads with three versions of estimate and case and 24 months of spend. In one run: the pages as
a finance person asks for them (bench.boarding), the files (bench.filing), and the map as a browser
paints it beside one by the full plotly.js (bench.painting). Ratios are what targets are about: a
machine's speed cancels out of them.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence

from devtools import chromium, postgres, run, supervisor

DATABASE = "valueboard_bench"
SIZES = (300, 1_000, 5_000)
PAINTED = (300, 1_000)  # workloads whose map is painted, each with a tile of its own
FILED = {300: ("pdf",), 5_000: ("csv", "xlsx")}
SCRIPT = "import django; django.setup(); from bench.{module} import main; main()"


def measure(sizes: Sequence[int]) -> None:
    """Print one line a page, file and map of each size."""
    found = chromium.find() or ""
    for workloads in sizes:
        with run.embedded() as server:
            run.create(server, DATABASE)
            run.migrate()
            owner = server.url(postgres.OWNER, DATABASE)
            _run("boarding", str(workloads), owner)
            for kind in FILED.get(workloads, ()):
                _run("filing", kind, str(workloads), found)
            if workloads in PAINTED and found:
                _paint(str(workloads), found)


def _run(module: str, *arguments: str) -> None:
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "valueboard.settings"}
    command = [sys.executable, "-c", SCRIPT.format(module=module), *arguments]
    subprocess.run(command, cwd=postgres.CLONE, env=environment, check=True)


def _paint(workloads: str, browser: str) -> None:
    """Serve the pages as `make run` does, and have them painted."""
    port = supervisor.free_port()
    os.environ |= {"WEB_CONCURRENCY": "1", "BASE_URL": f"http://127.0.0.1:{port}"}
    bind = f"--bind=127.0.0.1:{port}"
    web = run.start("-m", "gunicorn", "--config=deploy/gunicorn.py", bind, orphaned=signal.SIGTERM)
    try:
        run.wait_for_web(port, web)
        _run("painting", workloads, browser, os.environ["BASE_URL"])
    finally:
        web.terminate()
        web.wait(run.STOP_SECONDS)
