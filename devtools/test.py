"""`make test`: the whole suite in parallel, browser journeys included."""

import os
import sys

from devtools import postgres


def main() -> None:
    """Replace this process by pytest; arguments are pytest's own."""
    command = [sys.executable, "-m", "pytest", "--numprocesses=auto", *sys.argv[1:]]
    os.chdir(postgres.CLONE)
    os.execv(sys.executable, command)  # noqa: S606 - no shell wanted


if __name__ == "__main__":
    main()
