"""`python -m tests.guards.without FOLDER NAME…`: run the tests of each guard without it.

For each NAME, in the order given, FOLDER gets pytest's report and what it printed, by the guard's
place in the list. Django and its addresses are imported once, before the first fork: all but a
second of such a run. A guard in the source must be alone, since nothing may import it before.
"""

import os
import sys
from pathlib import Path

import pytest

from tests.guards.removal import VARIABLE
from tests.guards.table import GUARDS


def main(folder: Path, names: list[str]) -> None:
    """Run all, one after the other, each in a process of its own."""
    if len(names) > 1:
        _import_everything()
    for place, name in enumerate(names):
        child = os.fork()
        if not child:
            _run(folder / f"{place}", name)
        _, status = os.waitpid(child, 0)
        (folder / f"{place}.code").write_text(str(os.waitstatus_to_exitcode(status)))


def _import_everything() -> None:
    from django.urls import get_resolver

    import tests.conftest  # noqa: F401 - it sets Django up

    assert get_resolver().url_patterns


def _run(report: Path, name: str) -> None:
    os.environ[VARIABLE] = name
    printed = os.open(report.with_suffix(".txt"), os.O_WRONLY | os.O_CREAT)
    os.dup2(printed, 1)
    os.dup2(printed, 2)
    options = ["-q", "--tb=short", "-p", "no:cacheprovider", "-o", "junit_family=xunit1"]
    code = pytest.main([*GUARDS[name].red, f"--junit-xml={report}.xml", *options])
    sys.stdout.flush()
    os._exit(code)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
