"""Each guard is taken away alone: the tests that name it go red, so they would notice its loss."""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.guards.removal import ROOT, VARIABLE, Line
from tests.guards.table import GUARDS, SAMPLE
from tests.soak import SOAK

# A guard that is gone makes an assertion fail; these say that the removal itself was a mistake.
MISTAKES = ("NameError", "ImportError", "SyntaxError", "TypeError", "AttributeError")
TRIED = [name for name in GUARDS if SOAK or name in SAMPLE]
IN_THE_SOURCE = [name for name in TRIED if isinstance(GUARDS[name].removal, Line)]
IN_THE_DATABASE = [name for name in TRIED if name not in IN_THE_SOURCE]
# They would be no sample in a sample: what a guard's test does is done as `make test` does it.
# With its settings named, Django would be set up, and tasks imported, before the removal.
ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "DJANGO_SETTINGS_MODULE"} | {
    "VALUEBOARD_SOAK": "",
    VARIABLE: "",
}


@dataclass(frozen=True, slots=True)
class Run:
    """How the tests of a guard went without it: pytest's answer, the failures by test, the text."""

    code: int
    failed: dict[tuple[str, str], list[str]]
    printed: str


def run_without(names: list[str], folder: Path) -> dict[str, Run]:
    """Run the tests of each guard without it; see tests/guards/without.py."""
    command = [sys.executable, "-m", "tests.guards.without", str(folder), *names]
    subprocess.run(command, cwd=ROOT, env=ENVIRONMENT, check=True)
    return {name: read(folder / f"{place}") for place, name in enumerate(names)}


def read(report: Path) -> Run:
    """Read what a run left."""
    failed: dict[tuple[str, str], list[str]] = {}
    if (xml := report.with_suffix(".xml")).exists():
        # A test that fails and then can't clean up stands there twice.
        for case in ET.parse(xml).iter("testcase"):  # noqa: S314 - pytest wrote it just now
            messages = [failure.get("message", "") for failure in case.findall("failure")]
            test = (case.get("classname", ""), case.get("name", ""))
            failed.setdefault(test, []).extend(messages)
    printed = report.with_suffix(".txt").read_text(errors="replace")
    return Run(int(report.with_suffix(".code").read_text()), failed, printed)


def must_be_red(name: str, run: Run) -> None:
    """Every test that the guard names failed, and by what it asserts."""
    assert run.code == pytest.ExitCode.TESTS_FAILED, run.printed
    for test in GUARDS[name].red:
        path, _, case = test.partition("::")
        messages = run.failed.get((path.removesuffix(".py").replace("/", "."), case))
        assert messages, f"{test} does not notice that it is gone: {name}\n{run.printed}"
        assert not any(message.startswith(MISTAKES) for message in messages), messages


@pytest.fixture(scope="module")
def without(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Run]:
    """The runs without each guard of the database."""
    return run_without(IN_THE_DATABASE, tmp_path_factory.mktemp("guards"))


# One process runs them all: what they import is imported once.
@pytest.mark.xdist_group("guards in the database")
@pytest.mark.parametrize("name", IN_THE_DATABASE)
def test_without_a_guard_of_the_database_its_tests_are_red(
    without: Mapping[str, Run], name: str
) -> None:
    must_be_red(name, without[name])


@pytest.mark.parametrize("name", IN_THE_SOURCE)
def test_without_a_guard_of_the_source_its_tests_are_red(name: str, tmp_path: Path) -> None:
    must_be_red(name, run_without([name], tmp_path)[name])


@pytest.mark.skipif(not SOAK, reason="the suite runs them all anyway")
def test_with_every_guard_their_tests_are_green() -> None:
    tests = sorted({test for guard in GUARDS.values() for test in guard.red})
    command = [sys.executable, "-m", "pytest", "-q", "--tb=short", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*command, *tests], cwd=ROOT, env=ENVIRONMENT, capture_output=True, text=True, check=False
    )
    assert done.returncode == pytest.ExitCode.OK, done.stdout


@pytest.mark.parametrize("name", [n for n, g in GUARDS.items() if isinstance(g.removal, Line)])
def test_a_guard_in_the_source_stands_where_the_table_says(name: str) -> None:
    """Whoever changes such a line says in the table how it is removed now."""
    removal = GUARDS[name].removal
    assert isinstance(removal, Line)
    assert removal.path.exists()


def test_every_name_of_the_sample_is_a_guard() -> None:
    assert set(SAMPLE) <= set(GUARDS)
