"""What `make` does on machines that lack one thing or another."""

import os
import sys
from pathlib import Path

import pytest

from devtools import bootstrap, chromium, test
from devtools.bootstrap import BootstrapError


def program(folder: Path, name: str, script: str) -> Path:
    """Put a program on the path."""
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is all of PATH."""
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


@pytest.fixture
def debian_python(path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Python as stock Debian has it: venv fails until python3-venv is there."""
    installed = path / "installed"
    python = program(path, "python3", f"[ -e {installed} ] || exit 1; : > {path}/environment")
    program(path, "apt-get", f'[ "$1" = update ] || echo "$@" > {installed}')
    monkeypatch.setattr(sys, "executable", str(python))
    return python


@pytest.mark.usefixtures("debian_python")
def test_root_on_debian_gets_venv_by_apt(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getuid", lambda: 0)
    bootstrap.make_environment(path / "venv")
    assert (path / "environment").exists()
    assert f"python3.{sys.version_info.minor}-venv" in (path / "installed").read_text()


@pytest.mark.usefixtures("debian_python")
def test_others_are_told_what_to_install(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getuid", lambda: 1000)
    with pytest.raises(BootstrapError, match=r"apt-get install python3\.\d+-venv"):
        bootstrap.make_environment(path / "venv")
    assert not (path / "installed").exists()


def test_too_old_a_python_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 10, 2))
    with pytest.raises(BootstrapError, match=r"3\.11"):
        bootstrap.main()


def test_uv_and_node_are_taken_from_the_path(path: Path) -> None:
    uv = program(path, "uv", "exit 1")
    program(path, "node", "echo v18.0.0")
    npm = program(path, "npm", "exit 1")
    assert bootstrap.find_uv() == uv
    assert bootstrap.find_npm(uv) == [str(npm)]


@pytest.mark.parametrize("version", ["v16.20.2", "nonsense"])
def test_too_old_a_node_is_replaced_by_the_wheel(path: Path, version: str) -> None:
    uv = program(path, "uv", f'echo "$UV_PROJECT_ENVIRONMENT $@" > {path}/asked')
    program(path, "node", f"echo {version}")
    program(path, "npm", "exit 1")
    assert bootstrap.find_npm(uv) == [bootstrap.OWN / "node/bin/npm"]
    asked = (path / "asked").read_text()
    assert asked.startswith(str(bootstrap.OWN / "node"))
    assert "--only-group node" in asked


def test_front_end_is_built_again_when_a_source_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "frontend").mkdir()
    (tmp_path / "package-lock.json").write_text("{}")
    monkeypatch.setattr(bootstrap, "CLONE", tmp_path)
    first = bootstrap.front_end_stamp()
    assert bootstrap.front_end_stamp() == first
    (tmp_path / "frontend/build.js").write_text("build()")
    second = bootstrap.front_end_stamp()
    (tmp_path / "static/css").mkdir(parents=True)
    (tmp_path / "static/css/board.css").write_text("p { color: inherit }")
    third = bootstrap.front_end_stamp()
    (tmp_path / "package-lock.json").write_text('{"lockfileVersion": 3}')
    fourth = bootstrap.front_end_stamp()
    assert len({first, second, third, fourth}) == 4
    # Packages are installed anew only where they are others.
    assert first[0] == second[0] == third[0] != fourth[0]


def test_root_on_debian_gets_chromium_by_apt(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installs = f'[ "$1" = update ] || {{ : > {path}/chromium; /bin/chmod +x {path}/chromium; }}'
    program(path, "apt-get", installs)
    monkeypatch.setattr(os, "getuid", lambda: 0)
    monkeypatch.setattr(chromium, "debian", lambda: True)
    monkeypatch.setattr(chromium, "find_playwrights", lambda: None)
    assert chromium.find() is None
    assert chromium.make_sure() == str(path / "chromium")


def test_without_chromium_ci_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chromium, "make_sure", lambda: None)
    monkeypatch.setenv("CI", "true")
    with pytest.raises(SystemExit, match="NO CHROMIUM"):
        test.main()
