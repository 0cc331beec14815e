"""A process that reads a month over and over, as pages do: `python -m tests.cur_ingest.reader N`.

It ends when it is told to (SIGTERM), not before N reads, and prints what it saw.
"""

import json
import os
import signal
import sys
import time
from collections import Counter
from types import SimpleNamespace
from typing import cast

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "valueboard.settings")
django.setup()

# Below, since they need Django set up.
from django.db import DatabaseError, InterfaceError, connection  # noqa: E402
from django.http import Http404, HttpResponse  # noqa: E402
from django.test import RequestFactory  # noqa: E402

from accounts.models import Role  # noqa: E402
from cur_ingest.views.spend import spend_csv  # noqa: E402

MONTH = "2026-09"


def look() -> str:
    """Return the month with its proof, in total and per export, as it is sent to Finance."""
    request = RequestFactory().get("/spend.csv", {"month": MONTH})
    request.user = SimpleNamespace(roles=frozenset({Role.FINANCE}))  # type: ignore[assignment]
    try:
        text = cast("HttpResponse", spend_csv(request)).content.decode()
    except Http404:
        return ""
    # It says as of when.
    return "\n".join(line for line in text.splitlines() if f"{MONTH},note" not in line)


def main() -> None:
    """Read until told to end, and once more."""
    told = False

    def end(*_: object) -> None:
        nonlocal told
        told = True

    signal.signal(signal.SIGTERM, end)
    reads, seen, without = Counter[str](), list[str](), 0
    last = False
    while not last:
        last = told and reads.total() + 1 >= int(sys.argv[1])
        try:
            text = look()
        except (DatabaseError, InterfaceError):
            # No answer is no wrong answer.
            without += 1
            connection.close()
            time.sleep(0.05)
            last = False
            continue
        reads[text] += 1
        if not seen or seen[-1] != text:
            seen.append(text)
    json.dump({"reads": reads.total(), "without": without, "seen": seen}, sys.stdout)


if __name__ == "__main__":
    main()
