"""Reading a PDF by another program than the one that made it."""

import os
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
