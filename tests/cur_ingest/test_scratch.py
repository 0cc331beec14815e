"""Folders that loads need: whoever is killed leaves one, and the next load removes it."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from cur_ingest.scratch import scratch

# Holds a folder with something in it until it is killed.
HOLDER = """
import sys
from cur_ingest.scratch import scratch
with scratch() as folder:
    (folder / "spilled").mkdir()
    (folder / "spilled" / "rows").write_text("much")
    print(folder, flush=True)
    sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A TMPDIR of the test's own."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return tmp_path


@pytest.fixture
def holder() -> Iterator[subprocess.Popen[str]]:
    """A process that holds a folder."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER],
        cwd=settings.BASE_DIR,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    yield process
    process.kill()
    process.communicate()


def test_a_folder_goes_when_its_block_ends(place: Path) -> None:
    with scratch() as folder:
        (folder / "file").write_text("much")
        assert [folder] == list(place.iterdir())
    assert not list(place.iterdir())


def test_what_a_killed_process_left_is_removed_and_nothing_else(
    place: Path, holder: subprocess.Popen[str]
) -> None:
    (place / "of-somebody-else").mkdir()
    assert holder.stdout
    held = Path(holder.stdout.readline().strip())
    with scratch() as mine, scratch() as second:
        # Whoever lives keeps theirs, whatever its age, this process included.
        assert mine.exists()
        assert second.exists()
        assert (held / "spilled" / "rows").exists()
    holder.kill()
    holder.wait()
    assert held.exists()
    with scratch():
        assert not held.exists()
    assert [path.name for path in place.iterdir()] == ["of-somebody-else"]
