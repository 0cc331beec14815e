"""`make test`: the whole suite in parallel, browser journeys included."""

import os
import sys

from devtools import bootstrap, chromium, java

NO_BROWSER = (
    "!!! NO CHROMIUM: THE BROWSER JOURNEYS ARE SKIPPED. Put chromium on PATH to run them. !!!"
)
NO_SPARK = "!!! NO JAVA: NOTHING IS TESTED ON SPARK. Put a Java 17 on PATH to do so. !!!"


def main() -> None:
    """Replace this process by pytest; arguments are pytest's own."""
    if found := chromium.make_sure():
        os.environ["VALUEBOARD_CHROMIUM"] = found
    elif os.environ.get("CI") == "true":
        sys.exit(NO_BROWSER)
    if java.make_sure():
        bootstrap.add_spark()
    elif os.environ.get("CI") == "true":
        sys.exit(NO_SPARK)
    # More than there are processors: a third of the time browsers, workers and PostgreSQL are
    # waited for.
    processes = (os.cpu_count() or 1) + 2
    # Tests of one xdist_group share something dear, so that one process runs them all.
    spread = [f"--numprocesses={processes}", "--dist=loadgroup"]
    command = [sys.executable, "-m", "pytest", *spread, *sys.argv[1:]]
    os.chdir(bootstrap.CLONE)
    os.execv(sys.executable, command)  # noqa: S606 - no shell wanted


if __name__ == "__main__":
    main()
