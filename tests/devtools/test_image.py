"""Dockerfile and docker-compose.yml fit the repository; no engine is at hand to build them."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from devtools.layers import layers

ROOT = Path(settings.BASE_DIR)
DOCKERFILE = (ROOT / "Dockerfile").read_text()
COMPOSE = (ROOT / "docker-compose.yml").read_text()
LET_IN = re.findall(r"^!(\S+)", (ROOT / ".dockerignore").read_text(), re.MULTILINE)
COPIED = [
    source
    for line in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE)
    for source in line.split()[:-1]
    if source != "."
]


@pytest.mark.parametrize("path", sorted({*LET_IN, *COPIED}))
def test_what_is_copied_exists_and_is_let_in(path: str) -> None:
    assert (ROOT / path).exists()
    assert path.split("/", maxsplit=1)[0] in LET_IN


def test_every_app_gets_into_the_image() -> None:
    packages = {module.split(".")[0] for layer in layers() for module in layer}
    assert packages <= set(LET_IN)


def test_nothing_of_the_workshop_gets_into_the_image() -> None:
    assert not {"devtools", "tests", "docs", ".git", ".state"} & set(LET_IN)


def test_runs_without_root() -> None:
    last_stage = DOCKERFILE.rsplit("\nFROM ", 1)[1]
    assert re.search(r"^USER 10001:10001$", last_stage, re.MULTILINE)
    assert "HEALTHCHECK" in last_stage


@pytest.mark.parametrize("path", re.findall(r"deploy/[\w./]+", DOCKERFILE + COMPOSE))
def test_programs_of_the_deployment_exist(path: str) -> None:
    assert (ROOT / path).exists()


@pytest.mark.parametrize("command", re.findall(r"manage\.py\W+(\w+)", DOCKERFILE + COMPOSE))
def test_commands_of_the_deployment_exist(command: str) -> None:
    django = {"migrate", "collectstatic"}
    assert command in django or list(ROOT.glob(f"*/management/commands/{command}.py"))


def test_everything_listens_on_this_machine_only() -> None:
    ports = re.findall(r"ports: \[(.+)\]", COMPOSE)
    assert ports
    assert all(re.fullmatch(r'"127\.0\.0\.1:\d+:\d+"', port) for port in ports)
