"""What the board costs with many workloads. `python -m bench --board`, `--rows 300 5000` for sizes.

Workloads with three versions of estimate and case and 24 months of spend. Each page as a finance
person asks for it, through all middleware, compressed: its queries, the time of its SQL, the time
of all of it, and what is sent. The ratio is what the target is about: a machine's speed cancels
out of it.
"""

import os
import subprocess
import sys
from collections.abc import Sequence

from devtools import postgres, run

DATABASE = "valueboard_bench"
SIZES = (300, 5_000)
SCRIPT = "import django; django.setup(); from bench.boarding import main; main()"


def measure(sizes: Sequence[int]) -> None:
    """Print one line a page and size."""
    heads = ("workloads", "page", "queries", "SQL", "first", "server", "ratio", "sent", "plain")
    print("{:>9} {:<28} {:>7} {:>9} {:>9} {:>9} {:>6} {:>9} {:>9}".format(*heads))
    for workloads in sizes:
        with run.embedded() as server:
            run.create(server, DATABASE)
            run.migrate()
            owner = server.url(postgres.OWNER, DATABASE)
            environment = os.environ | {"DJANGO_SETTINGS_MODULE": "valueboard.settings"}
            command = [sys.executable, "-c", SCRIPT, str(workloads), owner]
            subprocess.run(command, cwd=postgres.CLONE, env=environment, check=True)
