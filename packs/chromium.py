"""A page as PDF by headless Chromium, started as a program of its own. No Django.

The page is a file in a folder with its sheets and fonts beside it. Chromium gets no session and no
network. That nothing in the page runs, the page itself says by its policy (templates/pack/).
"""

import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SECONDS = 120
MOST_SAID = 600
OPTIONS = (
    "--headless",
    # Its own sandbox needs rights that containers and root don't have. What it opens is one file
    # of ours, without scripts and without a network. It prints by a script, so they stay on.
    "--no-sandbox",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--proxy-server=127.0.0.1:9",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--disable-extensions",
    "--disable-gpu",
    "--disable-sync",
    "--hide-scrollbars",
    "--no-default-browser-check",
    "--no-first-run",
    "--no-pdf-header-footer",
)


class NotPrintedError(Exception):
    """Chromium made no PDF; the message says why, for whoever runs the worker."""


def find(configured: str) -> str:
    """Return the path of Chromium: the configured one, else from PATH; empty where none is."""
    if configured:
        return shutil.which(configured) or ""
    return next(filter(None, map(shutil.which, NAMES)), "")


def print_page(chromium: str, page: Path, *, seconds: float = SECONDS) -> bytes:
    """Return the PDF of an HTML file; raise `NotPrintedError`.

    Its profile is a folder of its own that goes afterwards, and so does whatever it started: the
    whole process group is ended, in time or not.
    """
    with tempfile.TemporaryDirectory(prefix="chromium-", ignore_cleanup_errors=True) as profile:
        made = Path(profile) / "made.pdf"
        command = [
            chromium,
            *OPTIONS,
            f"--user-data-dir={profile}/profile",
            f"--print-to-pdf={made}",
            page.absolute().as_uri(),
        ]
        home = {"HOME": profile, "XDG_CONFIG_HOME": profile, "XDG_CACHE_HOME": profile}
        said = _run(command, os.environ | home, seconds)
        if not made.exists() or not (content := made.read_bytes()).startswith(b"%PDF-"):
            message = f"Chromium made no PDF: {said[-MOST_SAID:].strip() or 'it said nothing'}"
            raise NotPrintedError(message)
    return content


def _run(command: list[str], environment: dict[str, str], seconds: float) -> str:
    """Run a program in a group of its own, which is ended with it; return what it said."""
    try:
        started = subprocess.Popen(  # noqa: S603 - no shell, and arguments of our own
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except OSError as error:
        message = f"Chromium did not start: {error}"
        raise NotPrintedError(message) from error
    try:
        return started.communicate(timeout=seconds)[1].decode(errors="replace")
    except subprocess.TimeoutExpired as late:
        message = f"Chromium was not done after {seconds:g} seconds."
        raise NotPrintedError(message) from late
    finally:
        _end_group(started)


def _end_group(started: subprocess.Popen[bytes]) -> None:
    try:
        os.killpg(started.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    finally:
        started.communicate()
