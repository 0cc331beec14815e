"""Settings stop the start, loudly, on a value that is bad or missing."""

import os
import subprocess
import sys

import pytest
from django.conf import settings

from tests.database import TestDatabase, url

GOOD = {
    "VALUEBOARD_ENVIRONMENT": "production",
    "SECRET_KEY": "one-of-its-own-" * 4,
    "DATABASE_URL": "postgresql://vb_app:secret@127.0.0.1:1/valueboard",
    "ALLOWED_HOSTS": "valueboard.example",
    "BASE_URL": "https://valueboard.example",
    "EMAIL_URL": "submission://user:password@mail.example:587",
}


def start(*command: str, **changes: str | None) -> subprocess.CompletedProcess[str]:
    """Start Python in production, with changes to a good environment; None takes a value away."""
    environment = {"PATH": os.environ["PATH"], **GOOD, **changes}
    given = {name: value for name, value in environment.items() if value is not None}
    return subprocess.run(
        [sys.executable, *command], cwd=settings.BASE_DIR, env=given,
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_a_good_environment_starts() -> None:
    assert start("-c", "import valueboard.settings").returncode == 0


@pytest.mark.parametrize(("level", "said"), [("WARNING", 1), ("ERROR", 0)])
def test_the_log_level_holds_for_django_too(level: str, said: int) -> None:
    warn = (
        "import logging, django; django.setup(); "
        "logging.getLogger('django.request').warning('Forbidden')"
    )
    done = start("-c", warn, LOG_LEVEL=level, DJANGO_SETTINGS_MODULE="valueboard.settings")
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("Forbidden") == said


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"VALUEBOARD_ENVIRONMENT": "staging"}, "VALUEBOARD_ENVIRONMENT"),
        ({"SECRET_KEY": None}, "SECRET_KEY"),
        ({"SECRET_KEY": "too-short"}, "SECRET_KEY"),
        ({"SECRET_KEY": settings.DEMO_SECRET_KEY}, "SECRET_KEY"),
        ({"DATABASE_URL": None}, "DATABASE_URL"),
        ({"DATABASE_URL": "sqlite:///valueboard.db"}, "postgresql://"),
        ({"DATABASE_URL": "postgresql://127.0.0.1/valueboard"}, "application role"),
        ({"VALUEBOARD_AS_OWNER": "1"}, "DATABASE_OWNER_URL"),
        ({"VALUEBOARD_AS_OWNER": "perhaps"}, "VALUEBOARD_AS_OWNER"),
        ({"VALUEBOARD_DATABASE_KIND": "toy"}, "VALUEBOARD_DATABASE_KIND"),
        ({"ALLOWED_HOSTS": None}, "ALLOWED_HOSTS"),
        ({"BASE_URL": None}, "BASE_URL"),
        ({"EMAIL_URL": "pigeon://loft"}, "EMAIL_URL"),
        ({"REPORTING_CURRENCY": "dollars"}, "REPORTING_CURRENCY"),
        ({"TRUSTED_PROXY_COUNT": "one"}, "TRUSTED_PROXY_COUNT"),
        ({"SPEND_ENGINE": "sparkle"}, "SPEND_ENGINE"),
        ({"SPEND_ENGINE": "athena"}, "ATHENA_STAGING_LOCATION"),
        ({"SPEND_ENGINE": "athena", "ATHENA_STAGING_LOCATION": "folder"}, "s3://bucket/prefix"),
        ({"ATHENA_DATABASE": "a b"}, "ATHENA_DATABASE"),
        ({"SPEND_ENGINE": "spark", "SPARK_MASTER": "local[0]"}, "SPARK_MASTER"),
    ],
)
def test_a_bad_or_missing_value_stops_the_start(
    changes: dict[str, str | None], complaint: str
) -> None:
    done = start("-c", "import valueboard.settings", **changes)
    assert done.returncode != 0
    assert complaint in done.stderr.splitlines()[-1]


@pytest.mark.parametrize("command", [["-c", "import valueboard.wsgi"], ["manage.py", "worker"]])
def test_production_refuses_a_database_whose_clock_can_be_moved(
    command: list[str], test_database: TestDatabase
) -> None:
    done = start(*command, DATABASE_URL=url("DATABASE_URL", test_database.name))
    assert done.returncode != 0
    assert "created as “test”" in done.stderr


@pytest.mark.parametrize("month", ["0", "13", "July"])
def test_a_fiscal_year_begins_in_a_month(month: str) -> None:
    assert start("-c", "import valueboard.settings", FISCAL_YEAR_START="7").returncode == 0
    refused = start("-c", "import valueboard.settings", FISCAL_YEAR_START=month)
    assert refused.returncode != 0
    assert "FISCAL_YEAR_START" in refused.stderr
