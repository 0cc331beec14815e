"""A page as PDF by headless Chromium, started as a program of its own. No Django.

The page is a file in a folder with its sheets and fonts beside it. Chromium gets no session and no
network. That nothing in the page runs, the page itself says by its policy (templates/pack/).
"""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SECONDS = 120
# What the folders of a pack are called; those of a worker that died lie there until they are swept.
FOLDER = "valueboard-pack-"
LEFT_SECONDS = 3600
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


# Standard input is a pipe that nobody writes to. A worker that is killed closes it, whichever way:
# then the whole group is killed.
GUARDED = """
exec 3<&0
(read -r _ <&3; kill -KILL 0) >/dev/null 2>&1 &
guard=$!
"$0" "$@" </dev/null 3<&-
code=$?
{ kill $guard; wait $guard; } 2>/dev/null
exit $code
"""
NOT_STARTED = {126, 127}


class NotPrintedError(Exception):
    """Chromium made no PDF; the message says why, for whoever runs the worker."""


def find(configured: str) -> str:
    """Return the path of Chromium: the configured one, else from PATH; empty where none is."""
    if configured:
        return shutil.which(configured) or ""
    return next(filter(None, map(shutil.which, NAMES)), "")


def sweep() -> None:
    """Remove what workers that died left behind of packs: figures that nobody looks after."""
    for folder in Path(tempfile.gettempdir()).glob(f"{FOLDER}*"):
        with suppress(OSError):  # another worker was faster, or it belongs to somebody else
            if time.time() - folder.stat().st_mtime > LEFT_SECONDS:
                shutil.rmtree(folder)


def print_page(chromium: str, page: Path, *, seconds: float = SECONDS) -> bytes:
    """Return the PDF of an HTML file; raise `NotPrintedError`.

    Its profile is a folder of its own that goes afterwards, and so does whatever it started: the
    whole process group is ended, in time or not, and when the worker dies. What it wrote counts
    only whole: a full disk, or a crash, leaves the beginning of a PDF.
    """
    with tempfile.TemporaryDirectory(prefix=FOLDER, ignore_cleanup_errors=True) as profile:
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
        content = made.read_bytes() if made.exists() else b""
        if not content.startswith(b"%PDF-") or not content.rstrip().endswith(b"%%EOF"):
            made_no = "only a part of the PDF" if content.startswith(b"%PDF-") else "no PDF"
            said = said[-MOST_SAID:].strip() or "it said nothing"
            message = f"Chromium made {made_no}: {said}"
            raise NotPrintedError(message)
    return content


def _run(command: list[str], environment: dict[str, str], seconds: float) -> str:
    """Run a program in a group of its own, which is ended with it; return what it said."""
    started = subprocess.Popen(  # noqa: S603 - the shell gets the command as arguments
        ["/bin/sh", "-c", GUARDED, *command],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    pipe, started.stdin = started.stdin, None  # `communicate` would close it
    try:
        said = started.communicate(timeout=seconds)[1].decode(errors="replace")
    except subprocess.TimeoutExpired as late:
        message = f"Chromium was not done after {seconds:g} seconds."
        raise NotPrintedError(message) from late
    finally:
        _end_group(started)
        if pipe:
            pipe.close()
    if started.returncode in NOT_STARTED:
        message = f"Chromium did not start: {said[-MOST_SAID:].strip()}"
        raise NotPrintedError(message)
    return said


def _end_group(started: subprocess.Popen[bytes]) -> None:
    try:
        os.killpg(started.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    finally:
        started.communicate()
