"""Each guard is taken away alone: the tests that name it go red, so they would notice its loss."""

import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.guards.removal import ROOT, VARIABLE, Line
from tests.guards.table import GUARDS, SAMPLE
from tests.soak import SOAK

# A guard that is gone makes an assertion fail; these say that the removal itself was a mistake.
MISTAKES = ("NameError", "ImportError", "SyntaxError", "TypeError", "AttributeError")
Case = tuple[str, str]


def case_of(test: str) -> Case:
    """Return a test as pytest's report calls it: module and name."""
    path, _, name = test.partition("::")
    return path.removesuffix(".py").replace("/", "."), name


def run(tests: list[str], without: str, report: Path) -> tuple[int, dict[Case, list[str]], str]:
    """Run `tests` in a process of their own; return its answer, the failures, what it printed."""
    # With its settings named, Django would be set up, and tasks imported, before the removal.
    environment = {k: v for k, v in os.environ.items() if k != "DJANGO_SETTINGS_MODULE"}
    done = subprocess.run(
        [
            sys.executable, "-m", "pytest", *tests, f"--junit-xml={report}", "-q", "--tb=short",
            "-p", "no:cacheprovider", "-o", "junit_family=xunit1",
        ],
        cwd=ROOT,
        env=environment | {VARIABLE: without, "VALUEBOARD_SOAK": ""},
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    if not report.exists():
        return done.returncode, {}, done.stdout + done.stderr
    failed: dict[Case, list[str]] = {}
    # A test that fails and then can't clean up stands there twice.
    for case in ET.parse(report).iter("testcase"):  # noqa: S314 - pytest wrote it just now
        messages = [failure.get("message", "") for failure in case.findall("failure")]
        name = (case.get("classname", ""), case.get("name", ""))
        failed.setdefault(name, []).extend(messages)
    return done.returncode, failed, done.stdout + done.stderr


@pytest.mark.parametrize("name", [name for name in GUARDS if SOAK or name in SAMPLE])
def test_without_the_guard_its_tests_are_red(name: str, tmp_path: Path) -> None:
    tests = GUARDS[name].red
    code, failed, printed = run([*tests], name, tmp_path / "report.xml")
    assert code == pytest.ExitCode.TESTS_FAILED, printed
    for test in tests:
        messages = failed.get(case_of(test))
        assert messages, f"{test} does not notice that it is gone: {name}\n{printed}"
        assert not any(message.startswith(MISTAKES) for message in messages), messages


@pytest.mark.skipif(not SOAK, reason="the suite runs them all anyway")
def test_with_every_guard_their_tests_are_green(tmp_path: Path) -> None:
    tests = sorted({test for guard in GUARDS.values() for test in guard.red})
    code, _, printed = run(tests, "", tmp_path / "report.xml")
    assert code == pytest.ExitCode.OK, printed


@pytest.mark.parametrize("name", [n for n, g in GUARDS.items() if isinstance(g.removal, Line)])
def test_a_guard_in_the_source_stands_where_the_table_says(name: str) -> None:
    """Whoever changes such a line says in the table how it is removed now."""
    removal = GUARDS[name].removal
    assert isinstance(removal, Line)
    assert removal.path.exists()


def test_every_name_of_the_sample_is_a_guard() -> None:
    assert set(SAMPLE) <= set(GUARDS)
