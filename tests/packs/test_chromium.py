import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from devtools import chromium as workshop
from devtools.test import NO_BROWSER
from packs.chromium import FOLDER, NotPrintedError, find, print_page, sweep
from tests.database import ROOT
from tests.packs.reading import lives, program, text_of

PAGE = """<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Pack</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src file:; img-src *">
<link rel="stylesheet" href="pack.css"></head><body><h1>Wörter &amp; Zahlen</h1>
<p id="said">no script</p><script>document.getElementById("said").textContent = "ran"</script>
<img alt="" src="http://127.0.0.1:{port}/spy"></body></html>"""


@pytest.fixture
def real() -> str:
    """The Chromium that is installed here."""
    path = os.environ.get("VALUEBOARD_CHROMIUM") or workshop.find()
    if not path:
        if os.environ.get("CI") == "true":
            pytest.fail(NO_BROWSER)
        pytest.skip(NO_BROWSER)
    return path


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """A page with a sheet beside it."""
    (tmp_path / "pack.css").write_text("@page { @bottom-left { content: 'As of today' } }")
    made = tmp_path / "pack.html"
    made.write_text(PAGE.format(port=1), encoding="utf-8")
    return made


def test_a_page_becomes_a_pdf_with_its_sheet_without_its_scripts_and_a_network(
    real: str, page: Path, tmp_path: Path
) -> None:
    """Not even what its policy lets it load, from this very machine."""
    with socket.create_server(("127.0.0.1", 0)) as spy:
        port = spy.getsockname()[1]
        page.write_text(PAGE.format(port=port), encoding="utf-8")
        text = text_of(print_page(real, page), tmp_path)
        spy.setblocking(False)
        with pytest.raises(BlockingIOError):
            spy.accept()
    assert "Wörter & Zahlen" in text
    assert "As of today" in text
    assert "no script" in text
    assert "ran" not in text


def test_what_takes_too_long_is_ended_with_all_that_it_started(tmp_path: Path, page: Path) -> None:
    """A renderer that hangs is a child of the program that was started."""
    child = tmp_path / "child"
    hanging = program(tmp_path, f"sleep 600 &\necho $! > {child}\nwait")
    for seconds in (0.5, 5, 60):
        with pytest.raises(NotPrintedError, match=rf"not done after {seconds} seconds"):
            print_page(hanging, page, seconds=seconds)
        # On a busy machine it takes longer until there is one.
        if child.exists() and child.read_text().strip():
            break
    assert not lives(child)


def test_what_runs_ends_with_the_worker_that_is_killed(tmp_path: Path, page: Path) -> None:
    child = tmp_path / "child"
    hanging = program(tmp_path, f"sleep 600 &\necho $! > {child}\nwait")
    script = "from pathlib import Path; from packs.chromium import print_page\n"
    script += f"print_page({hanging!r}, Path({str(page)!r}))"
    caller = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT)
    until = time.monotonic() + 60
    while not (child.exists() and child.read_text().strip()):
        assert time.monotonic() < until
        time.sleep(0.05)
    assert lives(child)
    caller.kill()
    caller.wait()
    while lives(child):
        assert time.monotonic() < until
        time.sleep(0.05)


def test_what_a_dead_worker_left_in_the_folder_for_temporary_files_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    left, used = (Path(tempfile.mkdtemp(prefix=FOLDER)) for _ in range(2))
    (left / "pack.html").write_text("figures")
    os.utime(left, (0, 0))
    sweep()
    assert list(tmp_path.iterdir()) == [used]


def test_what_chromium_says_is_in_the_error(tmp_path: Path, page: Path) -> None:
    with pytest.raises(NotPrintedError, match="made no PDF: no room left"):
        print_page(program(tmp_path, "echo no room left >&2; exit 1"), page)


@pytest.mark.parametrize(
    ("written", "said"),
    [("oops", "made no PDF: it said nothing"), ("%PDF-1.4", "only a part of the PDF: it said")],
)
def test_a_file_that_is_no_pdf_or_half_of_one_is_none(
    tmp_path: Path, page: Path, written: str, said: str
) -> None:
    """A disk that is full leaves the beginning of one."""
    with pytest.raises(NotPrintedError, match=said):
        print_page(program(tmp_path, f'echo {written} > "$made"'), page)


def test_what_is_not_there_did_not_start(tmp_path: Path, page: Path) -> None:
    with pytest.raises(NotPrintedError, match="did not start"):
        print_page(str(tmp_path / "nowhere"), page)


def test_the_configured_one_is_taken_or_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who names one that is not there must not silently get another."""
    path = program(tmp_path, "true")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find("") == path
    assert find(path) == path
    assert find(str(tmp_path / "nowhere")) == ""
    monkeypatch.setenv("PATH", "/nowhere")
    assert find("") == ""
