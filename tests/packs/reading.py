"""Reading a PDF by another program than the one that made it, and what stands in for that one."""

import os
import stat
import subprocess
from pathlib import Path
from shutil import which

import pytest

MISSING = "pdftotext is missing: it comes with poppler-utils."


def text_of(pdf: bytes, folder: Path) -> str:
    """Return the text of a PDF, laid out; skip the test where nothing reads one, but not in CI."""
    program = which("pdftotext")
    if program is None:
        if os.environ.get("CI") == "true":
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    path = folder / "read.pdf"
    path.write_bytes(pdf)
    command: list[str | Path] = [program, "-layout", "-enc", "UTF-8", path, "-"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def program(folder: Path, script: str) -> str:
    """Make something that is started in the place of Chromium; `$made` is where its PDF goes."""
    path = folder / "chromium"
    made = 'for each in "$@"; do case "$each" in --print-to-pdf=*) made="${each#*=}";; esac; done'
    path.write_text(f"#!/bin/sh\n{made}\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def lives(pid: Path) -> bool:
    """Tell whether the process whose number a file holds runs."""
    state = Path(f"/proc/{pid.read_text().strip()}/stat")
    return state.exists() and state.read_text().split()[2] != "Z"
