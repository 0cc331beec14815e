"""Engines that aggregate a delivery: one Protocol, and which of them keeps it here."""

from contextlib import AbstractContextManager
from typing import Any, cast

from django.conf import settings
from django.utils.module_loading import import_string

from cur_ingest.engines.protocol import Columns, Engine, File

__all__ = ["Columns", "Engine", "File", "opened", "reads_in_place"]

# By name, since each brings libraries of its own, and Spark's are an extra.
ENGINES = {
    "duckdb": "cur_ingest.engines.embedded.DuckDB",
    "spark": "cur_ingest.engines.spark.Spark",
    "athena": "cur_ingest.engines.athena.Athena",
}


def opened() -> AbstractContextManager[Engine]:
    """Hold the engine of the settings for one delivery, until the block ends."""
    return cast("AbstractContextManager[Engine]", _kind().opened())


def reads_in_place() -> bool:
    """Whether the engine of the settings is given files where they lie."""
    return bool(_kind().reads_in_place())


def _kind() -> Any:
    return import_string(ENGINES[settings.SPEND_ENGINE])
