"""Find or install the Chromium of the browser journeys.

From PATH; on Debian as root by apt-get; else Playwright's own. Where none can be had the journeys
are skipped with one loud line, and with CI=true that is a failure.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from devtools import bootstrap

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PLAYWRIGHT_SECONDS = 300
QUIET = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


def find() -> str | None:
    """Return the path of an installed Chromium, or None."""
    return next(filter(None, map(shutil.which, NAMES)), None) or find_playwrights()


def find_playwrights() -> str | None:
    """Return the path of the Chromium that Playwright has fetched, or None."""
    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def make_sure() -> str | None:
    """Return the path of a Chromium, installed now if need be; None and a loud line if none."""
    if found := find():
        return found
    if os.getuid() == 0 and shutil.which("apt-get") and debian():
        bootstrap.say("Chromium, by apt-get")
        try:
            bootstrap.install_debian_package("chromium")
        except subprocess.CalledProcessError as error:
            bootstrap.say(f"apt-get failed ({error.returncode})")
    else:
        bootstrap.say("Chromium, by Playwright")
        command = [sys.executable, "-m", "playwright", "install", "chromium"]
        try:
            subprocess.run(command, check=True, timeout=PLAYWRIGHT_SECONDS)
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
            bootstrap.say("Playwright could not fetch it")
    return find()


def debian() -> bool:
    """Whether this is Debian itself; Ubuntu's package is a snap, which no container can run."""
    release = Path("/etc/os-release")
    return release.exists() and "ID=debian" in release.read_text().splitlines()


def options() -> list[str]:
    """Return the options to start it with; its sandbox does not work for root."""
    return [*QUIET, "--no-sandbox"] if os.getuid() == 0 else QUIET
