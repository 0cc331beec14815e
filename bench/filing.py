"""What the board costs as a file: time and peak memory, each kind in a process of its own.

Django is set up, and the database filled (`bench.boarding`).
"""

import os
import resource
import sys
import threading
import time
from pathlib import Path
from typing import Self

from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts.models import User
from packs.models import Pack
from records.clock import now
from valueboard.packing import pdf_of

KIB = 1024
EVERY = 0.05  # seconds between two looks at the memory of Chromium's processes


def main() -> None:
    """Make one file, print."""
    kind, workloads = sys.argv[1], int(sys.argv[2])
    user = User.objects.get(email="o0@example.com")
    watch, before, begin = Watch(), _peak(), time.perf_counter()
    with watch:
        content = _pdf(user, sys.argv[3]) if kind == "pdf" else _file(user, kind)
    taken = time.perf_counter() - begin
    beside = f", Chromium {watch.most / KIB:,.0f} MB" if kind == "pdf" else ""
    print(
        f"{workloads:>9,} {kind}: {len(content) / 1000:,.0f} kB in {taken:.1f} s, "
        f"peak memory {_peak():,.0f} MB ({before:,.0f} MB before){beside}",
        flush=True,
    )


def _peak() -> float:
    # Linux counts in KiB.
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KIB


def _file(user: User, kind: str) -> bytes:
    client = Client()
    client.force_login(user)
    answer = client.get(reverse(f"board-{kind}"))
    return answer.getvalue()


def _pdf(user: User, chromium: str) -> bytes:
    settings.CHROMIUM = chromium
    return pdf_of(Pack.objects.create(query="", asked_by=user, asked_at=now()))


class Watch:
    """Watches the memory of all processes that are started meanwhile, together (`most`, in KiB).

    What several of them share counts once: proportional set sizes are added up.
    """

    def __init__(self) -> None:
        self.most = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Self:
        """Begin."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End."""
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(EVERY):
            self.most = max(self.most, sum(map(_kib_of, _below(os.getpid()))))


def _below(pid: int) -> set[int]:
    """Return the processes that a process started, and those that these started."""
    parents = {}
    for each in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(each.parent.name)] = int(each.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue  # it has ended
    found = {pid}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found - {pid}


def _kib_of(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
