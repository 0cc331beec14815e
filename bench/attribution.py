"""What attributing a month anew costs. `python -m bench --attribution`."""

import os
import subprocess
import sys

from devtools import postgres, run

DATABASE = "valueboard_bench"
LINES = 1_000_000
SCRIPT = "import django; django.setup(); from bench.attributing import main; main()"


def measure(lines: int = LINES) -> None:
    """Print the seconds of a bare UPDATE … FROM and of the attribution, and their ratio."""
    print(f"{'lines':>12} {'UPDATE':>12} {'attribution':>14} {'ratio':>8}")
    with run.embedded() as server:
        run.create(server, DATABASE)
        run.migrate()
        owner = server.url(postgres.OWNER, DATABASE)
        environment = os.environ | {"DJANGO_SETTINGS_MODULE": "valueboard.settings"}
        command = [sys.executable, "-c", SCRIPT, str(lines), owner]
        subprocess.run(command, cwd=postgres.CLONE, env=environment, check=True)
